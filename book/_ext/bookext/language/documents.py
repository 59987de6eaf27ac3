"""The messages of a document, and the document with other words.

A message is a line of text, or of a table a cell: paragraphs of this book stand in one line each.
So a translated document has the lines of its source, and an error names the same line of both.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import PurePosixPath

from docutils import nodes
from myst_parser.mdit_to_docutils.base import default_slugify

from bookext.language.literals import FOREIGN, Put, javascript, python

FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})(?:\{?(?P<language>[\w-]+)\}?)?.*")
# What stands before the words of a line: places of headings, lists, options, directives.
MARKS = re.compile(
    r"(?:\s*(?:#{1,6}\s+|[-*+]\s+|\d+\.\s+|>\s+|:\s+|:[\w-]+:\s+|[:`]{3,}\{[\w-]+\}\s+))*\s*"
)
CODE = {"code-cell", "python"}
BLOCK = re.compile(r"^(`{3,}|~{3,})\{?(?:code-cell|python).*?^\1$", re.MULTILINE | re.DOTALL)
CELL_OPTIONS = re.compile(r"\A---\n.*?\n---\n|\A(?::[^\n]*\n)+", re.DOTALL)
SETTING = re.compile(r"(?P<mark>\s*(?:- )?(?:[\w-]+:\s+))(?P<words>.*?)(?P<end>(?:\s+#.*)?)$")
NO_WORDS = re.compile(r"\s*(?:#|[a-z]{2}_[A-Z]{2}: )")  # comments, and a language's name in itself
PLAIN_YAML = re.compile(r"[^\W\d_](?:(?!: |:$| #)[^\"'{}\[\]])*")
ANCHORED = 3  # as `myst_heading_anchors` says
NAMES = re.compile(r"\{glue:\w+\}`([^`<]+)`")


def translated(name: str, text: str, put: Put) -> str:
    """A document with other words.

    Args:
        name: its path in the project, which says of what kind it is.
        text: all of it.
        put: gives the words that stand for a message in a line.
    """
    kind = PurePosixPath(name).suffix
    if kind == ".md":
        return markdown(text, put)
    if kind == ".py":
        return python(text, put, docstrings=False)
    if kind == ".js":
        return javascript(text, put)
    return "".join(yaml(line, put, number) for number, line in _numbered(text))


@cache  # a build asks three times for those of every document
def messages(name: str, text: str) -> tuple[tuple[str, int], ...]:
    r"""The messages of a document, each with its line.

    Example:
        >>> messages("book/a.md", "# 掩码\n\n- 一\n- 二\n")
        (('掩码', 1), ('一', 3), ('二', 4))
    """
    found = []

    def put(message: str, line: int) -> str:
        found.append((message, line))
        return message

    translated(name, text, put)
    return tuple(found)


def markdown(text: str, put: Put) -> str:
    r"""A chapter with other words; of a name that a cell gives to a value, nothing is changed.

    Example:
        >>> markdown("1. 写 `a`\n", lambda message, line: f"<{message}>")
        '1. <写 `a`>\n'
    """
    names = frozenset(NAMES.findall(text))
    parts: list[str] = []
    code: list[str] = []
    closing, first = "", 0
    for number, line in _numbered(text):
        if closing:
            if line.strip() == closing:
                parts += [_cell("".join(code), _from(put, first), names), line]
                closing = ""
            else:
                code.append(line)
            continue
        fence = FENCE.match(line)
        if fence and fence["language"] in CODE:
            closing, code, first = fence["fence"], [], number
            parts.append(line)
        else:
            parts.append(_line(line, put, number))
    if closing:
        raise ValueError(f"line {first}: this block of code is never closed")
    return "".join(parts)


def section_names(text: str) -> list[str]:
    r"""The names of a chapter's sections, made of their titles; deep ones have none.

    docutils makes them of the Latin letters, MyST where there are none or that name is taken.

    Example:
        >>> section_names("# 掩码 `x`\n\n## 掩码\n\n#### 深\n")
        ['x', '掩码']
    """
    names: list[str] = []
    for title in re.finditer(rf"^#{{1,{ANCHORED}}} +(.*)$", without_code(text), flags=re.MULTILINE):
        words = re.sub(r"[`*]|\{[\w:]+\}", "", title[1])
        made = nodes.make_id(words)
        names.append(made if made and made not in names else default_slugify(words))
    return names


def without_code(text: str) -> str:
    r"""A chapter without what stands between fences.

    Example:
        >>> without_code("a\n```python\n# b\n```\n# c")
        'a\n\n# c'
    """
    return re.sub(
        r"^(`{3,})\{?(?:code-cell|python).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL
    )


def yaml(line: str, put: Put, number: int) -> str:
    r"""A line of settings with other words after the colon, quoted where YAML asks for it.

    Example:
        >>> yaml("caption: 掩码\n", lambda message, line: "mask: a", 1)
        'caption: "mask: a"\n'
    """
    setting = SETTING.match(line.rstrip("\n"))
    if not FOREIGN.search(line) or setting is None or NO_WORDS.match(line):
        return line
    words = put(setting["words"], number)
    if setting["words"][0] not in "{[\"'" and not PLAIN_YAML.fullmatch(words):
        words = json.dumps(words, ensure_ascii=False)
    return f"{setting['mark']}{words}{setting['end']}\n"


def _numbered(text: str) -> enumerate[str]:
    return enumerate(text.splitlines(keepends=True), start=1)


def _from(put: Put, lines: int) -> Put:
    return lambda message, line: put(message, line + lines)


def _line(line: str, put: Put, number: int) -> str:
    if not FOREIGN.search(line):
        return line
    if line.lstrip().startswith("|"):
        cells = re.split(r"(?<!\\)(\s*\|\s*)", line)
        cells[::2] = [_put(cell, put, number) for cell in cells[::2]]
        return "".join(cells)
    mark = MARKS.match(line)[0]  # type: ignore[index]
    words = line[len(mark) :].rstrip("\n")
    return mark + _put(words, put, number) + line[len(mark) + len(words) :]


def _put(words: str, put: Callable[[str, int], str], number: int) -> str:
    return put(words, number) if FOREIGN.search(words) else words


def _cell(text: str, put: Put, names: frozenset[str]) -> str:
    """A cell: its options are settings, the rest is Python."""
    options = CELL_OPTIONS.match(text)
    head = options[0] if options else ""
    above = "".join(yaml(line, put, number) for number, line in _numbered(head))
    return above + python(text[len(head) :], _from(put, head.count("\n")), kept=names)
