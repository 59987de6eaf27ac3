"""What a reader's browser runs the library with: Pyodide, the library's wheel, the digits.

Everything comes from the site itself. Where Pyodide can't be fetched, the site is made
without it: the build says so, and so do the pages in place of their buttons.
"""

import hashlib
import json
import os
import re
import shutil
import tomllib
import zipfile
from logging import getLogger
from pathlib import Path
from typing import Any

from flit_core.wheel import make_wheel_in
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.console import colorize

from bookext.site import editor
from bookext.site.fetching import Wanted, fetch, kept
from bookext.site.runnable import RUNNABLE
from bookext.site.security_policy import room
from bookext.state.staging import build_folder

logger = logging.getLogger(__name__)
getLogger("flit_core").setLevel("WARNING")  # else it tells of each step

HERE = Path(__file__).parent
LOCK = HERE / "pyodide-lock.json"  # Pyodide's own names three hundred packages more
FOLDER = "runtime"  # in the site; the service worker keeps it only for who has used it
DATA, CLOTHES = "data/tinymnist.npz", "data/tinyfashion.npz"  # the second for notebooks alone
EVIDENCE = "evidence.zip"
# All servers know this ending, and nothing that looks through a site takes it for a page.
ROOM = "room.htm"
WITHOUT = "none"


def wanted() -> list[Wanted]:
    """The files of Pyodide, as `runtime.toml` names them."""
    lock = tomllib.loads((HERE / "runtime.toml").read_text(encoding="utf-8"))
    return [
        Wanted(
            name=f"{FOLDER}/python/{name}",
            sha256=sha256,
            address=lock["distribution"] + name,
            package=f"pypi:{lock['mirror']}",
            member=lock["mirror_folder"] + name,
        )
        for name, sha256 in lock["sha256"].items()
    ]


def prepare(app: Sphinx, config: Config) -> None:
    """Fetch what is missing. The pages are told by a setting whether all is there.

    ``BOOK_RUNTIME`` names another folder to keep the files in, or is ``none`` for a site
    that runs nothing.
    """
    config.book_runtime = ""
    folder = os.environ.get("BOOK_RUNTIME") or str(build_folder(app) / "runtime")
    if folder == WITHOUT:
        return
    files = [*wanted(), *editor.wanted(), *editor.licences().values()]
    reasons = fetch(files, Path(folder), say=logger.info)
    if reasons:
        words = "this site will run no Python in the reader's browser: " + "; ".join(reasons)
        logger.info(colorize("red", words))
        return
    config.book_runtime = folder


def publish(app: Sphinx, exception: Exception | None) -> None:
    """Put the runtime, the library and the digits into the site."""
    site = Path(app.outdir)
    if exception is not None or app.builder.name != "html":
        return
    if not app.config.book_runtime:
        shutil.rmtree(site / FOLDER, ignore_errors=True)
        return
    files = wanted()
    for file in files:
        target = site / file.name
        if not target.is_file():  # else it was sealed with the site that this one began as
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(kept(file, Path(app.config.book_runtime)), target)
    shutil.copyfile(LOCK, site / FOLDER / "python" / LOCK.name)
    cache = Path(app.config.book_runtime)
    editor.publish(site, lambda file: kept(file, cache).read_bytes())
    root, library = Path(app.srcdir), site / FOLDER / "library"
    described = make_library(root, library, fingerprint=app.config.book_results)
    parts = [Path(file.name) for file in files]
    parts += [Path(FOLDER, "python", LOCK.name)]
    parts += [Path(FOLDER, "library", described[part]) for part in ("wheel", "data")]
    described["files"] = {
        path.relative_to(FOLDER).as_posix(): _sealed((site / path).read_bytes()) for path in parts
    }
    (site / FOLDER / ROOM).write_text(room(), encoding="utf-8")
    text = json.dumps(described, indent=1, sort_keys=True)
    (library / "library.json").write_text(text + "\n", encoding="utf-8")
    for name in stale(root, library / described["wheel"]):
        logger.warning("the wheel for the reader's browser holds another %s than src/", name)


def _sealed(text: bytes) -> dict[str, Any]:
    return {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}


def make_library(root: Path, folder: Path, *, fingerprint: str) -> dict[str, Any]:
    """Make the wheel of the library, with the digits beside it; the same bytes each time.

    Returns:
        What the browser must know of them.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = "315532800"  # no archive holds an earlier time
    try:
        wheel = make_wheel_in(root / "pyproject.toml", folder).file
    finally:
        os.environ.pop("SOURCE_DATE_EPOCH")
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before
    for name in (DATA, CLOTHES):
        shutil.copyfile(root / name, folder / Path(name).name)
    with zipfile.ZipFile(folder / EVIDENCE, "w") as archive:  # for notebooks; packed already
        for path in sorted((root / "data" / "evidence").glob("*.gz")):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes())
    return {"fingerprint": fingerprint, "wheel": wheel.name, "data": Path(DATA).name}


def stale(root: Path, wheel: Path) -> list[str]:
    """The files of the library that a wheel does not hold as they are in ``src/``."""
    with zipfile.ZipFile(wheel) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    sources = sorted((root / "src").glob("nnbook/**/*.py"))
    found = {path.relative_to(root / "src").as_posix(): path.read_bytes() for path in sources}
    return [name for name, text in found.items() if inside.get(name) != text]


def add_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Load the script where there are widgets or cells for it, and tell it what it may run."""
    body = context.get("body", "")
    if 'data-widget="' in body or re.search(rf'class="cell[^"]* {RUNNABLE}\b', body):
        told = {"data-fingerprint": app.config.book_results}
        if app.config.book_runtime:
            told["data-runtime"] = context["pathto"](FOLDER, 1)
        app.add_js_file("widgets.js", loading_method="defer", **told)


def setup(app: Sphinx) -> None:
    """Register the setting; when it changes, all pages are written anew."""
    app.add_config_value("book_runtime", "", rebuild="html", types=str)
