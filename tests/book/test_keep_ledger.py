"""A release keeps the ledger of the built site, once, and the reason why numbers have moved."""

import json
import runpy
from types import SimpleNamespace

import pytest
from bookext.site import releases
from project import ROOT
from releases import ledger

KEEP = SimpleNamespace(**runpy.run_path(str(ROOT / "tools/keep_ledger.py")))
WHY = "# Changelog\n\n## Unreleased\n\n### Numbers\n\n- It rounds otherwise.\n"


@pytest.fixture
def root(tmp_path):
    """A project whose site is built."""
    (tmp_path / "_build/html").mkdir(parents=True)
    (tmp_path / "book").mkdir()
    build = {"python": "3.11.2", "packages": {"numpy": "2.4.0"}}
    (tmp_path / "_build/html/build.json").write_text(json.dumps(build), encoding="utf-8")
    (tmp_path / "_config.yml").write_text("sphinx: {config: {}}\n", encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n", encoding="utf-8")
    publish(tmp_path, ledger(x="1"))
    return tmp_path


def publish(root, published):
    (root / "_build/html/ledger.json").write_text(json.dumps(published), encoding="utf-8")


def kept(root):
    return {path.name: path.read_bytes() for path in root.glob(f"{releases.FOLDER}/*")}


def test_what_the_site_publishes_is_kept(root, capsys):
    KEEP.main("1.0.0", "2027-01-31", dry=True, root=root)
    assert kept(root) == {}
    KEEP.main("1.0.0", "2027-01-31", root=root)
    assert capsys.readouterr().out.splitlines() == [
        "book/releases/1.0.0.json: would keep 1 numbers and 1 claims of 2027-01-31",
        "book/releases/1.0.0.json: keeps 1 numbers and 1 claims of 2027-01-31",
    ]
    ((release,), damaged) = releases.kept(root)
    assert damaged == []
    assert release.ledger == ledger(x="1")
    assert release.versions == {"python": "3.11.2", "numpy": "2.4.0"}
    once = kept(root)
    KEEP.main("1.0.0", "2027-01-31", root=root)  # the same again
    assert kept(root) == once


def test_numbers_that_have_moved_need_their_reason(root):
    KEEP.main("1.0.0", "2027-01-31", root=root)
    publish(root, ledger(x="1", y="1"))
    KEEP.main("1.1.0", "2027-02-28", root=root)  # a new one needs none
    publish(root, ledger(x="2", y="1"))
    with pytest.raises(
        SystemExit, match=r"1 figures have moved since 1\.1\.0 and CHANGELOG.md does"
    ):
        KEEP.main("1.2.0", "2027-03-31", root=root)
    (root / "CHANGELOG.md").write_text(WHY, encoding="utf-8")
    KEEP.main("1.2.0", "2027-03-31", root=root)
    assert releases.kept(root)[0][-1].why == ["It rounds otherwise."]


@pytest.mark.parametrize(
    ("version", "date", "message"),
    [
        ("1.0.0", "2027-02-28", "1.0.0 is kept already, with other contents"),
        ("0.9.0", "2027-02-28", "1.0.0 is kept already, and 0.9.0 is below it"),
        ("next", "2027-02-28", "a version is numbers with dots between, not 'next'"),
        ("1.1.0", "soon", "soon"),
    ],
)
def test_what_cannot_be_kept_is_told_and_nothing_is_written(root, version, date, message):
    KEEP.main("1.0.0", "2027-01-31", root=root)
    once = kept(root)
    with pytest.raises(SystemExit, match=message):
        KEEP.main(version, date, root=root)
    assert kept(root) == once


def test_nothing_is_kept_beside_a_damaged_file(root):
    KEEP.main("1.0.0", "2027-01-31", root=root)
    (root / releases.FOLDER / "1.0.0.json").write_text("{", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"book/releases/1.0.0.json can't be read"):
        KEEP.main("1.1.0", "2027-02-28", root=root)


def test_without_a_site_there_is_nothing_to_keep(root):
    (root / "_build/html/ledger.json").unlink()
    with pytest.raises(SystemExit, match="run `make book` first"):
        KEEP.main("1.0.0", root=root)
