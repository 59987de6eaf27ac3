"""A release keeps its ledger, and a file that is damaged is named."""

import json
from types import SimpleNamespace

import pytest
from bookext.site import releases
from releases import ledger, release

KEPT = release("1.2.0", ledger(x="1"), why=["It rounds otherwise."])


def test_what_is_kept_is_read_again():
    assert releases.parsed(KEPT.text(), "1.2.0") == KEPT
    content = json.loads(KEPT.text())
    assert content["date"] == "2027-01-01"
    assert content["versions"] == {"python": "3.11.2"}
    assert content["numbers"] == {"a/x": "1"}
    assert content["claims"]["up"]["evidence"] == "two points; six seeds"
    assert KEPT.text().endswith("}\n")


def changed(**parts):
    return json.dumps({**json.loads(KEPT.text()), **parts})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        (KEPT.text()[:-9], "Expecting"),
        ("[]", "of another kind"),
        ("{}", "'version'|'numbers'"),
        (changed(version="1.3.0"), "it says that it is of 1.3.0"),
        (changed(version="next"), "numbers with dots between, not 'next'"),
        (changed(date="soon"), "soon"),
        (changed(numbers=["1"]), "its numbers are not told by name"),
        (changed(claims={"up": {}}), "a claim has no evidence"),
        (changed(why="a sentence"), "its why is no list of sentences"),
    ],
)
def test_what_is_damaged_is_told(text, message):
    with pytest.raises(ValueError, match=message):
        releases.parsed(text, "1.2.0")


def test_releases_are_in_the_order_of_their_versions_and_the_damaged_are_named(
    tmp_path, monkeypatch
):
    folder = tmp_path / releases.FOLDER
    folder.mkdir(parents=True)
    for version in ("0.10.0", "0.9.0"):
        text = release(version, ledger(x="1")).text()
        (folder / f"{version}.json").write_text(text, encoding="utf-8")
    (folder / "0.11.0.json").write_bytes(b"\xff")
    said = []
    logger = SimpleNamespace(warning=lambda text, *a: said.append(text % a))
    monkeypatch.setattr(releases, "logger", logger)
    app = SimpleNamespace(srcdir=tmp_path)
    releases.read(app)
    assert [each.version for each in releases.of(app)] == ["0.9.0", "0.10.0"]
    (words,) = said
    assert words.startswith("book/releases/0.11.0.json cannot be read")
    assert "bring it back from the commit that added it" in words
    assert "utf-8" in words


def test_a_book_without_releases_has_none(tmp_path):
    assert releases.kept(tmp_path) == ([], [])


CHANGELOG = """# Changelog

## Unreleased

### Added

- Something.

### Numbers

- Dropout draws
  first.
- It rounds otherwise.

### Fixed

- Else.

## [1.1.0] - 2027-02-01

### Numbers

- Older.

## 1.0.0 - 2027-01-01

- Nothing.
"""


@pytest.mark.parametrize(
    ("version", "lines"),
    [
        ("Unreleased", ["Dropout draws first.", "It rounds otherwise."]),
        ("1.2.0", ["Dropout draws first.", "It rounds otherwise."]),
        ("1.1.0", ["Older."]),
        ("1.0.0", []),
    ],
)
def test_what_moved_numbers_stands_in_the_changelog(version, lines):
    assert releases.reasons(CHANGELOG, version) == lines
    assert releases.reasons("", version) == []
