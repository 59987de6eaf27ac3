"""A copy of the project whose few chapters publish something of every part of it.

The runs that they publish are the book's own study, shrunk; everything else is as
in the book. `built_book` keeps a built copy, which `BuiltBook.reset` puts back into the same
place, so that each change meets the same last build.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from project import FRONT, NO_RUNS, ROOT, Kept, Project, make, translate

STUDIES = """

_small = {"epochs": 1, "training_images": 200, "lr": 0.02, "init": "he"}
PUBLISHED = replace(PUBLISHED, **_small)
published = Study(
    arms={
        "without": replace(PUBLISHED, rate=0.0),
        "with": PUBLISHED,
        "heavy": replace(PUBLISHED, rate=0.9),
    },
    seeds=6,
)
pictured = usual = Study(
    arms={"recipe": replace(RECIPE, **_small, probes=("deletion",))}, seeds=2
)
STUDIES = {"published": published, "usual": usual}
"""
INDEX = f"""{FRONT}
# 封面

默认的丢弃率是 {{glue:text}}`rate`，见[](other.md)，
{{numref}}`fig-dropout` 是真的 {{cite:p}}`srivastava2014`。

```{{code-cell}} python3
:tags: [remove-cell]
import numpy as np

from myst_nb import glue
from nnbook import Dropout, MNISTDataset
from nnbook.lab import formats
from nnbook.lab.claims import claim
from nnbook.lab.diagrams import dropout_diagram
from nnbook.lab.digits import DATA
from nnbook.lab.arms import outcomes
from nnbook.lab.statistics import compared, estimate
from nnbook.lab.studies import published, usual

MUCH = 1.0
found = outcomes(published) | outcomes(usual)
```

不用它时准确率是 {{glue:text}}`without`，用它时是 {{glue:text}}`with`。
丢弃得太多，{{claim}}`准确率会降低 <heavy-costs>`：{{glue:text}}`cost`。

```{{code-cell}} python3
:tags: [hide-input]
for name, arm in found.items():
    glue(name, formats.mean_accuracy(estimate(arm.accuracy)), display=False)
cost = compared(
    {{n: found[n].accuracy - found["without"].accuracy for n in ("with", "heavy")}}
)["heavy"]
claim("heavy-costs", cost, "below")
glue("cost", formats.points(cost), display=False)
glue("loss", formats.number(found["with"].loss.values[0], 4), display=False)
glue("deletion", formats.accuracy(found["recipe"].probe("deletion")[0, 5]), display=False)
```

```{{code-cell}} python3
digits = MNISTDataset(DATA)
glue("rate", MUCH * Dropout(rng=0).dropout_rate, display=False)
glue("classes", digits.labels[:400].sum(axis=0).astype(int).tolist(), display=False)
glue("ink", formats.number(digits.features.mean(), 6), display=False)
```

损失 {{glue:text}}`loss`，删去许多以后 {{glue:text}}`deletion`，各类 {{glue:text}}`classes`，
平均墨色 {{glue:text}}`ink`。

```{{code-cell}} python3
---
mystnb:
  figure:
    name: fig-dropout
    caption: 一次真实的掩码。
---
picture = dropout_diagram()
picture
```

```{{code-cell}} python3
:tags: [raises-exception]
raise ValueError("asked for")
```

```{{source}} dropout.Dropout.details
```
"""
# The cover is written at every change, so these two refer to one another.
OTHER = """# 另一章

文字。{term}`丢弃率`。

```{figure} ../images/dropout.png
:alt: 网络
:name: fig-plain

一张图。
```
"""
WORDS = """# 查阅

```{glossary}
丢弃率
  每个值被丢弃的概率。
```

```{eval-rst}
.. autoclass:: nnbook.Dropout
```

见{numref}`fig-plain`。

```{bibliography}
```
"""
CHAPTERS = {
    "index": INDEX,
    "other": OTHER,
    "words": WORDS,
    "zledger": "# 账本\n\n```{ledger}\n```\n",
}
GLOSSARY = "# 词汇\n\n```{glossary}\n掩码（mask）\n  零和一。\n```\n"
ENGLISH = {
    "封面": "Cover",
    "默认的丢弃率是 {glue:text}`rate`，见[](other.md)，": (
        "By default the rate is {glue:text}`rate`, see [](other.md);"
    ),
    "{numref}`fig-dropout` 是真的 {cite:p}`srivastava2014`。": (
        "{numref}`fig-dropout` is a real one {cite:p}`srivastava2014`."
    ),
    "不用它时准确率是 {glue:text}`without`，用它时是 {glue:text}`with`。": (
        "Accuracy is {glue:text}`without` without it, and {glue:text}`with` with it."
    ),
    "丢弃得太多，{claim}`准确率会降低 <heavy-costs>`：{glue:text}`cost`。": (
        "Where too much is dropped, {claim}`accuracy is lower <heavy-costs>`: {glue:text}`cost`."
    ),
    "损失 {glue:text}`loss`，删去许多以后 {glue:text}`deletion`，各类 {glue:text}`classes`，": (
        "Loss {glue:text}`loss`, without half {glue:text}`deletion`, classes {glue:text}`classes`,"
    ),
    "平均墨色 {glue:text}`ink`。": "ink {glue:text}`ink`.",
    "一次真实的掩码。": "A real mask.",
    "另一章": "Another chapter",
    "文字。丢弃率。": "Text. The dropout rate.",
    "网络": "A network",
    "一张图。": "A picture.",
    "查阅": "Look up",
    "丢弃率": "dropout rate",
    "每个值被丢弃的概率。": "With what probability each value is dropped.",
    "见{numref}`fig-plain`。": "See {numref}`fig-plain`.",
    "账本": "The ledger",
    "词汇": "Glossary",
    "掩码（mask）": "mask",
    "零和一。": "Zeros and ones.",
}
# In a page's footer and citation; as digests, in the addresses of its style sheets and in the
# service worker; and in what readers take along.
FINGERPRINT = re.compile(
    rb'(?<=<code class="fingerprint">)[0-9a-f]{16}|(?<=\?sha256=)[\w-]{43}|(?<=": ")[\w-]{43}(?=")'
    rb'|(?<=data-fingerprint=")[0-9a-f]{16}'
    rb'|(?<=STATE = \\")[0-9a-f]{16}|' + "(?<=指纹 )[0-9a-f]{16}|(?<=指纹 `)[0-9a-f]{16}".encode()
)
# What a chapter's cells publish, from the code alone: no store, no cache, no kernel, no Sphinx.
DIRECTLY = """
import json, re, sys, types
sys.dont_write_bytecode = True  # the book is built afterwards, too
import nnbook.lab
given = {}
myst_nb = sys.modules["myst_nb"] = types.ModuleType("myst_nb")
myst_nb.glue = lambda key, value, display: given.update({key: str(value)})
import nnbook.lab.arms
nnbook.lab.arms.results = lambda runs: [nnbook.lab.run(each) for each in runs]
cells = re.findall(r"```{code-cell} python3\\n(.*?)```", open("book/index.md").read(), re.S)
picture = None
for cell in cells[:-1]:  # the last one fails on purpose
    exec(re.sub(r"^(---.*\\n---|:tags:[^\\n]*)", "", cell, flags=re.S))
