"""Keep the ledger of the built site as that of a release: ``book/releases/<version>.json``.

That of an edition in another language is kept beside its catalogues.

Run ``python tools/keep_ledger.py VERSION [DATE]``, as ``make release`` does after ``make book``;
with ``--dry`` it only says what it would keep. DATE is today's if it is not given. What is kept
is never written over. Numbers that have moved since the release before must have their reason,
a line under ``### Numbers`` in ``CHANGELOG.md``: the book and its feed tell it.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from bookext.language import editions  # noqa: E402
from bookext.language.catalogues import FOLDER as LOCALE  # noqa: E402
from bookext.site import releases, states  # noqa: E402
from bookext.site.releases import Release  # noqa: E402


def made(root: Path, version: str, date: str) -> Release:
    """The release that the built site would be.

    Args:
        root: of the project.
        version: of the release, above those that are kept.
        date: of its publication, such as ``2027-01-31``.

    Raises:
        ValueError: it can't be kept; the message says what to do.
    """
    site = root / "_build" / "html"
    try:
        ledger = json.loads((site / "ledger.json").read_text(encoding="utf-8"))
        build = json.loads((site / "build.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"there is no built site: run `make book` first ({error})") from error
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    why = releases.reasons(changelog, version)
    versions = {"python": build["python"], **build["packages"]}
    release = Release(version, date, why, ledger, versions)
    kept, damaged = releases.kept(root)
    if damaged:
        raise ValueError(f"{damaged[0][0]} can't be read: {damaged[0][1]}")
    older = [each for each in kept if each.version != version]
    if older and releases.order(version) < releases.order(older[-1].version):
        raise ValueError(f"{older[-1].version} is kept already, and {version} is below it")
    for same in (each for each in kept if each.version == version):
        if same != release:
            raise ValueError(
                f"{version} is kept already, with other contents: take another version, or delete "
                f"{releases.FOLDER}/{version}.json if that release was never published"
            )
    if older and not why:
        before, after = (states.figures(each.ledger) for each in (older[-1], release))
        moved = [name for name, pair in states.moved(before, after).items() if None not in pair]
        if moved:
            raise ValueError(
                f"{len(moved)} figures have moved since {older[-1].version} and CHANGELOG.md does "
                "not say why: add a line under `### Numbers`, in the section of this release "
                f"(make ledger-diff lists them; the first is {moved[0]})"
            )
    return release


def main(version: str, date: str = "", *, dry: bool = False, root: Path = ROOT) -> None:
    """Keep the release, in every language, and say so."""
    places = {root: releases.FOLDER} | {
        folder: f"{LOCALE}/{language}/{Path(releases.FOLDER).name}"
        for language, folder in editions.sources(root).items()
    }
    date = date or f"{datetime.now(UTC):%Y-%m-%d}"
    try:
        found = {place: made(folder, version, date) for folder, place in places.items()}
    except ValueError as error:
        sys.exit(f"error: {error}")
    for place, release in found.items():
        path = root / place / f"{version}.json"
        if not dry:
            path.parent.mkdir(exist_ok=True)
            path.write_text(release.text(), encoding="utf-8")
        counts = states.count(states.figures(release.ledger))
        told = f"{counts['numbers']} numbers and {counts['claims']} claims of {release.date}"
        print(f"{path.relative_to(root)}: {'would keep' if dry else 'keeps'} {told}")


if __name__ == "__main__":
    arguments = [each for each in sys.argv[1:] if each != "--dry"]
    if not 1 <= len(arguments) <= 2:
        sys.exit("usage: python tools/keep_ledger.py VERSION [DATE] [--dry]")
    main(*arguments, dry="--dry" in sys.argv)
