"""The language of foreign words: a screen reader changes its voice for them."""

import re

from docutils import nodes
from sphinx.application import Sphinx

TERM = re.compile("(?P<chinese>[^（]*（)(?P<english>[A-Za-z][^）]*)(?P<rest>）.*)")


def mark(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Say of the English in ``丢弃率（dropout rate）``, a term, that it is English."""
    for term in doctree.findall(nodes.term):
        for text in list(term.findall(nodes.Text)):
            if match := TERM.fullmatch(text.astext()):
                # docutils writes this class as the attribute lang="en".
                english = nodes.inline("", match["english"], classes=["language-en"])
                parts = [nodes.Text(match["chinese"]), english, nodes.Text(match["rest"])]
                text.parent.replace(text, parts)
