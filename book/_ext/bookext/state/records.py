"""The records of chapters: what each read while it was executed, and whether that is still so.

``_build/cache/chapters/<chapter>/<number>`` holds what myst-nb has executed and, beside it, the
record that the chapter's kernel left. The chapter is executed again if and only if nothing kept of
it is fresh. What was used last is kept, so that going back to an earlier state costs nothing.
"""

import json
import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from docutils import nodes
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from bookext.state import fingerprints, kernels, watch
from bookext.state.seals import break_seal, is_sealed, set_seal

logger = logging.getLogger(__name__)

Cell: TypeAlias = tuple[str, bool]  # the digest of its code, and whether it may raise an error
KEPT = 8  # states of a chapter
RECORD, EXECUTED = "record.jsonl", "executed/**/*"


def choose(app: Sphinx, docname: str, content: list[str]) -> None:
    """Let a chapter that is read next have what is kept of it, if that is still right."""
    app.env.temp_data["cells"] = cells = _cells(app, docname, content[0])
    folder = _folder(app, docname)
    found = sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
    fresh = next((each for each in found if is_fresh(app, each, cells)), None)
    if found and not fresh:
        logger.info("%s: executed again, since %s changed", docname, _reason(app, found[0]))
    own = fresh or folder / str(1 + max((int(each.name) for each in found), default=0))
    for old in found[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    if fresh:
        os.utime(own)
        break_seal(own)  # until the chapter has been read from it
    kernels.FileKernelManager.record = own / RECORD
    app.env.mystnb_config = app.env.mystnb_config.copy(  # type: ignore[attr-defined]
        execution_cache_path=str(own / "executed")
    )


def keep(app: Sphinx, doctree: nodes.document) -> None:
    """Seal what a chapter was executed to, if every cell of it ran to its end."""
    own, cells = kernels.FileKernelManager.record.parent, app.env.temp_data["cells"]
    ran = dict(enumerate(_ran(own)))
    wrong = [
        number
        for number, (cell, may_fail) in enumerate(cells)
        if ran.get(number) not in ([cell, "True"], [cell, str(not may_fail)])
    ]
    if wrong:
        logger.warning(
            "code cell %d of %d did not run to its end", wrong[0] + 1, len(cells), location=doctree
        )
    if wrong or not (own / RECORD).is_file():  # a chapter without a kernel
        shutil.rmtree(own, ignore_errors=True)
    else:
        set_seal(own, EXECUTED, _state(own))
        _records(app.env)[app.env.docname] = own.name


def outdated(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    """The chapters whose record tells of something that is no longer so."""
    look_again()
    return [
        name
        for name, number in _records(env).items()
        if name in env.found_docs and not is_fresh(app, _folder(app, name) / number)
    ]


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop what is known of a chapter that is read anew or has gone."""
    _records(env).pop(docname, None)


def is_fresh(app: Sphinx, own: Path, cells: list[Cell] | None = None) -> bool:
    """Whether what is kept in a folder is what its chapter gives now.

    Args:
        app: of this build.
        own: the folder.
        cells: of the chapter as it is now, where that may have changed.
    """
    if not is_sealed(own, EXECUTED, _state(own)):
        return False
    if cells is not None and [cell for cell, _ in cells] != [cell for cell, _ in _ran(own)]:
        return False
    said = kernels.said(app.config.book_variables)
    return next(changes(own, Path(app.srcdir), said), None) is None


def _reason(app: Sphinx, own: Path) -> str:
    """What has changed, or at least one of it."""
    if not is_sealed(own, EXECUTED, _state(own)):
        return "what was kept of it"
    said = kernels.said(app.config.book_variables)
    return next(changes(own, Path(app.srcdir), said), "its code")


def changes(own: Path, root: Path, said: dict[str, str]) -> Iterator[str]:
    """What is no longer what it was when a chapter was executed, each by its name.

    Args:
        own: the folder of what was kept.
        root: of the project.
        said: see `kernels.said`, as it is now.
    """
    then = _lines(own)[0]
    yield from (name for name in said | then if said.get(name) != then.get(name))
    for kind, place, was in told(own):
        if kind != watch.CELL and _digest(kind, str(root / place)) != was:
            yield place


# Chapters have read the same files, most of them.
_digest = cache(watch.now)
look_again = _digest.cache_clear


def _cells(app: Sphinx, docname: str, text: str) -> list[Cell]:
    config: Any = app.env.myst_config, app.env.mystnb_config  # type: ignore[attr-defined]
    reader = create_nb_reader(app.env.doc2path(docname), *config, text)
    if reader is None:
        return []
    return [
        (watch.short(cell.source.encode()), "raises-exception" in tags)
        for cell in reader.read(text).cells
        if cell.cell_type == "code" and cell.source.strip()
        if "skip-execution" not in (tags := cell.metadata.get("tags", []))
    ]


def _ran(own: Path) -> list[list[str]]:
    if not (own / RECORD).is_file():
        return []
    return [[cell, success] for kind, cell, success in told(own) if kind == watch.CELL]


def told(own: Path) -> list[watch.Told]:
    """What a record tells."""
    return _lines(own)[1:]


def _lines(own: Path) -> list[Any]:
    lines = (own / RECORD).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _state(own: Path) -> str:
    record = own / RECORD
    return fingerprints.shortened(record.read_text(encoding="utf-8")) if record.is_file() else ""


def _folder(app: Sphinx, docname: str) -> Path:
    return Path(app.config.nb_execution_cache_path) / docname


def _records(env: BuildEnvironment) -> dict[str, str]:
    if not hasattr(env, "book_records"):
        env.book_records = {}  # type: ignore[attr-defined]
    return env.book_records  # type: ignore[no-any-return,attr-defined]
