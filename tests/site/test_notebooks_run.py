"""Every notebook of the site runs in a clean environment, and gives what its page shows.

Clean is an environment with Jupyter and nothing else, in a folder with the notebooks and the files
that their first cell asks for. What trains takes the results that the site was made from; the
weekly tests train everything anew.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bookext.site import notebooks
from bookext.site.plain_markdown import cells
from bookext.truth.source import find
from browser import SITE

from nnbook.lab import store

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (SITE / "notebooks").glob("*.ipynb"))
# By language: what the first cell has it told while it trains, and what stands above such a cell.
TRAINED = {"zh-CN": "训练好了", "en": "trained "}
TRAINS = {"zh-CN": "要训练", "en": "The cell below trains"}
SIGNS = {"zh-CN": "：，", "en": (": ", ", ")}
CHINESE = pytest.mark.parametrize("language", ["zh-CN"], indirect=True, scope="module")


def executed_ones() -> list[Any]:
    """On a push one notebook of each kind; the weekly tests execute the others.

    The cover, a chapter that trains nothing, one that takes a single run and one that compares
    arms with claims, the exercises and the results. In English, whose cells are the same but for
    words, one that compares.
    """
    kinds = ("index", "framework", "dropout", "training", "exercises", "results")
    some = {*(("zh-CN", name) for name in kinds), ("en", "training")}
    return [
        pytest.param(*each, marks=pytest.mark.site if each in some else pytest.mark.slow)
        for each in product(("zh-CN", "en"), NAMES)
    ]


def published(edition: Path, name: str) -> nbformat.NotebookNode:
    return nbformat.read(edition / "notebooks" / f"{name}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What executes notebooks, in a new environment; in the versions of the lock."""
    folder = tmp_path_factory.mktemp("clean")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    versions = re.findall(r"^[a-z0-9].*(?= \\$)", lock, flags=re.MULTILINE)
    (folder / "versions").write_text("\n".join(versions), encoding="utf-8")
    uv = Path(sys.executable).with_name("uv")
    wanted = ["-c", "versions", "ipykernel", "nbclient"]
    for command in (
        [uv, "venv", "--quiet", "--seed", "--python", sys.executable, "environment"],
        [uv, "pip", "install", "--quiet", "--python", "environment", *wanted],
    ):
        subprocess.run(command, cwd=folder, check=True)  # noqa: S603
    return folder / "environment/bin/jupyter-execute"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, edition: Path) -> Path:
    """A folder with what a reader has downloaded."""
    folder = tmp_path_factory.mktemp("reader")
    if not (edition / "runtime/library").is_dir():
        pytest.fail("the site was built without its library: see what `make book` said of it")
    shutil.copytree(edition / "runtime/library", folder, dirs_exist_ok=True)
    return folder


