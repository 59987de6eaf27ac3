"""What a release consists of: the same bytes twice, and nothing is left out in silence."""

import hashlib
import os
import zipfile
from pathlib import Path

import artefacts
import pytest
from artefacts import CannotMakeError

NOON = 1_700_000_000


def test_an_archive_depends_on_names_contents_and_the_time_alone(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        (folder / "deep").mkdir(parents=True)
        files = [folder / "b.html", folder / "a.html", folder / "deep" / "c.html"]
        for number, path in enumerate(files if name == "one" else files[::-1]):
            path.write_text(path.name, encoding="utf-8")
            path.chmod(0o600 if name == "one" else 0o755)
            os.utime(path, (number, number))
        artefacts.pack(artefacts.below(folder, "site"), tmp_path / f"{name}.zip", NOON)
    one, two = (tmp_path / f"{name}.zip" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert archive.namelist() == ["site/a.html", "site/b.html", "site/deep/c.html"]
        assert archive.read("site/deep/c.html") == b"c.html"
        assert {entry.date_time for entry in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}
    artefacts.pack(artefacts.below(tmp_path / "one", "site"), two, NOON + 2)
    assert one.read_bytes() != two.read_bytes()


def test_an_archive_takes_no_time_that_it_cannot_hold(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    artefacts.pack([("a", tmp_path / "a")], tmp_path / "a.zip", 0)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_what_cannot_be_made_is_named_and_the_others_are_made(tmp_path: Path) -> None:
    def no_fonts(path: Path) -> None:
        raise CannotMakeError("no Chinese fonts: apt-get install fonts-noto-cjk")

    def nothing(path: Path) -> None:
        """Says that it has made it, and has not."""

    made_by: dict[str, artefacts.Maker] = {
        "b.zip": lambda path: path.write_bytes(b"b"),
        "a.pdf": no_fonts,
        "c.zip": nothing,
        "a.json": lambda path: path.write_bytes(b"a"),
    }
    failed = artefacts.make(made_by, tmp_path)
    assert failed[0] == "a.pdf: no Chinese fonts: apt-get install fonts-noto-cjk"
    assert failed[1].startswith("c.zip: ")
    assert len(failed) == 2
    assert (tmp_path / "SHA256SUMS").read_text(encoding="utf-8") == (
        f"{hashlib.sha256(b'a').hexdigest()}  a.json\n{hashlib.sha256(b'b').hexdigest()}  b.zip\n"
    )


def test_the_time_is_that_of_the_environment_or_of_the_commit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON))
    assert artefacts.time_of(tmp_path) == NOON
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    with pytest.raises(CannotMakeError, match=r"set SOURCE_DATE_EPOCH to the seconds since 1970"):
        artefacts.time_of(tmp_path)
    assert artefacts.time_of(artefacts.ROOT) > NOON
