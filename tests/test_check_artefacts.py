"""A second build of a release is held against the first one, by what its tag says."""

import subprocess
from pathlib import Path

import check_artefacts
import pytest

OURS = "nnbook-0.2.0-py3-none-any.whl"


def sums(**digits: str) -> str:
    """Digests of one digit each, of the wheel and of files with these kinds."""
    files = {OURS: digits.pop("whl"), **{f"nnbook.{kind}": digit for kind, digit in digits.items()}}
    return "".join(f"{digit * 64}  {name}\n" for name, digit in sorted(files.items()))


def test_a_second_build_is_held_against_what_the_tag_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = f"nnbook 0.2.0\n\n### Added\n\n- All.\n\n### SHA256SUMS\n\n{sums(whl='1', pdf='2')}"
    assert check_artefacts.compared(said, sums(whl="1", pdf="2")) == []
    # Other fonts, another processor: the page is another one, and that is said and no fault.
    assert check_artefacts.compared(said, sums(whl="1", pdf="3")) == []
    assert "nnbook.pdf: other bytes than the tag says" in capsys.readouterr().out
    assert check_artefacts.compared(said, sums(whl="3", pdf="2")) == [
        f"{OURS}: other bytes than the tag says"
    ]
    assert check_artefacts.compared(said, sums(whl="1")) == ["nnbook.pdf: not made"]
    assert check_artefacts.compared(said, sums(whl="1", pdf="2", zip="1")) == [
        "nnbook.zip: not in what the tag says"
    ]
    assert check_artefacts.compared("no digests", sums(whl="1")) != []


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)  # noqa: S603, S607


def test_a_checkout_without_the_words_of_its_tag_fetches_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    (first / "src/nnbook").mkdir(parents=True)
    (first / "src/nnbook/__init__.py").write_text('__version__ = "0.2.0"\n', encoding="utf-8")
    git(tmp_path, "init", "--quiet", str(first))
    git(first, "config", "user.name", "nnbook contributors")
    git(first, "config", "user.email", "nobody@example.org")
    git(first, "add", "--all")
    git(first, "commit", "--quiet", "--message", "Version 0.2.0")
    words = f"nnbook 0.2.0\n\n### Added\n\n- All.\n\n{sums(whl='1', pdf='2')}"
    git(first, "tag", "--annotate", "--cleanup=verbatim", "--message", words, "v0.2.0")
    git(tmp_path, "clone", "--quiet", "--no-tags", str(first), str(second))
    git(second, "tag", "v0.2.0")  # as a workflow's checkout does

    assert check_artefacts.main(second) == 1
    assert "run `make artefacts` first" in capsys.readouterr().err
    (second / "dist/0.2.0").mkdir(parents=True)
    (second / "dist/0.2.0/SHA256SUMS").write_text(sums(whl="1", pdf="2"), encoding="utf-8")
    assert check_artefacts.main(second) == 0
    assert (second / "dist/NOTES.md").read_text(encoding="utf-8").strip() == words.strip()
    (second / "dist/0.2.0/SHA256SUMS").write_text(sums(whl="3", pdf="2"), encoding="utf-8")
    assert check_artefacts.main(second) == 1
    git(second, "tag", "--delete", "v0.2.0")
    git(second, "remote", "remove", "origin")
    assert check_artefacts.main(second) == 1
