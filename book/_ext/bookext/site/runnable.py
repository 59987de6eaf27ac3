"""Which cells a reader can run in the page, and why others cannot be run there.

The browser has NumPy and `nnbook`. A cell runs there if all that it uses is there, or was made
by a cell above that runs there, too. Its class says so, and the script reads it.
"""

import ast
import builtins
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.application import Sphinx

RUNNABLE = "runnable"
# Of a module, or of a name in it, the reason why no page has it.
UNAVAILABLE = {
    "matplotlib": "figure",
    "nnbook.lab.diagrams": "figure",
    "nnbook.lab.drawing": "figure",
    "nnbook.lab.figures": "figure",
    "nnbook.lab.widgets": "figure",
    "nnbook.lab.arms": "runs",
    "nnbook.lab.evidence": "runs",
    "nnbook.lab.outcomes": "runs",
    "nnbook.lab.results": "runs",
    "myst_nb": "build",
}
HIDDEN = "build"  # it only hands numbers to the text
REASONS = ("figure", "runs", HIDDEN)  # of several, the first is told


def reasons(cells: Sequence[tuple[str, bool]]) -> list[str | None]:
    """For each cell the reason why it can't be run in a page, or ``None``.

    Args:
        cells: the source of each, and whether it is hidden.

    Example:
        >>> drawn = "from nnbook.lab import figures"
        >>> reasons([("a = 1", False), (drawn, False), ("figures.curves(a)", False)])
        [None, 'figure', 'figure']
    """
    made: dict[str, str | None] = {}  # by name, why the cell that made it last can't run
    found = []
    for source, hidden in cells:
        tree = ast.parse(source)
        lacking = {made.get(name) for name in _needed(tree)}
        imported = {name: UNAVAILABLE.get(name) for name in _imported(tree)}
        lacking |= set(imported.values())
        reason = HIDDEN if hidden else next((each for each in REASONS if each in lacking), None)
        made |= dict.fromkeys(_made(tree.body), reason)
        # Of a name that no page has, the reason is its own, wherever it was imported.
        made |= {name.split(".")[-1]: own for name, own in imported.items() if own}
        found.append(reason)
    return found


def mark(app: Sphinx, doctree: nodes.document) -> None:
    """Give each code cell of a chapter a class that says whether it runs in the page."""
    executed = Path(app.env.mystnb_config.output_folder, f"{app.env.docname}.ipynb")  # type: ignore[attr-defined]
    shown = [
        cell for cell in doctree.findall(nodes.container) if cell.get("nb_element") == "cell_code"
    ]
    if not shown or not executed.is_file():
        return
    notebook = nbformat.read(executed, as_version=4)
    code = {i: cell for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"}
    found = reasons(
        [(cell.source, "remove-cell" in cell.metadata.get("tags", ())) for cell in code.values()]
    )
    by_index = dict(zip(code, found, strict=True))
    for cell in shown:
        reason = by_index[cell["cell_index"]]
        cell["classes"].append(RUNNABLE if reason is None else f"not-{RUNNABLE}-{reason}")


def _imported(tree: ast.Module) -> Iterator[str]:
    """Modules that are imported, with all that they are part of, and names out of them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _needed(tree: ast.Module) -> set[str]:
    """The names that a cell uses before it makes them."""
    needed: set[str] = set()
    own = set(dir(builtins))
    for statement in tree.body:
        used = {node.id for node in _names(statement) if isinstance(node.ctx, ast.Load)}
        made = {node.id for node in _names(statement) if not isinstance(node.ctx, ast.Load)}
        if isinstance(statement, ast.AugAssign):
            used |= made
        elif not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
            # A loop or a function uses what it makes itself.
            used -= made | {node.arg for node in ast.walk(statement) if isinstance(node, ast.arg)}
        needed |= used - own
        own |= _made([statement])
    return needed


def _made(statements: Sequence[ast.stmt]) -> set[str]:
    """The names that statements leave behind: not those within functions and classes."""
    made: set[str] = set()
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            made.add(statement.name)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            made |= {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
        else:
            made |= {node.id for node in _names(statement) if not isinstance(node.ctx, ast.Load)}
    return made


def _names(statement: ast.stmt) -> Iterator[ast.Name]:
    return (node for node in ast.walk(statement) if isinstance(node, ast.Name))
