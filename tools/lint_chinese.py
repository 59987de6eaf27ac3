"""Check spaces, punctuation and spelling of the Chinese text.

AutoCorrect knows the rules (see ``.autocorrectrc``), but of MyST only what is
plain Markdown: it skips the prose inside directives and would put spaces into
formulas. So code, formulas and targets are masked here, and directives opened.

Run ``python tools/lint_chinese.py`` to list what is wrong, or with ``--fix`` to
correct what AutoCorrect can. The exit code is 1 if anything is wrong.
"""

import re
import sys
from pathlib import Path

import autocorrect_py as autocorrect

ROOT = Path(__file__).resolve().parents[1]
CODE_DIRECTIVES = {
    *("bibliography", "code", "code-block", "code-cell", "eval-rst", "literalinclude"),
    *("math", "mermaid", "raw", "tableofcontents", "toctree"),
}
FENCE = re.compile(r"^\s*(?P<mark>`{3,}|~{3,}|:{3,})\s*(?:\{(?P<name>[\w:-]+)\})?(?P<title>.*)$")
TARGET = re.compile(r"^(\([\w:-]+\)=|%.*|\+\+\+.*)$")
HAN = re.compile(r"[\u4e00-\u9fff]")
# What is no prose inside a line: words (a role with a Chinese text keeps it), and marks.
INLINE = re.compile(
    r"""
    \{[\w:-]+\}(?P<role>`+)(?P<text>.+?)(?P=role)   # a role
    | (?P<ticks>`+).+?(?P=ticks)                    # code
    | (?<!\\)(?P<dollars>\${1,2})[^$]+(?P=dollars)  # a formula
    | <?https?://[\w./?=&%\#~:-]+>?                 # an address
    | (?P<mark>
        (?<=\])\([^)\s]*\)                          # the target of a link
        | </?\w[^>]*>                               # a tag
        | ^\s*:[\w-]+:                              # the name of a directive's option
        | (?<=[}\]`*])\{[^}]*\}                     # attributes
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


def prose_of(text: str) -> list[str]:
    """The lines of a MyST document with everything blanked that is no prose."""
    prose: list[str] = []
    fences: list[tuple[str, bool]] = []
    front_matter = text.startswith("---\n")
    for number, line in enumerate(text.splitlines()):
        if front_matter:
            front_matter = number == 0 or line != "---"
            prose.append("")
            continue
        fence = FENCE.match(line)
        mark, inside_code = fences[-1] if fences else ("", False)
        if (
            fence
            and fence["mark"].startswith(mark)
            and mark
            and not (fence["name"] or fence["title"])
        ):
            fences.pop()
            prose.append("")
        elif inside_code or TARGET.match(line):
            prose.append("")
        elif fence:
            name = fence["name"]
            # `:::` without a name is a plain block; three backticks without one are code.
            is_code = name in CODE_DIRECTIVES or (
                name is None and not fence["mark"].startswith(":")
            )
            fences.append((fence["mark"], is_code))
            prose.append("" if is_code or not HAN.search(fence["title"]) else line)
        else:
            prose.append(line)
    return prose


def mask(line: str) -> tuple[str, list[str]]:
    """Put a placeholder for each part that is no prose; the second value has the parts."""
    parts: list[str] = []

    def placeholder(match: re.Match[str]) -> str:
        if match["text"] and HAN.search(match["text"]):
            before, after = match[0].split(match["text"], 1)
            parts.extend([before, after])
            return f"{MARK}{match['text']}{MARK}"
        parts.append(match[0])
        return MARK if match["mark"] else WORD

    return INLINE.sub(placeholder, line), parts


def unmask(line: str, parts: list[str]) -> str:
    """Undo `mask`, also after AutoCorrect changed the text around the placeholders."""
    remaining = iter(parts)
    return re.sub(f"{WORD}|{MARK}", lambda _: next(remaining), line)


def corrected(prose: list[str]) -> list[str]:
    """The same lines as AutoCorrect would write them."""
    masked = [mask(line) for line in prose]
    # Each line stands alone: nothing that one line opens may swallow the next.
    fixed = [autocorrect.format_for(line, "text") if line else "" for line, _ in masked]
    return [unmask(line, parts) for line, (_, parts) in zip(fixed, masked, strict=True)]


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
    prose = prose_of(text)
    for index, (have, want) in enumerate(zip(prose, corrected(prose), strict=True)):
        if have != want and fix:
            lines[index] = want
        elif have != want:
            problems.append(
                f"{name}:{index + 1}: spacing, punctuation or spelling\n  - {have}\n  + {want}"
            )
        problems.extend(f"{name}:{index + 1}: {slip}" for slip in slips(have))
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
    paths = named or [ROOT / "README.zh-CN.md", *sorted((ROOT / "book").glob("**/*.md"))]
    problems = [problem for path in paths for problem in check(path, fix=fix)]
    print(
        "\n".join([*problems, f"{len(paths)} files, {len(problems)} problems in the Chinese text"])
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
