"""No result is typed by hand, no comparison stands without a claim, and terms are the book's.

Every sentence of every chapter is looked at: what is bound (``{glue:text}``,
``{claim}``), quoted with a citation, code or a formula is taken out first. What a number and a
comparison look like is told, for each language, by ``bookext/words/<language>.toml``, and on
top of it by the book's own file of that name in the folder ``book_prose``.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging

from bookext import words
from bookext.truth.claims import claim_mark
from bookext.truth.directions import Directions, fault, has

logger = logging.getLogger(__name__)

BOUND, CLAIMED, CITED, CODE = "\x01", "\x02", "\x03", "\x04"


@dataclass(frozen=True)
class Rules:
    """What is looked for in a language, and what is let pass.

    Attributes:
        cut: the pattern at which a paragraph is cut into sentences.
        numbers: patterns of numbers that look like results, by their kinds.
        no_results: patterns of numbers that are none, such as years.
        allowed: standing expressions with a number.
        comparing: words by which a sentence compares.
        not_comparing: expressions that hold such a word and compare nothing.
        terms: words that the book does not use, each with what it says instead.
        directions: words that say which way a difference goes.
        introduced: what stands behind a bold term that the glossary must have; empty if such
            terms are not looked for.
    """

    cut: str = r"(?<=[.!?])\s+"
    numbers: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    no_results: Sequence[re.Pattern[str]] = ()
    allowed: Sequence[str] = ()
    comparing: Sequence[str] = ()
    not_comparing: Sequence[str] = ()
    terms: Mapping[str, str] = field(default_factory=dict)
    directions: Directions = Directions()  # noqa: RUF009 - it is frozen
    introduced: str = ""


def read(paths: Sequence[Path]) -> Rules:
    """The rules in some files: lists go on from file to file, other values are replaced.

    Raises:
        ValueError: a file is no TOML, or a pattern in it is no pattern.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in paths:
        try:
            sections = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path} is no TOML: {error}") from error
        for section, values in sections.items():
            known = found.setdefault(section, {})
            for name, value in values.items():
                known[name] = known.get(name, []) + value if isinstance(value, list) else value
    numbers, comparisons = found.get("numbers", {}), found.get("comparisons", {})
    units = "|".join(sorted(numbers.get("units", []), key=len, reverse=True)).replace(" ", r"\ ")
    kinds = numbers.get("kinds", {}).items()
    try:
        return Rules(
            cut=found.get("sentences", {}).get("cut", Rules.cut),
            numbers={kind: re.compile(text.replace("<units>", units)) for kind, text in kinds},
            no_results=tuple(map(re.compile, numbers.get("no_result", ()))),
            allowed=tuple(numbers.get("allowed", ())),
            comparing=tuple(comparisons.get("words", ())),
            not_comparing=tuple(comparisons.get("allowed", ())),
            terms=found.get("terms", {}),
            directions=Directions(**found.get("directions", {})),
            introduced=found.get("introduced", {}).get("behind", ""),
        )
    except TypeError as error:
        raise ValueError(f"[directions] in {' or '.join(map(str, paths))}: {error}") from error
    except re.error as error:
        named = " or ".join(map(str, paths))
        raise ValueError(f"{error.pattern!r} in {named} is no pattern: {error}") from error


def files(app: Sphinx) -> list[Path]:
    """The files that hold the rules for the language of the book; none if it wants no check."""
    if not app.config.book_prose:
        return []
    name = f"{app.config.language}.toml"
    paths = words.HERE / name, Path(app.srcdir, app.config.book_prose, name)
    return [path for path in paths if path.is_file()]


def take_rules(app: Sphinx) -> None:
    """Read the rules, once for all chapters."""
    paths = files(app)
    if app.config.book_prose and not paths:
        logger.warning(
            "the prose is not checked, since nothing is known of the language %s: write %s/%s.toml "
            "on the pattern of %s, or set book_prose to '' and do without the check",
            *(app.config.language, app.config.book_prose, app.config.language),
            words.HERE / "en.toml",
        )
    try:
        app.book_rules = read(paths)  # type: ignore[attr-defined]
    except ValueError as error:
        raise SystemExit(str(error)) from error


def numbers(sentence: str, rules: Rules) -> list[tuple[str, str]]:
    """The kinds and texts of numbers that were typed by hand in a sentence."""
    if CITED in sentence:
        return []
    for expression in rules.allowed:
        sentence = sentence.replace(expression, "")
    for pattern in rules.no_results:
        sentence = pattern.sub("", sentence)
    return [
        (kind, match[0].strip())
        for kind, pattern in rules.numbers.items()
        for match in pattern.finditer(sentence)
    ]


def comparison(sentence: str, rules: Rules) -> str | None:
    """The word by which a sentence compares a bound result without a claim, if any."""
    if BOUND not in sentence or CLAIMED in sentence:
        return None
    for expression in rules.not_comparing:
        sentence = sentence.replace(expression, "")
    return next((word for word in rules.comparing if has(sentence, word)), None)


def old_terms(sentence: str, terms: Mapping[str, str]) -> list[tuple[str, str]]:
    """The words in a sentence that the book does not use, with what it says instead."""
    return [(old, new) for old, new in terms.items() if old in sentence]


def sentences(text: str, rules: Rules) -> list[str]:
    """Cut a paragraph at the marks that end a sentence."""
    return [part for part in re.split(rules.cut, text) if part.strip()]


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
        if ancestor is None:  # docstrings are tested as code
            yield element, flatten(element)
    for image in doctree.findall(nodes.image):
        yield image, image.get("alt", "")


def check(app: Sphinx, doctree: nodes.document) -> None:
    """Look at every sentence of a chapter that is read."""
    rules: Rules = app.book_rules  # type: ignore[attr-defined]
    where = f"{app.config.book_prose}/{app.config.language}.toml"
    for element, text in _paragraphs(doctree):
        for sentence in sentences(text, rules):
            shown = re.sub(r"[\x01-\x04]", "…", sentence).strip()
            for kind, number in numbers(sentence, rules):
                logger.warning(
                    "%s typed by hand, %s, in “%s”: bind it with glue(name, value) in a cell and "
                    "{glue:text}`name` here, quote it with a citation, or allow it in %s",
                    kind,
                    number,
                    shown,
                    where,
                    location=element,
                )
            for old, new in old_terms(sentence, rules.terms):
                logger.warning(
                    "“%s” says %s: this book writes %s",
                    shown,
                    old,
                    new,
                    location=element,
                )
            if compared := comparison(sentence, rules):
                logger.warning(
                    "“%s” compares (%s) a bound result and rests on no claim: make one with "
                    "claim(…) in a cell and write {claim}`words <identity>` here",
                    shown,
                    compared,
                    location=element,
                )
    for mark in doctree.findall(claim_mark):
        words, verdict = mark.astext(), mark.get("verdict", "")
        if found := fault(words, verdict, mark.get("better", "more"), rules.directions):
            logger.warning(
                "the words “%s” %s: of the claim %s, words say in one direction that it is %s; "
                "%s tells by which words they can",
                words,
                found,
                mark["identity"],
                verdict,
                where,
                location=mark,
            )
