"""The contents beside each page, made once and marked on every page.

Furo makes them anew for each page, out of the whole book: one of four hundred chapters
took eight times as long to build.
"""

from typing import Any

from sphinx.application import Sphinx

PLAIN = '<li class="toctree-l1"><a class="reference internal" href="{}">'
HERE = '<li class="toctree-l1 current current-page"><a class="current reference internal" href="#">'


def give_contents(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Give Furo, before it asks, the contents of the book with no page marked in them."""
    if "toctree" not in context or "/" in app.builder.get_target_uri(pagename):
        return
    kept = app.env.temp_data
    if "book_contents" not in kept:
        # The root stands in no contents: nothing is marked in these. Asked for as Furo does.
        kept["book_contents"] = app.builder._get_local_toctree(  # type: ignore[attr-defined]
            app.config.root_doc, collapse=False, titles_only=True, maxdepth=-1, includehidden=True
        )
    contents = kept["book_contents"]
    if "toctree-l2" not in contents:  # sections within would open and close from page to page
        context["toctree"] = lambda **_: contents


def mark_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Mark the page in what Furo has made of these contents."""
    # What Furo has marked itself has no plain entry left for this page.
    tree = context["furo_navigation_tree"]
    context["furo_navigation_tree"] = marked(tree, app.builder.get_target_uri(pagename))


def marked(tree: str, uri: str) -> str:
    """Mark the entry of the page ``uri``, and the list that it stands in.

    Example:
        >>> marked('<ul>' + PLAIN.format("a.html") + "A</a></li></ul>", "b.html")
        '<ul><li class="toctree-l1"><a class="reference internal" href="a.html">A</a></li></ul>'
        >>> marked('<ul>' + PLAIN.format("a.html") + "A</a></li></ul>", "a.html")[:42]
        '<ul class="current"><li class="toctree-l1 '
    """
    before, found, after = tree.partition(PLAIN.format(uri))
    if not found:
        return tree
    head, _, tail = before.rpartition("<ul>")
    return f'{head}<ul class="current">{tail}{HERE}{after}'
