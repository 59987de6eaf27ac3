"""Whether the words of a claim say the way that its evidence goes.

A claim says that a difference is above zero, below, or about the same. The words that rest on it
must say just one of these, straight out: what rises stands with what rises, and nothing is
denied. Which words do so is told by ``[directions]`` in ``words/<language>.toml``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Directions:
    """Words that say a way.

    Attributes:
        up: of what becomes more.
        down: of what becomes less.
        good: of what becomes better, whether that is more or less.
        bad: of what becomes worse.
        same: of what stays.
        neither: expressions that hold such a word and say no way.
        denying: words that turn others round.
    """

    up: Sequence[str] = ()
    down: Sequence[str] = ()
    good: Sequence[str] = ()
    bad: Sequence[str] = ()
    same: Sequence[str] = ()
    neither: Sequence[str] = ()
    denying: Sequence[str] = ()


def fault(words: str, verdict: str, better: str, known: Directions) -> str | None:
    """What is wrong with the words for a verdict, in a few words; ``None`` if they say it.

    Args:
        words: that rest on the claim.
        verdict: ``"above"``, ``"below"`` or ``"same"``; of another, nothing is known.
        better: ``"more"`` or ``"less"``: which way the difference is good.
        known: the words of the language; without any, nothing is asked.

    Example:
        >>> english = Directions(up=["higher"], down=["lower"], bad=["worse"], denying=["not"])
        >>> fault("higher", "above", "more", english)
        >>> fault("higher", "below", "more", english)
        'say above, and it is below'
        >>> fault("worse", "above", "less", english)
        >>> fault("higher and worse", "above", "more", english)
        'say above and below'
        >>> fault("not lower", "above", "more", english)
        'deny a direction instead of saying one'
        >>> fault("so it is", "above", "more", english)
        'say no direction'
    """
    if verdict not in {"above", "below", "same"} or known == Directions():
        return None
    good, bad = ("above", "below") if better == "more" else ("below", "above")
    ways = (
        (known.same, "same"),
        (known.neither, ""),
        (known.denying, "denied"),
        (known.up, "above"),
        (known.down, "below"),
        (known.good, good),
        (known.bad, bad),
    )
    said = set()
    # The longest first: what holds another word stands for itself alone.
    expressions = [(each, way) for several, way in ways for each in several]
    for expression, way in sorted(expressions, key=lambda pair: -len(pair[0])):
        if has(words, expression):
            said.add(way)
            words = _pattern(expression).sub(" ", words)
    said.discard("")
    if "denied" in said:
        return "deny a direction instead of saying one"
    if not said:
        return "say no direction"
    if len(said) > 1:
        return f"say {' and '.join(sorted(said))}"
    return None if said == {verdict} else f"say {said.pop()}, and it is {verdict}"


def has(sentence: str, word: str) -> bool:
    """Whether a word stands in a sentence; one of Latin letters not within another.

    Example:
        >>> has("Fell by", "fell"), has("A fellow.", "fell")
        (True, False)
    """
    return _pattern(word).search(sentence) is not None


@cache
def _pattern(word: str) -> re.Pattern[str]:
    bounds = r"\b" if word.isascii() else ""
    return re.compile(f"{bounds}{re.escape(word)}{bounds}", re.IGNORECASE)
