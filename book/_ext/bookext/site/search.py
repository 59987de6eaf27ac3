"""The search: Pagefind's index, made when pages are, in place of the stock one.

Sphinx's own index finds no Chinese word. Pagefind needs no server: the browser asks its
files. It indexes a copy of the pages whose Chinese characters stand apart, see
``_static/chinese/pagefind.js``.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

FOLDER = "pagefind"
KINDS = {"book/api": "代码", "book/glossary": "术语"}
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


TAG_OR_TEXT = re.compile(r"(<[^>]*>)|([^<]+)")
BETWEEN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff])(?=[\u3400-\u9fff])")
NOTHING_TO_SEE = "\u200b"  # a space without width: results are shown with it
# Sphinx names the section, Pagefind looks at the heading.
SECTION = re.compile(r'(<section\b[^>]*?) id="([^"]*)"([^>]*>\s*(?:<span[^>]*></span>\s*)*<h\d)')


def collect_page(app: Sphinx) -> Iterable[tuple[str, dict[str, Any], str]]:
    """Write the page of the search too; and delete the index, since other pages have changed.

    Sphinx asks for further pages only if it writes chapters. `index` then finds no index and
    makes one; a build that writes nothing keeps what is there.
    """
    shutil.rmtree(Path(app.outdir, FOLDER), ignore_errors=True)
    description = "在这本书里搜索：中文、英文和代码都找得到，结果先列一字不差的。"
    yield "search", {"title": "搜索", "description": description}, "search.html"


def add_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Name the kind of a page, by which results are filtered; leave out the stock search."""
    context["kind"] = KINDS.get(pagename, "正文") if pagename in app.env.found_docs else None
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
    return TAG_OR_TEXT.sub(
        lambda part: part[1] or BETWEEN_CHINESE.sub(NOTHING_TO_SEE, part[2]), page
    )


def name_headings(page: str) -> str:
    """Give each heading the name of its section, so that a result leads right there.

    Example:
        >>> name_headings('<section class="a" id="b"> <h2>c</h2>')
        '<section class="a"> <h2 id="b">c</h2>'
    """
    return SECTION.sub(r'\1\3 id="\2"', page)


def index(app: Sphinx, exception: Exception | None) -> None:
    """Make the index of all pages, if there is none."""
    site = Path(app.outdir)
    if exception is not None or app.builder.name != "html" or (site / FOLDER).exists():
        return
    with tempfile.TemporaryDirectory() as copies:
        for page in site.glob("*.html"):
            text = set_apart(name_headings(page.read_text(encoding="utf-8")))
            Path(copies, page.name).write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "pagefind_bin_extended", "--quiet", "--site", copies]
        command += ["--output-path", str(site / FOLDER), "--root-selector", "article"]
        done = subprocess.run(  # noqa: S603
            [*command, "--exclude-selectors", ".headerlink"],
            capture_output=True,
            check=False,
            text=True,
        )
    if done.returncode:
        raise SystemExit(f"Pagefind made no index of {site}:\n{done.stdout}{done.stderr}")
    for name in STOCK_FILES:
        (site / "_static" / name).unlink(missing_ok=True)
    for name in UNUSED:
        for unused in (site / FOLDER).glob(f"pagefind-{name}.*"):
            unused.unlink()
