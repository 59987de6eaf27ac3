"""What an edition of the whole book is made from, and where its files are kept.

They stand in ``_build/whole/<fingerprint>``: the fingerprint of everything that the book is
made from. The site takes along those of its own fingerprint and no others, so that none can
be of another state.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from bookext.state import fingerprints

VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
FOLDER = "whole"  # in `_build`, and in the site
KINDS = {"PDF": "nnbook.pdf", "EPUB": "nnbook.epub"}


class CannotMakeError(RuntimeError):
    """A file cannot be made on this machine: the message says why, and what to install or do."""


@dataclass(frozen=True)
class Edition:
    """What the whole book says of itself.

    Attributes:
        title: of the book.
        author: of the book.
        version: of the library, and so of the book.
        date: of the commit, so that the same commit makes the same bytes.
        fingerprint: of everything that the book is made from.
        language: of the book, as in HTML.
    """

    title: str
    author: str
    version: str
    date: datetime
    fingerprint: str
    language: str


def edition(root: Path, *, results: str, presentation: str) -> Edition:
    """The edition that this checkout makes.

    Args:
        root: of the project.
        results: the fingerprint of results.
        presentation: the fingerprint of the presentation.

    Raises:
        CannotMakeError: if nothing says from when the sources are.
    """
    settings = _settings(root)
    version = VERSION.search((root / "src/nnbook/__init__.py").read_text(encoding="utf-8"))
    date = _date(root)
    texts = fingerprints.contents(root, ("book/**/*.md",))
    return Edition(
        title=settings["title"],
        author=settings["author"],
        version=version[1] if version else "",
        date=date,
        fingerprint=fingerprints.shortened(f"{results} {presentation} {date.timestamp()} {texts}"),
        language=language(root),
    )


def language(root: Path) -> str:
    """The language of a book, as in HTML.

    Args:
        root: of the project.
    """
    return str(_settings(root)["sphinx"]["config"]["language"]).replace("_", "-")


def _settings(root: Path) -> dict[str, Any]:
    return yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def folder(build: Path, fingerprint: str) -> Path:
    """Where the files of an edition are kept.

    Args:
        build: the folder that a build writes to, ``_build``.
        fingerprint: of the edition.
    """
    return build / FOLDER / fingerprint


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Give a place to write a file to; it takes the place of ``path`` when it is whole.

    What fails, or is killed, leaves the file that was there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def on(seconds: float) -> datetime:
    """The time that is so many seconds after 1970 began, everywhere the same."""
    return datetime.fromtimestamp(seconds, UTC)


def _date(root: Path) -> datetime:
    said = os.environ.get("SOURCE_DATE_EPOCH") or _of_commit(root)
    if not said.isdecimal():
        raise CannotMakeError(
            "nothing says from when the sources are: make it in a clone of the repository, with "
            "git, or set SOURCE_DATE_EPOCH to the seconds since 1970"
        )
    return on(int(said))


def _of_commit(root: Path) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(root), "log", "-1", "--format=%ct"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip()
