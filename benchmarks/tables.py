"""What a benchmark gives: a table with a title, to print and to keep."""

from dataclasses import dataclass, field

from benchmarks.timing import Spread

Cell = str | Spread


@dataclass
class Table:
    """A table, ratios before absolute figures.

    Attributes:
        identity: by which the book's page knows it.
        title: one line.
        columns: of the head.
        rows: of cells.
        notes: what is missing, and why.
    """

    identity: str
    title: str
    columns: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self) -> list[list[str]]:
        """The rows as they are shown."""
        return [[str(cell) for cell in row] for row in self.rows]

    def __str__(self) -> str:
        lines = [self.columns, *self.text()]
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.columns))]
        shown = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        shown.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join([f"\n{self.title}", *shown, *self.notes])
