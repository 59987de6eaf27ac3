"""Sections are named after their Chinese titles, so that a link to one says where it leads.

docutils keeps no Chinese in an id and numbers such sections instead: ``id3`` is another section
as soon as one is added above it. These ids stay beside the names, since Sphinx refers to them.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

NUMBERED = re.compile(r"id\d+")


class NamedSections(SphinxTransform):
    """Give each section that has only a number the name that MyST makes of its title."""

    default_priority = 840  # before Sphinx collects what can be referred to

    def apply(self, **kwargs: object) -> None:
        for section in self.document.findall(nodes.section):
            name = section.get("slug")
            if name and NUMBERED.fullmatch(section["ids"][0]) and name not in self.document.ids:
                section["ids"].insert(0, name)  # the first is the one that is shown
                self.document.ids[name] = section


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(NamedSections)
