"""Fingerprints: what results, pages and chapters are made from, as sixteen digits each."""

import hashlib
from pathlib import Path

from bookext.state import environment

RESULTS = ("src/**/*.py", "book/_ext/bookext/state/*.py", "data/*.npz", "requirements.lock")
PRESENTATION = (
    "_config.yml",
    "_toc.yml",
    "benchmarks/results.json",
    "book/prose.toml",
    "book/redirects.toml",
    "book/references.bib",
    "book/_ext/**/*.py",
    "book/_ext/**/*.css",
    "book/_ext/**/*.js",
    "book/_ext/**/*.json",
    "book/_ext/**/*.toml",
    "book/_locale/**/*.po",
    "book/_static/**/*",
    "book/_templates/**/*",
)


def of_results(root: Path) -> str:
    """The fingerprint of all that can change a result: code, data, lock and environment."""
    return shortened(contents(root, RESULTS) + environment.described())


def of_presentation(root: Path) -> str:
    """The fingerprint of what makes pages of results, and changes none of them."""
    return shortened(contents(root, PRESENTATION))


def of_page(root: Path, docname: str, *, results: str, presentation: str) -> str:
    """The fingerprint of all that the page of a chapter is made from.

    Args:
        root: of the project.
        docname: of the chapter, such as ``book/dropout``.
        results: the fingerprint `of_results`.
        presentation: the fingerprint `of_presentation`.
    """
    return shortened(f"{results} {presentation} {contents(root, (f'{docname}.md',))}")


def contents(root: Path, patterns: tuple[str, ...]) -> str:
    """The files that patterns find in a folder, a line each: its name and its digest."""
    files = [path for pattern in patterns for path in sorted(root.glob(pattern)) if path.is_file()]
    return "".join(
        f"{path.relative_to(root).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
        for path in files
    )


def shortened(text: str) -> str:
    """Sixteen digits that stand for a text.

    Example:
        >>> shortened("dropout")
        '1b4c0a293bc93fb9'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]
