"""English terms say that they are English, in the page that docutils writes."""

import pytest
from bookext.site import english_terms
from docutils import nodes
from docutils.core import publish_from_doctree
from docutils.utils import new_document


@pytest.mark.parametrize(
    ("term", "written"),
    [
        ("层（layer）", '层（<span lang="en">layer</span>）'),
        ("丢弃法（dropout, 2012）旧", '丢弃法（<span lang="en">dropout, 2012</span>）旧'),
        ("层（第一层）", "层（第一层）"),
        ("softmax", "softmax"),
    ],
)
def test_the_english_of_a_term_is_marked(term, written):
    document = new_document("glossary")
    # As in a glossary of Sphinx, the words are not all that stands in a term.
    head = nodes.term("", term, nodes.target("", ""))
    item = nodes.definition_list_item("", head, nodes.definition())
    document += nodes.definition_list("", item)
    english_terms.mark(None, document, "glossary")
    page = publish_from_doctree(document, writer_name="html5").decode()
    assert f'<dt>{written}<span class="target">' in page
