"""``{moves}``: how each published figure has moved from release to release, and what moved it.

Its lines name the numbers that come first, ``chapter/name: words`` each; then come the claims that
have moved, and folded away all other numbers. What never moved is told in a line. It stands on
the page of ``{ledger}``, since it leads to its rows.
"""

import html
from collections.abc import Mapping, Sequence

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookext.site import feed, releases, states
from bookext.site.plain_markdown import table
from bookext.site.states import Course, State
from bookext.truth.ledger import place
from bookext.truth.ledger_file import published
from bookext.words import _

logger = logging.getLogger(__name__)

PLACE = "moves"
PUBLISHED, CLAIMS, NUMBERS = "moves-published", "moves-claims", "moves-numbers"


class moves_node(nodes.General, nodes.Element):  # noqa: N801 - docutils names its nodes so
    """The place where the moves go."""


class Moves(SphinxDirective):
    """Show how the numbers have moved here."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        return [moves_node("", first=first(self.content))]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("moves", Moves)
    app.add_node(moves_node)


def first(lines: Sequence[str]) -> dict[str, str]:
    """The numbers that come first, with what they are called.

    Example:
        >>> first(["training/published: the published run"])
        {'training/published': 'the published run'}
    """
    parts = (line.partition(":") for line in lines if line.strip())
    return {name.strip(): words.strip() for name, _colon, words in parts}


def show(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the moves in their place."""
    for node in list(doctree.findall(moves_node)):
        if docname != getattr(app.env, "book_ledger_page", None):
            logger.warning(
                "{moves} leads to the rows of {ledger}: put it on that page", location=docname
            )
        now, history = published(app), _history(app)
        for name in node["first"].keys() - now["numbers"].keys():
            logger.warning("{moves} shows %s, which no chapter publishes", name, location=docname)
        page = _page(history, node["first"], states.figures(now))
        if feed.address(app):
            page += f'<p><a href="{feed.FILE}">{_("Subscribe to these changes (Atom)")}</a></p>'
        node.replace_self(nodes.raw("", f'<div id="{PLACE}">{page}</div>', format="html"))


def markdown(app: Sphinx, lines: Sequence[str]) -> str:
    """What a page says in Markdown, without what is folded away."""
    history = _history(app)
    if not history:
        return none_yet()
    return f"{table(*rows(history, first(lines)))}\n\n{still(states.courses(history))}"


def _history(app: Sphinx) -> list[State]:
    return states.of(releases.of(app), published(app))


def _page(history: Sequence[State], leading: Mapping[str, str], now: Mapping[str, str]) -> str:
    if not history:
        return f"<p>{none_yet()}</p>"
    found = states.courses(history)
    moved = {name: course for name, course in found.items() if len(course) > 1}
    claims = {name: course for name, course in moved.items() if name.startswith("claim-")}
    numbers = {name: course for name, course in moved.items() if name not in claims}
    parts = [
        _published(history, leading),
        _moved(CLAIMS, _("Claims whose evidence has moved"), claims, now),
        f'<details data-pagefind-ignore=""><summary>{_("All numbers that have moved")}</summary>',
        _moved(NUMBERS, _("Numbers that have moved"), numbers, now),
        f"</details><p>{still(found)}</p>",
    ]
    return "".join(parts)


def none_yet() -> str:
    """What is said before the first release."""
    return _("No version has been released yet: these are the numbers of today, and none is older.")


def still(found: Mapping[str, Course]) -> str:
    """How many figures have never moved, in a sentence."""
    names = [name for name, course in found.items() if len(course) == 1]
    return _(
        "{numbers} numbers and {claims} claims have not moved since they were first published."
    ).format_map(states.count(names))


def rows(history: Sequence[State], leading: Mapping[str, str]) -> tuple[list[str], list[list[str]]]:
    """The heads and the rows of the numbers that come first, the newest state first."""
    lines = []
    for before, state in zip([None, *history], history, strict=False):
        values = []
        for name in leading:
            known = before and before.figures.get(place("number", name))
            value = state.figures.get(place("number", name), "–")
            values.append(value if known in (None, value) else f"{known} → {value}")
        lines.append([label(state.version), *values, " ".join([state.told, *state.why])])
    return [_("Version"), *leading.values(), _("What has moved")], lines[::-1]


def label(version: str) -> str:
    """What a version is called, or what is not released yet."""
    return version or _("today")


def _published(history: Sequence[State], leading: Mapping[str, str]) -> str:
    header, lines = rows(history, leading)
    body = ""
    for state, (name, *values, _told) in zip(reversed(history), lines, strict=True):
        row, head = "<tr>", html.escape(name)
        if state.version:
            place = f"release-{state.version}"
            row = f'<tr id="{place}">'
            head += f"{_link(place, _('Link to this version'))}<br/><small>{state.date}</small>"
        why = "".join(f"<li>{html.escape(reason)}</li>" for reason in state.why)
        told = html.escape(state.told) + (f'<ul lang="en">{why}</ul>' if why else "")
        cells = "".join(f"<td>{html.escape(value)}</td>" for value in values)
        body += f'{row}<th scope="row">{head}</th>{cells}<td>{told}</td></tr>'
    caption = _("The published numbers, from version to version")
    return _framed(PUBLISHED, caption, header, f"<tbody>{body}</tbody>")


def _moved(identity: str, caption: str, found: Mapping[str, Course], now: Mapping[str, str]) -> str:
    bodies = ""
    for name, course in sorted(found.items()):
        head = f"<code>{html.escape(name.partition('-')[2])}</code>"
        if name in now:
            head = f'<a href="#{html.escape(name)}">{head}</a>'
        versions, values = zip(*reversed(course), strict=True)
        lines = [
            f"<td>{html.escape(label(version))}</td><td>{html.escape(value or _('gone'))}</td></tr>"
            for version, value in zip(versions, states.unlike(values), strict=True)
        ]
        head = f'<th scope="rowgroup" rowspan="{len(lines)}">{head}</th>'
        bodies += f"<tbody><tr>{head}{'<tr>'.join(lines)}</tbody>"
    if not bodies:  # the place stays, whatever moves and moves back
        return f'<p id="{identity}">{caption}{_(": ")}{_("none.")}</p>'
    return _framed(identity, caption, [_("Name"), _("Since version"), _("Value")], bodies)


def _framed(identity: str, caption: str, header: Sequence[str], bodies: str) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in header)
    title = f"<caption>{caption}{_link(identity, _('Link to this table'))}</caption>"
    return (
        f'<div class="table-wrapper pasted-text"><table class="docutils" id="{identity}">{title}'
        f"<thead><tr>{head}</tr></thead>{bodies}</table></div>"
    )


def _link(identity: str, title: str) -> str:
    return f'<a class="headerlink" href="#{html.escape(identity)}" title="{title}">#</a>'
