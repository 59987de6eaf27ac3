"""``{claim}`words <identity>```: words that rest on a claim, with a way to its evidence.

A cell of the same chapter makes the claim, by `bookext.state.cells.claim` or by a function of
the book's own that publishes the like. A claim that does not hold, or that nobody made, ends
the build: chapter, sentence, claim and evidence are printed.
"""

import json
import re
from typing import Any

from docutils import nodes
from myst_nb.core.variables import RetrievalError
from myst_nb.ext.glue.utils import retrieve_glue_data
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from bookext.state.cells import MIME_TYPE, PREFIX
from bookext.words import _

logger = logging.getLogger(__name__)

IDENTITY = "[a-z0-9.-]+"
# What a claim may say of a difference, in the words of the ledger.
VERDICTS = {
    "above": lambda: _("clearly above zero"),
    "below": lambda: _("clearly below zero"),
    "same": lambda: _("about the same"),
    "holds": lambda: _("holds"),
}


class claim_mark(nodes.inline):  # noqa: N801 - docutils names its nodes so
    """Words that rest on the claim ``identity``."""


class ClaimRole(SphinxRole):
    """Read the words and the identity, and ask the chapter's cells for the claim."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        match = re.fullmatch(rf"(?P<words>[^<>]+?)\s*<(?P<identity>{IDENTITY})>", self.text)
        if match is None:
            logger.warning(
                "malformed claim %r: write {claim}`words <identity>`, the identity in small "
                "letters, numerals, dots and hyphens",
                self.text,
                location=self.get_location(),
            )
            return [nodes.Text(self.text)], []
        words, identity = match["words"], match["identity"]
        mark = claim_mark(words, words, identity=identity)
        self.set_source_info(mark)
        try:
            found = retrieve_glue_data(self.inliner.document, PREFIX + identity)
        except RetrievalError:
            logger.warning(
                "“%s” rests on the claim %s, which no cell of this chapter makes",
                words,
                identity,
                location=mark,
            )
            return [mark], []
        claim = evidence(found.data)
        if claim is not None:
            mark["verdict"], mark["better"] = claim["side"], claim.get("better", "more")
        if claim is not None and not claim["holds"]:
            # A draft has few seeds, which need not show what many do.
            say = logger.info if self.config.html_context.get("draft") else logger.warning
            say(
                "“%s” rests on the claim %s, which does not hold: %s",
                words,
                identity,
                claim["evidence"],
                location=mark,
            )
        return [mark], []


def evidence(bundle: dict[str, Any]) -> dict[str, Any] | None:
    """The claim in what a cell has published, if it is one, its verdict in the book's words.

    As ``side``, it keeps the verdict as it was given.
    """
    if MIME_TYPE not in bundle:
        return None
    claim: dict[str, Any] = json.loads(bundle[MIME_TYPE])
    side = claim["verdict"]
    words = VERDICTS.get(side)
    return {**claim, "side": side, "verdict": side if words is None else str(words())}


def setup(app: Sphinx) -> None:
    """Register the role; `ledger` turns the marks into links."""
    app.add_node(claim_mark)
    app.add_role("claim", ClaimRole())
