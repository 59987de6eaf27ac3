"""Math as MathML, made at build time: no script, no foreign host, and a screen reader speaks it."""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


def _mathml(node: nodes.math | nodes.math_block, display: str) -> str:
    from latex2mathml.converter import convert  # takes long, and many builds write no formula

    try:
        mathml = str(convert(node.astext(), display=display))
    except Exception as error:  # the converter raises many kinds
        reason = f"{type(error).__name__} {error}"
    else:
        unknown = re.search(r"\\[A-Za-z]+", re.sub(r"<[^>]+>", " ", mathml))
        if unknown is None:
            return mathml
        reason = f"unknown command {unknown[0]}"
    logger.warning("not valid LaTeX: %s (%s)", node.astext(), reason, location=node)
    return ""


def _visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(_mathml(node, "inline"))
    raise nodes.SkipNode


def _visit_displaymath(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{_mathml(node, "block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the renderer that ``html_math_renderer: mathml`` names."""
    app.add_html_math_renderer("mathml", (_visit_math, None), (_visit_displaymath, None))
