"""``{benchmark}``: a table of what was measured, with its day, machine and commit.

Clocks do not belong into a build that gives the same bytes twice, so what was
measured is stored; a table whose code has changed since then says so.
"""

import json
import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bookext.state import precompute
from bookext.words import _

NUMBER = re.compile(r"(?<![\w.,])\d+(\.\d+)?(e[+-]?\d+)?(?![\w.])")


class Benchmark(SphinxDirective):
    """Show the table of that name; ``columns`` are its heads in the book's language.

    With a ``caption`` it has a number, and a link that leads to it.
    """

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        "columns": directives.unchanged_required,
        "caption": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        try:
            columns, rows, words = kept(
                self.env.app, self.arguments[0], self.options.get("columns", "")
            )
        except LookupError as error:
            raise self.error(str(error.args[0])) from error
        table = _table(columns, rows)
        if caption := self.options.get("caption"):
            title = nodes.title(caption, caption)
            self.set_source_info(title)
            table.insert(0, title)
            table["names"].append(f"tab-{self.arguments[0]}")
            self.state.document.note_explicit_target(table, table)
        return [table, _bound(words)]


def kept(app: Sphinx, name: str, heads: str) -> tuple[list[str], list[list[str]], str]:
    """The heads and the rows of a table, in the book's language, and where it was measured.

    Raises:
        LookupError: there is no such table, or it has more or fewer columns.
    """
    results = app.config.book_benchmarks
    tables = json.loads(Path(app.srcdir, results).read_text(encoding="utf-8"))
    if name not in tables:
        raise LookupError(
            f"no table {name!r} in {results}, which has "
            f"{', '.join(sorted(tables))}; measure it first"
        )
    table = tables[name]
    columns = [part.strip() for part in heads.split("|")]
    if len(columns) != len(table["columns"]):
        raise LookupError(f"{name} has {len(table['columns'])} columns: {table['columns']}")
    where = table["measured"]
    words = _("Measured on {date} on {machine}; {versions}; commit {commit}.").format_map(where)
    if where["fingerprint"] != precompute.named(app.config.book_benchmarks_state)():
        words += _(" This table was measured before the latest change of the code.")
    # Benchmarks speak English, whatever the book speaks.
    rows = [[readable(_(cell)) if cell else "" for cell in row] for row in table["rows"]]
    return columns, rows, words


def readable(cell: str) -> str:
    """Numbers as people write them: no powers of ten, and few places behind the point.

    Example:
        >>> readable("1.9e+03 (953–2.42e+03)"), readable("0.000656"), readable("float64, 1.23")
        ('1,900 (953–2,420)', '0.0007', 'float64, 1.23')
    """
    return NUMBER.sub(lambda found: _readable(found[0]), cell)


def _readable(written: str) -> str:
    value = float(written)
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1g}" if 0 < value < 0.01 else written


def _table(columns: list[str], rows: list[list[str]]) -> nodes.table:
    group = nodes.tgroup(cols=len(columns))
    group += [nodes.colspec(colwidth=1) for _ in columns]
    group += nodes.thead("", _row(columns))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", group)


def _row(cells: list[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", _bound(cell)) for cell in cells))


def _bound(text: str) -> nodes.paragraph:
    """A paragraph that nobody typed, marked as `glue` marks what it pastes."""
    return nodes.paragraph("", "", nodes.inline(text, text, classes=["pasted-text"]))


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("benchmark", Benchmark)
