"""A notebook is valid, reads like its page, and says what it hides."""

import json
import shutil
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest
from bookext.site import notebooks
from bookext.site.plain_markdown import Book
from docutils import nodes

from nnbook.lab.studies import arms, longer

CHAPTER = """---
file_format: mystnb
---
# 章

率是 {glue:text}`rate`，出自{cite:p}`hinton2012`。

```{code-cell} python3
print(1)
```

```{code-cell} python3
---
tags: [hide-input]
mystnb:
  figure:
    name: fig-a
    caption: 画的是 {glue:text}`rate`。
---
picture()
```

```{code-cell} python3
:tags: [remove-cell]
from myst_nb import glue
found = outcomes(study)
glue("rate", "20%", display=False)
```

```{code-cell} python3
:tags: [remove-input]
exercise_widget("forward")
```

```{code-cell} python3
Table()
```
"""
PRINTED = {"output_type": "stream", "name": "stdout", "text": ["1\n"]}
DRAWN = {
    "output_type": "display_data",
    "metadata": {},
    "data": {"image/svg+xml": ["<svg/>"], "text/plain": ["两条线。"]},
}
EXERCISE = {"exercise": {"identity": "forward", "start": "class MyDropout:\n    ...\n"}}
TABLE = {
    "output_type": "display_data",
    "metadata": {},
    "data": {"text/html": ["<table><tr><th>甲</th></tr><tr><td>a &lt; b</td></tr></table>"]},
}
OUTPUTS = [[PRINTED], [DRAWN], [EXERCISE], [TABLE]]


def book(rate="20%"):
    return Book(
        values={"rate": rate},
        numbers={"fig-a": "图 3"},
        homes={},
        works={"hinton2012": ("1", "Hinton 2012.")},
        titles={},
        link=lambda name, _: f"{name}.md",
        site="../",
        source=lambda _: ("", ""),
    )


def made(rate="20%", outputs=OUTPUTS):
    text = notebooks.notebook(CHAPTER, book(rate), outputs, "指纹 `0123`", "set_up = 1")
    found = nbformat.reads(text, as_version=4)
    nbformat.validate(found)
    return found.cells


def sources(found):
    return [cell.source for cell in found]


def test_it_is_the_chapter_in_order_with_what_it_is_first_and_its_works_last():
    found = made()
    assert sources(found)[:4] == [
        "> 指纹 `0123`",
        "set_up = 1",
        "# 章\n\n率是 20%，出自[\\[1\\]](references.md)。",
        "print(1)",
    ]
    assert found[-1].source == "## 本章引用的文献\n\n- \\[1\\] Hinton 2012."
    assert found[3].outputs[0].text == "1\n"


def test_a_picture_has_its_words_and_its_caption_and_its_code_is_folded():
    found = made()
    at = sources(found).index("picture()")
    assert found[at].outputs[0].data == {"image/svg+xml": "<svg/>", "text/plain": "两条线。"}
    folded = {"cellView": "form", "jupyter": {"source_hidden": True}}
    assert found[at].metadata == folded
    assert found[at + 1].source == "**图 3**　画的是 20%。"


def test_a_cell_that_the_page_hides_is_explained():
    found = made()
    at = next(n for n, cell in enumerate(found) if "outcomes(study)" in cell.source)
    assert found[at - 2].source.startswith("（下面这一格，网页上不显示：")
    assert found[at].outputs == []


def trains(*codes):
    """What is said of cells with these codes, one after another."""
    chapter = "\n".join(f"```{{code-cell}} python3\n{code}\n```\n" for code in codes)
    text = notebooks.notebook(chapter, book(), [], "", "1")
    said = sources(nbformat.reads(text, as_version=4).cells)[1:]
    return [source for source in said if source not in codes]


def test_a_cell_that_trains_says_how_much_there_is_to_train():
    count = sum(map(len, longer.runs().values()))
    (said,) = trains("arms = outcomes(longer)")
    assert f"出自 {count} 个网络" in said
    assert "一共 2 个，拿来核对" in said
    (everything,) = trains("[outcomes(study) for study in STUDIES.values()]")
    assert f"一共 {len(arms())} 个" in everything
    for few in ("results([Run(epochs=1)])", "results(pictured.runs()['with'])"):
        assert trains(few) == ["（下面这一格要训练一两个网络，几秒钟就好。）"]


