"""Make the whole book as one file, out of the built site, and have the site link to it.

It is made in each language that the site has: out of the sources and the site of that edition, and
kept beside it.

Run ``python tools/whole.py [epub] [pdf]``, or ``make whole``; without a kind, all are made. What
is there already, of the same state, is not made again. What cannot be made is named with the
reason, the others are made, and the exit code is 1.
"""

import filecmp
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import check_site
from browser import NoBrowserError, find_browser

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from bookext import fresh, words  # noqa: E402
from bookext.language import editions  # noqa: E402
from bookext.whole import epub, pdf  # noqa: E402
from bookext.whole.edition import (  # noqa: E402
    FOLDER,
    KINDS,
    CannotMakeError,
    Edition,
    edition,
    folder,
    written,
)

BUILD = (str(Path(sys.executable).with_name("jupyter-book")), "build", ".")
Maker = Callable[[Path, Edition, Path], None]


def _pdf(site: Path, made: Edition, path: Path) -> None:
    try:
        browser = find_browser()
    except NoBrowserError as error:
        raise CannotMakeError(str(error)) from error
    pdf.make(site, made, path, browser)


MAKERS: dict[str, Maker] = {"epub": epub.make, "pdf": _pdf}


def sites(root: Path) -> dict[Path, Path]:
    """By the folder of an edition's sources, its part of the site, the book's own first."""
    build = root / "_build"
    site, others = build / "html", build / editions.FOLDER
    built = [name for name in editions.languages(root) if (site / name).is_dir()]
    return {root: site} | {others / name: site / name for name in built}


def refuse_another_state(root: Path, site: Path) -> None:
    """Make nothing of a site that is not what the sources are now."""
    other = [page for page, state in check_site.compared(str(site), root) if state != "same"]
    if other:
        raise CannotMakeError(f"{site} is not of this state: build it again (first: {other[0]})")


def of_this_state(root: Path, site: Path) -> Edition:
    """What an edition says of itself, if its site is what its sources are now."""
    results, presentation = fresh.of_checkout(root)
    made = edition(root, results=results, presentation=presentation)
    refuse_another_state(root, site)
    return made


def make(makers: Mapping[str, Maker], site: Path, made: Edition, kept: Path) -> list[str]:
    """Make what is not there yet, and give what cannot be made, each with the reason.

    Args:
        makers: by kind, what writes the file: of the site, of this edition, to a path.
        site: the folder of the built site.
        made: the edition.
        kept: where the files of the edition are kept.
    """
    failed = []
    for kind, maker in makers.items():
        path = kept / KINDS[kind.upper()]
        try:
            if not path.is_file():
                with written(path) as beside:
                    maker(site, made, beside)
        except CannotMakeError as error:
            failed.append(f"{path.name} ({made.language}): {error}")
        else:
            print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
    if not failed:
        for old in set(kept.parent.iterdir()) - {kept}:
            shutil.rmtree(old, ignore_errors=True)
    return failed


def is_linked(site: Path, kept: Path) -> bool:
    """Whether the site has taken along all that is kept of its edition."""
    files = sorted(path for path in kept.glob("[!.]*"))
    taken = [site / FOLDER / path.name for path in files]
    return all(
        copy.is_file() and filecmp.cmp(path, copy, shallow=False)
        for path, copy in zip(files, taken, strict=True)
    )


def main(kinds: Sequence[str]) -> int:
    """Make the files, then the site with links to them, and say what could not be made."""
    makers = {kind: MAKERS[kind] for kind in kinds or MAKERS}
    try:
        every = [(root, site, of_this_state(root, site)) for root, site in sites(ROOT).items()]
    except CannotMakeError as error:
        print(f"error: the whole book was not made: {error}", file=sys.stderr)
        return 1
    failed, linked = [], []
    for root, site, made in every:
        words.speak(made.language.replace("-", "_"))
        kept = folder(root / "_build", made.fingerprint)
        failed += make(makers, site, made, kept)
        linked.append(is_linked(site, kept))
    code = 0
    if not all(linked):
        print("The site is made again, to link to what is new.")
        code = subprocess.run(BUILD, cwd=ROOT, check=False).returncode  # noqa: S603
    for reason in failed:
        print(f"error: not made: {reason}", file=sys.stderr)
    return 1 if failed else code


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - set(MAKERS):
        sys.exit(f"error: no kind {', '.join(sorted(unknown))}: choose of {', '.join(MAKERS)}")
    sys.exit(main(sys.argv[1:]))
