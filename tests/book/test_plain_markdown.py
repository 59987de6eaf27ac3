"""A chapter's words are all there in plain Markdown, and its markup is gone."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from bookext.site.plain_markdown import Book, cells, cited, inline, plain
from bookext.truth.source import find

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "book").glob("*.md"))


def source(name):
    path, code = find(ROOT / "src/nnbook", name)
    return path.relative_to(ROOT / "src").as_posix(), code


class Anything(dict):
    """Has a value for every name."""

    def __contains__(self, key):
        return True

    def get(self, key, default=None):
        return f"（{key} 的值）"


BOOK = Book(
    values={"rate": "20%"},
    numbers={"fig-a": "图 3", "ex-a": "练习 2"},
    homes={"fig-a": "masks"},
    works={"hinton2012": ("1", "Hinton 2012."), "wan2013": ("2", "Wan 2013.")},
    titles={"masks": "掩码"},
    link=lambda name, anchor: f"{name}.html" + (f"#{anchor}" if anchor else ""),
    site="../",
    source=source,
    parts={"ledger": lambda *_: "账本", "benchmark": lambda name, options, _: f"{name} {options}"},
)
OFFLINE = replace(BOOK, link=lambda name, anchor: f"{name}.ipynb", homes={})


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("率是 {glue:text}`rate`。", "率是 20%。"),
        ("{claim}`要好 <it-helps>`：", "[要好](results.html#claim-it-helps)："),
        ("见{numref}`fig-a`，", "见[图 3](masks.html#fig-a)，"),
        ("{cite:p}`hinton2012, wan2013`", r"[\[1, 2\]](references.html)"),
        ("{term}`丢弃率`", "丢弃率"),
        ("{term}`它 <丢弃率>`", "它"),
        ("[](masks.md)和[下一章](masks.md#why)", "[掩码](masks.html)和[下一章](masks.html)"),
        ("[论文](https://a.example/b.md)", "[论文](https://a.example/b.md)"),
        ("写 `{glue:text}` 和 ``a`{x}`b``", "写 `{glue:text}` 和 ``a`{x}`b``"),
        ("$\\{x\\}$ 和 **粗**", "$\\{x\\}$ 和 **粗**"),
    ],
)
def test_words_of_a_line(myst, markdown):
    assert inline(myst, BOOK) == markdown


def test_without_an_address_a_claim_keeps_its_words_and_a_figure_its_number():
    assert inline("{claim}`要好 <it-helps>`，{numref}`fig-a`", OFFLINE) == "要好，图 3"


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        (
            ":::{admonition} 小结\n:class: note\n\n- 甲\n- {glue:text}`rate`\n:::",
            "> **小结**\n>\n> - 甲\n> - 20%",
        ),
        (":::{container} margin\n旁注。\n:::", "> 旁注。"),
        (":::{container} start\n[读](masks.md)\n:::", "[读](masks.html)"),
        (
            "```{exercise-start} 题\n:label: ex-a\n```\n问。\n```{exercise-end}\n```",
            "## 练习 2：题\n\n问。",
        ),
        (
            "```{solution-start} ex-a\n:class: dropdown\n```\n答。\n```{solution-end}\n```",
            "### 练习 2 的解答\n\n答。",
        ),
        (
            "```{glossary}\n层（layer）\n  一步。\n\n掩码\n  零和一。\n```",
            "- **层（layer）**：一步。\n- **掩码**：零和一。",
        ),
        (
            "```{figure} ../a.png\n:alt: 图里: 有字\n:name: fig-a\n\n题。\n```",
            "> 图 3　题。\n>\n> 图里: 有字",
        ),
        (
            '```{raw} html\n<div><a href="build.json">build.json</a></div>\n```',
            "[build.json](../build.json)",
        ),
        ("```{ledger}\n```", "账本"),
        ("```{benchmark} steps\n:columns: 甲 | 乙\n```", "steps {'columns': '甲 | 乙'}"),
        ("```{unknown} a\n:b: c\n\n词。\n```", "词。"),
        ("~~~python\n{glue:text}`rate`\n~~~", "~~~python\n{glue:text}`rate`\n~~~"),
        ("$$\n{cite:p}`a`\n$$", "$$\n{cite:p}`a`\n$$"),
        ("% why\n(here)=\n文字。\n\n\n\n又。", "文字。\n\n又。"),
    ],
)
def test_blocks(myst, markdown):
    assert plain(myst, BOOK) == markdown


def test_the_code_of_the_library_is_shown_with_the_name_of_its_module():
    found = plain("```{source} dropout.Dropout.details\n```", BOOK)
    assert found.startswith("`nnbook/dropout.py`：\n\n```python\n")
    assert source("dropout.Dropout.details")[1] in found


def test_a_chapter_is_cut_into_text_and_code():
    chapter = (
        "---\nfile_format: mystnb\n---\n# 章\n\n```{code-cell} python3\n"
        "---\ntags: [hide-input]\nmystnb:\n  figure:\n    name: fig-a\n    caption: 题。\n---\n"
        "a = 1\n```\n\n```{code-cell} python3\n:tags: [remove-cell]\n\nb = {1: 2}\n```\n"
    )
    text, first, second = cells(chapter)
    assert (text.source, text.code) == ("# 章", False)
    assert (first.source, first.tags, first.caption, first.label) == (
        "a = 1",
        ["hide-input"],
        "题。",
        "fig-a",
    )
    assert (second.source, second.tags, second.caption) == ("b = {1: 2}", ["remove-cell"], "")


def test_works_are_named_once_in_the_order_of_the_text():
    assert cited("{cite:p}`b, a`。{cite:t}`a`，{cite}`c`") == ["b", "a", "c"]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_markup_of_the_book_is_left_in_any_chapter(path):
    anything = Anything()
    book = Book(
        values=anything,
        numbers=anything,
        homes={},
        works={},
        titles={},
        link=lambda name, _: f"{name}.md",
        site="../",
        source=source,
        parts={"eval-rst": lambda *_: "接口", "literalinclude": lambda *_: "代码"},
    )
    text = path.read_text(encoding="utf-8")
    found = "\n".join(plain(cell.source, book) for cell in cells(text) if not cell.code)
    code = re.compile(r"^(`{3,}|~~~)[\w ]*\n.*?^\1$", flags=re.MULTILINE | re.DOTALL)
    words = code.sub("", found)
    assert not re.search(r"\{[\w:+-]+\}`|:::|^:[\w-]+:|^```|file_format", words, re.MULTILINE)
    for name in re.findall(r"\{glue:text\}`([^`]+)`", text):
        assert f"（{name} 的值）" in found
    for claimed in re.findall(r"\{claim\}`([^<`]+?) <", text):
        assert claimed in found
    for named in re.findall(r"^```\{source\} (\S+)", text, flags=re.MULTILINE):
        assert source(named)[1] in found
