"""``{benchmark}``: a table that `make bench` has kept, with its day, machine and commit.

Clocks do not belong into a build that gives the same bytes twice, so what was
measured is stored; a table whose code has changed since then says so.
"""

import json
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

RESULTS = "benchmarks/results.json"

# The benchmarks speak English, the book does not.
WORDS = {
    "yes": "是",
    "no": "否",
    "no change": "什么也没改",
    "one line of prose": "一行正文",
    "samples": "图片",
    "epochs": "轮次",
    "width": "宽度",
    "published": "基准实验",
    "longer": "训练得更久",
    "usual": "常用的搭法",
    "sweep": "丢弃率从低到高",
    "noisy": "一部分标签是错的",
    "all": "全部",
    "from the click to the first epoch, s": "从按下到第一个轮次，秒",
    "the run, times CPython": "整个基准实验，是 CPython 的几倍",
    "the same figure": "结果和书里的一字不差",
    "seeds as a stack, times one by one": "种子叠起来跑，是一个一个跑的几倍",
    "longest task of the page, ms": "网页最长一次没有回应，毫秒",
    "scripts before any click, KB": "全部小部件的脚本，压缩后，KB",
}


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
                Path(self.env.srcdir), self.arguments[0], self.options.get("columns", "")
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


def kept(root: Path, name: str, heads: str) -> tuple[list[str], list[list[str]], str]:
    """The heads and the rows of a table, in the book's language, and where it was measured.

    Raises:
        LookupError: there is no such table, or it has more or fewer columns.
    """
    # Imported late, as in `bookext.state.precompute`.
    from nnbook.lab.store import fingerprint

    tables = json.loads((root / RESULTS).read_text(encoding="utf-8"))
    if name not in tables:
        raise LookupError(
            f"no table {name!r} in {RESULTS}, which has {', '.join(sorted(tables))}; "
            f"measure it with `make bench ARGS='{name} --keep'`"
        )
    table = tables[name]
    columns = [part.strip() for part in heads.split("|")]
    if len(columns) != len(table["columns"]):
        raise LookupError(f"{name} has {len(table['columns'])} columns: {table['columns']}")
    where = table["measured"]
    words = f"{where['date']} 测于 {where['machine']}；{where['versions']}；"
    words += f"提交 {where['commit']}。"
    if where["fingerprint"] != fingerprint():
        words += "这张表是在代码最近一次改动之前测的。"
    rows = [[WORDS.get(cell, cell) for cell in row] for row in table["rows"]]
    return columns, rows, words


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
