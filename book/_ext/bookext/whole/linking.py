"""The site takes along the whole book of its own fingerprint, and its pages link to it.

``make whole`` makes the files out of a site, and then the site again with links to them. A
file of another state stays where it is: it is neither copied nor linked.
"""

import os
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from bookext.state.staging import build_folder
from bookext.whole.edition import FOLDER, KINDS, CannotMakeError, edition, folder, on


def take(app: Sphinx) -> None:
    """Copy the files of this very edition into the site, and drop those of others."""
    if app.builder.name != "html":
        return
    there = Path(app.outdir, FOLDER)
    shutil.rmtree(there, ignore_errors=True)
    config = app.config
    try:
        made = edition(
            Path(app.srcdir), results=config.book_results, presentation=config.book_presentation
        )
    except CannotMakeError:  # then none has been made
        return
    kept = folder(build_folder(app), made.fingerprint)
    for name in KINDS.values():
        if (kept / name).is_file():
            there.mkdir(exist_ok=True)
            shutil.copyfile(kept / name, there / name)
            os.utime(there / name, (made.date.timestamp(),) * 2)


def offered(site: Path) -> list[tuple[str, str, str, str]]:
    """What a site has taken along: kind, address, size and date of each file."""
    found = []
    for kind, name in KINDS.items():
        if (path := site / FOLDER / name).is_file():
            said = path.stat()
            size = f"{said.st_size / 1e6:.1f} MB"
            found.append((kind, f"{FOLDER}/{name}", size, f"{on(said.st_mtime):%Y-%m-%d}"))
    return found


def add_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Tell a chapter's page what it can link to."""
    if pagename in app.env.found_docs:
        context["whole_book"] = [
            (kind, context["pathto"](address, 1), size, date)
            for kind, address, size, date in offered(Path(app.outdir))
        ]
