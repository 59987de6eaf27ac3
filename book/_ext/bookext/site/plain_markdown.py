"""From a chapter's MyST to Markdown that any program shows.

Line by line, since chapters keep to few forms: a directive begins and ends with a line of its
own, a paragraph is one line. What a directive or a role looks up is asked of a `Book`. A
form that is not known here loses its marks and keeps its words.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from bookext.words import _

ADMONITIONS = ("note", "tip", "hint", "warning", "important")
OPENS = re.compile(
    r"(?P<fence>`{3,}|~{3,}|:{3,}|\$\$)(?:\{(?P<name>[\w-]+)\}(?P<argument>.*)|[\w ]*)"
)
INLINE = re.compile(
    r"\{(?P<role>[a-zA-Z][\w:+-]*)\}(?P<ticks>`+)(?P<inside>.+?)(?P=ticks)"
    r"|(?P<code>(?P<around>`+)(?!`).+?(?<!`)(?P=around)(?!`))"
    r"|\[(?P<words>[^\]]*)\]\((?P<file>[\w./-]+)\.md(?:#[^)\s]*)?\)"
)


@dataclass(frozen=True)
class Book:
    """What a chapter's text refers to.

    Attributes:
        values: by name, what cells have published.
        numbers: of what is numbered, by label, such as ``Figure 3``.
        homes: the chapters of such labels, where a link leads anywhere.
        works: by key, the label and the text of each work that may be cited.
        titles: of the chapters, by file name without suffix.
        link: where a chapter is found, or a place in it; nothing where there is no chapter.
        site: what stands before the name of a file of the site.
        source: the module and the code that a dotted name stands for.
        parts: what stands for a directive that shows more than its own words, by its name: a
            function of its argument, its options and its lines.
    """

    values: Mapping[str, str]
    numbers: Mapping[str, str]
    homes: Mapping[str, str]
    works: Mapping[str, tuple[str, str]]
    titles: Mapping[str, str]
    link: Callable[[str, str], str]
    site: str
    source: Callable[[str], tuple[str, str]]
    parts: Mapping[str, Callable[[str, Mapping[str, str], Sequence[str]], str]] = field(
        default_factory=dict
    )


@dataclass(frozen=True)
class Cell:
    """A piece of a chapter: text, or code that is run."""

    source: str
    code: bool = False
    tags: Sequence[str] = ()
    caption: str = ""
    label: str = ""


@lru_cache(maxsize=1)  # asked for twice in a row
def cells(chapter: str) -> tuple[Cell, ...]:
    r"""The text and the code of a chapter, in turns.

    Example:
        >>> [cell.code for cell in cells("# a\n\n```{code-cell} python3\n1\n```\n")]
        [False, True]
    """
    chapter = re.sub(r"\A---\n.*?\n---\n", "", chapter, flags=re.DOTALL)
    found, text = [], list[str]()
    for lines, opened in _pieces(chapter.splitlines()):
        if opened is None or opened["name"] != "code-cell":
            text += lines
            continue
        found += [Cell("\n".join(text).strip())] if any(text) else []
        text = []
        options, body = _options(lines[1:-1])
        figure = options.get("mystnb", {}).get("figure", {})
        found.append(
            Cell(
                "\n".join(body).strip("\n"),
                code=True,
                tags=options.get("tags", ()),
                caption=figure.get("caption", ""),
                label=figure.get("name", ""),
            )
        )
    return (*found, *([Cell("\n".join(text).strip())] if any(text) else []))


def plain(text: str, book: Book) -> str:
    r"""Give the Markdown of a text.

    Example:
        >>> book = Book({"rate": "20%"}, {}, {}, {}, {}, lambda *_: "", "", lambda _: ("", ""))
        >>> print(plain(":::{note}\n{glue:text}`rate`\n:::", book))
        > **Note**
        >
        > 20%
    """
    blocks: list[str] = []
    for lines, opened in _pieces(text.splitlines()):
        if opened is None:
            kept = (line for line in lines if not re.match(r"%|\+\+\+|\([\w-]+\)=", line))
            blocks.append("\n".join(inline(line, book) for line in kept))
        elif opened["name"] is None:
            blocks.append("\n".join(lines))
        else:
            blocks.append(_directive(opened["name"], opened["argument"].strip(), lines, book))
    parts = [block.strip("\n") for block in blocks]
    # Blank lines say no more when there are two; in code, they stay.
    parts = [part if "```" in part else re.sub(r"\n{3,}", "\n\n", part) for part in parts]
    return "\n\n".join(part for part in parts if part)


def computes(chapter: str) -> bool:
    """Whether a chapter has code that is run."""
    return re.search(r"^```\{code-cell\}", chapter, flags=re.MULTILINE) is not None


def inline(text: str, book: Book) -> str:
    """Put the words of roles, and the addresses of links, into a line."""

    def words(match: re.Match[str]) -> str:
        if match["code"]:
            return match[0]
        if match["file"]:
            name = match["file"].rpartition("/")[2]
            shown = match["words"] or book.titles.get(name, name)
            return linked(shown, book.link(name, ""))
        return _role(match["role"], match["inside"], book)

    return INLINE.sub(words, text)


def linked(words: str, address: str) -> str:
    """Words that lead to an address, if there is one."""
    return f"[{words}]({address})" if address else words


def cited(text: str) -> list[str]:
    """The keys of the works that a chapter cites, each once, in the order of the text."""
    found = re.findall(r"\{cite[\w:]*\}`([^`]+)`", text)
    return list(dict.fromkeys(key.strip() for keys in found for key in keys.split(",")))


def fenced(code: str, language: str = "") -> str:
    """A block of code, within more backticks than it has itself."""
    longest = max(map(len, re.findall("`{3,}", code)), default=2)
    return f"{'`' * (longest + 1)}{language}\n{code}\n{'`' * (longest + 1)}"


def quoted(text: str) -> str:
    """A quotation."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""A table.

    Example:
        >>> print(table(["a", "b"], [["1", "2|3"]]))
        | a | b |
        | --- | --- |
        | 1 | 2\|3 |
    """
    lines = [header, ["---"] * len(header), *rows]
    cell = "\\|".join
    return "\n".join(f"| {' | '.join(cell(each.split('|')) for each in row)} |" for row in lines)


def _pieces(lines: Sequence[str]) -> Iterator[tuple[Sequence[str], re.Match[str] | None]]:
    """Runs of lines: of text, or of a fence with all that it holds, a formula among them."""
    start = at = 0
    while at < len(lines):
        opened = OPENS.fullmatch(lines[at])
        if opened is None:
            at += 1
            continue
        if start < at:
            yield lines[start:at], None
        ends = (n for n in range(at + 1, len(lines)) if lines[n].rstrip() == opened["fence"])
        end = next(ends, len(lines))
        yield lines[at : end + 1], opened
        start = at = end + 1
    if start < at:
        yield lines[start:at], None


def _options(lines: Sequence[str]) -> tuple[dict[str, Any], Sequence[str]]:
    """The options of a directive, written as YAML or as fields, and the rest of its lines."""
    if lines and lines[0] == "---":
        end = lines.index("---", 1)
        return _yaml("\n".join(lines[1:end])), lines[end + 1 :]
    options: dict[str, Any] = {}
    for at, line in enumerate(lines):
        given = re.fullmatch(r":([\w-]+):\s*(.*)", line)
        if given is None:
            return options, lines[at:]
        options[given[1]] = _yaml(given[2]) if given[2].startswith("[") else given[2]
    return options, []


def _yaml(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def _role(name: str, inside: str, book: Book) -> str:
    words, _, target = inside.rpartition("<")
    words, target = words.strip(), target.rstrip(">").strip()
    if name.startswith("glue:"):
        return book.values.get(inside, inside)
    if name.startswith("cite"):
        labels = (book.works.get(key.strip(), (key.strip(), ""))[0] for key in inside.split(","))
        return linked(f"\\[{', '.join(labels)}\\]", book.link("references", ""))
    if name == "claim":
        address = book.link("results", f"claim-{target}")
        return linked(words, address if "#" in address else "")
    if name == "numref":
        number = book.numbers.get(inside, inside)
        return linked(number, book.link(book.homes[inside], inside) if inside in book.homes else "")
    return words or inside


def _directive(name: str, argument: str, lines: Sequence[str], book: Book) -> str:
    options, body = _options(lines[1:-1])
    inner = "\n".join(body)
    if name in book.parts:
        return book.parts[name](argument, options, body)
    if name == "source":
        module, code = book.source(argument)
        return f"`{module}`{_(': ').rstrip()}\n\n{fenced(code, 'python')}"
    if name == "admonition" or name in ADMONITIONS:
        title = argument or _(name.capitalize())
        return quoted(f"**{title}**\n\n{plain(inner, book)}")
    if name == "container" and argument == "margin":
        return quoted(plain(inner, book))
    if name == "figure":
        caption = plain(inner, book)
        number = book.numbers.get(options.get("name", ""), "")
        words = f"{number}{_(' | ')}{caption}" if number else caption
        return quoted(f"{words}\n\n{options.get('alt', '')}".strip("\n"))
    if name == "table":
        number = book.numbers.get(options.get("name", ""), "")
        return f"**{number}**{_(' | ')}{plain(argument, book)}\n\n{plain(inner, book)}"
    if name.startswith(("exercise", "solution")):
        if name.endswith("-end"):
            return ""
        label = argument if name.startswith("solution") else options.get("label", "")
        numbered = book.numbers.get(label, _("Exercise"))
        heading = f"## {numbered}{_(': ')}{argument}"
        if label == argument:
            heading = f"### {_('Solution to {exercise}').format(exercise=numbered)}"
        return f"{heading}\n\n{plain(inner, book)}"
    if name == "glossary":
        terms = re.sub(r"^(\S.*)\n[ ]+", rf"- **\1**{_(': ')}", inner, flags=re.MULTILINE)
        return plain(re.sub(r"\n{2,}", "\n", terms), book)
    if name == "raw":
        leads = re.sub(r'<a href="([^":]*)">(.*?)</a>', rf"[\2]({book.site}\1)", inner)
        return html.unescape(re.sub(r"<[^>]*>", "", leads))
    if name in ("code-block", "code"):
        return fenced(inner, argument)
    return plain(inner, book)
