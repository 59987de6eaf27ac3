"""Check spaces, punctuation and spelling of the Chinese text.

AutoCorrect knows the rules (see ``.autocorrectrc``), but of MyST only what is
plain Markdown: it skips the prose inside directives and would put spaces into
formulas. So this finds the prose itself: the lines of a chapter without what is
markup, and the strings, captions and comments in code, which readers see as well.

Run ``python tools/lint_chinese.py`` to list what is wrong, or with ``--fix`` to
correct what AutoCorrect can. The exit code is 1 if anything is wrong.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import autocorrect_py as autocorrect

ROOT = Path(__file__).resolve().parents[1]
CODE = {None, "code", "code-block", "code-cell"}
OPAQUE = {
    *("bibliography", "eval-rst", "literalinclude", "math", "mermaid", "raw", "source"),
    *("tableofcontents", "toctree"),
}
FENCE = re.compile(r"^\s*(?P<mark>`{3,}|~{3,}|:{3,})\s*(?:\{(?P<name>[\w:-]+)\})?(?P<title>.*)$")
TARGET = re.compile(r"^(\([\w:-]+\)=|%.*|\+\+\+.*)$")
HAN = re.compile(r"[\u4e00-\u9fff]")
PROSE_IN_CODE = re.compile(r"""("|')(?P<string>.*?)\1|# (?P<comment>.+)|caption: (?P<caption>.+)""")
# What is no prose inside a line: words (a role with a Chinese text keeps it), and marks.
INLINE = re.compile(
    r"""
    (?P<value>\{glue:\w+\}`[^`]+`)                 # a number or words: nobody knows here
    | \{[\w:-]+\}(?P<role>`+)(?P<text>.+?)(?P=role)   # a role
    | (?P<ticks>`+).+?(?P=ticks)                    # code
    | (?<!\\)(?P<dollars>\${1,2})[^$]+(?P=dollars)  # a formula
    | <?https?://[\w./?=&%\#~:-]+>?                 # an address
    | (?P<mark>
        (?<=\])\([^)\s]*\)                          # the target of a link
        | </?\w[^>]*>                               # a tag
        | ^\s*:[\w-]+:                              # the name of a directive's option
        | \{(?:[^{}]|\{[^{}]*\})*\}                 # attributes, or a value in a string
    )
    """,
    re.VERBOSE,
)
WORD, MARK = "Mask", "\x01"
# What AutoCorrect lets pass.
SLIPS = [
    (re.compile(r"[\u4e00-\u9fff][,;:!?]|[,;!?][\u4e00-\u9fff]"), "half-width punctuation"),
    (re.compile(r"\([^()]*[\u4e00-\u9fff][^()]*\)"), "half-width brackets around Chinese"),
    (re.compile(r"\"[^\"]*[\u4e00-\u9fff][^\"]*\""), "straight quotes around Chinese"),
]


class Prose(NamedTuple):
    """Some text that people read, and where it stands."""

    row: int
    column: int
    text: str


def prose_in_chapter(text: str) -> Iterator[Prose]:
    """The prose of a MyST document, line by line."""
    fences: list[tuple[str, str]] = []
    front_matter = text.startswith("---\n")
    for row, line in enumerate(text.splitlines()):
        if front_matter:
            front_matter = row == 0 or line != "---"
            continue
        fence = FENCE.match(line)
        mark, kind = fences[-1] if fences else ("", "prose")
        bare = fence is not None and not (fence["name"] or fence["title"])
        if fence and mark and bare and fence["mark"].startswith(mark):
            fences.pop()
        elif kind == "code":
            yield from prose_in_line_of_code(row, line)
        elif fence and kind == "prose":
            fences.append((fence["mark"], kind_of(fence["name"], fence["mark"])))
            if fence["name"] not in CODE | OPAQUE:
                yield Prose(row, 0, line)
        elif kind == "prose" and not TARGET.match(line):
            yield Prose(row, 0, line)


