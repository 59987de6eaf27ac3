"""A small book is released as a whole by ``make release``: its PDF needs a browser."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.book.project import make, translate
from tests.test_release import CHANGES, DAY, ROOT, VERSION, committed, git, state

pytestmark = pytest.mark.slow

COPIED = (".gitignore", "CITATION.cff", "LICENSE", "LICENSE-TEXT", "README.md", "pyproject.toml")
KINDS = {
    *("-py3-none-any.whl", ".tar.gz", "-site.zip"),
    *("-zh-CN-ledger.json", "-zh-CN-notebooks.zip", "-zh-CN.epub", "-zh-CN.pdf"),
    *("-en-ledger.json", "-en-notebooks.zip", "-en.epub", "-en.pdf"),
}
ENGLISH = {
    "封面": "Cover",
    "默认的丢弃率是 {glue:text}`rate`，见[](other.md)。": (
        "The dropout rate is {glue:text}`rate` where none is given, see [](other.md)."
    ),
    "另一章": "Another chapter",
    "文字。": "Words.",
}
KEPT = ("book", "book/_locale/en")
STAMPED = {"CHANGELOG.md", "CITATION.cff", "src/nnbook/__init__.py"}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A repository of a book of two chapters, which has its environment from this one."""
    environment = tmp_path / "environment"
    environment.mkdir()
    for part in Path(sys.prefix).iterdir():
        if not part.name.startswith("."):
            (environment / part.name).symlink_to(part)
    for stamp in (".installed", ".ready"):  # newer than whatever a clone writes
        (environment / stamp).touch()
        os.utime(environment / stamp, (2**32, 2**32))
    root = tmp_path / "nnbook"
    root.mkdir()
    translate(make(root), ENGLISH)
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in COPIED:
        shutil.copyfile(ROOT / name, root / name)
    (root / "CHANGELOG.md").write_text(CHANGES, encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    # Nothing is installed into the environment, so that the clone's own library is found thus.
    ours = f"VENV := {environment}\nexport PYTHONPATH := $(CURDIR)/src"
    makefile = re.sub(r"^VENV := .*", lambda _: ours, makefile, flags=re.MULTILINE)
    (root / "Makefile").write_text(makefile, encoding="utf-8")
    return committed(root)


def make_release(root: Path, *arguments: str, **more: str) -> tuple[int, str]:
    """What ``make release`` returns and says."""
    ours = {"BOOK_RUNTIME": "none", "NO_COLOR": "1", "NNBOOK_RUNS": str(root / "_build" / "runs")}
    command = ["make", "release", f"VERSION={VERSION}", f"DATE={DAY}", "TESTED=yes", *arguments]
    done = subprocess.run(  # noqa: S603
        command,
        cwd=root,
        env={**os.environ, **ours, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder of artefacts, by what comes after the name and the version."""
    return {
        path.name.removeprefix(f"nnbook-{VERSION}"): path.read_bytes() for path in folder.iterdir()
    }


def test_a_dry_run_changes_nothing_and_the_release_has_the_same_bytes(book: Path) -> None:
    before = state(book)
    code, told = make_release(book)
    assert code == 0, told[-4000:]
    assert "This was a dry run." in told
    assert state(book) == before
    dry = contents(book / "dist" / VERSION)
    assert dry.keys() == KINDS | {"SHA256SUMS"}

    code, told = make_release(book, "DRY=no")
    assert code == 0, told[-4000:]
    assert f"This sends them out:\n  git push --atomic origin main v{VERSION}\n" in told
    again = contents(book / "dist" / VERSION)
    assert [kind for kind in dry if dry[kind] != again[kind]] == []
    assert git(book, "log", "--format=%s") == f"Version {VERSION}\nA book"
    assert git(book, "rev-parse", f"v{VERSION}^{{commit}}") == git(book, "rev-parse", "HEAD")
    changed = set(git(book, "show", "--name-only", "--format=", "HEAD").splitlines())
    kept = {f"{of}/{name}" for of in KEPT for name in ("published.txt", f"releases/{VERSION}.json")}
    assert changed == STAMPED | kept
    assert git(book, "status", "--porcelain") == ""
    words = git(book, "tag", "--list", "--format=%(contents)", f"v{VERSION}")
    assert again["SHA256SUMS"].decode().strip() in words

    code, told = make_release(book)
    assert code != 0
    assert f"v{VERSION} is there already: take a higher version" in told


def test_what_cannot_be_made_is_named_and_no_release_comes_of_it(book: Path) -> None:
    before = state(book)
    code, told = make_release(book, "DRY=no", CHROMIUM="/nowhere/chromium")
    assert code != 0
    assert re.search(
        rf"^error: not made: nnbook-{VERSION}-zh-CN\.pdf: .*chromium", told, re.MULTILINE
    )
    assert "nothing was released" in told
    assert state(book) == before
    assert not (book / "dist" / VERSION).exists()
    made = contents(book / "dist" / f"{VERSION}-incomplete")
    assert made.keys() == KINDS - {"-zh-CN.pdf", "-en.pdf"} | {"SHA256SUMS"}
