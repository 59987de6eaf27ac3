"""The ledger: every number and every claim of the book in one place, with its evidence.

What cells publish by ``glue`` is collected chapter by chapter while they are read;
``{ledger}`` on the results page shows it, and `claims.claim_mark` links to it.
"""

import ast
import html
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookext.state.cells import PREFIX
from bookext.truth.claims import claim_mark, evidence
from bookext.truth.prose import sentences
from bookext.words import _

logger = logging.getLogger(__name__)


# What Python shows of a value that nobody has put into words.
NOT_FOR_READERS = re.compile(r"-?(nan|inf)|None|(np|numpy)\.\w+\(.*\)|<.* at 0x[0-9a-f]+>")


class ledger_node(nodes.General, nodes.Element):  # noqa: N801 - docutils names its nodes so
    """The place where the ledger goes."""


class Ledger(SphinxDirective):
    """Show the ledger here."""

    def run(self) -> list[nodes.Node]:
        self.env.book_ledger_page = self.env.docname  # type: ignore[attr-defined]
        return [ledger_node()]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("ledger", Ledger)
    app.add_node(ledger_node)


def entries(env: BuildEnvironment) -> dict[str, dict[str, Any]]:
    """What each chapter has published: its numbers, its claims and the cells that made them."""
    if not hasattr(env, "book_entries"):
        env.book_entries = {}  # type: ignore[attr-defined]
    return env.book_entries  # type: ignore[no-any-return, attr-defined]


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget what a chapter published: it is read again, or is gone."""
    entries(env).pop(docname, None)
    # myst-nb writes it anew only for a chapter that still publishes something.
    published = Path(app.outdir).with_name("jupyter_execute") / f"{docname}.glue.json"
    published.unlink(missing_ok=True)
    if getattr(env, "book_ledger_page", None) == docname:
        env.book_ledger_page = None  # type: ignore[attr-defined]


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Collect what the chapter that was just read publishes."""
    folder = Path(app.env.mystnb_config.output_folder)  # type: ignore[attr-defined]
    published = folder / f"{app.env.docname}.glue.json"
    if not published.is_file():
        return
    numbers, claims = {}, {}
    for key, output in json.loads(published.read_text(encoding="utf-8")).items():
        claim = evidence(output["data"])
        if claim is not None:
            claims[key.removeprefix(PREFIX)] = claim
        else:
            numbers[key] = _plain(output["data"]["text/plain"])
            if NOT_FOR_READERS.fullmatch(numbers[key]):
                logger.warning(
                    "`%s` is published as %s, which no reader should see: "
                    "glue a text, such as f'{value:.2f}'",
                    key,
                    numbers[key],
                    location=doctree,
                )
    spoken: dict[str, str] = {}
    rules = app.book_rules  # type: ignore[attr-defined]
    for mark in doctree.findall(claim_mark):
        paragraph = _paragraph(mark).astext()
        parts = sentences(paragraph, rules)
        # Words of several sentences stand in none of them.
        around = next((part for part in parts if mark.astext() in part), paragraph)
        spoken[mark["identity"]] = around.strip()
    for identity in claims.keys() - spoken.keys():
        logger.warning(
            "no sentence rests on the claim %s: write {claim}`words <%s>`, or make no claim of it",
            identity,
            identity,
            location=doctree,
        )
    notebook = nbformat.read(folder / f"{app.env.docname}.ipynb", as_version=4)
    cells = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and re.search(r"\b(glue|claim)\(", cell.source)
    ]
    entries(app.env)[app.env.docname] = {
        "numbers": numbers,
        "claims": claims,
        "sentences": spoken,
        "cells": cells,
    }