def test_what_a_cell_above_has_trained_is_not_told_again():
    assert len(trains("outcomes(longer)", "outcomes(longer)")) == 1
    assert trains("longer.arms") == []


def test_an_exercise_is_a_cell_to_write_in_and_one_that_checks_it():
    found = sources(made())
    at = found.index("class MyDropout:\n    ...")
    assert found[at - 1] == "（在下面这一格里写，运行它；再运行后一格，它检查你写的。）"
    assert 'check("forward", In[-2])' in found[at + 1]
    assert not any("exercise_widget" in source for source in found)


def test_each_cell_has_an_id_of_its_own_and_the_bytes_are_the_same_each_time():
    ids = [cell.id for cell in made()]
    assert len(set(ids)) == len(ids)
    texts = {notebooks.notebook(CHAPTER, book(), OUTPUTS, "", "1") for _ in range(2)}
    assert len(texts) == 1


def test_another_number_is_another_notebook_and_another_page():
    assert "30%" in str(made("30%"))
    assert "30%" in notebooks.markdown(CHAPTER, book("30%"), OUTPUTS, "")


def test_a_notebook_that_would_be_too_large_keeps_the_words_of_its_pictures(monkeypatch):
    monkeypatch.setattr(notebooks, "LONGEST", 100)
    at = sources(found := made()).index("picture()")
    assert found[at].outputs[0].data == {"text/plain": "两条线。"}


def test_the_page_as_markdown():
    found = notebooks.markdown(CHAPTER, book(), OUTPUTS, "指纹 `0123`")
    assert "```python\nprint(1)\n```\n\n```text\n1\n```" in found
    assert "> 两条线。\n\n**图 3**　画的是 20%。" in found
    assert "```python\nclass MyDropout:\n    ...\n```" in found
    assert "| 甲 |\n| --- |\n| a < b |" in found
    assert "myst_nb" not in found  # the page hides that cell
    assert found.endswith("---\n\n指纹 `0123`\n")


def test_outputs_are_taken_from_the_page():
    def cell(index, *outputs):
        code = nodes.literal_block("x", "x")
        return nodes.container("", code, *outputs, nb_element="cell_code", cell_index=index)

    settings = json.dumps({"identity": "a", "start": "b"}).replace('"', "&quot;")
    exercise = f'<div data-widget="exercise" data-settings="{settings}"><pre>b</pre></div>'
    picture = '<div><svg aria-label="a &lt; b">\n</svg></div><details><svg></svg></details>'
    page = nodes.container(
        "",
        cell(3, nodes.literal_block("2", "2", classes=["output", "text_plain"])),
        cell(1, nodes.literal_block("1", "1", classes=["output", "stream"])),
        cell(5, nodes.raw("", picture, format="html"), nodes.raw("", exercise, format="html")),
        cell(7, nodes.raw("", TABLE["data"]["text/html"][0], format="html")),
        cell(9),
    )
    first, second, third, fourth, fifth = notebooks.outputs(page)
    assert first == [PRINTED]
    assert second[0]["data"] == {"text/plain": ["2"]}
    assert third[0]["data"] == {
        "image/svg+xml": ['<svg aria-label="a &lt; b">\n', "</svg>"],
        "text/plain": ["a < b"],
    }
    assert third[1] == {"exercise": {"identity": "a", "start": "b"}}
    assert fourth[0]["data"] == TABLE["data"] | {"text/plain": ["甲\n", "a < b"]}
    assert fifth == []


# --- The first cell, run as a reader's notebook runs it. ---

LIBRARY = {
    "__init__.py": "ANSWER = 42\n",
    "lab/__init__.py": "",
    "lab/evidence.py": "",
    "lab/schedule.py": "class Progress:\n    done, total, seconds = 3, 9, 12.34\n",
}