def kind_of(directive: str | None, mark: str) -> str:
    """What stands inside a fence: prose, code, or nothing that is read."""
    if directive in OPAQUE:
        return "nothing"
    # `:::` without a name is a plain block; three backticks without one are code.
    return "code" if directive in CODE and not (directive is None and mark[0] == ":") else "prose"


def prose_in_line_of_code(row: int, line: str) -> Iterator[Prose]:
    """The strings, the caption or the comment in a line of code, if they are Chinese."""
    for match in PROSE_IN_CODE.finditer(line):
        if match.lastgroup and HAN.search(match[match.lastgroup]):
            yield Prose(row, match.start(match.lastgroup), match[match.lastgroup])


def prose_in(path: Path, text: str) -> list[Prose]:
    """The prose of a chapter or of a Python file."""
    if path.suffix == ".py":
        lines = enumerate(text.splitlines())
        return [prose for row, line in lines for prose in prose_in_line_of_code(row, line)]
    return list(prose_in_chapter(text))


def mask(line: str) -> tuple[str, list[str]]:
    """Put a placeholder for each part that is no prose; the second value has the parts."""
    parts: list[str] = []

    def placeholder(match: re.Match[str]) -> str:
        if match["text"] and HAN.search(match["text"]):
            before, after = match[0].split(match["text"], 1)
            parts.extend([before, after])
            return f"{MARK}{match['text']}{MARK}"
        parts.append(match[0])
        return MARK if match["mark"] or match["value"] else WORD

    return INLINE.sub(placeholder, line), parts


def unmask(line: str, parts: list[str]) -> str:
    """Undo `mask`, also after AutoCorrect changed the text around the placeholders."""
    remaining = iter(parts)
    return re.sub(f"{WORD}|{MARK}", lambda _: next(remaining), line)


def corrected(text: str) -> str:
    """The same text as AutoCorrect would write it."""
    masked, parts = mask(text)
    return unmask(autocorrect.format_for(masked, "text"), parts) if text else ""


def slips(line: str) -> list[str]:
    """What AutoCorrect lets pass in one line of prose."""
    masked, _ = mask(line)
    found = [
        f"{message}: {match[0]}" for pattern, message in SLIPS for match in pattern.finditer(masked)
    ]
    pieces = masked.split("**")  # every other one is bold
    for bold, after in zip(pieces[1::2], pieces[2::2], strict=False):
        if re.search(r"[，。：；！？、）”」》]$", bold) and re.match(r"\w", after):
            found.append(f"not bold, put the punctuation outside the stars: **{bold}**")
    return found


def check(path: Path, *, fix: bool) -> list[str]:
    """All that is wrong in one file; with `fix`, all that is left after correcting it."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    problems: list[str] = []
    # From the last to the first, so that a correction moves nothing that is still to come.
    for row, column, have in reversed(prose_in(path, text)):
        want = corrected(have)
        found = slips(have)
        if have != want and fix:
            lines[row] = lines[row][:column] + want + lines[row][column + len(have) :]
        elif have != want:
            found.insert(0, f"spacing, punctuation or spelling\n  - {have}\n  + {want}")
        problems[:0] = [f"{name}:{row + 1}: {problem}" for problem in found]
    if fix and lines != text.splitlines():
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return problems


def main(arguments: list[str]) -> int:
    """Check the files named, or all Chinese text of the repository."""
    autocorrect.load_config(  # type: ignore[attr-defined]  # its stub forgets it
        (ROOT / ".autocorrectrc").read_text(encoding="utf-8")
    )
    fix = "--fix" in arguments
    named = [Path(name).resolve() for name in arguments if name != "--fix"]
    paths = named or [
        ROOT / "README.zh-CN.md",
        *sorted((ROOT / "book").glob("**/*.md")),
        *sorted((ROOT / "src" / "nnbook" / "lab").glob("*.py")),
    ]
    problems = [problem for path in paths for problem in check(path, fix=fix)]
    print(
        "\n".join([*problems, f"{len(paths)} files, {len(problems)} problems in the Chinese text"])
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
