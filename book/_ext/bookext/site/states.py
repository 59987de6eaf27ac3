"""What the book has published at each release and publishes now, and how that has moved."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bookext.site.releases import Ledger, Release
from bookext.truth.ledger import place
from bookext.words import _

Course = list[tuple[str, str | None]]


@dataclass(frozen=True)
class State:
    """What the book publishes at some time, and how that differs from the release before.

    Attributes:
        version: of the release; empty for what is not released yet.
        date: of the release, or the moment of what is not released yet, if it is known.
        why: what moved its figures, a sentence each.
        figures: all of them, see `figures`.
        moved: those that are other than before: from what, to what; nothing where it is not there.
        told: how much has moved, in the words of the book.
    """

    version: str
    date: str
    why: Sequence[str]
    figures: Mapping[str, str]
    moved: Mapping[str, tuple[str | None, str | None]]
    told: str


def of(
    kept: Sequence[Release], now: Ledger, *, why: Sequence[str] = (), date: str = ""
) -> list[State]:
    """All releases, the first one first, and what is published now, if it is another state.

    Args:
        kept: the releases, the first one first; without any, there are no states.
        now: what the book publishes now.
        why: what moved figures since the last release.
        date: when what is published now was made, if it is known.
    """
    given = [(each.version, each.date, each.why, figures(each.ledger)) for each in kept]
    if given and figures(now) != given[-1][-1]:
        given.append(("", date, why, figures(now)))
    found: list[State] = []
    for version, day, reasons, new in given:
        old = found[-1].figures if found else {}
        other = moved(old, new) if found else {}
        said = _told(other) if found else _first(new)
        found.append(State(version, day, reasons, new, other, said))
    return found


def moved(
    old: Mapping[str, str], new: Mapping[str, str]
) -> dict[str, tuple[str | None, str | None]]:
    """What is another figure than before: from what, to what; nothing where it is not there.

    Example:
        >>> moved({"number-a.x": "1", "number-a.y": "1"}, {"number-a.y": "2"})
        {'number-a.x': ('1', None), 'number-a.y': ('1', '2')}
    """
    names = sorted(old.keys() | new.keys())
    pairs = {name: (old.get(name), new.get(name)) for name in names}
    return {name: (before, after) for name, (before, after) in pairs.items() if before != after}


def count(places: Iterable[str]) -> dict[str, int]:
    """How many of some figures are numbers, and how many are claims.

    Example:
        >>> count(["claim-up", "number-a.x", "number-a.y"])
        {'numbers': 2, 'claims': 1}
    """
    claims = [place.startswith("claim-") for place in places]
    return {"numbers": len(claims) - sum(claims), "claims": sum(claims)}


def _first(new: Mapping[str, str]) -> str:
    return _("The first version: {numbers} numbers, {claims} claims.").format_map(count(new))


def _told(moved: Mapping[str, tuple[str | None, str | None]]) -> str:
    other = [name for name, values in moved.items() if None not in values]
    came = sum(before is None for before, _after in moved.values())
    went = sum(after is None for _before, after in moved.values())
    told = (
        _("{numbers} numbers and {claims} claims moved.").format_map(count(other))
        if other
        else str(_("Nothing moved."))
    )
    told += _(" {count} came.").format(count=came) if came else ""
    return told + (_(" {count} went.").format(count=went) if went else "")


def figures(ledger: Ledger) -> dict[str, str]:
    """What may move, by its place on the page of the ledger: a number, or a claim's evidence.

    Example:
        >>> figures({"numbers": {"a/x": "1"}, "claims": {"up": {"evidence": "two points"}}})
        {'claim-up': 'two points', 'number-a.x': '1'}
    """
    claims = {place("claim", name): str(c["evidence"]) for name, c in ledger["claims"].items()}
    return claims | {place("number", name): str(n) for name, n in ledger["numbers"].items()}


def courses(states: Sequence[State]) -> dict[str, Course]:
    """By its place, what each figure was, and since which version; nothing where it was gone.

    Example:
        >>> before, after = {"number-a.x": "1"}, {"number-a.x": "2", "number-a.y": "1"}
        >>> courses([State("1", "", "", before, {}, ""), State("", "", "", after, {}, "")])
        {'number-a.x': [('1', '1'), ('', '2')], 'number-a.y': [('', '1')]}
    """
    found: dict[str, Course] = {}
    for state in states:
        for name in sorted(found.keys() | state.figures.keys()):
            course, value = found.setdefault(name, []), state.figures.get(name)
            if not course or course[-1][1] != value:
                course.append((state.version, value))
    return found


def unlike(values: Sequence[str | None]) -> list[str | None]:
    """Some values of a figure without the last parts, if all have the same.

    Example:
        >>> unlike(["1.0; six seeds; paired", "1.1; six seeds; paired", None])
        ['1.0', '1.1', None]
    """
    split = [re.split("[;；] ?", value) for value in values if value is not None]
    same = 0
    for parts in zip(*(reversed(each[1:]) for each in split), strict=False):
        if len(set(parts)) > 1:
            break
        same += 1
    marks = [value and list(re.finditer("[;；]", value)) for value in values]
    return [
        value[: found[-same].start()] if value and found and same else value
        for value, found in zip(values, marks, strict=True)
    ]
