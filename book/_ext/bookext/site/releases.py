"""What each release has published.

A release keeps its ledger as ``book/releases/<version>.json``: the numbers and claims of
``ledger.json``, with the day, the versions that computed them, and what moved them, in the words
of ``CHANGELOG.md``. Nobody edits these files; ``tools/keep_ledger.py`` writes them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

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
        if not isinstance(self.why, list):
            raise ValueError("its why is no list of sentences")
        for kind in ("numbers", "claims"):
            if not isinstance(self.ledger[kind], dict):
                raise ValueError(f"its {kind} are not told by name")
        if not all("evidence" in claim for claim in self.ledger["claims"].values()):
            raise ValueError("a claim has no evidence")

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
            "%s cannot be read, and a release is never edited: bring it back from the commit "
            "that added it (%s)",
            name,
            reason,
        )


def of(app: Sphinx) -> list[Release]:
    """The releases that are kept, the first one first."""
    return app.book_releases  # type: ignore[no-any-return, attr-defined]


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
