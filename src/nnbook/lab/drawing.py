"""From matplotlib to a picture that belongs to its page.

An SVG whose text stays text, whose colours follow the page's theme, whose ids are
its own, and that says in words what it shows.
"""

import io
import re
import warnings
from dataclasses import dataclass
from html import escape
from typing import Any

try:
    import matplotlib as mpl
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "nnbook.lab draws with Matplotlib, which is not installed: pip install 'nnbook[lab]'"
    ) from error
from matplotlib.figure import Figure as Canvas
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from nnbook.lab.tables import Table

# Name: in light, in dark. The light value is what matplotlib draws with; in the
# SVG it becomes a CSS variable of that name.
COLOURS = {
    "ink": ("#1f2328", "#e6edf3"),
    "muted": ("#59636e", "#9198a1"),
    "grid": ("#d1d9e0", "#3d444d"),
    "blue": ("#0757ba", "#79b8ff"),
    "orange": ("#a84300", "#ffa657"),
    "green": ("#116329", "#6fdd8b"),
    "red": ("#b3202c", "#ff938a"),
    "paper": ("#fefefe", "#1a1c1e"),
}
INK, MUTED, GRID, BLUE, ORANGE, GREEN, RED, PAPER = (light for light, _ in COLOURS.values())

STYLE: Any = {
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.labelsize": 13,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 13,
    "grid.color": GRID,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
}


@dataclass(frozen=True)
class Figure:
    """A picture with its alternative text, both made from the same values.

    Attributes:
        svg: an ``<svg>`` element to put into a page.
        alt: what it shows, in words.
        numbers: what it was drawn from, which folds out below it; ``None`` for
            a picture of something else than numbers.
    """

    svg: str
    alt: str
    numbers: Table | None = None

    def _repr_html_(self) -> str:
        picture = f'<div class="figure-drawing">{self.svg}</div>'
        if self.numbers is None:
            return picture
        return (
            # Not for the search, whose results would be columns of figures.
            f'{picture}<details class="numbers" data-pagefind-ignore><summary>图中的数</summary>'
            f"{self.numbers._repr_html_()}</details>"
        )

    def __repr__(self) -> str:
        return self.alt

    def standalone(self) -> str:
        """The picture as a file of its own, light or dark as the viewer prefers."""
        light, dark = (
            ";".join(f"--fig-{name}:{pair[theme]}" for name, pair in COLOURS.items())
            for theme in (0, 1)
        )
        style = (
            f"<style>svg{{{light};font-family:sans-serif}}"
            f"@media(prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
        )
        head, rest = self.svg.split(">", 1)
        return f"{head}>{style}{rest}\n"


def canvas(width: float, height: float) -> Canvas:
    """An empty drawing of that size in inches, in the book's style."""
    with mpl.rc_context(STYLE):
        # Chinese glyphs are taller than those that matplotlib measures instead.
        return Canvas(figsize=(width, height), layout=ConstrainedLayoutEngine(h_pad=0.12))


def finish(drawing: Canvas, name: str, alt: str, numbers: Table | None = None) -> Figure:
    """Turn a drawing into a figure.

    Args:
        drawing: from `canvas`.
        name: distinguishes the ids of this picture from others on the page.
        alt: what it shows, in words.
        numbers: what it was drawn from.
    """
    output = io.StringIO()
    with mpl.rc_context(STYLE | {"svg.hashsalt": name}), warnings.catch_warnings():
        # The reader's browser has the Chinese glyphs; matplotlib's font need not.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        drawing.savefig(output, format="svg")
    return Figure(_tidy(output.getvalue(), name, alt), alt, numbers)


def png(drawing: Canvas) -> bytes:
    """The drawing as a PNG on white paper, for places that show no SVG."""
    output, small = io.BytesIO(), io.BytesIO()
    with mpl.rc_context(STYLE):
        drawing.savefig(output, format="png", dpi=130, facecolor="white")
    Image.open(output).convert("RGB").quantize(32).save(small, format="png", optimize=True)
    return small.getvalue()


def _tidy(svg: str, name: str, alt: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(
        r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.S
    )
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="|url\()#', rf"\g<1>#{name}-", svg)
    # A family of its own would stand against the page's.
    svg = re.sub(r"; font-family: [^;\"]*", "", svg)
    for colour, (light, _) in COLOURS.items():
        svg = svg.replace(light, f"var(--fig-{colour}, {light})")
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()  # type: ignore[union-attr]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" width="{float(width):.0f}" height="{float(height):.0f}" '
        f'role="img" aria-label="{escape(alt)}" style="stroke-linejoin:round;stroke-linecap:butt">'
    )
    svg = head + svg[svg.index(">") + 1 :]
    return re.sub(r"\n\s*", "\n", svg).strip()
