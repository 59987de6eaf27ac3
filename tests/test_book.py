"""The book's build: what it publishes, what it refuses, and what it leaves alone.

Every build here is a plain ``jupyter-book build .`` of a copy of the project with
chapters of a few lines, and with no runs to compute ahead.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COPIED = ("_config.yml", "requirements.lock", "book", "src", "data", "images")
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
OTHER = "# 另一章\n\n文字。\n"


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

    def start(self, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603
            [Path(sys.executable).with_name("jupyter-book"), "build", "."],
            cwd=self.root,
            env={
                **os.environ,
                "PYTHONPATH": str(self.root / "src"),
                "NO_COLOR": "1",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def build(self, **environment: str) -> tuple[int, str]:
        process = self.start(**environment)
        output, _ = process.communicate(timeout=300)
        return process.returncode, re.sub(r"\x1b\[[0-9;]*m", "", output)

    def page(self, name: str) -> str:
        return (self.site / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A project of two chapters that has been built once; tests take a copy."""
    project = Project(tmp_path_factory.mktemp("built"))
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.md")
            shutil.copytree(ROOT / name, project.root / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, project.root / name)
    studies = project.root / "src/nnbook/lab/studies.py"
    shorter = "\n\ndef all_runs() -> list[Run]:\n    return []\n"
    studies.write_text(studies.read_text(encoding="utf-8") + shorter, encoding="utf-8")
    project.write("index", INDEX)
    project.write("other", OTHER)
    code, output = project.build()
    assert code == 0, output
    return project