def executed(
    edition: Path, name: str, reader: Path, jupyter: Path, **runs: str
) -> nbformat.NotebookNode:
    """A notebook after all of its cells were run, from top to bottom."""
    notebook = reader / f"{name}.ipynb"
    shutil.copy(edition / "notebooks" / notebook.name, notebook)
    ours = {"PYTHONPATH", "NNBOOK_RUNS", "VIRTUAL_ENV"}
    environment = {key: value for key, value in os.environ.items() if key not in ours} | runs
    done = subprocess.run(  # noqa: S603
        [jupyter, "--inplace", notebook.name],
        cwd=reader,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return nbformat.read(notebook, as_version=4)


def stream(cell: nbformat.NotebookNode, name: str) -> str:
    return "".join(each.text for each in cell.get("outputs", ()) if each.get("name") == name)


def given(cell: nbformat.NotebookNode) -> tuple[str, list[str], list[str]]:
    """What a cell has printed, the texts it gave, and the pictures in them."""
    shown, drawn = [], []
    for data in (output.get("data", {}) for output in cell.outputs):
        picture = data.get("image/svg+xml", "") or data.get("text/html", "")
        drawn += re.findall(r"<svg\b.*?</svg>", picture, flags=re.DOTALL)[:1]
        shown += [data["text/plain"]] if "text/plain" in data else []
    return stream(cell, "stdout").rstrip(), shown, drawn


def on_the_page(edition: Path, language: str, name: str) -> dict[str, str]:
    """The numbers and the claims that a page publishes, as a notebook prints them."""
    ledger = json.loads((edition / "ledger.json").read_text(encoding="utf-8"))
    numbers = {
        key.partition("/")[2]: value
        for key, value in ledger["numbers"].items()
        if key.partition("/")[0] == name
    }
    colon, comma = SIGNS[language]
    claims = {
        f"claim:{key}": f"{key}{colon}{claim['verdict']}{comma}{claim['evidence']}"
        for key, claim in ledger["claims"].items()
        if claim["page"] == name
    }
    return numbers | claims


def compare(edition: Path, language: str, name: str, after: nbformat.NotebookNode) -> None:
    """Fail if a notebook has given anything else than its page shows."""
    compared = 0
    for before, now in zip(published(edition, name).cells, after.cells, strict=True):
        if before.cell_type == "code" and before.outputs:
            assert given(now) == given(before), before.source
            compared += 1
    printed = "".join(stream(cell, "stdout") for cell in after.cells)
    bound = on_the_page(edition, language, name)
    found = dict(re.findall(r"^(\S+) = (.*)$", printed, flags=re.MULTILINE))
    assert {key: found.get(key) for key in bound} == bound
    assert compared + len(bound) > 0


def told(found: list[nbformat.NotebookNode], number: int) -> str:
    """What is said right above a cell."""
    return "\n".join(cell.source for cell in found[max(0, number - 2) : number])


@pytest.mark.parametrize(
    ("language", "name"), executed_ones(), indirect=["language"], scope="module"
)
def test_it_gives_what_its_page_shows(
    edition: Path, language: str, name: str, reader: Path, jupyter: Path
) -> None:
    after = executed(edition, name, reader, jupyter, NNBOOK_RUNS=str(store.folder()))
    compare(edition, language, name, after)
    # Else these results are of another state than the site.
    assert TRAINED[language] not in "".join(stream(cell, "stderr") for cell in after.cells)


@pytest.mark.slow
@CHINESE
@pytest.mark.parametrize("name", NAMES)
def test_it_gives_the_same_when_it_trains_everything_itself(
    edition: Path, language: str, name: str, reader: Path, jupyter: Path
) -> None:
    nothing = str(reader / "nothing")
    after = executed(edition, name, reader, jupyter, NNBOOK_EVIDENCE=nothing)
    compare(edition, language, name, after)
    for number, cell in enumerate(after.cells):
        if TRAINED[language] in stream(cell, "stderr"):
            assert TRAINS[language] in told(after.cells, number), cell.source


@pytest.mark.site
@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid_and_holds_the_code_that_its_page_shows(edition: Path, name: str) -> None:
    notebook = published(edition, name)
    nbformat.validate(notebook)
    texts = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    chapter = (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")
    for shown in re.findall(r"^```\{source\} (\S+)$", chapter, flags=re.MULTILINE):
        _, code = find(ROOT / "src/nnbook", shown)
        assert code.strip() in texts, shown


@pytest.mark.site
def test_every_chapter_that_computes_has_one(edition: Path) -> None:
    computing = [
        path.stem
        for path in (ROOT / "book").glob("*.md")
        if "```{code-cell}" in path.read_text(encoding="utf-8")
    ]
    assert sorted(computing) == sorted(path.stem for path in edition.glob("notebooks/*.ipynb"))


@pytest.mark.site
@CHINESE
@pytest.mark.parametrize("name", NAMES)
def test_what_its_page_hides_is_folded_or_explained(edition: Path, name: str) -> None:
    found = published(edition, name).cells
    places = {cell.source: number for number, cell in enumerate(found)}
    for cell in cells((ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")):
        if "exercise_widget" in cell.source or not notebooks.HIDDEN_INPUT & set(cell.tags):
            continue
        number = places[cell.source]
        assert found[number].metadata["jupyter"]["source_hidden"], cell.source
        assert ("（下面这一格，网页上不显示：" in told(found, number)) == (
            "remove-cell" in cell.tags
        )
