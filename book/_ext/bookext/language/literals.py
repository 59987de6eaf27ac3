"""The words in code: literals and comments that are written in the language of the book.

They are put into another language before the code runs, so that what is shown is what ran.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from typing import Any

# Takes a message and the number of its line, gives what shall stand there.
Put = Callable[[str, int], str]
# Chinese characters and the punctuation that goes with them.
FOREIGN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
OPENING = re.compile(r"[A-Za-z]*(?P<quote>\"\"\"|'''|\"|')")
F_STRING_START = getattr(tokenize, "FSTRING_START", None)  # since Python 3.12
F_STRING_END = getattr(tokenize, "FSTRING_END", None)
Span = tuple[int, int]  # from where to where in the text
BETWEEN = {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.COMMENT}


def python(
    text: str, put: Put, *, docstrings: bool = True, kept: frozenset[str] = frozenset()
) -> str:
    """Python code with its messages put into another language.

    Args:
        text: the code.
        put: gives the words that stand for a message.
        docstrings: whether those are messages, too.
        kept: strings that are names and no words.

    Raises:
        SyntaxError: it is no Python.

    Example:
        >>> python('a("掩码")  # 每次', lambda message, line: f"{line}: {message}")
        'a("1: 掩码")  # 1: 每次'
    """
    ast.parse(text)  # before Python 3.12, the tokenizer lets pass what is none
    starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]
    pieces = []
    for begin, end, is_comment in _spans(text, starts, docstrings):
        literal = text[begin:end]
        if not FOREIGN.search(literal) or literal.strip("\"'") in kept:
            continue
        line = text.count("\n", 0, begin) + 1
        if is_comment:
            mark = re.match(r"#+\s*", literal)[0]  # type: ignore[index]
            pieces.append((begin, end, mark + put(literal[len(mark) :], line)))
        else:
            opening = OPENING.match(literal)
            quote, head = opening["quote"], opening[0]  # type: ignore[index]
            body = literal[len(head) : -len(quote)]
            pieces.append((begin, end, head + quoted(put(body, line), quote) + quote))
    return replaced(text, pieces)


def _spans(text: str, starts: list[int], docstrings: bool) -> Iterator[tuple[int, int, bool]]:
    """Where strings and comments stand."""
    before, opened, depth = tokenize.NEWLINE, 0, 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        begin = starts[token.start[0] - 1] + token.start[1]
        end = starts[token.end[0] - 1] + token.end[1]
        if token.type == F_STRING_START:
            opened, depth = (begin, 1) if depth == 0 else (opened, depth + 1)
        elif token.type == F_STRING_END:
            depth -= 1
            if depth == 0:
                yield opened, end, False
        elif depth == 0 and token.type == tokenize.COMMENT:
            yield begin, end, True
        elif depth == 0 and token.type == tokenize.STRING:
            alone = before in BETWEEN and _ends_line(text, end)
            if docstrings or not alone:
                yield begin, end, False
        if token.type not in {tokenize.NL, tokenize.COMMENT}:
            before = token.type


def _ends_line(text: str, end: int) -> bool:
    return text[end:].split("\n", 1)[0].strip() == ""


def quoted(words: str, quote: str) -> str:
    r"""Words between quotes: a quote in them is escaped, but for the code in braces.

    Example:
        >>> print(quoted('the "same" {n}', '"'))
        the \"same\" {n}
    """
    parts = re.split(r"(\{[^{}]*\})", words)
    mark = quote[0]
    parts[::2] = [re.sub(rf"(?<!\\){mark}", rf"\\{mark}", part) for part in parts[::2]]
    return "".join(parts)


def replaced(text: str, pieces: list[tuple[int, int, str]]) -> str:
    """A text with pieces of it replaced.

    Example:
        >>> replaced("a-b-c", [(0, 1, "x"), (4, 5, "z")])
        'x-b-z'
    """
    parts, at = [], 0
    for begin, end, words in sorted(pieces):
        parts += [text[at:begin], words]
        at = end
    return "".join([*parts, text[at:]])


def javascript(text: str, put: Put) -> str:
    """JavaScript with its messages put into another language; comments stay.

    Example:
        >>> javascript("x = `${n} 个`; // 'a'", lambda message, line: message.replace("个", "of"))
        "x = `${n} of`; // 'a'"
    """
    pieces = []
    for begin, end in _javascript_strings(text):
        if FOREIGN.search(text, begin, end):
            words = put(text[begin + 1 : end - 1], text.count("\n", 0, begin) + 1)
            quote = text[begin]
            escaped = words if quote == "`" else re.sub(rf"(?<!\\){quote}", rf"\\{quote}", words)
            pieces.append((begin, end, quote + escaped + quote))
    return replaced(text, pieces)


def javascript_skeleton(text: str) -> list[Any]:
    r"""JavaScript without the words in its strings; the code in a text has no order.

    Example:
        >>> javascript_skeleton("x = `${n} 个`;") == javascript_skeleton("x = `of ${n}`;")
        True
        >>> javascript_skeleton('x = "a";') == javascript_skeleton('x = "a\\\\" + y + "";')
        False
    """
    found: list[Any] = []
    at = 0
    for begin, end in _javascript_strings(text):
        found.append(text[at:begin])
        if "\n" in text[begin:end] and text[begin] != "`":
            found.append("a string that does not end in its line")
        found.append(sorted(map(repr, _expressions(text, begin, end))))
        at = end
    return [*found, text[at:]]


def _expressions(text: str, begin: int, end: int) -> Iterator[list[Any]]:
    """The code in a text between backticks."""
    at = begin + 1
    while text[begin] == "`" and at < end:
        if text[at] == "\\":
            at += 2
        elif text.startswith("${", at):
            close = _expression_end(text, at + 2)
            yield javascript_skeleton(text[at + 2 : close - 1])
            at = close
        else:
            at += 1


def _javascript_strings(text: str) -> Iterator[Span]:
    """Where strings stand: of nested ones, the outermost."""
    at = 0
    while at < len(text):
        if text.startswith("//", at):
            at = text.find("\n", at) % (len(text) + 1)
        elif text.startswith("/*", at):
            at = text.index("*/", at) + 2
        elif text[at] in "\"'`":
            end = _string_end(text, at)
            yield at, end
            at = end
        elif text[at] == "/" and re.search(r"[(,=:\[!&|?{};\n]\s*$", text[max(0, at - 40) : at]):
            found = re.compile(r"/(?:\[(?:\\.|[^\]\\\n])*\]|\\.|[^/\\\n\[])+/").match(text, at)
            at = found.end() if found else at + 1  # a regular expression may hold quotes
        else:
            at += 1


def _string_end(text: str, begin: int) -> int:
    quote, at = text[begin], begin + 1
    while text[at] != quote:
        if text[at] == "\\":
            at += 2
        elif quote == "`" and text.startswith("${", at):
            at = _expression_end(text, at + 2)
        else:
            at += 1
    return at + 1


def _expression_end(text: str, at: int) -> int:
    depth = 1
    while depth:
        if text[at] in "\"'`":
            at = _string_end(text, at)
            continue
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return at
