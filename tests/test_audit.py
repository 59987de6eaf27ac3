"""A page keeps to a budget of weight and speed; `make audit` measures it with Lighthouse."""

import audit
import pytest

GOOD = dict.fromkeys(audit.AT_LEAST, 100.0) | dict.fromkeys(audit.AT_MOST, 0.0)


def test_a_page_within_its_budget_misses_nothing() -> None:
    assert audit.missed("a.html", GOOD) == []
    assert audit.missed("a.html", audit.AT_LEAST | audit.AT_MOST) == []


@pytest.mark.parametrize("name", [*audit.AT_LEAST, *audit.AT_MOST])
def test_whatever_misses_its_budget_is_named(name: str) -> None:
    worse = audit.AT_LEAST.get(name, 0) - 1 if name in audit.AT_LEAST else 2 * audit.AT_MOST[name]
    (told,) = audit.missed("a.html", GOOD | {name: worse})
    assert told.startswith(f"a.html: {name} is {worse:.3g}, the budget is at ")


@pytest.mark.parametrize("name", ["404.html", "en/404.html"])
def test_the_page_for_what_is_missing_may_ask_to_be_in_no_index(name: str) -> None:
    assert audit.missed(name, GOOD | {"seo": 60}) == []
    assert len(audit.missed(name, GOOD | {"accessibility": 60})) == 1


def test_what_it_needs_and_lacks_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere")
    monkeypatch.setattr(audit.shutil, "which", lambda command: None)
    assert audit.main() == 2
    assert "install Node.js 20 or newer" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setenv("CHROMIUM", "/nowhere")
    assert audit.main() == 2
    assert "found CHROMIUM=/nowhere, which cannot be run" in capsys.readouterr().err
