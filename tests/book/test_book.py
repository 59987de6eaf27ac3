"""The book's build: what it publishes, what it refuses, and what it leaves alone.

Every build here is a ``jupyter-book build .`` of a copy of the project, see `project`.
"""

import json
import os
import re
import shutil
import signal

import pytest
from bookext.site.navigation import marked
from furo.navigation import get_navigation_tree
from project import FRONT, INDEX, OTHER, Project


def test_the_cover_is_at_the_root_with_the_number_of_the_code(project):
    page = project.page("index")
    assert '<html class="no-js" lang="zh-CN"' in page
    assert 'http-equiv="refresh"' not in page.split("</head>")[0].lower()
    assert re.search(r"默认的丢弃率是 <span class=\"pasted-text\">0\.2</span>", page)
    assert 'href="other.html"' in page
    assert (project.site / "other.html").is_file()


def test_source_is_shown_by_name_and_without_its_docstring(project):
    text = re.sub(r"<[^>]+>", "", project.page("index"))
    assert "nnbook/dropout.py" in text
    assert "def details(self) -&gt; str:" in text


def test_what_a_cell_prints_in_pieces_is_one_text(project):
    cell = 'print("甲", end="", flush=True)\nprint("乙", flush=True)\nprint("丙")'
    project.write("other", f"{FRONT}# 另一章\n\n```{{code-cell}} python3\n{cell}\n```\n")
    code, output = project.build()
    assert code == 0, output
    assert "<span></span>甲乙\n丙\n</pre>" in project.page("other")


def test_without_a_change_nothing_is_executed(project, tmp_path):
    project = Project(shutil.copytree(project.root, tmp_path / "moved", symlinks=True))
    code, output = project.build()  # in another folder it is read again
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


def contents(page):
    """The entries of the contents beside a page, and which of them is marked."""
    tree = page[page.index('class="sidebar-tree"') :]
    tree = tree[: tree.index("</div>")]
    return re.findall(
        r'<li class="(toctree[^"]*)">.*?<a class="([^"]*)" href="([^"]*)">', tree, re.S
    )


def test_the_contents_mark_the_page_that_they_stand_beside(project):
    project.write("third", "# 第三章\n")
    code, output = project.build()
    assert code == 0, output
    plain = ("toctree-l1", "reference internal")
    here = ("toctree-l1 current current-page", "current reference internal", "#")
    assert contents(project.page("index")) == [(*plain, "other.html"), (*plain, "third.html")]
    assert contents(project.page("other")) == [here, (*plain, "third.html")]
    assert contents(project.page("third")) == [(*plain, "other.html"), here]
    assert '<ul class="current">' in project.page("third")

    toc = (
        "format: jb-book\nroot: book/index\nchapters:\n"
        "- file: book/other\n  sections:\n  - file: book/third\n"
    )
    (project.root / "_toc.yml").write_text(toc, encoding="utf-8")
    code, output = project.build()
    assert code == 0, output
    assert [entry[0] for entry in contents(project.page("third"))] == [
        "toctree-l1 current has-children",
        "toctree-l2 current current-page",
    ]


