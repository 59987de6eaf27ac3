"""Every term that a chapter introduces stands in the glossary.

A term is introduced in bold type with something behind it, such as its English in brackets:
the rules for the language tell what, see `bookext.truth.prose.Rules`.
"""

import re
from collections.abc import Iterable

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)


def introduced(doctree: nodes.document, behind: str) -> list[str]:
    """The terms that a chapter introduces, by the pattern of what is behind them."""
    found: list[str] = []
    if not behind:
        return found
    for bold in doctree.findall(nodes.strong):
        after = bold.next_node(nodes.Text, descend=False, siblings=True)
        if after is not None and bold.parent.index(after) == bold.parent.index(bold) + 1:
            found += [bold.astext()] if re.match(behind, after.astext()) else []
    return found


def _of_chapters(env: BuildEnvironment) -> dict[str, list[str]]:
    if not hasattr(env, "book_terms"):
        env.book_terms = {}  # type: ignore[attr-defined]
    return env.book_terms  # type: ignore[no-any-return, attr-defined]


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget what a chapter introduced: it is read again, or is gone."""
    _of_chapters(env).pop(docname, None)


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Remember what the chapter that was just read introduces."""
    _of_chapters(app.env)[app.env.docname] = introduced(
        doctree,
        app.book_rules.introduced,  # type: ignore[attr-defined]
    )


def check(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Ask the glossary for every term that a chapter introduces."""
    objects = env.get_domain("std").get_objects()
    names = {name for name, _, kind, *_ in objects if kind == "term"}
    behind = app.book_rules.introduced  # type: ignore[attr-defined]
    known = {re.split(behind, name)[0] for name in names} if behind else names
    for docname, terms in sorted(_of_chapters(env).items()):
        for term in terms:
            if term not in known:
                logger.warning(
                    "this chapter introduces “%s”, which the glossary does not have: add it "
                    "there, with a sentence that explains it",
                    term,
                    location=docname,
                )
    return []
