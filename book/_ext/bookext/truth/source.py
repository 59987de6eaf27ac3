"""``{source}``: show code of the book's package by name, without its docstring.

The code that a reader sees is the code that is tested: nothing is copied into a
chapter. The prose around it is the explanation, so docstrings stay out; the API
page has them.
"""

import ast
import textwrap
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import set_source_info

from bookext.state import environment

LONGEST = 32


class Source(SphinxDirective):
    """Show one class, function, method or assignment, for example ``module.Class.method``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        package = environment.package(self.env.app)
        if package is None:
            raise self.error("{source} shows code of the package that book_package names: set it")
        try:
            path, code = find(package, name)
        except LookupError as error:
            raise self.error(f"{{source}} {name}: {error}") from error
        length = len(code.splitlines())
        if length > LONGEST:
            raise self.error(
                f"{{source}} {name}: {length} lines are too many to read at a time "
                f"(at most {LONGEST}); name a method of it instead"
            )
        self.env.note_dependency(str(path))
        block = nodes.literal_block(code, code, language="python")
        set_source_info(self, block)
        module = path.relative_to(package.parent).as_posix()
        label = nodes.paragraph("", "", nodes.literal("", f"{module}"), classes=["source-name"])
        return [nodes.container("", label, block, classes=["source"])]


def find(package: Path, name: str) -> tuple[Path, str]:
    """The file and the code, without docstrings, that a dotted name stands for.

    Raises:
        LookupError: there is no such module or name in it.
    """
    path, rest = package, name.split(".")
    while rest and (path / rest[0]).is_dir():
        path /= rest.pop(0)
    if not rest or not (path / f"{rest[0]}.py").is_file():
        raise LookupError(f"no such module in {package.name}")
    path /= f"{rest.pop(0)}.py"
    text = path.read_text(encoding="utf-8")
    node: ast.AST = ast.parse(text)
    for part in rest:
        node = _member(node, part)
    if isinstance(node, ast.Module):
        raise LookupError("name a class, a function or a variable in the module")
    return path, _code(text, node)


def _member(parent: ast.AST, name: str) -> ast.AST:
    for node in getattr(parent, "body", []):
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if getattr(node, "name", None) == name or name in names:
            return node  # type: ignore[no-any-return]
    raise LookupError(f"there is no {name}")


def _code(text: str, node: ast.AST) -> str:
    lines = text.splitlines()
    hidden: set[int] = set()
    for inner in ast.walk(node):
        if (
            not isinstance(inner, ast.ClassDef | ast.FunctionDef)
            or ast.get_docstring(inner) is None
        ):
            continue
        docstring = inner.body[0]
        end = docstring.end_lineno or docstring.lineno
        hidden.update(range(docstring.lineno, end + 1))
        if len(inner.body) == 1:  # an abstract method: something must stand in its body
            lines[end - 1] = " " * docstring.col_offset + "..."
            hidden.discard(end)
        if len(inner.body) > 1 and not lines[end].strip():
            hidden.add(end + 1)
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])  # type: ignore[attr-defined]
    last = node.end_lineno  # type: ignore[attr-defined]
    kept = [lines[number - 1] for number in range(first, last + 1) if number not in hidden]
    return textwrap.dedent("\n".join(kept))


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("source", Source)
