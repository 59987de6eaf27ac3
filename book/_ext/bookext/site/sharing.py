"""What search engines and other sites are told of the pages.

Where the site will stand is one setting, ``BOOK_BASE_URL`` or Sphinx's ``html_baseurl``. With
it, pages name their own address and the picture that stands for them, and there is a map of
the site. Without it nothing is said that could be false.
"""

import html
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.config import Config

from bookext.words import _

BASE = re.compile(r"https?://[\w.:-]+(/[^\s?#\"<>]*)?")
PICTURE = "cover.png"  # the same name for as long as others show it
NOT_FOUND = "404"
RELATIVE = re.compile(r'(\s(?:href|src|action|data-content_root)=")(?![a-z]+:|[/#])(?:\./)?')


def set_base(app: Sphinx, config: Config) -> None:
    """Take the address of the site, which ends in a slash."""
    base = os.environ.get("BOOK_BASE_URL", config.html_baseurl)
    if base and not BASE.fullmatch(base):
        raise SystemExit(
            f"BOOK_BASE_URL is {base!r}, and the address of a site is needed, such as "
            "https://example.org/book/"
        )
    config.html_baseurl = base.rstrip("/") + "/" if base else ""


def add_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Give the templates the address of the site, and that of the picture."""
    base = app.config.html_baseurl
    context["base"] = base
    context["picture"] = base and base + PICTURE
    if base and pagename in app.env.found_docs:  # Sphinx takes the name of the chapter's file
        cover = pagename == app.config.root_doc  # it is at the root: not index.html beside it
        context["pageurl"] = base if cover else base + app.builder.get_target_uri(pagename)


def give_page(app: Sphinx) -> Iterable[tuple[str, dict[str, Any], str]]:
    """Give Sphinx the page for addresses that lead nowhere."""
    icon = app.config.html_favicon
    context = {
        "title": _("There is no such page"),
        "description": _("No page has this address: search, or begin at the contents."),
        "pageurl": None,
        "icon": icon and Path(app.srcdir, icon).read_text(encoding="utf-8"),
    }
    yield NOT_FOUND, context, f"{NOT_FOUND}.html"


def from_anywhere(page: str, base: str) -> str:
    """A page whose links and files are found from whatever address it is shown at.

    Args:
        page: its HTML, with addresses relative to the root of the site.
        base: the address of the site; without it the page stays as it is.

    Example:
        >>> from_anywhere('<a href="b.html"><a href="#c">', "https://example.org/book/")
        '<a href="/book/b.html"><a href="#c">'
    """
    return RELATIVE.sub(rf"\1{urlsplit(base).path}", page) if base else page


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the picture, ``robots.txt`` and, with a base, the map of the site."""
    site, base = Path(app.outdir), app.config.html_baseurl
    if exception is not None or app.builder.name != "html":
        return
    shutil.copyfile(Path(app.srcdir) / "images" / "dropout.png", site / PICTURE)
    robots = "User-agent: *\nAllow: /\n"
    editions = ["", *(f"{language}/" for language in app.config.book_editions[1:])]
    robots += "".join(f"Sitemap: {base}{edition}sitemap.xml\n" for edition in editions if base)
    (site / "robots.txt").write_text(robots, encoding="ascii")
    (site / "sitemap.xml").unlink(missing_ok=True)
    if base:
        root = app.config.root_doc
        names = sorted(app.env.found_docs - {root})
        pages = ["", *(app.builder.get_target_uri(name) for name in names)]
        places = "".join(f"<url><loc>{html.escape(base + page)}</loc></url>\n" for page in pages)
        (site / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</urlset>\n',
            encoding="utf-8",
        )