def test_a_marked_entry_is_what_furo_would_have_made():
    first = '<li class="toctree-l1"><a class="reference internal" href="a.html">甲</a></li>\n'
    second = '<li class="toctree-l1"><a class="reference internal" href="b.html">乙</a></li>\n'
    link = '<a class="current reference internal" href="#">乙</a>'
    here = f'<li class="toctree-l1 current">{link}</li>\n'
    part = '<p class="caption" role="heading"><span class="caption-text">部</span></p>\n'
    tree = get_navigation_tree(f"{part}<ul>\n{first}</ul>\n{part}<ul>\n{second}</ul>\n")
    stock = f'{part}<ul>\n{first}</ul>\n{part}<ul class="current">\n{here}</ul>\n'
    assert marked(tree, "b.html") == get_navigation_tree(stock)
    assert marked(tree, "c.html") == tree


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
        "from nnbook.lab.statistics import Sample, estimate\n"
        "claim('up', estimate(Sample([1.0, -1.0] * 4, '种子')), 'above')\n```\n",
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
        f"{FRONT}\n# 章\n\n{{claim}}`降低了 <down>`。\n\n{CELL}"
        "from nnbook.lab.claims import claim\nfrom nnbook.lab.statistics import Sample, estimate\n"
        "claim('down', estimate(Sample([1.0, 2.0] * 4, '种子')), 'below')\n```\n",
        "“降低了” rests on the claim down, which does not hold: 高了 150.00 个百分点",
    ),
    "opposite-claim": (
        f"{FRONT}\n# 章\n\n准确率{{claim}}`降低了 <lifts>`。\n\n{CELL}"
        "from nnbook.lab.claims import claim\nfrom nnbook.lab.statistics import Sample, estimate\n"
        "claim('lifts', estimate(Sample([1.0, 2.0] * 4, '种子')), 'above')\n```\n",
        "the words “降低了” say below, and it is above",
    ),
    "unspoken-claim": (
        f"{FRONT}\n# 章\n\n{CELL}"
        "from nnbook.lab.claims import claim\nfrom nnbook.lab.statistics import Sample, estimate\n"
        "claim('mute', estimate(Sample([1.0, 2.0] * 4, '种子')), 'above')\n```\n",
        "no sentence rests on the claim mute",
    ),
    "one-run-many-times": (
        f"{FRONT}\n# 章\n\n{{claim}}`提高了 <same-run>`。\n\n{CELL}"
        "from nnbook.lab.claims import claim\nfrom nnbook.lab.statistics import Sample, estimate\n"
        "claim('same-run', estimate(Sample([1.0] * 8, '种子')), 'above')\n```\n",
        "as if one run had been counted many times, or an arm compared with itself",
    ),
    "no-truth-value": (
        f"{FRONT}\n# 章\n\n{{claim}}`提高了 <text>`。\n\n{CELL}"
        "from bookext.state.cells import claim\nclaim('text', 'no', 'because')\n```\n",
        "text: a claim holds or not, True or False; got 'no'",
    ),
    "best-epoch": (
        f"{FRONT}\n# 章\n\n{CELL}import numpy as np\n"
        "from nnbook.lab.result import TestCurve\n"
        "np.max([TestCurve((0.1, 0.3, 0.2))])\n```\n",
        "a curve over the test images gives no best epoch: name the epoch beforehand",
    ),
    "interval-of-nothing": (
        f"{FRONT}\n# 章\n\n{CELL}from nnbook.lab import estimate\nestimate([0.1, 0.2])\n```\n",
        "an interval must say what varies: take a value of outcomes(study)[arm]",
    ),
    "picked-pair": (
        f"{FRONT}\n# 章\n\n{CELL}from nnbook.lab import Sample, paired\n"
        "arm = Sample([0.1, 0.2], '种子', arms=5)\npaired(arm, arm)\n```\n",
        "one of several comparisons among 5 arms must be corrected for the others",
    ),
    "picked-comparison": (
        f"{FRONT}\n# 章\n\n{CELL}from nnbook.lab import Sample, compared\n"
        "arm = Sample([0.1, 0.2], '种子', arms=5)\ncompared({'one': arm - arm})\n```\n",
        "1 of the comparisons among 5 arms are a pick: name all that might be spoken of",
    ),
    "old-term": ("# 章\n\n切换到测试模式。\n", "says 测试模式: this book writes 评估模式"),
    "unknown-term": (
        "# 章\n\n这叫**新词**（new word）。\n",
        "this chapter introduces “新词”, which the glossary does not have",
    ),
    "bad-formula": ("# 章\n\n$a^$ $\\nonsense$\n", "not valid LaTeX"),
}


