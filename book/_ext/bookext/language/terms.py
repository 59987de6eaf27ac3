"""A term is translated as the glossary says.

The glossary has the pairs: ``掩码（mask）``. Where a message has a term, its translation must have
the other one, in whatever form the sentence needs, or what ``terms.toml`` beside the catalogues
lets stand for it.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

PAIR = re.compile(r"^(?P<term>[^\s（]{2,})（(?P<other>[A-Za-z][^）,]*)[^）]*）$", re.MULTILINE)
ENDINGS = re.compile(r"(?:ization|izing|ized?|ation|ting|ing|ies|ed|es|s|e|y)$")
CODE = re.compile(r"`[^`]*`|\{[\w:]+\}")


def pairs(glossary: str) -> dict[str, str]:
    r"""The terms of a glossary, each with what it is in the other language.

    Example:
        >>> pairs("掩码（mask）\n  一组数。\n\n层（layer）\n  一步。\n")
        {'掩码': 'mask'}
    """
    return {pair["term"]: pair["other"].strip() for pair in PAIR.finditer(glossary)}


def read(root: Path, language: str, folder: str) -> dict[str, list[str]]:
    """The terms of the book, each with the words that may stand for it in a language."""
    glossary, allowed = root / "book" / "glossary.md", root / folder / language / "terms.toml"
    known = pairs(glossary.read_text(encoding="utf-8")) if glossary.is_file() else {}
    others = tomllib.loads(allowed.read_text(encoding="utf-8")) if allowed.is_file() else {}
    return {
        term: [other, *(words for words, stands_for in others.items() if stands_for == other)]
        for term, other in known.items()
    }


def missing(
    message: str, translation: str, terms: Mapping[str, list[str]]
) -> list[tuple[str, str]]:
    """The terms of a message that its translation has not, each with what was expected.

    Example:
        >>> missing("掩码和批归一化", "Masks", {"掩码": ["mask"], "批归一化": ["norm"]})
        [('批归一化', 'norm')]
    """
    words = re.findall(r"[a-z]+", CODE.sub(" ", translation).lower())
    rest, found = CODE.sub(" ", message), []
    for term in sorted(terms, key=len, reverse=True):  # a short one may be part of a long one
        if term in rest:
            rest = rest.replace(term, " ")
            if not any(_has(words, other) for other in terms[term]):
                found.append((term, terms[term][0]))
    return found


def _has(words: list[str], term: str) -> bool:
    stems = [ENDINGS.sub("", part) for part in re.findall(r"[a-z]+", term.lower())]
    return all(any(word.startswith(stem) for word in words) for stem in stems)
