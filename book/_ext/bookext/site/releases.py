"""What each release has published, and what has moved since.

A release keeps its ledger as ``book/releases/<version>.json``: the numbers and claims of
``ledger.json``, with the day, the versions that computed them, and what moved them, in the words
of ``CHANGELOG.md``. Nobody edits these files; ``tools/keep_ledger.py`` writes them.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from bookext.truth.ledger import place
from bookext.words import _

logger = logging.getLogger(__name__)

FOLDER = "book/releases"
VERSION = re.compile(r"\d+(\.\d+)*")
Ledger = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Release:
    """What a release has published.

    Attributes:
        version: such as ``1.0.0``.
        date: of its publication, such as ``2027-01-31``.
        why: what moved numbers and claims since the release before, a sentence each.
        ledger: its numbers and claims, as in ``ledger.json``.
        versions: of Python and of the packages that computed them, by name.
    """

    version: str
    date: str
    why: Sequence[str]
    ledger: Ledger
    versions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not VERSION.fullmatch(self.version):
            raise ValueError(f"a version is numbers with dots between, not {self.version!r}")
        date.fromisoformat(self.date)
        for kind in ("numbers", "claims"):
            if not isinstance(self.ledger[kind], dict):
                raise ValueError(f"its {kind} are not told by name")
        figures(self.ledger)

    def text(self) -> str:
        """The file that keeps it."""
        content = {
            "version": self.version,
            "date": self.date,
            "why": list(self.why),
            "versions": dict(self.versions),
            "numbers": self.ledger["numbers"],
            "claims": self.ledger["claims"],
        }
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def parsed(text: str, version: str) -> Release:
    """Read what a file keeps.

    Raises:
        ValueError: it is damaged, or of another version.
    """
    try:
        content = json.loads(text)
        ledger = {kind: content[kind] for kind in ("numbers", "claims")}
        found = Release(
            content["version"], content["date"], content["why"], ledger, content["versions"]
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"something is missing or of another kind: {error!r}") from error
    if found.version != version:
        raise ValueError(f"it says that it is of {found.version}")
    return found


def order(version: str) -> tuple[int, ...]:
    """What versions are sorted by.

    Example:
        >>> sorted(["0.10.0", "0.9.1"], key=order)
        ['0.9.1', '0.10.0']
    """
    return tuple(map(int, version.split(".")))


def kept(root: Path) -> tuple[list[Release], list[tuple[str, str]]]:
    """The releases that are kept, the first one first, and which files are damaged and why."""
    found, damaged = [], []
    for path in sorted(root.glob(f"{FOLDER}/*.json")):
        try:
            found.append(parsed(path.read_text(encoding="utf-8"), path.stem))
        except ValueError as error:  # no UTF-8 and no JSON are such, too
            damaged.append((f"{FOLDER}/{path.name}", str(error)))
    return sorted(found, key=lambda release: order(release.version)), damaged


def read(app: Sphinx, *config: object) -> None:
    """Read all files, before any page is made."""
    app.book_releases, damaged = kept(Path(app.srcdir))  # type: ignore[attr-defined]
    for name, reason in damaged:
        logger.warning(
            "cannot be read, and a release is never edited: bring it back from the commit that "
            "added it (%s)",
            reason,
            location=name,
        )


def of(app: Sphinx) -> list[Release]:
    """The releases that are kept, the first one first."""
    return app.book_releases  # type: ignore[no-any-return, attr-defined]


def figures(ledger: Ledger) -> dict[str, str]:
    """What may move, by its place on the page of the ledger: a number, or a claim's evidence.

    Example:
        >>> figures({"numbers": {"a/x": "1"}, "claims": {"up": {"evidence": "two points"}}})
        {'claim-up': 'two points', 'number-a.x': '1'}
    """
    claims = {place("claim", name): str(c["evidence"]) for name, c in ledger["claims"].items()}
    return claims | {place("number", name): str(n) for name, n in ledger["numbers"].items()}


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


def states(
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


def reasons(changelog: str, version: str = "Unreleased") -> list[str]:
    r"""What moved numbers, in the words of a changelog: the lines of ``### Numbers``.

    Args:
        changelog: its text.
        version: of a release; as long as it has no section of its own, what is unreleased counts.

    Example:
        >>> reasons("## Unreleased\n\n### Numbers\n\n- Dropout draws\n  first.\n", "1.0.0")
        ['Dropout draws first.']
    """
    sections = {}
    for section in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        head, _, body = section.partition("\n")
        sections[head.split()[0].strip("[]")] = body
    body = sections.get(version, sections.get("Unreleased", ""))
    parts = re.split(r"^### ", body, flags=re.MULTILINE)
    told = next((part for part in parts if part.startswith("Numbers\n")), "")
    lines = re.findall(r"^- (.+(?:\n  .+)*)", told, flags=re.MULTILINE)
    return [" ".join(line.split()) for line in lines]


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
