"""The search: Pagefind's index, made when pages are, in place of the stock one.

Sphinx's own index finds no Chinese word. Pagefind needs no server: the browser asks its
files. Of a book in Chinese, it indexes a copy of the pages whose characters stand apart, see
``_static/chinese/pagefind.js``.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pagefind_bin_extended import get_executable
from sphinx.application import Sphinx

from bookext.site.offline import ADDRESS
from bookext.site.settled_index import settle
from bookext.words import _

FOLDER = "pagefind"
UNUSED = ("component-ui", "modular-ui", "highlight")  # Pagefind brings three more ways to show it
# They belong to the stock search, or mark its words in the pages.
STOCK_SCRIPTS = ("doctools.js", "sphinx_highlight.js", "translations.js")
# What Sphinx and the theme copy besides, and no page asks for.
STOCK_FILES = (
    *STOCK_SCRIPTS,
    *("language_data.js", "searchtools.js", "copybutton_funcs.js"),
    *("basic.css", "debug.css", "skeleton.css"),
    *("file.png", "minus.png", "plus.png", "check-solid.svg", "copy-button.svg"),
)


TAG = re.compile(r"(<[^>]*>)")
BETWEEN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff])(?=[\u3400-\u9fff])")
NOTHING_TO_SEE = "\u200b"  # a space without width: results are shown with it
# Sphinx names the section, Pagefind looks at the heading.
SECTION = re.compile(r'(<section\b[^>]*?) id="([^"]*)"([^>]*>\s*(?:<span[^>]*></span>\s*)*<h\d)')


def start_index(app: Sphinx) -> Iterable[tuple[str, dict[str, Any], str]]:
    """Start Pagefind: Sphinx, which asks now for further pages, has written all chapters.

    It does so only if it has written any: otherwise the index stays as it is. Pagefind takes
    a third of a second, in which Sphinx goes on with its own work.
    """
    site = Path(app.outdir)
    shutil.rmtree(site / FOLDER, ignore_errors=True)
    copies = tempfile.TemporaryDirectory()
    chinese = app.config.language.startswith("zh")
    for docname in app.env.found_docs:
        page = Path(app.builder.get_outfilename(docname))  # type: ignore[attr-defined]
        text = name_headings(page.read_text(encoding="utf-8"))
        text = ADDRESS.sub(r"\1\2", text)  # only pages of an earlier build name digests yet
        # A page with a single space without width would be cut at these alone.
        text = set_apart(text) if chinese else text
        Path(copies.name, page.name).write_text(text, encoding="utf-8")
    command = [str(get_executable()), "--quiet", "--site", copies.name]
    command += ["--output-path", str(site / FOLDER), "--root-selector", "article"]
    pagefind = subprocess.Popen(  # noqa: S603
        [*command, "--exclude-selectors", ".headerlink"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    app.book_index = pagefind, copies  # type: ignore[attr-defined]
    return ()


def give_page(app: Sphinx) -> Iterable[tuple[str, dict[str, Any], str]]:
    """Give Sphinx the page of the search."""
    description = _("Search this book: its words and its code; what matches exactly comes first.")
    yield "search", {"title": _("Search"), "description": description}, "search.html"


def add_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Name the kind of a page, by which results are filtered; leave out the stock search."""
    kinds = {"book/api": _("Code"), "book/glossary": _("Terms")}
    context["kind"] = kinds.get(pagename, _("Text")) if pagename in app.env.found_docs else None
    context["script_files"] = [
        script
        for script in context["script_files"]
        if not str(getattr(script, "filename", script)).endswith(STOCK_SCRIPTS)
    ]


def set_apart(page: str) -> str:
    """Part the Chinese characters in the text of a page.

    Example:
        >>> set_apart('<p title="掩码">掩码</p>') == f'<p title="掩码">掩{NOTHING_TO_SEE}码</p>'
        True
    """
    parts = TAG.split(page)  # texts, with the tags between them
    parts[::2] = [BETWEEN_CHINESE.sub(NOTHING_TO_SEE, text) for text in parts[::2]]
    return "".join(parts)


def name_headings(page: str) -> str:
    """Give each heading the name of its section, so that a result leads right there.

    Example:
        >>> name_headings('<section class="a" id="b"> <h2>c</h2>')
        '<section class="a"> <h2 id="b">c</h2>'
    """
    return SECTION.sub(r'\1\3 id="\2"', page)


def finish_index(app: Sphinx, exception: Exception | None) -> None:
    """Wait for Pagefind, if it was started, and drop what no page asks for."""
    if not hasattr(app, "book_index"):
        return
    pagefind, copies = app.book_index
    said, _ = pagefind.communicate()
    copies.cleanup()
    site = Path(app.outdir)
    if pagefind.returncode:
        raise SystemExit(f"Pagefind made no index of {site}:\n{said}")
    settle(site / FOLDER)
    for name in STOCK_FILES:
        (site / "_static" / name).unlink(missing_ok=True)
    for name in UNUSED:
        for unused in (site / FOLDER).glob(f"pagefind-{name}.*"):
            unused.unlink()