def test_every_fault_is_named_and_the_last_good_site_stays(project):
    good = {path.name: path.read_bytes() for path in project.site.glob("*.html")}
    for chapter, (text, _) in FAULTS.items():
        project.write(chapter, text)
    code, output = project.build()
    assert code != 0
    missed = [chapter for chapter in FAULTS if not named(chapter, output)]
    assert not missed, f"{missed} in\n{output}"
    assert "the last good site stays as it was" in output
    assert {path.name: path.read_bytes() for path in project.site.glob("*.html")} == good


def named(chapter, output):
    """Whether a build names the fault of a chapter."""
    lines = [line for line in output.splitlines() if "WARNING" in line or "ERROR" in line]
    return FAULTS[chapter][1] in output and any(chapter in line for line in lines)


# Found while a chapter is executed, read, and checked, when all are read, and when it is written.
@pytest.mark.parametrize(
    "chapter",
    ["failing-cell", "missing-key", "no-alt", "nobodys-claim", "broken-link", "bad-formula"],
)
def test_one_fault_alone_is_enough_and_fails_again_unchanged(project, chapter):
    project.write(chapter, FAULTS[chapter][0])
    for attempt in ("first", "repeated"):
        code, output = project.build()
        assert code != 0, attempt
        assert named(chapter, output), f"{attempt}: {output}"


def test_a_draft_is_built_though_a_claim_does_not_hold_and_the_build_says_so(project):
    text, words = FAULTS["claimed-sentence"]
    project.write("third", text.replace("claim('down'", "down = claim('down'"))
    code, output = project.build(BOOK_EVIDENCE="draft")
    assert code == 0, output
    assert words in output
    assert "这是草稿" in project.page("third")


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

    project.replace("src/nnbook/lab/runs.py", "    rate: float = 0.2", "    rate: float = 0.5")
    code, output = project.build()
    assert code == 0, output
    assert "drawn anew: images/dropout.svg" in output
    assert "50%" in picture.read_text(encoding="utf-8")


@pytest.mark.parametrize("moment", [pytest.param("now", marks=pytest.mark.everything), "long ago"])
def test_a_picture_that_the_code_did_not_draw_is_drawn_anew(project, moment):
    project.write("other", OTHER + "\n![网络](../images/dropout.png)\n")
    assert project.build()[0] == 0
    pictures = {path: path.read_bytes() for path in (project.root / "images").iterdir()}
    assert len(pictures) == 2
    for picture in pictures:
        picture.write_bytes(b"edited by hand")
        if moment == "long ago":  # as files from an archive, or of another branch, may be
            os.utime(picture, (0, 0))
    code, output = project.build()
    assert code == 0, output
    assert {path: path.read_bytes() for path in pictures} == pictures
    assert (project.site / "_images/dropout.png").read_bytes() in pictures.values()
    code, output = project.build()
    assert code == 0, output
    assert "drawn anew" not in output
    assert "no targets are out of date" in output


@pytest.mark.parametrize("damaged", ["global.db", "executed/*/base.ipynb", "../record.jsonl"])
def test_a_damaged_cache_of_chapters_is_made_anew(project, damaged):
    (path,) = (project.root / "_build/cache/chapters/book/index/1/executed").glob(damaged)
    path.write_bytes(path.read_bytes()[:100])
    project.write("index", INDEX.replace("默认的", "库里默认的"))  # so that it is looked for
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


def fingerprints(project):
    pages = {path.stem: path.read_text(encoding="utf-8") for path in project.site.glob("*.html")}
    return {
        name: found[1]
        for name, text in pages.items()
        if (found := re.search(r'<code class="fingerprint">([0-9a-f]{16})</code>', text))
    }


def test_each_page_shows_the_fingerprint_of_what_it_was_made_from(project):
    before = fingerprints(project)
    assert set(before) == {"index", "other"}
    assert before["index"] != before["other"]

    project.write("other", OTHER + "\n再来一句。\n")
    code, output = project.build()
    assert code == 0, output
    assert "Executing notebook" not in output
    after = fingerprints(project)
    assert after["index"] == before["index"]
    assert after["other"] != before["other"]

    with (project.root / "book/_static/book.css").open("a", encoding="utf-8") as css:
        css.write("p { color: inherit; }\n")
    code, output = project.build()
    assert code == 0, output
    assert "Executing notebook" not in output
    assert all(fingerprints(project)[name] != after[name] for name in after)


