"""How to cite a page: in words and for BibTeX, folded away below it."""

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from bookext.whole.edition import VERSION
from bookext.words import _

SPECIAL = re.compile(r"[&%$#_{}]")  # to TeX


def add_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Give the template of a chapter both ways to cite it."""
    if pagename not in app.env.found_docs:
        return
    library = (Path(app.srcdir) / "src/nnbook/__init__.py").read_text(encoding="utf-8")
    version = VERSION.search(library)
    cover = pagename == app.config.root_doc
    context["citations"] = citations(
        "" if cover else app.builder.get_target_uri(pagename).removesuffix(".html"),
        title=app.env.titles[pagename].astext(),
        book=app.config.html_title,
        author=app.config.author,
        year=app.config.copyright,
        version=version[1] if version else "",
        fingerprint=context["fingerprint"],
        url=context.get("pageurl") or "",
    )


def citations(
    page: str,
    *,
    title: str,
    book: str,
    author: str,
    year: str,
    version: str,
    fingerprint: str,
    url: str,
) -> tuple[str, str]:
    """A page's citation in words and for BibTeX.

    Args:
        page: its name; that of the cover is empty, and then the book itself is cited.
        title: of the page.
        book: its title.
        author: of the book.
        year: of its publication.
        version: of the book.
        fingerprint: of the page.
        url: of the page, if it is known.
    """
    titles = (_("“{title}”, in “{book}”") if page else _("“{book}”")).format(title=title, book=book)
    words = _("{author} ({year}). {titles}, version {version}, fingerprint {fingerprint}. ").format(
        author=author, year=year, titles=titles, version=version, fingerprint=fingerprint
    )
    fields = {
        "author": f"{{{author}}}",  # no given and family names
        "title": SPECIAL.sub(r"\\\g<0>", title if page else book),
        "booktitle": SPECIAL.sub(r"\\\g<0>", book) if page else "",
        "year": year,
        "edition": version,
        "note": _("fingerprint {fingerprint}").format(fingerprint=fingerprint),
        "url": url,
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    kind, key = ("incollection", f"nnbook-{page}") if page else ("book", "nnbook")
    return (f"{words}{url}".rstrip(), f"@{kind}{{{key},\n{lines}\n}}")