@pytest.fixture
def project(built, tmp_path):
    shutil.copytree(built.root, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")


def test_the_cover_is_at_the_root_with_the_number_of_the_code(built):
    page = built.page("index")
    assert '<html class="no-js" lang="zh-CN"' in page
    assert "http-equiv" not in page.split("</head>")[0].lower().replace("content-type", "")
    assert re.search(r"默认的丢弃率是 <span class=\"pasted-text\">0\.2</span>", page)
    assert 'href="other.html"' in page
    assert (built.site / "other.html").is_file()


def test_source_is_shown_by_name_and_without_its_docstring(built):
    text = re.sub(r"<[^>]+>", "", built.page("index"))
    assert "nnbook/dropout.py" in text
    assert "def details(self) -&gt; str:" in text


def test_without_a_change_nothing_is_executed(project):
    code, output = project.build()  # moved to another folder, so it is read again
    assert code == 0, output
    assert "Executing notebook" not in output
    code, output = project.build()
    assert code == 0, output
    assert "no targets are out of date" in output


def test_a_change_of_the_code_is_published_and_its_undoing_comes_from_the_cache(project):
    default = "dropout_rate: float = 0.2", "dropout_rate: float = 0.3"
    project.replace("src/nnbook/dropout.py", *default)
    code, output = project.build()
    assert code == 0, output
    assert '<span class="pasted-text">0.3</span>' in project.page("index")

    project.replace("src/nnbook/dropout.py", *reversed(default))
    code, output = project.build()
    assert code == 0, output
    assert '<span class="pasted-text">0.2</span>' in project.page("index")
    assert "Executing notebook" not in output


def test_another_title_reaches_every_page_and_a_removed_chapter_leaves_none(project):
    project.write("other", "# 新的名字\n")
    project.write("third", "# 第三章\n")
    code, output = project.build()
    assert code == 0, output
    assert all("新的名字" in project.page(name) for name in ("index", "other", "third"))
    assert "另一章" not in project.page("index")

    (project.root / "book" / "third.md").unlink()
    project.write("other", "# 新的名字\n")
    code, output = project.build()
    assert code == 0, output
    assert not (project.site / "third.html").exists()
    assert "第三章" not in project.page("index")


CELL = "```{code-cell} python3\n"
FAULTS = {
    "failing-cell": (f"{FRONT}\n# 章\n\n{CELL}raise RuntimeError('broken')\n```\n", "broken"),
    "missing-key": (f"{FRONT}\n# 章\n\n{{glue:text}}`nowhere`\n\n{CELL}1\n```\n", "nowhere"),
    "false-claim": (
        f"{FRONT}\n# 章\n\n{CELL}from nnbook.lab.claims import claim\n"
        "from nnbook.lab.statistics import estimate\n"
        "claim('up', estimate([1.0, -1.0] * 4), 'above')\n```\n",
        "up: the runs do not show 'above'",
    ),
    "noisy-cell": (
        f"{FRONT}\n# 章\n\n{CELL}import sys\n_ = sys.stderr.write('progress')\n```\n",
        "stderr",
    ),
    "skipped-cell": (
        f"{FRONT}\n# 章\n\n{CELL}:tags: [skip-execution]\n1\n```\n\n{CELL}2\n```\n",
        "a code cell was not executed",
    ),
    "no-header": (f"# 章\n\n{CELL}1\n```\n", "code-cell"),
    "switched-off": (
        FRONT.replace("kernelspec", "mystnb: {execution_mode: 'off'}\nkernelspec")
        + f"\n# 章\n\n{CELL}1\n```\n",
        "a code cell was not executed",
    ),
    "no-alt": ("# 章\n\n![](../images/dropout.png)\n", "has no alternative text"),
    "no-alt-in-output": (
        f"{FRONT}\n# 章\n\n{CELL}from IPython.display import HTML\n"
        "HTML('<svg viewBox=\"0 0 1 1\"></svg>')\n```\n",
        "has no alternative text",
    ),
    "broken-link": ("# 章\n\n[](nowhere.md)\n", "nowhere.md"),
    "broken-reference": ("# 章\n\n{numref}`fig-nowhere`\n", "fig-nowhere"),
    "unknown-citation": ("# 章\n\n{cite:p}`nobody2000`\n", "nobody2000"),
    "unknown-source": ("# 章\n\n```{source} dropout.Nothing\n```\n", "there is no Nothing"),
    "long-source": ("# 章\n\n```{source} tensor.Tensor\n```\n", "too many to read at a time"),
    "typed-number": ("# 章\n\n准确率是 91.8%。\n", "a percentage typed by hand, 91.8%"),
    "typed-in-title": ("# 训练 10 轮\n", "a number with a unit typed by hand, 10 轮"),
    "typed-in-alt": ("# 章\n\n![准确率 0.9](../images/dropout.png)\n", "a decimal typed by hand"),
    "typed-in-caption": (
        f"{FRONT}\n# 章\n\n{CELL}---\nmystnb:\n  figure:\n    caption: 训练 10 轮。\n---\n"
        "from nnbook.lab.diagrams import dropout_diagram\ndropout_diagram()\n```\n",
        "a number with a unit typed by hand, 10 轮",
    ),
    "unbound-comparison": (
        f"{FRONT}\n# 章\n\n准确率提高了 {{glue:text}}`x`。\n\n{CELL}"
        "from myst_nb import glue\nglue('x', 1, display=False)\n```\n",
        "rests on no claim",
    ),
    "nobodys-claim": (
        f"{FRONT}\n# 章\n\n准确率{{claim}}`提高了 <nobody>`。\n\n{CELL}1\n```\n",
        "“提高了” rests on the claim nobody, which no cell of this chapter makes",
    ),
    "malformed-claim": (
        f"{FRONT}\n# 章\n\n{{claim}}`提高了`。\n\n{CELL}1\n```\n",
        "malformed claim",
    ),
    "claimed-sentence": (
        f"{FRONT}\n# 章\n\n{{claim}}`提高了 <down>`。\n\n{CELL}"
        "from nnbook.lab.claims import claim\nfrom nnbook.lab.statistics import estimate\n"
        "claim('down', estimate([1.0, 2.0] * 4), 'below')\n```\n",
        "“提高了” rests on the claim down, which does not hold: +150.00 个百分点",
    ),
    "bad-formula": ("# 章\n\n$a^$ $\\nonsense$\n", "not valid LaTeX"),
}


def test_every_fault_is_named_and_the_last_good_site_stays(project):
    good = {path.name: path.read_bytes() for path in project.site.glob("*.html")}
    for chapter, (text, _) in FAULTS.items():
        project.write(chapter, text)
    for attempt in ("first", "repeated, unchanged"):
        code, output = project.build()
        assert code != 0, attempt
        missed = [
            chapter
            for chapter, (_, message) in FAULTS.items()
            if not any(
                chapter in line and ("WARNING" in line or "ERROR" in line)
                for line in output.splitlines()
            )
            or message not in output
        ]
        assert not missed, f"{attempt}: {missed} in\n{output}"
        assert "the last good site stays as it was" in output
        assert {path.name: path.read_bytes() for path in project.site.glob("*.html")} == good


@pytest.mark.parametrize("chapter", ["failing-cell", "missing-key", "no-alt", "broken-link"])
def test_one_fault_alone_is_enough(project, chapter):
    project.write(chapter, FAULTS[chapter][0])
    code, output = project.build()
    assert code != 0, output


@pytest.mark.parametrize("content", [None, b"PK\x03\x04 cut off"])
def test_missing_or_damaged_data_ends_the_build_with_one_message(project, content):
    data = project.root / "data" / "tinymnist.npz"
    if content is None:
        data.unlink()
    else:
        data.write_bytes(content)
    code, output = project.build()
    assert code != 0
    assert "tinymnist.npz" in output
    assert "The book cannot be built without its digits" in output
    assert "Traceback" not in output
    assert (project.site / "index.html").is_file()


def test_other_packages_than_the_locked_ones_end_the_build_unless_told(project):
    lock = project.root / "requirements.lock"
    lock.write_text(
        lock.read_text(encoding="utf-8").replace("numpy==", "numpy==0.") + "no-such-thing==1.0\n",
        encoding="utf-8",
    )
    code, output = project.build()
    assert code != 0
    assert "no-such-thing is missing" in output
    assert re.search(r"numpy is \S+, the lock has ==0\.", output)
    code, output = project.build(BOOK_ANY_ENVIRONMENT="1")
    assert code == 0, output


def test_code_from_anywhere_but_src_ends_the_build(project, tmp_path):
    shutil.move(project.root / "src", tmp_path / "elsewhere")
    shutil.copytree(tmp_path / "elsewhere", project.root / "src")
    (project.root / "src" / "nnbook" / "extra.py").write_text("", encoding="utf-8")
    code, output = project.build(PYTHONPATH=str(tmp_path / "elsewhere"))
    assert code != 0
    assert "not from src/" in output


def test_a_killed_build_leaves_the_site_and_the_next_one_is_right(project):
    good = project.page("index")
    project.write("index", INDEX.replace("默认的", "库里默认的"))
    process = project.start()
    for line in process.stdout:
        if "writing output" in line or "reading sources" in line:
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert project.page("index") == good

    code, output = project.build()
    assert code == 0, output
    assert "库里默认的" in project.page("index")
    assert [path.name for path in project.site.resolve().parents[1].iterdir()] == [
        project.site.resolve().parent.name
    ]


def test_pictures_are_written_only_when_they_differ(project):
    picture = project.root / "images" / "dropout.svg"
    before = picture.stat().st_mtime_ns
    (project.root / "src" / "nnbook" / "extra.py").write_text("", encoding="utf-8")
    code, output = project.build()
    assert code == 0, output
    assert picture.stat().st_mtime_ns == before

    project.replace(
        "src/nnbook/lab/experiments.py", "    rate: float = 0.2", "    rate: float = 0.5"
    )
    code, output = project.build()
    assert code == 0, output
    assert "drawn anew: images/dropout.svg" in output
    assert "50%" in picture.read_text(encoding="utf-8")


@pytest.mark.parametrize("damaged", ["global.db", "executed/*/base.ipynb"])
def test_a_damaged_cache_of_chapters_is_made_anew(project, damaged):
    (path,) = (project.root / "_build" / "cache").glob(f"*/chapters/{damaged}")
    path.write_bytes(path.read_bytes()[:100])
    code, output = project.build()
    assert code == 0, output
    assert "Executing notebook" in output
    assert '<span class="pasted-text">0.2</span>' in project.page("index")


def test_two_builds_at_once_wait_for_each_other(project):
    project.write("other", "# 新的名字\n")
    builds = [project.start(), project.start()]
    outputs = [build.communicate(timeout=300)[0] for build in builds]
    assert [build.returncode for build in builds] == [0, 0], outputs
    assert any("another build is at work" in output for output in outputs)
    assert "新的名字" in project.page("index")
