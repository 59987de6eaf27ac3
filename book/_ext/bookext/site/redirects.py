"""Old addresses lead on: a page that is gone, or a place in a page that has another name.

``book/redirects.toml`` says where. No server is asked and no script runs: a page that is gone
becomes a small one that sends readers on, and a place keeps its old name beside the new one.
"""

import html
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from bookext.words import _

logger = logging.getLogger(__name__)

FILE = "book/redirects.toml"
PAGE = re.compile(r"[\w-]+\.html")
ADDRESS = re.compile(r"[\w-]+\.html(#\S+)?")


def read(app: Sphinx, *config: object) -> None:
    """Read the file, before any page is made."""
    path = Path(app.srcdir) / FILE
    app.book_redirects = {}  # type: ignore[attr-defined]
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        # Sphinx can't tell a location yet: it asks the environment, which is made later.
        logger.warning("%s cannot be read: %s", FILE, error)
        return
    for old, new in given.items():
        if isinstance(new, str) and ADDRESS.fullmatch(old) and ADDRESS.fullmatch(new):
            of(app)[old] = new
        else:
            logger.warning(
                '%s: %s = %r is no redirect: write "old.html" = "new.html" or '
                '"page.html#old" = "page.html#new"',
                FILE,
                old,
                new,
            )
    for circle in circles(of(app)):
        logger.warning("%s leads in a circle, and nowhere: %s", FILE, circle)


def circles(leads: dict[str, str]) -> list[str]:
    """Redirects that lead back to where they began, each circle once, as it would be walked.

    A page that leads on takes the places in it along.

    Example:
        >>> circles({"a.html": "b.html", "b.html": "a.html#x", "c.html": "a.html"})
        ['a.html → b.html → a.html']
    """
    found: dict[frozenset[str], str] = {}
    for start in leads:
        used: list[str] = []
        here = start
        while (step := here if here in leads else here.partition("#")[0]) in leads:
            if step in used:
                circle = used[used.index(step) :]
                found.setdefault(frozenset(circle), " → ".join([*circle, step]))
                break
            used.append(step)
            here = leads[step]
    return list(found.values())


def of(app: Sphinx) -> dict[str, str]:
    """Where old addresses lead."""
    return app.book_redirects  # type: ignore[no-any-return, attr-defined]


def give_pages(app: Sphinx) -> Iterable[tuple[str, dict[str, Any], str]]:
    """Give Sphinx a small page for each that is gone."""
    pages = {app.builder.get_target_uri(name) for name in app.env.found_docs}
    for old, new in sorted(of(app).items()):
        if old in pages:
            logger.warning("%s is a page of the book: it can't lead on", old, location=FILE)
        elif PAGE.fullmatch(old):
            base = app.config.html_baseurl
            context = {
                "title": _("This page has moved"),
                "leads_to": new,
                "pageurl": base and base + new,
            }
            yield old.removesuffix(".html"), context, "redirect.html"


def with_old_places(page: str, name: str, leads: dict[str, str]) -> str:
    """A page with the old names of the places in it.

    Args:
        page: its HTML.
        name: of the page, such as ``dropout.html``.
        leads: where old addresses lead.

    Example:
        >>> with_old_places('<dt id="b">', "a.html", {"a.html#c": "a.html#b"})
        '<dt id="b"><span id="c"></span>'
    """
    for old, new in sorted(leads.items()):
        of_page, _mark, place = old.partition("#")
        if of_page != name or not place:
            continue
        to_page, _mark, to_place = new.partition("#")
        if to_page == name:
            page = _beside(page, to_place, f'<span id="{html.escape(place)}"></span>')
        else:
            link = f'<a class="reference internal" href="{html.escape(new)}">{_("here")}</a>'
            words = _("What you are looking for has moved {here}.").format(here=link)
            moved = f'<p id="{html.escape(place)}">{words}</p>'
            page = page.replace("</article>", f"{moved}</article>", 1)
    return page


def _beside(page: str, place: str, mark: str) -> str:
    """Put a mark where HTML allows one: in a term or the first cell of a row, before a section."""
    found = re.search(rf'<(\w+)\b[^>]*?\sid="{re.escape(html.escape(place))}"[^>]*>', page)
    if found is None:
        return page  # `published.check` tells
    at = found.start()
    if found[1] == "tr":
        at = page.index(">", page.index("<t", found.end())) + 1
    elif found[1] in {"dt", "dd", "li", "th", "td"}:
        at = found.end()
    return page[:at] + mark + page[at:]
