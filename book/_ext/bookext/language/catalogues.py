"""Catalogues: what each message is in another language, a ``.po`` file for each chapter.

They stand in ``book/_locale/<language>/``. What cells and widgets say for all chapters is in
``lab.po`` and ``static.po``, the titles of the book and its parts in ``settings.po``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po
from yaml import YAMLError

from bookext.language import terms
from bookext.language.bindings import faults
from bookext.language.documents import messages, translated
from bookext.language.structure import skeleton

FOLDER = "book/_locale"
LINE = re.compile(r'(?:#.*)?|(?:msg(?:id|str|ctxt|id_plural)(?:\[\d\])? )?"(?:[^"\\]|\\.)*"')
PATTERNS = (
    "_config.yml",
    "_toc.yml",
    "book/*.md",
    "src/nnbook/lab/**/*.py",
    "book/_static/**/*.js",
)
SHARED = {"src": "lab", "book/_static": "static", "": "settings"}


class DamagedCatalogueError(Exception):
    """A catalogue that cannot be read."""


def documents(root: Path) -> list[str]:
    """The paths of all documents that have messages, in the project."""
    found = [path for pattern in PATTERNS for path in sorted(root.glob(pattern))]
    names = [path.relative_to(root).as_posix() for path in found]
    return [name for name in names if messages(name, (root / name).read_text(encoding="utf-8"))]


def catalogue_of(name: str) -> str:
    """The catalogue that a document's messages are in.

    Example:
        >>> catalogue_of("book/masks.md"), catalogue_of("src/nnbook/lab/formats.py")
        ('masks', 'lab')
    """
    path = PurePosixPath(name)
    if path.suffix == ".md":
        return path.stem
    for folder, shared in SHARED.items():
        if folder and name.startswith(f"{folder}/"):
            return shared
    return SHARED[""]


def by_catalogue(root: Path) -> dict[str, list[str]]:
    """The documents of each catalogue."""
    found: dict[str, list[str]] = {}
    for name in documents(root):
        found.setdefault(catalogue_of(name), []).append(name)
    return found


def path_of(root: Path, language: str, catalogue: str) -> Path:
    """Where a catalogue stands."""
    return root / FOLDER / language / f"{catalogue}.po"


def read(path: Path, language: str) -> Catalog:
    """Read a catalogue, which is empty where there is no file.

    Raises:
        DamagedCatalogueError: it is no catalogue, or in another encoding.
    """
    if not path.is_file():
        return Catalog(locale=language)
    try:
        for number, line in enumerate(path.read_bytes().decode("utf-8").splitlines(), start=1):
            if not LINE.fullmatch(line):  # Babel reads a string without its end as a shorter one
                raise ValueError(f"line {number} is no line of a catalogue")
        with path.open("rb") as file:
            return read_po(file, locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        raise DamagedCatalogueError(f"{path} cannot be read as a catalogue: {error}") from error


def wanted(root: Path, names: Iterable[str]) -> Catalog:
    """The messages of documents, in their order, as an empty catalogue."""
    catalogue = Catalog()
    for name in names:
        for message, _ in messages(name, (root / name).read_text(encoding="utf-8")):
            catalogue.add(message, locations=[(name, 0)])
    return catalogue


def update(root: Path, language: str) -> dict[str, int]:
    """Bring the catalogues of a language up to date; of a changed message, keep what it was.

    Returns:
        How many messages of each wait for somebody: new ones, and changed ones.
    """
    open_ones = {}
    for name, sources in by_catalogue(root).items():
        path = path_of(root, language, name)
        catalogue = read(path, language)
        catalogue.update(wanted(root, sources), update_header_comment=False)
        catalogue.obsolete.clear()
        write(path, catalogue)
        open_ones[name] = sum(
            1 for each in catalogue if each.id and (each.fuzzy or not each.string)
        )
    for path in (root / FOLDER / language).glob("*.po"):
        if path.stem not in open_ones:  # of a chapter that is gone
            path.unlink()
    return open_ones


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue: no dates, no numbers of lines, so that only changed messages differ."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        file.write(b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n')
        write_po(file, catalogue, width=0, omit_header=True, include_lineno=False)
    beside.replace(path)


def translations(catalogue: Catalog) -> dict[str, str]:
    """What messages are, without those that wait for somebody."""
    return {
        str(each.id): str(each.string)
        for each in catalogue
        if each.id and each.string and not each.fuzzy
    }


def _restructured(root: Path, source: str, known: dict[str, str]) -> Iterator[tuple[str, int]]:
    """The messages whose translation changes more of a document than its words."""
    text = (root / source).read_text(encoding="utf-8")
    was = skeleton(source, text)

    def changes(*chosen: str) -> bool:
        words = {message: known.get(message, message) for message in chosen}
        other = translated(source, text, lambda message, line: words.get(message, message))
        try:
            return skeleton(source, other) != was
        except (SyntaxError, ValueError, IndexError, YAMLError):
            return True

    if changes(*known):  # only then is each asked: that takes a while
        yield from (each for each in messages(source, text) if changes(each[0]))


def complaints(root: Path, language: str) -> Iterator[str]:
    """What is missing, left over or bound otherwise in the catalogues of a language."""
    glossary = terms.read(root, language, FOLDER)
    needed = by_catalogue(root)
    for path in sorted((root / FOLDER / language).glob("*.po")):
        if path.stem not in needed:
            yield f"{path.relative_to(root).as_posix()}: there is no such chapter any more"
    for name, sources in needed.items():
        path = path_of(root, language, name)
        shown = path.relative_to(root).as_posix()
        catalogue = read(path, language)
        known = translations(catalogue)
        there: Counter[str] = Counter()
        for source in sources:
            for message, line in messages(source, (root / source).read_text(encoding="utf-8")):
                there[message] += 1
                if there[message] > 1:
                    continue
                if message not in known:
                    entry = catalogue.get(message)
                    state = (
                        "changed since it was translated"
                        if entry and entry.fuzzy
                        else "not translated"
                    )
                    yield f"{source}:{line}: {state}: “{message}” ({shown})"
                    continue
                found = faults(message, known[message])
                found += [
                    f"has not “{other}” for {term}, as the glossary says"
                    for term, other in terms.missing(message, known[message], glossary)
                ]
                for fault in found:
                    yield f"{source}:{line}: in {shown}, the translation of “{message}” {fault}"
            for message, line in _restructured(root, source, known):
                yield (
                    f"{source}:{line}: in {shown}, the translation of “{message}” is more than "
                    "text: with it, the document would hold other code, HTML, links or blocks"
                )
        for message in known:
            if message not in there:
                yield f"{shown}: no document has this message any more: “{message}”"
        for obsolete in catalogue.obsolete:
            yield f"{shown}: no document has this message any more: “{obsolete}”"
