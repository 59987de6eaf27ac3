"""The search: Pagefind's index, made when pages are, in place of the stock one.

Sphinx's own index finds no Chinese word. Pagefind splits Chinese in the index and in
the question alike, and needs no server: `search.js` asks its files.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

FOLDER = "pagefind"
KINDS = {"book/api": "代码", "book/glossary": "术语"}
UNUSED = ("component-ui", "modular-ui", "highlight")  # Pagefind brings three more ways to show it
# They belong to the stock search, or mark its words in the pages.
STOCK_SCRIPTS = ("doctools.js", "sphinx_highlight.js", "translations.js")


def setup(app: Sphinx) -> None:
    """Make the page of the search with the others, and the index after them."""
    app.connect("html-collect-pages", _page)
    app.connect("html-page-context", _add_context, priority=900)
    app.connect("build-finished", _index, priority=8_000)


def _page(app: Sphinx) -> Iterable[tuple[str, dict[str, Any], str]]:
    # Written whenever any page is: by its absence here, the index is made anew.
    shutil.rmtree(Path(app.outdir, FOLDER), ignore_errors=True)
    yield "search", {"title": "搜索"}, "search.html"


def _add_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    context["kind"] = KINDS.get(pagename, "正文") if pagename in app.env.found_docs else None
    context["script_files"] = [
        script
        for script in context["script_files"]
        if not str(getattr(script, "filename", script)).endswith(STOCK_SCRIPTS)
    ]


def _index(app: Sphinx, exception: Exception | None) -> None:
    site = Path(app.outdir)
    if exception is not None or not site.is_dir() or (site / FOLDER).exists():
        return
    command = [sys.executable, "-m", "pagefind_bin_extended", "--site", str(site), "--quiet"]
    selectors = ["--root-selector", "article", "--exclude-selectors", ".headerlink"]
    done = subprocess.run(  # noqa: S603
        [*command, *selectors], capture_output=True, check=False, text=True
    )
    if done.returncode:
        raise SystemExit(f"Pagefind made no index of {site}:\n{done.stdout}{done.stderr}")
    for name in UNUSED:
        for unused in (site / FOLDER).glob(f"pagefind-{name}.*"):
            unused.unlink()
