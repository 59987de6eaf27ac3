"""Tell, by fingerprints, whether a published site is what this checkout would publish.

Run ``python tools/check_site.py URL-or-folder``. The exit code is 0 if every page
is, 1 if one differs or is missing, 2 if the site cannot be read. The pages of all editions are
compared, or of those in ``BOOK_LANGUAGES``.
"""

import json
import os
import re
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from bookext import fresh  # noqa: E402
from bookext.language import catalogues, editions  # noqa: E402
from bookext.site.html_builder import SOURCE_FOLDER  # noqa: E402
from bookext.state import fingerprints  # noqa: E402

FINGERPRINT = re.compile(r'<code class="fingerprint">([0-9a-f]+)</code>')


def chapters(root: Path = ROOT) -> list[str]:
    """The chapters in ``_toc.yml``, in order."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    found = [toc["root"]]
    for part in toc.get("parts", [toc]):
        found += [chapter["file"] for chapter in part["chapters"]]
    return found


def read(site: str, page: str) -> str | None:
    """The text of a page, or ``None`` if the site has none."""
    if not site.startswith(("http://", "https://")):
        path = Path(site, page)
        return path.read_text(encoding="utf-8") if path.is_file() else None
    try:
        with urllib.request.urlopen(f"{site.rstrip('/')}/{page}", timeout=30) as answer:  # noqa: S310
            return str(answer.read().decode())
    except urllib.error.HTTPError:
        return None


def compared(site: str, root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Each page and its state, which is ``same`` if these sources would publish it so."""
    results, presentation = fresh.of_checkout(root)
    for chapter in chapters(root):
        page = chapter.removeprefix(SOURCE_FOLDER) + ".html"
        text = read(site, page)
        expected = fingerprints.of_page(root, chapter, results=results, presentation=presentation)
        match = FINGERPRINT.search(text or "")
        if text is None:
            yield page, "missing"
        elif match is None:
            yield page, "without a fingerprint"
        else:
            yield page, "same" if match[1] == expected else f"other: {match[1]}, here {expected}"


def compared_editions(site: str, root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Each page of each further edition and its state, as its own sources would publish it."""
    for language in editions.languages(root, os.environ.get("BOOK_LANGUAGES", "")):
        try:
            translated = not any(catalogues.complaints(root, language))
        except catalogues.DamagedCatalogueError:
            translated = False
        if not translated:
            yield f"{language}/", "no edition comes of these catalogues: run `make translate`"
            continue
        with tempfile.TemporaryDirectory() as sources:
            editions.write(root, language, Path(sources))
            for page, state in compared(f"{site.rstrip('/')}/{language}", Path(sources)):
                yield f"{language}/{page}", state


def is_draft(site: str) -> bool:
    """Whether the site's own record says that it is a draft, which nobody publishes."""
    record = read(site, "build.json")
    return record is not None and json.loads(record).get("draft") is True


def main(site: str) -> int:
    """Compare page by page, and print what was found."""
    pages = wrong = 0
    try:
        if is_draft(site):
            print(f"{site} is a draft, of few seeds: build it without BOOK_EVIDENCE")
            return 1
        for page, state in chain(compared(site), compared_editions(site)):
            pages += 1
            wrong += state != "same"
            print(f"{page:20} {state}")
    except (OSError, ValueError) as error:
        print(f"cannot read {site}: {error}", file=sys.stderr)
        return 2
    print(f"{wrong} of {pages} pages differ from what this checkout would publish")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/check_site.py URL-or-folder")
    sys.exit(main(sys.argv[1]))
