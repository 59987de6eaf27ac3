"""Exercises as this book writes them, and solutions that fold away in a ``<details>``."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node, solution_node

from bookext.words import _


class Titles(SphinxPostTransform):
    """Write ``Exercise 1: Title`` for ``Exercise 1 (Title)``, and drop ids that all repeat."""

    default_priority = 900  # after sphinx-exercise has put the titles together

    def run(self, **kwargs: object) -> None:
        kinds = exercise_node, exercise_enumerable_node, solution_node
        for node in self.document.findall(lambda found: isinstance(found, kinds)):
            for section in node.findall(nodes.section):
                section["ids"] = []
            for text in list(node.next_node(nodes.title).findall(nodes.Text)):
                words = text.astext().replace(" (", _(": ")).replace(")", "")
                text.parent.replace(text, nodes.Text(words))


def _visit(translator: HTML5Translator, node: nodes.Element) -> None:
    title = node.next_node(nodes.title)
    title.parent.remove(title)
    translator.body.append(translator.starttag(node, "details", CLASS="solution"))
    translator.body.append(f"<summary>{translator.encode(title.astext())}</summary>")


def _depart(translator: HTML5Translator, node: nodes.Element) -> None:
    translator.body.append("</details>")


def setup(app: Sphinx) -> None:
    """Write the nodes of sphinx-exercise in our own way."""
    app.setup_extension("sphinx_exercise")
    app.add_post_transform(Titles)
    app.add_node(solution_node, override=True, html=(_visit, _depart))
