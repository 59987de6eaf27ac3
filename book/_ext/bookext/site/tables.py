"""Tables have a number, a name and a link to it, also those that cells print.

myst-nb puts whatever a cell gives into a figure, if the cell asks for one. Such a figure whose
name begins with ``tab-`` becomes a table whose title is the caption, as those of Markdown have it.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

PREFIX = "tab-"
INNER = re.compile(r"<table\b[^>]*>(.*)</table>", re.DOTALL)


class CellTables(SphinxTransform):
    """Make tables of the figures that are named so."""

    default_priority = 200  # before Sphinx collects what has a number

    def apply(self, **kwargs: object) -> None:
        for figure in list(self.document.findall(nodes.figure)):
            caption = figure.next_node(nodes.caption)
            if caption is None or not any(name.startswith(PREFIX) for name in figure["ids"]):
                continue
            figure.remove(caption)
            title = nodes.title(caption.rawsource, "", *caption.children)
            title.source, title.line = caption.source, caption.line
            table = nodes.table("", title, *figure.children, **figure.attributes)
            for name in figure["ids"]:
                self.document.ids[name] = table
            figure.replace_self(table)


class InnerTables(SphinxPostTransform):
    """Drop the printed table's own frame: it is within the book's."""

    default_priority = 10  # after myst-nb has chosen HTML

    def run(self, **kwargs: object) -> None:
        for table in self.document.findall(nodes.table):
            for printed in list(table.findall(nodes.raw)):
                if inner := INNER.search(printed.astext()):
                    # The whole of it is what a notebook keeps.
                    rows = nodes.raw(printed.astext(), inner[1], format="html")
                    printed.replace_self(rows)
                    rows["classes"] = []  # for them, Sphinx would put a box into the table


class OneName(SphinxPostTransform):
    """Take the table's id from the box that the theme puts around it: Furo gives it to both."""

    default_priority = 600  # after the theme's own

    def run(self, **kwargs: object) -> None:
        for table in self.document.findall(nodes.table):
            if "table-wrapper" in table.parent["classes"]:
                table.parent["ids"], table.parent["names"] = [], []


def setup(app: Sphinx) -> None:
    """Register the transforms."""
    app.add_transform(CellTables)
    app.add_post_transform(InnerTables)
    app.add_post_transform(OneName)
