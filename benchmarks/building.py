"""The author's loop: rebuilds against the stock tool's, and many chapters."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from benchmarks.tables import Table
from benchmarks.timing import Spread, ratio

ROOT = Path(__file__).resolve().parents[1]
SIZES = (10, 100, 400)
# What is written here is in no catalogue: it is built as an author builds, in Chinese alone.
CHINESE = {"BOOK_LANGUAGES": "zh"}
LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", "_build", "mutants", "__pycache__", ".*_cache")


def build(folder: Path, **environment: str) -> float:
    """Build once; the seconds that passed."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", "."]
    begin = time.perf_counter()
    done = subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begin
    if done.returncode:
        sys.exit(f"the build in {folder} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return seconds


def stock(folder: Path) -> None:
    """Make a copy a stock book: the theme and extensions of Jupyter Book, nothing executed."""
    settings = {
        "title": "stock",
        "only_build_toc_files": True,
        "exclude_patterns": [".*", "**/.*", "_build", "data", "src", "tests", "*.md"],
        "execute": {"execute_notebooks": "off"},
        "bibtex_bibfiles": ["book/references.bib"],
        "sphinx": {"extra_extensions": ["sphinx_exercise"]},
    }
    (folder / "_config.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")


def measure_rebuilds(rounds: int) -> Table:
    """Rebuilds of these chapters, in turns with stock Jupyter Book without execution."""
    table = Table(
        "rebuilds",
        "A rebuild of this book in one language, against stock Jupyter Book without execution",
        ["after", "× stock", "seconds"],
    )
    with tempfile.TemporaryDirectory() as work:
        ours, theirs = Path(work, "ours"), Path(work, "stock")
        for folder in (ours, theirs):
            shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
        stock(theirs)
        runs = os.environ.get("NNBOOK_RUNS", str(ROOT / "_build" / "runs"))
        environment = {**CHINESE, "NNBOOK_RUNS": runs}
        build(ours, **environment)
        build(theirs)
        for title, edit in (("no change", False), ("one line of prose", True)):
            mine, other = [], []
            for number in range(max(3, rounds // 3)):
                for folder in (ours, theirs) if edit else ():
                    with (folder / "book" / "dropout.md").open("a", encoding="utf-8") as chapter:
                        chapter.write(f"\n又一句，{'再' * (number + 1)}一句。\n")
                mine.append(build(ours, **environment))
                other.append(build(theirs))
            table.rows.append([title, ratio(mine, other), Spread.of(mine)])
    return table


def measure_chapters(rounds: int) -> Table:
    """Ever more synthetic chapters that execute nothing."""
    table = Table(
        "chapters",
        "Builds of many chapters of plain text, once each",
        ["chapters", "cold, ms a chapter", "again, ms a chapter", "cold, s", "again, s"],
    )
    for size in SIZES:
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work, "many")
            synthetic(folder, size)
            cold, again = build(folder, **CHINESE), build(folder, **CHINESE)
        per_chapter = [f"{1000 * seconds / size:.0f}" for seconds in (cold, again)]
        table.rows.append([str(size), *per_chapter, f"{cold:.1f}", f"{again:.1f}"])
    return table


def synthetic(folder: Path, size: int) -> None:
    """Write a book of ``size`` chapters of plain text."""
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    for chapter in (folder / "book").glob("*.md"):
        chapter.unlink()
    for name in ("published.txt", "redirects.toml"):  # these chapters were never published
        (folder / "book" / name).unlink()
    names = [f"book/chapter{number}" for number in range(size)]
    for name in ("book/index", *names):
        text = "# 标题\n\n" + "\n\n".join(["一段文字，说一件事。" * 10] * 20) + "\n"
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    toc = {"format": "jb-book", "root": "book/index"}
    chapters = {"chapters": [{"file": name} for name in names]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc | chapters), encoding="utf-8")
    studies = folder / "src" / "nnbook" / "lab" / "studies.py"
    no_runs = "\n\nSTUDIES.clear()\n\n\ndef shown_runs() -> list[Run]:\n    return []\n"
    studies.write_text(studies.read_text(encoding="utf-8") + no_runs, encoding="utf-8")
