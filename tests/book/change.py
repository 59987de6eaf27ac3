"""A change of a small book, and what the next plain build must do with it."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import pytest
from smallbook import BuiltBook

DROPOUT, TENSOR, LAYER = (f"src/nnbook/{name}.py" for name in ("dropout", "tensor", "layer"))
LAB = "src/nnbook/lab"
CHAPTER, OTHER, WORDS = "book/index.md", "book/other.md", "book/words.md"
PO = "book/_locale/zh_CN/LC_MESSAGES/sphinx.po"


@dataclass(frozen=True)
class Change:
    """One change, and what a plain build after it does.

    Attributes:
        name: of the change.
        file: in which ``old``, which stands there once, becomes ``new``.
        edit: does what a replacement cannot.
        page: the file of the site in which the change is to be seen.
        shows: what stands there afterwards and did not before. In any case the page
            differs, in more than its fingerprint.
        executes: whether chapters are executed.
        trains: whether runs are computed.
        fails: with what words the build refuses the change, if it does.
        same: whether all that is published stays as it is, but for fingerprints.
        environment: of the build.
    """

    name: str
    file: str = ""
    old: str = ""
    new: str = ""
    edit: Callable[[BuiltBook], None] | None = None
    page: str = "index.html"
    shows: str = ""
    executes: bool = False
    trains: bool = False
    fails: str = ""
    same: bool = False
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> tuple[str, bool, bool, bool]:
        """Where the change is, and what a build does with it."""
        place = f"{PurePosixPath(self.file).parent} {PurePosixPath(self.file).suffix}"
        return place, self.executes, self.trains, bool(self.fails)

    def apply(self, book: BuiltBook) -> None:
        """Make the change, behind the clock: its file keeps its time."""
        if self.edit:
            self.edit(book)
        if self.file:
            file = book.root / self.file
            times = file.stat()
            book.replace(self.file, self.old, self.new)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def code(name: str, file: str, old: str, new: str, **more) -> Change:
    """A change of what runs depend on: all are computed again, all chapters executed."""
    return Change(name, file, old, new, **{"executes": True, "trains": True} | more)


def lab(name: str, file: str, old: str, new: str, **more) -> Change:
    """A change of what only shows results: chapters are executed, and nothing is trained."""
    return code(name, file, old, new, **{"trains": False} | more)


def same(name: str, file: str = "", old: str = "", new: str = "", **more) -> Change:
    """A change after which the same is published."""
    return Change(name, file, old, new, **{"page": "", "same": True} | more)


def together(changes: list[Change]) -> Change:
    """All of these at once, after which a build does the same as after each of them."""

    def edit(book: BuiltBook) -> None:
        for change in changes:
            change.apply(book)

    return replace(changes[0], name=" + ".join(each.name for each in changes), file="", edit=edit)


def parameters(changes: list[Change]) -> list:
    """All changes for a test; but for the first of each kind, `make test` leaves them out."""
    firsts = {change.kind: change for change in reversed(changes)}.values()
    return [
        pytest.param(
            change,
            id=change.name.replace(" ", "-"),
            marks=[] if change in firsts else [pytest.mark.everything],
        )
        for change in changes
    ]