print(json.dumps({"numbers": given, "svg": picture.svg if picture else ""}))
"""


@dataclass
class BuiltBook(Kept):
    """A small book that has been built, and a copy to go back to.

    Attributes:
        languages: in which it is built, as ``BOOK_LANGUAGES`` says them.
    """

    languages: str = "zh"

    def keep(self) -> None:
        """Keep evidence as an author does, build where none of it was trained, and keep that."""
        subprocess.run(
            [sys.executable, "-m", "nnbook.lab.keeping"],
            cwd=self.root,
            env=self.environment(NNBOOK_RUNS=str(self.runs)),
            check=True,
        )
        shutil.rmtree(self.runs)
        super().keep()

    def environment(self, **more: str) -> dict[str, str]:
        return super().environment(**{"BOOK_LANGUAGES": self.languages} | more)

    def build(self, **environment: str) -> tuple[int, str]:
        return super().build(NNBOOK_RUNS=str(self.runs), **environment)

    @property
    def runs(self) -> Path:
        return self.root / "_build" / "runs"

    def results(self) -> set[str]:
        """The results of runs that are kept."""
        return {str(path) for path in self.runs.glob("*/*.json")} if self.runs.exists() else set()

    def clean(self, to: Path, *kept: str) -> "BuiltBook":
        """The same sources in a folder where nothing was ever built.

        Of what the first build computed, ``kept`` is there.
        """
        shutil.rmtree(to, ignore_errors=True)
        unbuilt = shutil.ignore_patterns("_build", "__pycache__", "*.mo", ".ipynb_checkpoints")
        shutil.copytree(self.root, to, ignore=unbuilt)
        for name in kept:
            shutil.copytree(self.kept / "_build" / name, to / "_build" / name)
        return replace(self, root=to)

    def directly(self) -> tuple[dict[str, str], str]:
        """The numbers and the picture that the code gives, without anything of the build."""
        code, output = self.forked("python", "-c", DIRECTLY)
        assert code == 0, output
        given = json.loads(output)
        return given["numbers"], given["svg"]


def files(site: Path) -> dict[str, bytes]:
    """Everything that a site consists of, but for the record of its build."""
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.name != "build.json"
    }


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """The files that only one site has, or that are not the same."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def unmarked(site: dict[str, bytes]) -> dict[str, bytes]:
    """The files of a site without the fingerprints of its pages."""
    return {name: FINGERPRINT.sub(b"", content) for name, content in site.items()}


def unbuilt(root: Path) -> Project:
    """Make a small book."""
    root.mkdir(parents=True)
    project = make(root)
    studies = root / "src/nnbook/lab/studies.py"
    text = studies.read_text(encoding="utf-8").removesuffix(NO_RUNS)
    studies.write_text(text + STUDIES, encoding="utf-8")
    for name, chapter in CHAPTERS.items():
        project.write(name, chapter)
    (root / "README.md").write_text("# A small book\n", encoding="utf-8")
    return project


def bilingual(root: Path) -> Project:
    """Make a small book in two languages, with a glossary for both."""
    project = unbuilt(root)
    project.write("glossary", GLOSSARY)
    project.replace("book/other.md", "{term}`丢弃率`", "丢弃率")  # a target, and as such translated
    translate(project, ENGLISH)
    return project


def whole(root: Path) -> Project:
    """Copy the book itself."""
    shutil.copytree(
        ROOT, root, ignore=shutil.ignore_patterns("_build", ".*", "__pycache__", "*.mo")
    )
    return Project(root)


def built_book(
    root: Path, make: Callable[[Path], Project] = unbuilt, languages: str = "zh"
) -> BuiltBook:
    """Make a book, build it, and keep a copy."""
    made = BuiltBook(make(root / "book").root, root / "kept", languages)
    made.keep()
    return made
