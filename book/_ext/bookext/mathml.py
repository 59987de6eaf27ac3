"""Math as MathML, made at build time: no script, no foreign host, and a screen reader speaks it."""

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


def _mathml(node: nodes.math | nodes.math_block, display: str) -> str:
    try:
        return str(convert(node.astext(), display=display))
    except Exception as error:  # the converter raises many kinds
        logger.warning(
            "this formula is not valid LaTeX: %s (%s)", node.astext(), error, location=node
        )
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