def _plain(text: str) -> str:
    try:
        return str(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        return text


def _paragraph(node: nodes.Element) -> nodes.Element:
    while isinstance(node, nodes.inline | nodes.strong | nodes.emphasis):
        node = node.parent
    return node


def refuse_twins(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Refuse one identity for two claims; have the ledger written when it would be another."""
    made: dict[str, str] = {}
    for docname, chapter in sorted(entries(env).items()):
        for identity in chapter["claims"]:
            if identity in made:
                logger.warning(
                    "the claim %s is made here and in %s: give one of them another identity",
                    identity,
                    made[identity],
                    location=docname,
                )
            made[identity] = docname
    page = getattr(env, "book_ledger_page", None)
    shown = json.dumps(entries(env), sort_keys=True)
    changed = shown != getattr(env, "book_ledger_shown", None)
    env.book_ledger_shown = shown  # type: ignore[attr-defined]
    return [page] if changed and page in env.found_docs else []


def link_claims(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Lead from claimed words to their evidence."""
    page = getattr(app.env, "book_ledger_page", None)
    for mark in list(doctree.findall(claim_mark)):
        if page is None or page not in app.env.found_docs:
            mark.replace_self(mark.children)
            continue
        link = nodes.reference("", "", *mark.children, classes=["claim"], internal=True)
        link["refuri"] = app.builder.get_relative_uri(docname, page) + f"#claim-{mark['identity']}"
        link["reftitle"] = _("The evidence for these words")
        mark.replace_self(link)


def show(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the ledger in its place."""
    for place in list(doctree.findall(ledger_node)):
        parts = []
        order = [name for name in reading_order(app.env) if name in entries(app.env)]
        for name in order:
            title = app.env.titles[name].astext()
            target = app.builder.get_relative_uri(docname, name) if name != docname else "#"
            page = app.builder.get_target_uri(name).removesuffix(".html")
            parts.append(_chapter(title, target, page, entries(app.env)[name]))
        place.replace_self(nodes.raw("", "\n".join(parts), format="html"))


def place(kind: str, name: str) -> str:
    """The id of a row: of the claim or the number with that name.

    Example:
        >>> place("number", "training/published")
        'number-training.published'
    """
    name = re.sub(r"[^\w.-]+", ".", name)  # no page has a dot: no two numbers share a place
    return f"{kind}-{name}"


def reading_order(env: BuildEnvironment) -> list[str]:
    """All chapters, the cover first."""
    order = [env.config.root_doc]
    for name in order:
        order += [child for child in env.toctree_includes.get(name, []) if child not in order]
    return order


def _chapter(title: str, target: str, page: str, chapter: dict[str, Any]) -> str:
    claims = [
        f"{_head(place('claim', identity), identity, _('Link to this claim'))}"
        f"<td>{html.escape(chapter['sentences'].get(identity, ''))}</td>"
        f"<td>{html.escape(told(claim))}</td></tr>"
        for identity, claim in sorted(chapter["claims"].items())
    ]
    numbers = [
        f"{_head(place('number', f'{page}/{key}'), key, _('Link to this number'))}"
        f"<td>{html.escape(value)}</td></tr>"
        for key, value in sorted(chapter["numbers"].items())
    ]
    code = "\n\n".join(html.escape(cell) for cell in chapter["cells"])
    return (
        f'<h3><a class="reference internal" href="{target}">{html.escape(title)}</a></h3>'
        + _table((_("Claim"), _("Sentence"), _("Evidence")), claims)
        + _fold(_("Numbers"), _table((_("Name"), _("Value")), numbers), len(numbers))
        + _fold(
            _("The code that computes them"),
            f'<div class="highlight"><pre tabindex="0">{code}</pre></div>',
            code,
        )
    )


def told(claim: dict[str, Any]) -> str:
    """A claim's verdict and what shows it."""
    return _("{verdict}: {evidence}").format_map(claim)


def _head(identity: str, name: str, link: str) -> str:
    """The head of a row, which can be linked to."""
    identity = html.escape(identity)
    return (
        f'<tr id="{identity}"><th scope="row"><code>{html.escape(name)}</code>'
        f'<a class="headerlink" href="#{identity}" title="{link}">#</a></th>'
    )


def _table(header: tuple[str, ...], rows: list[str]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in header)
    return (
        # Nobody typed it: it is marked as `glue` marks what it pastes.
        '<div class="table-wrapper pasted-text"><table class="docutils">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _fold(summary: str, content: str, anything: object) -> str:
    return f"<details><summary>{summary}</summary>{content}</details>" if anything else ""
