"""``{claim}`words <identity>```: words that rest on a claim, with a way to its evidence.

A cell of the same chapter makes the claim by `nnbook.lab.claims.claim`. A claim
that does not hold, or that nobody made, ends the build: chapter, sentence, claim
and evidence are printed.
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

logger = logging.getLogger(__name__)

# As in `nnbook.lab.claims`.
MIME_TYPE = "text/x-claim"
PREFIX = "claim:"
IDENTITY = "[a-z0-9.-]+"


class claim_mark(nodes.inline):  # noqa: N801 - docutils names its nodes so
    """Words that rest on the claim ``identity``."""


class ClaimRole(SphinxRole):
    """Read the words and the identity, and ask the chapter's cells for the claim."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        match = re.fullmatch(rf"(?P<words>[^<>]+?)\s*<(?P<identity>{IDENTITY})>", self.text)
        if match is None:
            logger.warning(
                "malformed claim %r: write {claim}`words <identity>`, the identity in small "
                "letters, digits, dots and hyphens",
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
        if claim is not None and not claim["holds"]:
            logger.warning(
                "“%s” rests on the claim %s, which does not hold: %s",
                words,
                identity,
                claim["evidence"],
                location=mark,
            )
        return [mark], []


def evidence(bundle: dict[str, Any]) -> dict[str, Any] | None:
    """The claim in what a cell has published, if it is one."""
    return json.loads(bundle[MIME_TYPE]) if MIME_TYPE in bundle else None


def setup(app: Sphinx) -> None:
    """Register the role; `ledger` turns the marks into links."""
    app.add_node(claim_mark)
    app.add_role("claim", ClaimRole())
