"""What the extension says on pages is English in the code, and all of it is there in Chinese."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from bookext import words
from bookext.site.notebooks import SAID, SET_UP
from bookext.site.plain_markdown import ADMONITIONS
from project import FRONT, ROOT
from sphinx import locale

BOOKEXT = ROOT / "book/_ext/bookext"
CODE = sorted(BOOKEXT.glob("**/*.py"))
TEMPLATES = sorted((ROOT / "book/_templates").glob("**/*.html"))
HAN = re.compile(r"[\u3400-\u9fff]")
IN_TEMPLATES = re.compile(r"""\b_\((?P<quote>['"])(?P<said>.*?)(?P=quote)\)""")


def catalogue(language):
    with (words.HERE / f"{language}.po").open("rb") as file:
        return {str(each.id): each for each in read_po(file, abort_invalid=True) if each.id}


def said_in_code(path):
    """What a module says by `_`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
            yield from (part.value for part in node.args if isinstance(part, ast.Constant))


def said():
    """Everything that is said on pages, but for the cells of benchmarks."""
    found = {match["said"] for path in TEMPLATES for match in IN_TEMPLATES.finditer(read(path))}
    found |= {words for path in CODE for words in said_in_code(path)}
    found |= {name.capitalize() for name in ADMONITIONS}
    _head, _, script = SET_UP.read_text(encoding="utf-8").partition('"""\n\n')
    script = re.sub(r"  # (?:noqa|type): .*", "", script)
    return found | {match[0] for match in SAID.finditer(script)}


def read(path):
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", [path.stem for path in sorted(words.HERE.glob("*.po"))])
def test_nothing_is_left_to_translate(language):
    known = catalogue(language)
    assert len(said()) > 80
    assert said() - {name for name, each in known.items() if each.string} == set()
    fields = re.compile(r"\{\w*\}")
    for name, each in known.items():
        assert sorted(fields.findall(name)) == sorted(fields.findall(each.string)), name


def test_nothing_is_translated_that_nobody_says():
    kept = read(ROOT / "benchmarks/results.json")
    cells = {name for name in catalogue("zh_CN") if f'"{name}"' in kept}
    assert set(catalogue("zh_CN")) - said() - cells - {"yes", "no"} == set()


@pytest.mark.parametrize("path", [*CODE, *TEMPLATES], ids=lambda path: path.stem)
def test_no_chinese_is_typed_where_another_language_would_show_it(path):
    if path.suffix == ".html":
        typed = HAN.findall(read(path))
    else:
        tree = ast.parse(read(path))
        kinds = ast.Module, ast.ClassDef, ast.FunctionDef
        docstrings = {
            ast.get_docstring(node, clean=False)
            for node in ast.walk(tree)
            if isinstance(node, kinds)
        }
        typed = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value not in docstrings
            and HAN.search(node.value)
        ]
    assert typed == []


def test_without_a_catalogue_the_extension_speaks_english():
    assert words._("Evidence") == "证据"
    with words.compiled("eo") as folder:
        translator, found = locale.init([folder], "eo", words.CATALOG, "nowhere")
    assert not found
    assert translator.gettext("Evidence") == "Evidence"


def test_it_speaks_one_language_after_the_other(monkeypatch):
    monkeypatch.setattr(locale, "translators", dict(locale.translators))
    for language, said in (("zh_CN", "证据"), ("en", "Evidence"), ("zh_CN", "证据")):
        words.speak(language)
        assert words._("Evidence") == said


CHAPTER = f"""{FRONT}
# A chapter

The rate is {{glue:text}}`rate`, as {{numref}}`fig-mask` shows.

```{{code-cell}} python3
:tags: [hide-input]
from bookext.state.cells import claim
from myst_nb import glue
from nnbook import Dropout

rate = Dropout(rng=0).dropout_rate
glue("rate", rate, display=False)
claim("it-drops", rate > 0, f"the rate is {{rate}}")
```

It {{claim}}`drops <it-drops>`.

```{{figure}} ../images/dropout.png
:alt: Two networks.
:name: fig-mask

A mask.
```

:::{{note}}
What it does.
:::

```{{source}} dropout.Dropout.details
```
"""


def test_a_book_in_english_shows_no_chinese(project):
    project.replace("_config.yml", "language: zh_CN", "language: en")
    project.replace("_config.yml", "      zh_CN: 中文\n", "")  # what is left is its own language
    config = project.root / "_config.yml"
    text = config.read_text(encoding="utf-8").replace("丢弃层：一本会自己计算的书", "A book")
    text = text.replace("图 %s", "Fig. %s").replace("显示代码", "Show").replace("收起代码", "Hide")
    config.write_text(text, encoding="utf-8")
    project.write("index", "# Cover\n\nBegin [here](other.md).\n\n```{ledger}\n```\n")
    project.write("other", CHAPTER)
    code, output = project.build(BOOK_BASE_URL="https://example.org/", BOOK_LANGUAGES="")
    assert code == 0, output
    for name in ("index.html", "other.html", "search.html", "404.html"):
        assert HAN.findall((project.site / name).read_text(encoding="utf-8")) == [], name
    for name in ("index.md", "other.md", "other.ipynb"):
        assert HAN.findall((project.site / "notebooks" / name).read_text("utf-8")) == [], name
    page = project.page("other")
    for words_of_ours in (
        "Cite this page",
        "Take this chapter along: ",
        "Fingerprint of this page",
    ):
        assert words_of_ours in page
    assert "holds: the rate is 0.2" in project.page("index")
    assert "> **Note**" in (project.site / "notebooks/other.md").read_text("utf-8")


def test_a_word_of_the_extension_brings_no_html(tmp_path, monkeypatch):
    monkeypatch.setattr(words, "HERE", tmp_path)
    catalogue = 'msgid "Contents"\nmsgstr "目录{}"\n'
    (tmp_path / "zh_CN.po").write_text(catalogue.format("<script src=a>"), encoding="utf-8")
    with (
        pytest.raises(
            SystemExit, match=r"zh_CN\.po: the translation of “Contents” is “目录<script"
        ),
        words.compiled("zh_CN"),
    ):
        pass
    (tmp_path / "zh_CN.po").write_text(catalogue.format(""), encoding="utf-8")
    with words.compiled("zh_CN") as folder:
        assert list(Path(folder).rglob("*.mo"))
