"""Solutions fold away in a ``<details>``, which needs no script."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator
from sphinx_exercise.nodes import solution_node


def _visit(translator: HTML5Translator, node: nodes.Element) -> None:
    title = next(iter(node.findall(nodes.title)))
    title.parent.remove(title)
    translator.body.append(translator.starttag(node, "details", CLASS="solution"))
    translator.body.append(f"<summary>{translator.encode(title.astext())}</summary>")


def _depart(translator: HTML5Translator, node: nodes.Element) -> None:
    translator.body.append("</details>")


def setup(app: Sphinx) -> None:
    """Write the nodes of sphinx-exercise in our own way."""
    app.setup_extension("sphinx_exercise")
    app.add_node(solution_node, override=True, html=(_visit, _depart))
