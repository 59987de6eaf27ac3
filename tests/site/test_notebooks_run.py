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
from pathlib import Path

import nbformat
import pytest
from bookext.site import notebooks
from bookext.site.plain_markdown import cells
from bookext.truth.source import find
from browser import SITE

from nnbook.lab import store

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (SITE / "notebooks").glob("*.ipynb"))
TRAINED = "训练好了"  # as the first cell has it told


def published(name: str) -> nbformat.NotebookNode:
    return nbformat.read(SITE / "notebooks" / f"{name}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What executes notebooks, in a new environment; in the versions of the lock."""
    folder = tmp_path_factory.mktemp("clean")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    versions = re.findall(r"^[a-z0-9].*(?= \\$)", lock, flags=re.MULTILINE)
    (folder / "versions").write_text("\n".join(versions), encoding="utf-8")
    wanted = ["-c", "versions", "ipykernel", "nbclient"]
    for command in (
        [sys.executable, "-m", "venv", "environment"],
        ["environment/bin/python", "-m", "pip", "install", "--quiet", *wanted],
    ):
        subprocess.run(command, cwd=folder, check=True)  # noqa: S603
    return folder / "environment/bin/jupyter-execute"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a reader has downloaded."""
    folder = tmp_path_factory.mktemp("reader")
    if not (SITE / "runtime/library").is_dir():
        pytest.fail("the site was built without its library: see what `make book` said of it")
    shutil.copytree(SITE / "runtime/library", folder, dirs_exist_ok=True)
    return folder


def executed(name: str, reader: Path, jupyter: Path, **runs: str) -> nbformat.NotebookNode:
    """A notebook after all of its cells were run, from top to bottom."""
    notebook = reader / f"{name}.ipynb"
    shutil.copy(SITE / "notebooks" / notebook.name, notebook)
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


def on_the_page(name: str) -> dict[str, str]:
    """The numbers and the claims that a page publishes, as a notebook prints them."""
    ledger = json.loads((SITE / "ledger.json").read_text(encoding="utf-8"))
    numbers = {
        key.partition("/")[2]: value
        for key, value in ledger["numbers"].items()
        if key.partition("/")[0] == name
    }
    claims = {
        f"claim:{key}": f"{key}：{claim['verdict']}，{claim['evidence']}"
        for key, claim in ledger["claims"].items()
        if claim["page"] == name
    }
    return numbers | claims


def compare(name: str, after: nbformat.NotebookNode) -> None:
    """Fail if a notebook has given anything else than its page shows."""
    compared = 0
    for before, now in zip(published(name).cells, after.cells, strict=True):
        if before.cell_type == "code" and before.outputs:
            assert given(now) == given(before), before.source
            compared += 1
    printed = "".join(stream(cell, "stdout") for cell in after.cells)
    bound = on_the_page(name)
    found = dict(re.findall(r"^(\S+) = (.*)$", printed, flags=re.MULTILINE))
    assert {key: found.get(key) for key in bound} == bound
    assert compared + len(bound) > 0


def told(found: list[nbformat.NotebookNode], number: int) -> str:
    """What is said right above a cell."""
    return "\n".join(cell.source for cell in found[max(0, number - 2) : number])


@pytest.mark.site
@pytest.mark.parametrize("name", NAMES)
def test_it_gives_what_its_page_shows(name: str, reader: Path, jupyter: Path) -> None:
    after = executed(name, reader, jupyter, NNBOOK_RUNS=str(store.folder()))
    compare(name, after)
    # Else these results are of another state than the site.
    assert TRAINED not in "".join(stream(cell, "stderr") for cell in after.cells)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_gives_the_same_when_it_trains_everything_itself(
    name: str, reader: Path, jupyter: Path
) -> None:
    after = executed(name, reader, jupyter)
    compare(name, after)
    for number, cell in enumerate(after.cells):
        if TRAINED in stream(cell, "stderr"):
            assert "要训练" in told(after.cells, number), cell.source


@pytest.mark.site
@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid_and_holds_the_code_that_its_page_shows(name: str) -> None:
    notebook = published(name)
    nbformat.validate(notebook)
    texts = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    chapter = (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")
    for shown in re.findall(r"^```\{source\} (\S+)$", chapter, flags=re.MULTILINE):
        _, code = find(ROOT / "src/nnbook", shown)
        assert code.strip() in texts, shown


@pytest.mark.site
def test_every_chapter_that_computes_has_one() -> None:
    computing = [
        path.stem
        for path in (ROOT / "book").glob("*.md")
        if "```{code-cell}" in path.read_text(encoding="utf-8")
    ]
    assert sorted(computing) == NAMES


@pytest.mark.site
@pytest.mark.parametrize("name", NAMES)
def test_what_its_page_hides_is_folded_or_explained(name: str) -> None:
    found = published(name).cells
    places = {cell.source: number for number, cell in enumerate(found)}
    for cell in cells((ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")):
        if "exercise_widget" in cell.source or not notebooks.HIDDEN_INPUT & set(cell.tags):
            continue
        number = places[cell.source]
        assert found[number].metadata["jupyter"]["source_hidden"], cell.source
        assert ("（下面这一格，网页上不显示：" in told(found, number)) == (
            "remove-cell" in cell.tags
        )
