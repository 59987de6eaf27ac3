"""``feed.xml``: which numbers and claims have moved, from what to what, and why.

An entry for each release, in Atom, and one for what has moved since the last. Without the address
of the site there is no feed, since what is sent round must lead somewhere; before the first
release there is none either: nothing has moved yet, and a feed must say when it last did.
"""

import html
import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from bookext.site import releases, states
from bookext.site.states import State
from bookext.state import fingerprints
from bookext.truth.ledger_file import published
from bookext.words import _

FILE = "feed.xml"
ATOM = "http://www.w3.org/2005/Atom"


def address(app: Sphinx) -> str:
    """Where the feed is; nothing, where there is none."""
    page = getattr(app.env, "book_ledger_page", None)
    base = app.config.html_baseurl
    return f"{base}{FILE}" if base and page and releases.of(app) else ""


def add_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Tell the templates of the feed."""
    context["feed"] = address(app)


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the feed, or drop that of another build."""
    if exception is not None or app.builder.name != "html":
        return
    path = Path(app.outdir, FILE)
    path.unlink(missing_ok=True)
    if not address(app):
        return
    root, config = Path(app.srcdir), app.config
    page = config.html_baseurl + app.builder.get_target_uri(app.env.book_ledger_page)  # type: ignore[attr-defined]
    changelog = root / "CHANGELOG.md"
    why = releases.reasons(changelog.read_text("utf-8")) if changelog.is_file() else []
    history = states.of(releases.of(app), published(app), why=why, date=_day(root))
    path.write_bytes(
        feed(
            [state for state in history if state.date],
            page=page,
            address=address(app),
            title=config.html_title,
            author=config.author,
            language=config.language.replace("_", "-"),
        )
    )


def feed(
    history: Sequence[State], *, page: str, address: str, title: str, author: str, language: str
) -> bytes:
    """The feed, the newest entry first.

    Args:
        history: the states of the book, the first one first, each with its date.
        page: the address of the page of the ledger.
        address: of the feed.
        title: of the book.
        author: of the book.
        language: of the book.
    """
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": language})
    _add(root, "title", _("{title}: what has moved").format(title=title))
    _add(root, "id", address)
    _add(root, "updated", max(_moment(state.date) for state in history))
    _add(ET.SubElement(root, "author"), "name", author)
    _add(root, "link", rel="self", type="application/atom+xml", href=address)
    _add(root, "link", rel="alternate", type="text/html", href=page)
    for state in reversed(history):
        place, identity = f"release-{state.version}", f"release-{state.version}"
        if not state.version:  # as soon as something else has moved, it is another entry
            place = "moves"
            identity = f"since-{fingerprints.shortened(str(sorted(state.figures.items())))}"
        entry = ET.SubElement(root, "entry")
        _add(entry, "title", f"{state.version or _('today')}{_(': ')}{state.told}")
        _add(entry, "id", f"{page}#{identity}")
        _add(entry, "updated", _moment(state.date))
        _add(entry, "link", rel="alternate", type="text/html", href=f"{page}#{place}")
        _add(entry, "content", _content(state, page, history[-1]), type="html")
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _content(state: State, page: str, last: State) -> str:
    lines = []
    for place, pair in state.moved.items():
        before, after = states.unlike(pair)
        name = f"<code>{html.escape(place.partition('-')[2])}</code>"
        if place in last.figures:
            name = f'<a href="{html.escape(f"{page}#{place}")}">{name}</a>'
        values = f"{before or _('new')} → {after or _('gone')}"
        lines.append(f"<li>{name}{_(': ')}{html.escape(values)}</li>")
    why = "".join(f"<li>{html.escape(reason)}</li>" for reason in state.why)
    return (
        f"<p>{html.escape(state.told)}</p>"
        + (f'<ul lang="en">{why}</ul>' if why else "")
        + (f"<ul>{''.join(lines)}</ul>" if lines else "")
    )


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = text or None


def _moment(date: str) -> str:
    return date if "T" in date else f"{date}T00:00:00Z"


def _day(root: Path) -> str:
    """From when the sources are, if anything says it."""
    said, git = os.environ.get("SOURCE_DATE_EPOCH", ""), shutil.which("git")
    if not said and git:
        command = [git, "-C", str(root), "log", "-1", "--format=%ct"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    return (
        f"{datetime.fromtimestamp(int(said), UTC):%Y-%m-%dT%H:%M:%SZ}" if said.isdecimal() else ""
    )
