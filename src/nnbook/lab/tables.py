"""Tables of results, for the page and for a screen reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows.

    Attributes:
        header: one name a column.
        rows: one text a column.

    Example:
        >>> Table(["x", "y"], [["1", "2"]])
        x  y
        1  2
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.header)
        body = "".join(
            f'<tr><th scope="row">{escape(first)}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
            + "</tr>"
            for first, *rest in self.rows
        )
        return (
            '<div class="table-wrapper"><table class="docutils">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def __repr__(self) -> str:
        return "\n".join("  ".join(row) for row in (self.header, *self.rows))
