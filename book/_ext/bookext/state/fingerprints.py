"""Fingerprints: what results, pages and chapters are made from, as sixteen letters each."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from sphinx.application import Sphinx

from bookext.state import environment

EXTENSION = Path(__file__).parents[1]
SOURCES = (".md", ".ipynb", ".rst")  # of chapters


def now(app: Sphinx) -> tuple[str, str]:
    """The fingerprints of results and of the presentation, as the files are now."""
    root, config = Path(app.srcdir), app.config
    return (
        of_results(root, config.book_results_from, config.book_variables),
        of_presentation(root, config.book_presentation_from),
    )


def of_results(root: Path, patterns: Sequence[str], variables: Sequence[str] = ()) -> str:
    """The fingerprint of all that can change a result: code, data, lock and environment.

    Args:
        root: of the project.
        patterns: of the files in it, the setting ``book_results_from``. What is in this room
            counts as well: it says how chapters are executed.
        variables: of the environment that can change a result, the setting ``book_variables``.
    """
    own = contents(EXTENSION, ("state/*.py",))
    told = "".join(f"{name}={os.environ[name]}\n" for name in variables if os.environ.get(name))
    return shortened(contents(root, patterns) + own + environment.described() + told)


def of_presentation(root: Path, patterns: Sequence[str]) -> str:
    """The fingerprint of what makes pages of results, and changes none of them.

    Args:
        root: of the project.
        patterns: of the files in it, the setting ``book_presentation_from``. The whole extension
            counts as well.
    """
    return shortened(contents(root, patterns) + contents(EXTENSION, ("**/*",)))


def of_page(root: Path, docname: str, *, results: str, presentation: str) -> str:
    """The fingerprint of all that the page of a chapter is made from.

    Args:
        root: of the project.
        docname: of the chapter, such as ``book/index``.
        results: the fingerprint `of_results`.
        presentation: the fingerprint `of_presentation`.
    """
    return shortened(f"{results} {presentation} {of_text(root, docname)}")


def of_text(root: Path, docname: str) -> str:
    """What stands for the text of a chapter, whichever format it has."""
    return contents(root, [f"{docname}{suffix}" for suffix in SOURCES])


def contents(root: Path, patterns: Sequence[str]) -> str:
    """The files that patterns find in a folder, a line each: its name and its checksum."""
    files = [
        path
        for pattern in patterns
        for path in sorted(root.glob(pattern))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    return "".join(
        f"{path.relative_to(root).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
        for path in files
    )


def shortened(text: str) -> str:
    """Sixteen letters and numerals that stand for a text.

    Example:
        >>> shortened("a book")
        'ae35964219d1b24b'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]
