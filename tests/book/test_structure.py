"""Translations are text: none can bring code, HTML, links or blocks into a book."""

import pytest
from bookext.language import catalogues
from bookext.language.structure import skeleton
from project import make, translate

LAB = '"""Doc."""\n\nTITLE = "掩码"\n\n\ndef told(n):\n    return f"一共 {n} 个"  # 每次\n'
STATIC = "const WORDS = { one: \"掩码\", two: (n) => `${n} 个`, three: '别的' };\n"
CHAPTER = """---
file_format: mystnb
kernelspec: {name: python3, display_name: Python 3}
---
# 章

一句话。

- 一项

| 头 | 二 |
| --- | --- |
| 格 | 子 |

:::{note}
里面的话。
:::

```{code-cell} python3
---
mystnb:
  figure:
    caption: 图的话
---
print("词")
```
"""
SETTINGS = "title: 书\nsphinx:\n  config:\n    html_title: 书名\n"
DOCUMENTS = {
    "src/nnbook/lab/a.py": LAB,
    "book/_static/a.js": STATIC,
    "book/a.md": CHAPTER,
    "_config.yml": SETTINGS,
    "_toc.yml": "root: book/a\n",
}


@pytest.fixture
def root(tmp_path):
    for name, text in DOCUMENTS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def said(root, words):
    catalogues.update(root, "en")
    for path in (root / catalogues.FOLDER / "en").glob("*.po"):
        catalogue = catalogues.read(path, "en")
        for each in catalogue:
            if each.id:
                each.string = words.get(each.id, each.id.translate(WORDS))
        catalogues.write(path, catalogue)
    return list(catalogues.complaints(root, "en"))


WORDS = {ord(sign): "w" for sign in "掩码一共个每次别的章句话项头二格子里面图词书名。"}


def test_a_book_in_other_words_has_the_same_structure(root):
    assert said(root, {}) == []


@pytest.mark.parametrize(
    ("message", "translation"),
    [
        # Out of a string of Python, in each way there is.
        ("掩码", "masks\\"),
        ("掩码", 'masks\\\\" + exit() + "'),
        ("一共 {n} 个", 'of {n" + str(exit()) + "}'),
        ("一共 {n} 个", "of {n} {exit()}"),
        ("每次", "each\nexit()"),
        # Out of one of JavaScript.
        ("掩码", 'masks\\\\", bad: alert(), x: "'),
        ("${n} 个", "of ${n} ${alert()}"),
        ("${n} 个", "of ${n}`, bad: alert(), x: `"),
        ("别的", "other\\\\', bad: alert(), x: '"),
        # Out of a line of a chapter.
        ("一句话。", "A <b>sentence</b>."),
        ("一句话。", "A <script src=//example.org/a.js>"),
        ("一句话。", "A <!-- sentence."),
        ("一句话。", "See [this](https://example.org)."),
        ("一句话。", "See <https://example.org>."),
        ("一句话。", "![](https://example.org/a.png)"),
        ("一句话。", "```{raw} html"),
        ("一句话。", "A sentence.\n\n```{code-cell} python3\nexit()\n```"),
        ("一句话。", "    exit()"),
        ("一句话。", "# A title"),
        ("一句话。", "A sentence.\\"),
        ("一项", "```{raw} html"),
        ("格", "cell | another"),
        ("子", "cell\\"),
        ("里面的话。", ":::"),
        ("里面的话。", "<b>inside</b>"),
        ("图的话", "a picture\n    name: other"),
        ("词", 'word\\\\"); exit(); print("'),
        # Out of a setting.
        ("书名", "book\n    extensions: [evil]"),
    ],
)
def test_what_is_more_than_text_is_refused_with_its_place(root, message, translation):
    found = said(root, {message: translation})
    assert found
    assert all(f"the translation of “{message}” " in each for each in found), found
    assert all(each.startswith(tuple(DOCUMENTS)) for each in found), found


def test_the_source_may_say_what_myst_lets_it_say(root):
    chapter = root / "book/a.md"
    chapter.write_text(CHAPTER.replace("一句话。", "一句<br>话。"), encoding="utf-8")
    assert said(root, {"一句<br>话。": "A sentence<br>here."}) == []
    faults = said(root, {"一句<br>话。": "A sentence here."})
    assert "leaves out the HTML <br>" in faults[0]


@pytest.mark.parametrize(
    ("name", "text", "other", "same"),
    [
        ("a.py", 'f"{a}{b} 个"', 'f"of {b} and {a}"', True),
        ("a.py", 'f"{a}{b} 个"', 'f"of {b}"', False),
        ("a.js", "`${a}${b} 个`", "`of ${b} and ${a}`", True),
        ("a.js", "`${a}${b} 个`", "`of ${b} and ${b}`", False),
    ],
)
def test_what_is_put_into_a_text_has_no_order_but_is_all_there(name, text, other, same):
    assert (skeleton(name, text) == skeleton(name, other)) is same


def test_a_build_publishes_no_translation_that_is_code(tmp_path):
    project = make(tmp_path)
    words = {"文字。": "Words <img src=x onerror=alert()>.", "另一章": "Another"}
    translate(project, lambda message: words.get(message, message))
    code, output = project.build(BOOK_LANGUAGES="zh,en")
    assert code != 0
    assert "the translation of “文字。” adds the HTML <img src=x onerror=alert()>" in output
