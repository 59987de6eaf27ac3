"""Time the author's loop, and print ratios measured side by side in one run.

* a rebuild without a change, and after one line of prose, against the stock
  ``jupyter-book build .`` of the same chapters with execution switched off;
* a cold build against the CPU seconds of all its runs (``--cold``, many minutes);
* a cold and a repeated build of 10, 100 and 400 synthetic chapters.

Run ``python tools/bench_build.py [--cold]``. Nothing is asserted: a clock on a
shared machine is evidence, not a test.
"""

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7
SIZES = (10, 100, 400)
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


def spread(values: list[float]) -> str:
    """Median, lowest and highest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def author_loop(work: Path) -> None:
    """Compare rebuilds with the stock tool's, in turns."""
    ours, theirs = work / "ours", work / "stock"
    for folder in (ours, theirs):
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    stock(theirs)
    runs = {"NNBOOK_RUNS": os.environ.get("NNBOOK_RUNS", str(ROOT / "_build" / "runs"))}
    build(ours, **runs)
    build(theirs)
    for title, edit in (("no change", False), ("one line of prose", True)):
        ratios, seconds = [], []
        for number in range(ROUNDS):
            for folder in (ours, theirs) if edit else ():
                with (folder / "book" / "dropout.md").open("a", encoding="utf-8") as chapter:
                    chapter.write(f"\n又一句，{'再' * (number + 1)}一句。\n")
            mine, other = build(ours, **runs), build(theirs)
            ratios.append(mine / other)
            seconds.append(mine)
        print(f"{title:20} ours / stock {spread(ratios)}; ours {spread(seconds)} s", flush=True)


def growth(work: Path) -> None:
    """Build ever more synthetic chapters that execute nothing."""
    for size in SIZES:
        folder = work / f"growth-{size}"
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
        for chapter in (folder / "book").glob("*.md"):
            chapter.unlink()
        names = [f"book/chapter{number}" for number in range(size)]
        for name in ("book/index", *names):
            text = "# 标题\n\n" + "\n\n".join(["一段文字，说一件事。" * 10] * 20) + "\n"
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
        toc = {"format": "jb-book", "root": "book/index"}
        chapters = {"chapters": [{"file": name} for name in names]}
        (folder / "_toc.yml").write_text(yaml.safe_dump(toc | chapters), encoding="utf-8")
        studies = folder / "src" / "nnbook" / "lab" / "studies.py"
        no_runs = "\n\ndef all_runs() -> list[Run]:\n    return []\n"
        studies.write_text(studies.read_text(encoding="utf-8") + no_runs, encoding="utf-8")
        cold, again = build(folder), build(folder)
        print(
            f"{size:4} chapters: cold {cold:.1f} s, {1000 * cold / size:.0f} ms a chapter; "
            f"again {again:.1f} s, {1000 * again / size:.0f} ms a chapter",
            flush=True,
        )
        shutil.rmtree(folder)


def cold(work: Path) -> None:
    """Compare a cold build with the CPU seconds of its runs, computed apart."""
    code = "from nnbook.lab import results, studies\nresults(studies.all_runs())"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        env={**os.environ, "NNBOOK_RUNS": str(work / "apart"), "OPENBLAS_NUM_THREADS": "1"},
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    folder = work / "cold"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    seconds = build(folder, NNBOOK_RUNS=str(work / "runs"))
    cores = os.cpu_count() or 1
    allowed = 1.3 * cpu / cores + 30
    print(
        f"cold build {seconds:.0f} s; its runs {cpu:.0f} CPU s on {cores} cores; "
        f"goal 1.3 x {cpu:.0f} / {cores} + 30 = {allowed:.0f} s: {seconds / allowed:.2f} of it",
        flush=True,
    )


def main() -> None:
    """Print the tables."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {ROUNDS} rounds in turns")
    with tempfile.TemporaryDirectory() as folder:
        author_loop(Path(folder))
        growth(Path(folder))
        if "--cold" in sys.argv:
            cold(Path(folder))


if __name__ == "__main__":
    main()
