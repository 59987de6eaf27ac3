"""Ahead of the chapters: what the book has computed once for all of them, and its pictures.

Nothing is done, and nothing of the book's is even imported, where a build has done it all and
everything that it had read by then is what it was, as are the pictures that it drew: one that was
edited by hand, or came from another branch, is drawn anew.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from bookext.state import environment, fingerprints, kernels, reading
from bookext.state.staging import build_folder

logger = logging.getLogger(__name__)


def call_ahead(app: Sphinx) -> None:
    """Compute what is missing before Sphinx asks which files have changed."""
    note = build_folder(app) / "precomputed"
    if _is_done(app, note):
        return
    if package := environment.package(app):
        refuse_elsewhere(package)
    for name in app.config.book_ahead:
        named(name)(say)
    read = [(*what, was) for what, was in reading.current.seen.items()]
    note.write_text(json.dumps({"given": _given(app), "read": read}), encoding="utf-8")


def refuse_elsewhere(package: Path) -> None:
    """End the build if Python finds the package anywhere but in its folder."""
    found = find_spec(package.name)
    places = [Path(place) for place in (found and found.submodule_search_locations) or ()]
    if package.resolve() not in [place.resolve() for place in places]:
        where = places[0] if places else "nowhere"
        raise SystemExit(
            f"{package.name} is imported from {where}, not from {package.parent.name}/: the book "
            "would describe other code than it runs. Install it from there, by "
            "`pip install --no-deps -e .`, or mend the setting book_package."
        )


def named(name: str) -> Callable[..., Any]:
    """The function that a setting names.

    Example:
        >>> named("json:dumps")([1])
        '[1]'
    """
    module, _, function = name.partition(":")
    try:
        # Imported now and not above: NumPy takes its number of threads when it is loaded.
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise SystemExit(
            f"the settings name the function {name!r}, which is not there ({error}): write "
            "package.module:function"
        ) from error
    return found  # type: ignore[no-any-return]


def say(line: str, *, last: bool = True) -> None:
    """Show a line. In a terminal, the next one is written over it unless it is the last."""
    if sys.stdout.isatty():
        logger.info("\r\x1b[K%s", line, nonl=not last)
    else:
        logger.info("%s", line)


def _is_done(app: Sphinx, note: Path) -> bool:
    try:
        done = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # never yet, or damaged
        return False
    same = done["given"] == _given(app) and reading.are_now(done["read"], Path(app.srcdir))
    if same:  # the pages of this build come from that as well
        reading.current.seen |= {(kind, place): was for kind, place, was in done["read"]}
    return same


def _given(app: Sphinx) -> dict[str, str]:
    pictures = fingerprints.contents(Path(app.srcdir), app.config.book_drawn)
    return {
        **kernels.said(app.config.book_variables),
        "ahead": str(app.config.book_ahead),
        "pictures": pictures,
    }
