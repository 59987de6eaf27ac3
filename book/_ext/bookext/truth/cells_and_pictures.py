"""Code cells that were not run, and pictures that say nothing to who cannot see them."""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def check_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Every code cell has been run, and without an error that nobody asked for."""
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code" or cell.get("exec_count", 0) is not None:
            continue
        logger.warning("a code cell was not executed", location=cell)


def check_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Every picture says in words what it shows."""
    for image in doctree.findall(nodes.image):
        alt = image.get("alt", "").strip()
        if not alt or alt == image["uri"]:
            logger.warning("the picture %s has no alternative text", image["uri"], location=image)
    for raw in doctree.findall(nodes.raw):
        for svg in re.findall(r"<svg\b[^>]*>", raw.astext()):
            if not re.search(r'aria-label="[^"]+"', svg):
                logger.warning("an inline picture has no alternative text", location=raw)
        for picture in re.findall(r"<img\b[^>]*>", raw.astext()):
            if not re.search(r'alt="[^"]+"', picture):
                logger.warning("a picture has no alternative text", location=raw)
