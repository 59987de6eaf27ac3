"""An edition is of one state; its files appear whole or not at all."""

import subprocess

import pytest
from bookext.whole import edition

FILES = {
    "_config.yml": "title: 书\nauthor: people\nsphinx:\n  config:\n    language: zh_CN\n",
    "src/nnbook/__init__.py": '__version__ = "1.2"\n',
    "book/a.md": "# A\n",
    "book/inner/b.md": "# B\n",
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def made(root, results="r", presentation="p"):
    return edition.edition(root, results=results, presentation=presentation)


def test_it_says_what_the_book_says(root):
    found = made(root)
    assert (found.title, found.author, found.version) == ("书", "people", "1.2")
    assert found.language == "zh-CN"
    assert found.date.isoformat() == "1970-01-02T00:00:00+00:00"


def test_everything_that_the_book_is_made_from_counts(root, monkeypatch):
    seen = {made(root).fingerprint}
    assert made(root).fingerprint in seen
    seen |= {made(root, results="s").fingerprint, made(root, presentation="q").fingerprint}
    (root / "book/inner/b.md").write_text("# C\n", encoding="utf-8")
    seen.add(made(root).fingerprint)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86401")
    seen.add(made(root).fingerprint)
    assert len(seen) == 5


def test_the_date_is_that_of_the_commit(root, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    with pytest.raises(edition.CannotMakeError, match="SOURCE_DATE_EPOCH"):
        made(root)
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-02-03T04:05:06+00:00")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "m"]):
        subprocess.run(["git", *identity, *command], cwd=root, check=True)  # noqa: S603, S607
    assert made(root).date.isoformat() == "2001-02-03T04:05:06+00:00"
    monkeypatch.setenv("PATH", "")
    with pytest.raises(edition.CannotMakeError, match="with git"):
        made(root)


def fill_the_disk(path):
    path.write_text("ha")
    raise OSError("the disk is full")


def test_a_file_that_is_not_whole_never_takes_the_place_of_a_good_one(tmp_path):
    path = tmp_path / "new" / "book.epub"
    with edition.written(path) as beside:
        beside.write_text("good")
        assert not path.exists()
    with pytest.raises(OSError, match="disk"), edition.written(path) as beside:
        fill_the_disk(beside)
    assert path.read_text() == "good"
    assert list(path.parent.iterdir()) == [path]
