"""The page tells how the numbers have moved, truthfully with no release, one, or twenty."""

import re
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest
from bookext import words
from bookext.site import moves, states
from project import FRONT
from releases import ledger, release
from sphinx import locale


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    """What is told is told in the words of the code, whatever language other tests ask for."""
    monkeypatch.delitem(locale.translators, ("general", words.CATALOG), raising=False)


LEADING = {"a/x": "测试"}


def shown(kept, now):
    """What the page says: its HTML as a tree, which any reader of XML understands."""
    history = states.of(kept, now)
    return ET.fromstring(f"<div>{moves._page(history, LEADING, states.figures(now))}</div>")  # noqa: S314


def rows(page, identity):
    """The cells of a table, a row each, without the signs that link to it."""
    (table,) = page.iterfind(f".//table[@id='{identity}']")
    for link in table.iterfind(".//a[@class='headerlink']"):
        link.text = None
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def said(page):
    return " ".join("".join(page.itertext()).split())


def test_before_the_first_release_nothing_is_said_to_have_moved():
    page = shown([], ledger(x="1"))
    assert said(page).startswith("No version has been released yet")
    assert list(page.iter("table")) == []


def test_one_release_stands_alone_as_long_as_nothing_has_moved():
    page = shown([release("1.0.0", ledger(x="1"))], ledger(x="1"))
    assert rows(page, moves.PUBLISHED) == [
        ["Version", "测试", "What has moved"],
        ["1.0.02027-01-01", "1", "The first version: 1 numbers, 1 claims."],
    ]
    assert "1 numbers and 1 claims have not moved" in said(page)
    # These places can be linked to for ever, whatever moves back.
    for identity in (moves.CLAIMS, moves.NUMBERS):
        assert "none." in said(page.find(f".//p[@id='{identity}']"))


def test_what_has_moved_is_told_with_the_version_and_the_reason():
    kept = [
        release("1.0.0", ledger(x="1", y="1")),
        release("1.1.0", ledger(x="<2>", y="1"), day=2, why=["It <rounds>.", "So."]),
    ]
    page = shown(kept, ledger("three points; six seeds", x="<2>", y="1", z="1"))
    assert rows(page, moves.PUBLISHED)[1:] == [
        ["today", "<2>", "0 numbers and 1 claims moved. 1 came."],
        ["1.1.02027-01-02", "1 → <2>", "1 numbers and 0 claims moved.It <rounds>.So."],
        ["1.0.02027-01-01", "1", "The first version: 2 numbers, 1 claims."],
    ]
    assert page.find(".//tr[@id='release-1.1.0']") is not None
    assert rows(page, moves.CLAIMS)[1:] == [
        ["up", "today", "three points"],
        ["1.0.0", "two points"],
    ]
    assert rows(page, moves.NUMBERS)[1:] == [["a.x", "1.1.0", "<2>"], ["1.0.0", "1"]]
    assert page.find(".//a[@href='#number-a.x']") is not None
    assert "2 numbers and 0 claims have not moved" in said(page)


def test_what_is_gone_leads_nowhere():
    page = shown([release("1.0.0", ledger(x="1", y="1"))], ledger(x="1"))
    assert rows(page, moves.NUMBERS)[1:] == [["a.y", "today", "gone"], ["1.0.0", "1"]]
    assert page.find(".//a[@href='#number-a.y']") is None


def test_twenty_releases_are_twenty_rows_and_what_never_moved_is_one_line():
    many = {f"n{number}": "1" for number in range(100)}
    kept = [release(f"1.{n}.0", ledger(x=str(n), **many)) for n in range(20)]
    page = shown(kept, ledger(x="19", **many))
    assert [row[0][:-10] for row in rows(page, moves.PUBLISHED)[1:]] == [
        f"1.{n}.0" for n in reversed(range(20))
    ]
    assert len(rows(page, moves.NUMBERS)) == 1 + 20
    assert "100 numbers and 1 claims have not moved" in said(page)


def test_markdown_tells_the_same(monkeypatch):
    kept = [release("1.0.0", ledger(x="1"), why=["Why."])]
    monkeypatch.setattr(moves, "published", lambda app: ledger(x="2"))
    app = SimpleNamespace(book_releases=kept)
    assert moves.markdown(app, ["a/x: 测试"]).splitlines()[2:] == [
        "| today | 1 → 2 | 1 numbers and 0 claims moved. |",
        "| 1.0.0 | 1 | The first version: 1 numbers, 1 claims. Why. |",
        "",
        "0 numbers and 1 claims have not moved since they were first published.",
    ]
    app.book_releases = []
    assert moves.markdown(app, []) == moves.none_yet()


NUMBERS = f"""{FRONT}
# 数

有 {{glue:text}}`found` 个。

```{{code-cell}} python3
from myst_nb import glue

glue("found", "8", display=False)
```
"""
RESULTS = "# 账本\n\n```{ledger}\n```\n\n```{moves}\nother/found: 找到\n```\n"


def test_a_book_keeps_its_releases(project):
    project.write("other", NUMBERS)
    project.write("results", RESULTS)
    code, output = project.build()
    assert code == 0, output
    assert "还没有发布过任何一版" in project.page("results")
    assert '<tr id="number-other.found">' in project.page("results")

    folder = project.root / "book/releases"
    folder.mkdir()
    published = {"numbers": {"index/rate": "0.2", "other/found": "7"}, "claims": {}}
    old = release("0.1.0", published)
    now = release("0.2.0", {**published, "numbers": {"index/rate": "0.2", "other/found": "8"}})
    for each in (old, now):
        (folder / f"{each.version}.json").write_text(each.text(), encoding="utf-8")
    code, output = project.build()
    assert code == 0, output
    assert "Executing notebook" not in output
    page = project.page("results")
    assert "<td>7 → 8</td><td>动了 1 个数字、0 条结论。</td>" in page
    assert re.search(r'<tr id="release-0.1.0">.*第一版：2 个数字，0 条结论。', page)
    assert "还有 1 个数字、0 条结论，从头一次发布到现在没有动过。" in page
    assert "| 0.2.0 | 7 → 8 |" in (project.site / "notebooks/results.md").read_text("utf-8")

    (folder / "0.2.0.json").write_text(now.text()[:-9], encoding="utf-8")
    for _ in range(2):  # it fails again when it is repeated unchanged
        code, output = project.build()
        assert code != 0
        assert "WARNING: book/releases/0.2.0.json cannot be read" in output
        assert "Traceback" not in output
    assert project.page("results") == page  # the last good one


@pytest.mark.parametrize(
    ("page", "text", "message"),
    [
        ("results", RESULTS.replace("found", "lost"), "{moves} shows other/lost, which no chapter"),
        ("moved", "# 动\n\n```{moves}\n```\n", "{moves} leads to the rows of {ledger}"),
    ],
)
def test_what_leads_nowhere_ends_the_build(project, page, text, message):
    project.write("other", NUMBERS)
    project.write("results", RESULTS)
    project.write(page, text)
    code, output = project.build()
    assert code != 0
    assert message in output
