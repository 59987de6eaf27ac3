"""What a message of a chapter is, and that everything else stays, line by line."""

from pathlib import Path

import pytest
import yaml
from bookext.language.catalogues import documents
from bookext.language.documents import messages, section_names, translated

ROOT = Path(__file__).parents[2]
NAMES = documents(ROOT)


def put(words):
    return lambda message, line: words[message]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("# 标题", ["标题"]),
        ("- 一", ["一"]),
        ("12. 一", ["一"]),
        ("  一句话。", ["一句话。"]),
        ("> 引用", ["引用"]),
        (":::{admonition} 学完", ["学完"]),
        ("```{exercise-start} 换一个", ["换一个"]),
        (":label: ex-rate", []),
        ("English only", []),
        ("| 一 | `a` | 二 \\| 三 |", ["一", "二 \\| 三"]),
        ("**掩码**（mask）是 {glue:text}`a`", ["**掩码**（mask）是 {glue:text}`a`"]),
    ],
)
def test_words_of_a_line(line, found):
    assert [message for message, _ in messages("book/a.md", f"{line}\n")] == found


CELL = """```{code-cell} python3
---
tags: [hide-input]
mystnb:
  figure:
    name: fig-a
    caption: 一张图：两条线
---
print("一")  # 二
```
"""


def test_a_cell_has_settings_and_code():
    assert [*messages("book/a.md", CELL)] == [("一张图：两条线", 7), ("一", 9), ("二", 9)]


def test_settings_are_quoted_where_yaml_asks_for_it():
    words = {"一张图：两条线": 'A "figure": two lines', "一": "one", "二": "two"}
    cell = translated("book/a.md", CELL, put(words))
    options = yaml.safe_load(cell.split("---\n")[1])
    assert options["mystnb"]["figure"]["caption"] == 'A "figure": two lines'
    assert 'print("one")  # two' in cell


def test_the_name_of_a_language_in_itself_is_no_message():
    assert [*messages("_config.yml", "a:\n  zh_CN: 中文\n  b: 中文 # 注\n  # 中文\n")] == [
        ("中文", 3)
    ]


def test_names_that_cells_give_are_no_messages():
    text = '{glue:text}`低` 了。\n\n```{code-cell} python3\nglue("低", 1)\nprint("低 ")\n```\n'
    assert [*messages("book/a.md", text)] == [("{glue:text}`低` 了。", 1), ("低 ", 5)]


def test_other_code_is_text():
    text = "```text\n一\n```\n\n~~~python\nx = '二'  # 三\n~~~\n"
    assert [message for message, _ in messages("book/a.md", text)] == ["一", "二", "三"]


def test_a_block_of_code_that_never_ends_is_named():
    with pytest.raises(ValueError, match="line 2: this block of code is never closed"):
        messages("book/a.md", "\n```python\nx = 1\n")


def test_sections_have_the_names_that_their_pages_show():
    text = "# 掩码\n\n## `train()` 和 **评估**\n\n```python\n# 注\n```\n\n#### 深\n"
    assert section_names(text) == ["掩码", "train"]


@pytest.mark.parametrize("name", NAMES)
def test_a_document_of_the_book_stays_as_it_is(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert translated(name, text, lambda message, line: message) == text
    other = translated(name, text, lambda message, line: "x" + "\n" * message.count("\n"))
    assert other.count("\n") == text.count("\n")
