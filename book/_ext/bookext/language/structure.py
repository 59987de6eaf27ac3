r"""What a document is besides its words: a translation may change the words alone.

A message ends in a backslash, and the quote behind it ends no string any more; it says ``\\"``, or
has a quote in braces, and what follows is code. Which characters do that depends on where a message
stands, so nothing is listed here: both documents are read as what they are, and compared.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from bookext.language.documents import CELL_OPTIONS, CODE
from bookext.language.literals import javascript_skeleton

# As _config.yml says it to Jupyter Book.
EXTENSIONS = {"amsmath", "colon_fence", "deflist", "dollarmath", "fieldlist"}
DIRECTIVE = re.compile(r"\{(?P<name>[\w:-]+)\}")


def skeleton(name: str, text: str) -> list[Any]:
    """A document without its words, to be compared with that of its translation.

    Args:
        name: its path in the project, which says of what kind it is.
        text: all of it.

    Raises:
        SyntaxError, yaml.YAMLError: it is nothing of its kind.

    Example:
        >>> source = skeleton("a.py", 'print("掩码", f"{n} 个")')
        >>> source == skeleton("a.py", 'print("masks", f"of {n}")')
        True
        >>> source == skeleton("a.py", 'print("masks", f"of {n}" or exit())')
        False
    """
    kind = PurePosixPath(name).suffix
    if kind == ".py":
        return [_dumped(ast.parse(text))]
    if kind == ".js":
        return javascript_skeleton(text)
    if kind == ".md":
        return list(_blocks(_parser().parse(text)))
    return [_shape(yaml.safe_load(text))]


def _dumped(node: object) -> Any:
    """Python without its texts; in an f-string, what is put into it has no order."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return "text"
    if isinstance(node, ast.JoinedStr):
        return sorted(repr(_dumped(each)) for each in node.values if not _is_text(each))
    if isinstance(node, ast.AST):
        return (type(node).__name__, *(_dumped(each) for _name, each in ast.iter_fields(node)))
    return [_dumped(each) for each in node] if isinstance(node, list) else repr(node)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant)


def _shape(value: Any) -> Any:
    """Settings without their words: names, numbers, and how they are nested."""
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_shape(each) for each in value]
    return "text" if isinstance(value, str) else value


@cache
def _parser() -> MarkdownIt:
    return create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML)


def _blocks(tokens: list[Token]) -> Iterator[Any]:
    """What is in a chapter, in order; within a paragraph, HTML and addresses alone."""
    for token in tokens:
        if token.type == "inline":
            yield sorted(set(_inline(token.children or [])))
        elif token.type in {"fence", "colon_fence"}:
            directive = DIRECTIVE.match(token.info)
            language = directive["name"] if directive else token.info.split(" ")[0]
            yield (token.type, token.level, language)
            if language in CODE:
                options = CELL_OPTIONS.match(token.content)
                head = options[0] if options else ""
                yield skeleton("cell.py", token.content[len(head) :])
                yield _shape(_options(head))
            elif directive:  # its options are words and their names, its body is text
                yield list(_blocks(_parser().parse(token.content)))
        elif token.type == "html_block":
            yield token.content
        elif token.type != "text":
            yield (token.type, token.tag, token.level)


def _options(head: str) -> Any:
    return yaml.safe_load(re.sub(r"^:", "", head, flags=re.MULTILINE).replace("---", ""))


def _inline(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "html_inline":
            yield token.content
        elif token.type in {"link_open", "image"}:
            yield str(token.attrs.get("href", token.attrs.get("src")))
        elif token.type == "hardbreak":
            yield token.type
        yield from _inline(token.children or [])
