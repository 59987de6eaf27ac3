"""The tool makes what can be made, says what cannot, and leaves alone what is there."""

import sys
from datetime import UTC, datetime

import pytest
import whole
from bookext.whole.edition import CannotMakeError, Edition
from sphinx import locale

MADE = Edition("书", "people", "1.2", datetime(2026, 1, 2, tzinfo=UTC), "0123456789abcdef", "zh-CN")


def good(site, made, path):
    path.write_text(made.title, encoding="utf-8")


def bad(site, made, path):
    path.write_text("half", encoding="utf-8")
    raise CannotMakeError("no Chromium here. On Debian: apt-get install chromium")


def test_what_cannot_be_made_is_named_and_the_others_are_made(tmp_path):
    failed = whole.make({"pdf": bad, "epub": good}, tmp_path, MADE, tmp_path / "kept")
    assert failed == ["nnbook.pdf (zh-CN): no Chromium here. On Debian: apt-get install chromium"]
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["nnbook.epub"]


def test_what_is_there_of_this_state_is_not_made_again(tmp_path, capsys):
    kept = tmp_path / "whole" / "kept"  # what lies beside it is of other states, and goes
    assert whole.make({"epub": good}, tmp_path, MADE, kept) == []
    assert whole.make({"epub": bad}, tmp_path, MADE, kept) == []
    assert (kept / "nnbook.epub").read_text(encoding="utf-8") == "书"
    assert capsys.readouterr().out.count("nnbook.epub") == 2


def test_the_site_is_linked_when_it_has_every_file_as_it_is(tmp_path):
    kept, site = tmp_path / "kept", tmp_path / "site"
    for folder in (kept, site / "whole"):
        folder.mkdir(parents=True)
        (folder / "nnbook.epub").write_text("a")
    (kept / ".nnbook.pdf").write_text("half")
    assert whole.is_linked(site, kept)
    (site / "whole/nnbook.epub").write_text("b")
    assert not whole.is_linked(site, kept)
    (site / "whole/nnbook.epub").unlink()
    assert not whole.is_linked(site, kept)


SETTINGS = "sphinx:\n  config:\n    book_languages: {zh_CN: 中文, en: English, eo: Esperanto}\n"


def test_each_edition_that_the_site_has_is_made_of_its_own_sources(tmp_path):
    (tmp_path / "_config.yml").write_text(SETTINGS, encoding="utf-8")
    site = tmp_path / "_build/html"
    (site / "en").mkdir(parents=True)
    assert whole.sites(tmp_path) == {
        tmp_path: site,
        tmp_path / "_build/editions/en": site / "en",
    }


def run(monkeypatch, tmp_path, makers, build):
    """Run the tool in an empty project, and give its exit code."""
    monkeypatch.setattr(locale, "translators", {})  # it starts to speak: not to other tests
    (tmp_path / "_config.yml").write_text("sphinx: {config: {}}\n", encoding="utf-8")
    monkeypatch.setattr(whole, "ROOT", tmp_path)
    monkeypatch.setattr(whole, "MAKERS", makers)
    monkeypatch.setattr(whole, "BUILD", (sys.executable, "-c", build))
    monkeypatch.setattr(whole, "edition", lambda *_, **__: MADE)
    monkeypatch.setattr(whole, "refuse_another_state", lambda root, site: None)
    return whole.main([])


def test_the_exit_code_says_whether_all_is_there(monkeypatch, tmp_path, capsys):
    assert run(monkeypatch, tmp_path, {"pdf": bad, "epub": good}, "open('built', 'w')") == 1
    assert (tmp_path / "built").exists()  # the one that was made is linked all the same
    assert "error: not made: nnbook.pdf (zh-CN): no Chromium" in capsys.readouterr().err
    assert run(monkeypatch, tmp_path, {"pdf": good, "epub": good}, "") == 0
    assert run(monkeypatch, tmp_path, {"pdf": good, "epub": good}, "exit(3)") == 3


@pytest.mark.parametrize(("makers", "kept"), [({"epub": good}, False), ({"epub": bad}, True)])
def test_files_of_other_states_go_when_there_are_new_ones(monkeypatch, tmp_path, makers, kept):
    old = tmp_path / "_build/whole/old"
    old.mkdir(parents=True)
    run(monkeypatch, tmp_path, makers, "")
    assert old.exists() == kept


def test_without_a_date_it_says_what_to_do(monkeypatch, tmp_path, capsys):
    def undated(*_, **__):
        raise CannotMakeError("set SOURCE_DATE_EPOCH")

    monkeypatch.setattr(whole, "edition", undated)
    assert whole.main([]) == 1
    assert capsys.readouterr().err == "error: the whole book was not made: set SOURCE_DATE_EPOCH\n"
