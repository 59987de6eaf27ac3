"""A copy of the project with chapters of a few lines, and the way to build it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bookext.language import catalogues

ROOT = Path(__file__).parents[2]
COPIED = ("_config.yml", "requirements.lock", "LICENSE", "book", "src", "data", "images")
FRONT = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n"

INDEX = f"""{FRONT}
# 封面

默认的丢弃率是 {{glue:text}}`rate`，见[](other.md)。

```{{code-cell}} python3
from nnbook import Dropout

Dropout(rng=0)
```

```{{code-cell}} python3
:tags: [remove-cell]

from myst_nb import glue

glue("rate", Dropout(rng=0).dropout_rate, display=False)
```

```{{source}} dropout.Dropout.details
```
"""
NO_RUNS = """

STUDIES.clear()


def shown_runs() -> list[Run]:
    return []
"""
OTHER = "# 另一章\n\n文字。\n"


@cache
def _warm() -> subprocess.Popen[str]:
    """One for all tests; it ends when they do."""
    program = Path(__file__).with_name("warm.py")
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@dataclass
class Project:
    """A copy of the project, and the way to build it."""

    root: Path

    @property
    def site(self) -> Path:
        return self.root / "_build" / "html"

    def write(self, chapter: str, text: str) -> None:
        (self.root / "book" / f"{chapter}.md").write_text(text, encoding="utf-8")
        chapters = sorted(path.stem for path in (self.root / "book").glob("*.md"))
        entries = "".join(f"  - file: book/{name}\n" for name in chapters if name != "index")
        toc = f"format: jb-book\nroot: book/index\nchapters:\n{entries}"
        (self.root / "_toc.yml").write_text(toc, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} must stand in {path} once"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        """In which this copy of the library is imported, not the one that is installed."""
        return {
            **os.environ,
            "PYTHONPATH": str(self.root / "src"),
            "NO_COLOR": "1",
            "BOOK_RUNTIME": "none",
            "BOOK_LANGUAGES": "zh",
            **more,
        }

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Begin a build as a reader of the README does."""
        return subprocess.Popen(  # noqa: S603
            [Path(sys.executable).with_name("jupyter-book"), "build", ".", *arguments],
            cwd=self.root,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def build(self, **environment: str) -> tuple[int, str]:
        """Do the same in a process that has loaded its packages already, see `warm`.

        What trains there is one process, and not one for each core.
        """
        alone = {"LOKY_MAX_CPU_COUNT": "1"}
        return self.forked("jupyter-book", "build", ".", **alone | environment)

    def forked(self, *command: str, **environment: str) -> tuple[int, str]:
        """Have a process that has loaded the packages do what a command does."""
        output = self.root.with_name("output")
        request = {
            "command": command,
            "root": str(self.root),
            "environment": self.environment(**environment),
            "output": str(output),
        }
        warm = _warm()
        print(json.dumps(request), file=warm.stdin, flush=True)
        code = int(warm.stdout.readline())
        return code, re.sub(r"\x1b\[[0-9;]*m", "", output.read_text(encoding="utf-8"))

    def check_site(self, site: Path | str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Compare a published site with these sources, as ``make check-site`` does."""
        shutil.copytree(ROOT / "tools", self.root / "tools", dirs_exist_ok=True)
        return subprocess.run(  # noqa: S603
            [sys.executable, "tools/check_site.py", str(site)],
            cwd=self.root,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=False,
        )

    def page(self, name: str) -> str:
        return (self.site / f"{name}.html").read_text(encoding="utf-8")


@dataclass
class Kept(Project):
    """A project that was built once, and a copy to go back to.

    Attributes:
        kept: the copy.
    """

    kept: Path

    def reset(self) -> None:
        """Put the copy into the very place where it was built, so that nothing is read anew."""
        shutil.rmtree(self.root)
        shutil.copytree(self.kept, self.root, symlinks=True)

    def keep(self) -> None:
        """Build, and keep that."""
        code, output = self.build()
        assert code == 0, output[-3000:]
        shutil.copytree(self.root, self.kept, symlinks=True)


def make(root: Path) -> Project:
    """Copy what a build needs, with two chapters and no runs to compute ahead."""
    project = Project(root)
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns(
                "__pycache__", "*.md", "*.mo", "published.txt", "releases", "evidence"
            )
            shutil.copytree(ROOT / name, root / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, root / name)
    studies = root / "src/nnbook/lab/studies.py"
    studies.write_text(studies.read_text(encoding="utf-8") + NO_RUNS, encoding="utf-8")
    redirects = root / "book/redirects.toml"
    lines = redirects.read_text(encoding="utf-8").splitlines(keepends=True)
    redirects.write_text("".join(each for each in lines if each[0] == "#"), encoding="utf-8")
    project.write("index", INDEX)
    project.write("other", OTHER)
    return project


def translate(
    project: Project, words: Mapping[str, str] | Callable[[str], str], language: str = "en"
) -> None:
    """Translate what is open by ``words``, or by ``words`` called with the message."""
    catalogues.update(project.root, language)
    for path in sorted((project.root / catalogues.FOLDER / language).glob("*.po")):
        catalogue = catalogues.read(path, language)
        for each in catalogue:
            if each.id and (each.fuzzy or not each.string):
                each.string = words(each.id) if callable(words) else words[each.id]
                each.flags.discard("fuzzy")
        catalogues.write(path, catalogue)
