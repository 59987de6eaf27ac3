"""A chapter as a notebook and as Markdown, made from its source and what its cells have given.

So a notebook reads well before it is run. What a page hides is in it, folded and explained,
since cells below use its names, and since it computes the numbers of the text. Such a
cell asks for ``glue`` of ``myst_nb``, which a reader need not have: in its place the first cell
puts a function that prints.

The first cell installs nothing of ours into the reader's Python. All states of the project have
one version, so pip would keep an older one. It unpacks the library beside the digits, as in the
repository, after comparing their contents with those of this build. There, ``../data`` is
found, and results of runs are kept.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

from docutils import nodes

from bookext.site.plain_markdown import Book, Cell, cells, cited, fenced, plain, quoted, table
from bookext.site.runtime import DATA
from bookext.state import fingerprints
from bookext.words import _

LONGEST = 1_000_000  # bytes: a longer notebook goes without its pictures
TRAINS = re.compile(r"\b(?:outcomes|results|run_widget)\(")
HIDDEN_INPUT = {"hide-input", "remove-input", "remove-cell"}
SET_UP = Path(__file__).with_name("set_up_notebook.py")
# What people read in the first cell: its comments, and what it says.
SAID = re.compile(
    r'(?<=# ).+$|(?<=Error\(").+(?="\)$)|(?<=Error\(f").+(?="\)$)|(?<=    print\(f").+(?="\)$)'
    r'|(?<=    print\(").+(?="\)$)|(?<=else f").+(?="$)|(?<=said = f").+(?="$)',
    re.MULTILINE,
)

Output = dict[str, Any]


def markdown(chapter: str, book: Book, outputs: Sequence[Sequence[Output]], about: str) -> str:
    """The page as Markdown.

    Args:
        chapter: its source.
        book: what it refers to.
        outputs: of each cell that the page does not hide.
        about: what this is, with its fingerprint.
    """
    parts, given = [], iter(outputs)
    for cell in cells(chapter):
        if not cell.code:
            parts.append(plain(cell.source, book))
        elif "remove-cell" not in cell.tags:
            shown = [] if "remove-input" in cell.tags else [fenced(cell.source, "python")]
            parts += shown + [_words(output) for output in next(given, ())]
            parts.append(_caption(cell, book))
    parts += [_works(chapter, book), f"---\n\n{about}"]
    return "\n\n".join(part for part in parts if part) + "\n"


def notebook(
    chapter: str, book: Book, outputs: Sequence[Sequence[Output]], about: str, set_up: str
) -> str:
    """The chapter as a notebook, of the format 4.5; arguments as of `markdown`.

    Args:
        chapter: its source.
        book: what it refers to.
        outputs: of each cell that the page does not hide.
        about: what this is, with its fingerprint.
        set_up: the code of the first cell.
    """
    made = [_text(quoted(about)), _code(set_up)]
    given, trained = iter(outputs), set[object]()
    for part in cells(chapter):
        if not part.code:
            made += [_text(plain(part.source, book))]
        else:
            found = [] if "remove-cell" in part.tags else list(next(given, ()))
            made += _cells(part, found, book, trained)
    made += [_text(_works(chapter, book))]
    made = [cell for cell in made if cell["source"]]
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    text = _json(made)
    if len(text.encode()) <= LONGEST:
        return text
    return _json([_without_pictures(cell) for cell in made])


def _without_pictures(cell: dict[str, Any]) -> dict[str, Any]:
    if "outputs" not in cell:
        return cell
    kept = []
    for output in cell["outputs"]:
        data = {kind: text for kind, text in output.get("data", {}).items() if "svg" not in kind}
        kept.append(output | {"data": data} if data else output)
    return cell | {"outputs": kept}


def _json(made: list[dict[str, Any]]) -> str:
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    # A line a cell: indented in all its depth, it would take ten times as long to write.
    lines = ",\n".join(json.dumps(cell, ensure_ascii=False, sort_keys=True) for cell in made)
    rest = f'"metadata": {json.dumps(metadata)}, "nbformat": 4, "nbformat_minor": 5'
    return f'{{"cells": [\n{lines}\n], {rest}}}\n'


def _cells(
    cell: Cell, outputs: list[Output], book: Book, trained: set[object]
) -> Iterator[dict[str, Any]]:
    """A cell of the chapter, with what has to be said about it; ``trained`` were those above."""
    exercise = next((output["exercise"] for output in outputs if "exercise" in output), None)
    if exercise is not None:
        yield _text(
            _("(Write in the cell below and run it; then run the next one, which checks it.)")
        )
        yield _code(exercise["start"].rstrip("\n"))
        check = "from nnbook.lab.exercises import check\n\n"
        words = _("In[-2]: the cell that was run last")
        yield _code(f'{check}check("{exercise["identity"]}", In[-2])  # {words}')
        return
    if "remove-cell" in cell.tags:
        yield _text(
            _(
                "(The page does not show the cell below: it computes the numbers in the text, and "
                "prints them here.)"
            )
        )
    if TRAINS.search(cell.source):
        yield _text(_training(cell.source, trained))
    yield _code(cell.source, outputs, folded=bool(HIDDEN_INPUT & set(cell.tags)))
    yield _text(_caption(cell, book))


def _training(code: str, trained: set[object]) -> str:
    """What a cell has to train that none above it has; nothing, if that is nothing."""
    from nnbook.lab import studies

    words = set(re.findall(r"\w+", code))
    words |= set(studies.STUDIES) if "STUDIES" in words else set()
    named = [found for word in words if (found := studies.STUDIES.get(word)) is not None]
    if not named:
        return str(_("(The cell below trains a network or two, which takes seconds.)"))
    runs = {run for study in named for arm in study.runs().values() for run in arm} - trained
    trained |= runs
    if not runs:
        return ""
    return str(
        _(
            "(What the cell below shows was found with {count} networks, and what each of them "
            "gave lies in `evidence.zip`. The cell trains {arms} of them anew, one of each kind, "
            "and compares: a minute or two at most. Without that file it trains them all.)"
        )
    ).format(count=len(runs), arms=len({replace(run, seed=0) for run in runs}))


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(source: str, outputs: Sequence[Output] = (), *, folded: bool = False) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        # Jupyter and VS Code know the one, Colab the other.
        "metadata": {"cellView": "form", "jupyter": {"source_hidden": True}} if folded else {},
        "outputs": list(outputs),
        "source": source.splitlines(keepends=True),
    }


def _caption(cell: Cell, book: Book) -> str:
    if not cell.caption:
        return ""
    number = book.numbers.get(cell.label, _("Figure"))
    return f"**{number}**{_(' | ')}{plain(cell.caption, book)}"


def _works(chapter: str, book: Book) -> str:
    found = [book.works[key] for key in cited(chapter) if key in book.works]
    lines = [f"- \\[{label}\\] {text}" for label, text in found]
    return "\n".join([f"## {_('Works cited in this chapter')}", "", *lines]) if lines else ""


def _words(output: Output) -> str:
    if "exercise" in output:
        return fenced(output["exercise"]["start"].rstrip("\n"), "python")
    if output["output_type"] == "stream":
        return fenced("".join(output["text"]).rstrip("\n"), "text")
    data = output["data"]
    if "text/html" in data:
        header, *rows = _rows("".join(data["text/html"]))
        return table(header, rows)
    if "image/svg+xml" in data:
        return quoted("".join(data["text/plain"]))
    return fenced("".join(data["text/plain"]), "text")


def _rows(source: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", source, flags=re.DOTALL)
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in rows]
    return [[html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in row] for row in found]


def outputs(doctree: nodes.document) -> list[list[Output]]:
    """What each cell of a page has given, as a notebook keeps it."""
    found = {
        cell["cell_index"]: [
            output
            for part in cell.findall(lambda node: isinstance(node, nodes.literal_block | nodes.raw))
            if (output := _output(part)) is not None
        ]
        for cell in doctree.findall(nodes.container)
        if cell.get("nb_element") == "cell_code"
    }
    return [found[index] for index in sorted(found)]


def _output(part: nodes.Element) -> Output | None:
    text = part.astext()
    if isinstance(part, nodes.raw) and part.rawsource:
        text = part.rawsource  # of a table, its frame is there alone
    if isinstance(part, nodes.literal_block):
        if "output" not in part["classes"]:
            return None  # the cell's own code
        if "text_plain" in part["classes"]:
            return _shown({"text/plain": text.splitlines(keepends=True)})
        lines = (text.rstrip("\n") + "\n").splitlines(keepends=True)
        return {"output_type": "stream", "name": "stdout", "text": lines}
    if 'data-widget="exercise"' in text:
        settings = re.search(r'data-settings="([^"]*)"', text)
        return {"exercise": json.loads(html.unescape(settings[1]))} if settings else None
    picture = re.search(r"<svg\b.*?</svg>", text, flags=re.DOTALL)
    if picture is None:
        # As `nnbook.lab.tables.Table` says itself where there is no HTML.
        words = "\n".join("  ".join(row) for row in _rows(text)).splitlines(keepends=True)
        return _shown({"text/html": text.splitlines(keepends=True), "text/plain": words})
    label = re.search(r'aria-label="([^"]*)"', picture[0])
    alt = html.unescape(label[1]) if label else str(_("Figure"))
    return _shown({"image/svg+xml": picture[0].splitlines(keepends=True), "text/plain": [alt]})


def _shown(data: dict[str, list[str]]) -> Output:
    return {"output_type": "display_data", "metadata": {}, "data": data}


def state(root: Path) -> str:
    """What library and what data a folder holds; `set_up_notebook` says it in the same way."""
    return fingerprints.shortened(fingerprints.contents(root, ("src/nnbook/**/*.py", DATA)))


def set_up(state: str, wheel: str, address: str, packages: Mapping[str, str]) -> str:
    """The first cell: the script beside this module, told what to look for and where.

    Args:
        state: of the library and the data.
        wheel: the name of the file that holds the library.
        address: of the folder where it is, or nothing.
        packages: what the library was run with, and the version of each.
    """
    versions = " ".join(f"{name}=={version}" for name, version in packages.items())
    told = {"STATE": state, "WHEEL": wheel, "ADDRESS": address, "PACKAGES": versions}
    script = SET_UP.read_text(encoding="utf-8").partition('"""\n\n')[2].rstrip("\n")
    script = re.sub(r"  # (?:noqa|type): .*", "", script)  # they speak to our checks
    script = SAID.sub(lambda said: _(said[0]), script)
    head, _condition, rest = script.partition("if STATE:\n")
    script = head + dedent(rest)
    for name, value in told.items():
        script = script.replace(f'{name} = ""', f"{name} = {json.dumps(value)}")
    return script