def test_a_chapter_whose_text_changes_behind_the_clock_is_read_again(project):
    chapter = project.root / "book" / "other.md"
    status = chapter.stat()
    chapter.write_text(OTHER.replace("文字", "字文"), encoding="utf-8")
    os.utime(chapter, ns=(status.st_atime_ns, status.st_mtime_ns))
    code, output = project.build()
    assert code == 0, output
    assert "字文" in project.page("other")


def test_a_published_site_is_compared_by_fingerprints(project, tmp_path):
    assert project.build()[0] == 0
    published = tmp_path / "published"
    shutil.copytree(project.site, published)
    same = project.check_site(published)
    assert same.returncode == 0, same.stdout + same.stderr
    assert "0 of 2 pages differ" in same.stdout

    project.write("other", "# 新的名字\n")
    (published / "index.html").unlink()
    other = project.check_site(published)
    assert other.returncode == 1
    assert re.search(r"index\.html\s+missing", other.stdout)
    assert re.search(r"other\.html\s+other: [0-9a-f]+, here [0-9a-f]+", other.stdout)

    unreachable = project.check_site("http://127.0.0.1:9/")
    assert unreachable.returncode == 2
    assert "cannot read http://127.0.0.1:9/" in unreachable.stderr


def test_the_record_names_commit_versions_and_times(project):
    record = json.loads((project.site / "build.json").read_text(encoding="utf-8"))
    assert record["commit"] is None  # a copy outside of git
    assert record["packages"]["numpy"]
    assert record["chapters"]["book/index"]["seconds"] > 0
    assert record["chapters"]["book/other"]["seconds"] is None
    shown = fingerprints(project)
    assert {name: record["chapters"][f"book/{name}"]["fingerprint"] for name in shown} == shown


CLAIMING = f"""{FRONT}
# 结论

在这个实验里，{{claim}}`它提高了 <it-rises>`准确率，差是 {{glue:text}}`gain`。

{CELL}
from myst_nb import glue
from nnbook.lab.claims import claim
from nnbook.lab.statistics import Sample, estimate

gain = estimate(Sample([0.01, 0.02] * 4, '种子'))
claim("it-rises", gain, "above")
glue("gain", "0.015", display=False)
```
"""


def test_the_ledger_shows_claims_and_numbers_and_sentences_lead_to_it(project):
    project.write("claiming", CLAIMING)
    project.write("other", OTHER + "\n```{ledger}\n```\n")
    code, output = project.build()
    assert code == 0, output
    assert re.search(
        r'<a class="claim[^>]*href="other\.html#claim-it-rises"', project.page("claiming")
    )
    ledger = project.page("other")
    assert 'id="claim-it-rises"' in ledger
    assert "在这个实验里，它提高了准确率，差是 0.015。" in ledger
    assert "明显大于零：高了 1.50 个百分点" in ledger
    assert re.search("<code>gain</code><a [^>]*>#</a></th><td>0.015</td>", ledger)
    assert "gain = estimate(Sample([0.01, 0.02] * 4, " in ledger

    project.write("twice", CLAIMING.replace("# 结论", "# 又一次"))
    code, output = project.build()
    assert code != 0
    assert "the claim it-rises is made here and in book/claiming" in output


def test_another_builder_leaves_the_site_alone(project):
    before = {path.name: path.read_bytes() for path in project.site.iterdir() if path.is_file()}
    project.replace("src/nnbook/dropout.py", "rate: float = 0.2", "rate: float = 0.3")
    process = project.start("--builder", "linkcheck")
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 0, output  # no chapter here links to another site
    after = {path.name: path.read_bytes() for path in project.site.iterdir() if path.is_file()}
    assert after == before
