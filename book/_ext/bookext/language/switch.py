"""From each page to the same one, and to the same place, in the other languages.

Sections of an edition keep the names that they have in the book's own language beside their own,
so that a place has one name in all languages; ``book.js`` takes it along. No script is needed
to come to the page.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform

SECTIONS = "book/_locale/sections"  # in the sources of an edition: a file of names for each chapter


def own_language(config: Config) -> str:
    """The language that the book is written in, the first of its languages."""
    return next(iter(config.book_languages), config.language)  # type: ignore[no-any-return]


def add_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Tell the templates where the page is in each language, this one among them."""
    config, own = app.config, own_language(app.config)
    page = Path(app.builder.get_outfilename(pagename)).name  # type: ignore[attr-defined]
    up = "" if config.language == own else "../"
    base = config.html_baseurl.removesuffix("/" if not up else f"{config.language}/")
    of_its_own = pagename in app.env.found_docs or pagename in ("search", "licences")
    if not of_its_own:  # a place in no edition, from where one comes to the covers
        page = "index.html"
    # A cover is at the root of its edition: its address has no file.
    there = "" if pagename == config.root_doc else page
    context["editions"] = [
        {
            "language": language.replace("_", "-"),
            "name": config.book_languages[language],
            "here": language == config.language,
            "link": f"{up}{'' if language == own else f'{language}/'}{page}",
            "address": of_its_own
            and config.html_baseurl
            and f"{base.rstrip('/')}/{'' if language == own else f'{language}/'}{there}",
        }
        for language in config.book_editions
    ]
    context["left_out"] = [
        name
        for language, name in config.book_languages.items()
        if language not in config.book_editions
    ]


class SourceNames(SphinxTransform):
    """Give sections the names that they have in the book's own language, too."""

    default_priority = 841  # after they were named in this one

    def apply(self, **kwargs: object) -> None:
        path = Path(self.app.srcdir, SECTIONS, f"{self.env.docname}.txt")
        if not path.is_file():
            return
        names = path.read_text(encoding="utf-8").splitlines()
        sections = [each for each in self.document.findall(nodes.section) if each.get("slug")]
        for section, name in zip(sections, names, strict=True):
            if name not in self.document.ids:
                section["ids"].append(name)
                self.document.ids[name] = section


def sort_glossary(app: Sphinx, doctree: nodes.document) -> None:
    """Sort the glossary of an edition: it comes in the order of the book's own language."""
    if app.config.language == own_language(app.config):
        return
    for listed in doctree.findall(nodes.definition_list):
        if "glossary" in listed.get("classes", ()):
            listed.children.sort(key=lambda item: _term(item.children[0].astext()))


def _term(words: str) -> str:
    """By what an entry is sorted: by all of its term, but for what explains it in brackets.

    Example:
        >>> sorted(["bias of an estimate (偏差)", "bias (偏置)", "Bayes"], key=_term)
        ['Bayes', 'bias (偏置)', 'bias of an estimate (偏差)']
    """
    return words.partition(" (")[0].lower()


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(SourceNames)
