"""No result is typed by hand, no comparison stands without a claim, and terms are the book's.

Every sentence of every chapter is looked at: what is bound (``{glue:text}``,
``{claim}``), quoted with a citation, code or a formula is taken out first. What
counts as a number is below; words of comparison and exceptions stand in
``book/prose.toml``.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging

from bookext.truth.claims import claim_mark

logger = logging.getLogger(__name__)

WORDS = "book/prose.toml"
BOUND, CLAIMED, CITED, CODE = "\x01", "\x02", "\x03", "\x04"

DIGIT = "零一二两三四五六七八九十百千万"
LARGE = f"[{DIGIT}]*[十百千万][{DIGIT}]*"  # 一次 and 两张 are ordinary words, 二十次 is a number
UNIT = "(?:轮次|轮|次|种子|张|神经元|秒|倍|百分点)"
NUMBERS = {
    "a percentage": re.compile(r"\d+(?:\.\d+)?\s*[%％‰]|百分之"),
    "a decimal": re.compile(r"\d+\.\d+"),
    "a fraction": re.compile(rf"[{DIGIT}]+分之[{DIGIT}]+|[一二两三四五六七八九]成(?![为不了就])"),
    "a number with a unit": re.compile(rf"(?:\d+|{LARGE})\s*(?:多|几)?\s*个?\s*{UNIT}"),
}
# Versions, licences and years say nothing about a run.
NO_RESULT = re.compile(
    r"(?:Python|NumPy|Jupyter Book|Sphinx|Furo|MyST|CC BY-SA)\s*\d+(?:\.\d+)*|(?:19|20)\d\d\s*年"
)


def numbers(sentence: str, allowed: list[str]) -> list[tuple[str, str]]:
    """The kinds and texts of numbers that were typed by hand in a sentence."""
    if CITED in sentence:
        return []
    for expression in allowed:
        sentence = sentence.replace(expression, "")
    sentence = NO_RESULT.sub("", sentence)
    return [
        (kind, match[0].strip())
        for kind, pattern in NUMBERS.items()
        for match in pattern.finditer(sentence)
    ]


def comparison(sentence: str, words: list[str], allowed: list[str]) -> str | None:
    """The word by which a sentence compares a bound result without a claim, if any."""
    if BOUND not in sentence or CLAIMED in sentence:
        return None
    for expression in allowed:
        sentence = sentence.replace(expression, "")
    return next((word for word in words if word in sentence), None)


def old_terms(sentence: str, terms: dict[str, str]) -> list[tuple[str, str]]:
    """The words in a sentence that the book does not use, with what it says instead."""
    return [(old, new) for old, new in terms.items() if old in sentence]


def sentences(text: str) -> list[str]:
    """Cut a paragraph at the marks that end a Chinese sentence."""
    return [part for part in re.split(r"(?<=[。！？])[”’）]?", text) if part.strip()]


def flatten(element: nodes.Element) -> str:
    """The words of a paragraph, with marks in place of what is bound or code."""
    parts = []
    for child in element.children:
        if isinstance(child, nodes.Text):
            parts.append(child.astext())
        elif isinstance(child, claim_mark):
            parts.append(CLAIMED + flatten(child))
        elif isinstance(child, nodes.literal | nodes.math | nodes.raw):
            parts.append(CODE)
        elif isinstance(child, addnodes.pending_xref) and child.get("refdomain") == "cite":
            parts.append(CITED)
        elif "pasted-text" in child.get("classes", ()):
            parts.append(BOUND)
        else:
            parts.append(flatten(child))
    return "".join(parts)


def _paragraphs(doctree: nodes.document) -> Iterator[tuple[nodes.Element, str]]:
    kinds = nodes.paragraph, nodes.title, nodes.caption, nodes.term
    for element in doctree.findall(lambda node: isinstance(node, kinds)):
        ancestor = element.parent
        while ancestor is not None and not isinstance(ancestor, addnodes.desc):
            ancestor = ancestor.parent
        if ancestor is None:  # docstrings, in English, are tested as code
            yield element, flatten(element)
    for image in doctree.findall(nodes.image):
        yield image, image.get("alt", "")


def check(app: Sphinx, doctree: nodes.document) -> None:
    """Look at every sentence of a chapter that is read."""
    path = Path(app.srcdir, WORDS)
    app.env.note_dependency(str(path))
    words = tomllib.loads(path.read_text(encoding="utf-8"))
    for element, text in _paragraphs(doctree):
        for sentence in sentences(text):
            shown = re.sub(r"[\x01-\x04]", "…", sentence).strip()
            for kind, number in numbers(sentence, words["numbers"]["allowed"]):
                logger.warning(
                    "%s typed by hand, %s, in “%s”: bind it with glue(name, value) in a cell and "
                    "{glue:text}`name` here, quote it with a citation, or allow it in %s",
                    kind,
                    number,
                    shown,
                    WORDS,
                    location=element,
                )
            for old, new in old_terms(sentence, words.get("terms", {})):
                logger.warning(
                    "“%s” says %s: this book writes %s",
                    shown,
                    old,
                    new,
                    location=element,
                )
            compared = comparison(
                sentence, words["comparisons"]["words"], words["comparisons"]["allowed"]
            )
            if compared:
                logger.warning(
                    "“%s” compares (%s) a bound result and rests on no claim: make one with "
                    "claim(…) in a cell and write {claim}`words <identity>` here",
                    shown,
                    compared,
                    location=element,
                )