@pytest.fixture
def library(tmp_path):
    """What stands beside a notebook: a tiny library of the same layout."""

    root = tmp_path / "project"
    (root / "src/nnbook/lab").mkdir(parents=True)
    for name, text in LIBRARY.items():
        (root / "src/nnbook" / name).write_text(text)
    (root / "data").mkdir()
    (root / "data/tinymnist.npz").write_bytes(b"digits")
    beside = tmp_path / "reader"
    beside.mkdir()
    with zipfile.ZipFile(beside / "nnbook.whl", "w") as wheel:
        for name in LIBRARY:
            wheel.write(root / "src/nnbook" / name, f"nnbook/{name}")
    (beside / "tinymnist.npz").write_bytes(b"digits")
    (beside / "tinyfashion.npz").write_bytes(b"clothes")
    with zipfile.ZipFile(beside / "evidence.zip", "w") as evidence:
        evidence.writestr("arm.json.gz", b"kept")
    return root, beside


def run(code, folder):
    import subprocess
    import sys

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def set_up(root, address="", version=np.__version__):
    state = notebooks.state(root)
    return notebooks.set_up(state, "nnbook.whl", address, {"numpy": version})


AFTER = """
import nnbook, pathlib
from myst_nb import glue
glue("rate", "20%", display=False)
print(nnbook.ANSWER, pathlib.Path("../data/tinymnist.npz").read_bytes())
"""
KEPT = """
print(pathlib.Path("../data/tinyfashion.npz").read_bytes())
print(pathlib.Path("../data/evidence/arm.json.gz").read_bytes())
"""


def test_the_first_cell_unpacks_the_library_and_the_data_and_may_run_again(library):
    root, beside = library
    first = set_up(root)
    code, output = run(f"{first}\n{first}\n{AFTER}", beside)
    assert (code, output) == (0, "rate = 20%\n42 b'digits'\n")
    (beside / "nnbook.whl").unlink()  # and it is not asked for again
    assert run(first + AFTER, beside)[0] == 0


def test_the_first_cell_takes_along_what_some_chapters_need_or_says_that_it_is_missing(library):
    root, beside = library
    first = set_up(root)
    assert run(f"{first}{AFTER}{KEPT}", beside)[1].endswith("b'clothes'\nb'kept'\n")
    (beside / "evidence.zip").unlink()
    (beside / "tinyfashion.npz").unlink()
    for made in beside.glob("nnbook-*"):
        shutil.rmtree(made)
    code, output = run(first + AFTER, beside)
    assert code == 0
    assert output.startswith(
        "缺少 tinyfashion.npz：要看衣服图片的格子不能运行\n"
        "缺少 evidence.zip：比较许多网络的格子要把它们全部重新训练\n"
    )


def test_the_first_cell_takes_them_from_an_address_or_says_what_is_missing(library, tmp_path):
    root, beside = library
    site = tmp_path / "site"
    beside.rename(site)
    beside.mkdir()
    code, output = run(set_up(root), beside)
    assert code
    assert "缺少 nnbook.whl" in output
    first = set_up(root, f"{site.as_uri()}/")
    assert run(first + AFTER, beside) == (0, "rate = 20%\n42 b'digits'\n")


def test_the_first_cell_refuses_another_state_of_the_library(library):
    root, beside = library
    (root / "src/nnbook/__init__.py").write_text("ANSWER = 43\n")
    code, output = run(set_up(root), beside)
    assert code
    assert "拿到的代码或数据是另一份" in output


def test_the_first_cell_says_that_the_packages_are_others(library):
    root, beside = library
    code, output = run(set_up(root, version="0.1"), beside)
    assert code == 0
    assert f"你的 numpy 是 {np.__version__}，出版时是 0.1" in output


def test_after_the_first_cell_a_training_tells_how_far_it_has_come(library):
    root, beside = library
    code, output = run(set_up(root) + "\nevidence.watcher(Progress)\n", beside)
    assert code == 0
    assert "训练好了 3 个网络，一共 9 个，大约还要 12 秒" in output


def test_nothing_in_the_first_cell_speaks_to_our_checks():
    first = notebooks.set_up("0123", "nnbook.whl", "", {"numpy": "1.2"})
    assert 'PACKAGES = "numpy==1.2"' in first
    assert "noqa" not in first
    assert "type: ignore" not in first
    compile(first, "cell", "exec")
    assert Path(notebooks.SET_UP).is_file()
