"""The book's data plots: a picture, its alternative text and a table, all from the same values."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator, PercentFormatter

from nnbook.lab import drawing, formats
from nnbook.lab.drawing import BLUE, GREEN, INK, MUTED, ORANGE, PAPER, RED, Figure
from nnbook.lab.statistics import estimate, paired
from nnbook.lab.tables import Table

WITHOUT, WITH = ORANGE, BLUE
# Inches. Hardly wider than a phone, so that text stays readable there.
WIDE, TALL = (5.6, 2.8), (5.6, 3.6)


@dataclass(frozen=True)
class Line:
    """One line of a plot: a value a seed at each point of the x axis.

    Attributes:
        name: what stands beside the line.
        values: shape ``(seeds, points)``.
        colour: one of `drawing.COLOURS`, in its light form.
        dashed: whether the line is dashed, so that colour is not all that tells.
    """

    name: str
    values: npt.ArrayLike
    colour: str
    dashed: bool = False


def digits(
    images: npt.ArrayLike, captions: Sequence[str], *, name: str, columns: int = 10
) -> Figure:
    """Show images side by side, each with a caption below.

    Args:
        images: ``(n, 28, 28)``, 0 is paper and the largest value is ink.
        captions: one for each.
        name: of the figure.
        columns: images in a row.
    """
    array = np.asarray(images, dtype=float)
    rows = -(-len(array) // columns)
    picture = drawing.canvas(0.6 * columns, 0.85 * rows)
    grid = picture.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    captioned = zip(array, captions, strict=True)
    for axes, (image, caption) in zip(grid.flat, captioned, strict=False):
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=array.max(), interpolation="nearest")
        axes.set_title(caption, y=-0.4, fontsize=12, color=INK)
    alt = f"{len(array)} 张 28×28 像素的灰度图，依次是：{'、'.join(captions)}。"
    return drawing.finish(picture, name, alt)


def bars(labels: Sequence[str], values: Sequence[float], *, name: str, x: str, y: str) -> Figure:
    """Show one bar a label, with its value on top."""
    picture = drawing.canvas(*WIDE)
    axes = _axes(picture, x, y)
    axes.bar(labels, values, color=BLUE, width=0.7)
    for place, value in enumerate(values):
        axes.annotate(f"{value:g}", (place, value), ha="center", va="bottom", fontsize=11)
    rows = [(label, f"{value:g}") for label, value in zip(labels, values, strict=True)]
    told = "、".join(f"{label} 有 {value}" for label, value in rows)
    alt = f"柱状图，横轴是{x}，纵轴是{y}：{told}。"
    return drawing.finish(picture, name, alt, Table([x, y], rows))


def curves(
    lines: Sequence[Line],
    *,
    name: str,
    x: str,
    y: str,
    points: Sequence[float] | None = None,
    share: bool = True,
) -> Figure:
    """Show how means over seeds change, with a band of 95% intervals.

    Args:
        lines: what to draw.
        name: of the figure.
        x: what the x axis is.
        y: what the y axis is.
        points: places on the x axis, the same for all lines; by default 1, 2, …
        share: the values are shares, shown in percent.
    """
    picture = drawing.canvas(*TALL)
    axes = _axes(picture, x, y)
    told, columns = [], []
    for line in lines:
        values = np.atleast_2d(np.asarray(line.values, dtype=float))
        places = np.arange(1, values.shape[1] + 1) if points is None else np.asarray(points)
        mean = values.mean(axis=0)
        shown = formats.accuracy if share else formats.number
        heading, cells = line.name, list(map(shown, mean))
        if len(values) > 1:
            bands = [estimate(column) for column in values.T]
            low, high = [band.low for band in bands], [band.high for band in bands]
            axes.fill_between(places, low, high, color=line.colour, alpha=0.18, linewidth=0)
            heading += "（95% 区间）"
            cells = [
                f"{cell}（{shown(band.low)} 至 {shown(band.high)}）"
                for cell, band in zip(cells, bands, strict=True)
            ]
        columns.append([heading, *cells])
        style = "--" if line.dashed else "-"
        axes.plot(places, mean, style, color=line.colour, linewidth=2, label=line.name)
        best = int(np.argmax(mean) if share else np.argmin(mean))
        told.append(
            f"{line.name}：从 {shown(mean[0])} 到 {shown(mean[-1])}，"
            f"{'最高' if share else '最低'} {shown(mean[best])}（{x} {places[best]:g}）"
        )
    if share:
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    if points is None:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", linewidth=0.8)
    _legend(axes, len(lines))
    header, *rows = zip([x, *(f"{place:g}" for place in places)], *columns, strict=True)
    alt = f"折线图，横轴是{x}，纵轴是{y}。{'；'.join(told)}。"
    return drawing.finish(picture, name, alt, Table(header, rows))


def pairs(first: Sequence[float], second: Sequence[float], *, name: str, what: str) -> Figure:
    """Show the difference ``first - second`` of accuracies for every seed, and their mean."""
    difference = paired(first, second)
    values = 100 * np.subtract(first, second)
    picture = drawing.canvas(*WIDE)
    axes = _axes(picture, "种子", what)
    axes.axhline(0, color=MUTED, linewidth=1)
    seeds = np.arange(len(values))
    axes.vlines(seeds, 0, values, color=MUTED, linewidth=1)
    for above, colour, marker in ((True, BLUE, "o"), (False, ORANGE, "v")):
        chosen = (values > 0) == above
        axes.plot(seeds[chosen], values[chosen], marker, color=colour, markersize=7)
    place = len(values) + 0.5
    ends = 100 * np.array([[difference.mean - difference.low], [difference.high - difference.mean]])
    axes.errorbar(place, 100 * difference.mean, ends, color=INK, marker="D", capsize=5, linewidth=2)
    named = seeds[:: 1 + len(seeds) // 12]
    axes.set_xticks([*named, place], [*map(str, named), "平均"])
    alt = (
        f"点图，纵轴是{what}，每个种子一个点：{difference.seeds} 个种子里有 {difference.above} 个"
        f"大于零；平均 {formats.points(difference)}。"
    )
    rows = [(f"{seed}", formats.signed(value)) for seed, value in zip(seeds, values, strict=True)]
    mean = f"{formats.signed(100 * difference.mean)}{formats.interval(difference, 100)}"
    return drawing.finish(picture, name, alt, Table(["种子", what], [*rows, ("平均", mean)]))


def histograms(
    edges: npt.ArrayLike, shares: dict[str, npt.ArrayLike], *, name: str, x: str, y: str
) -> Figure:
    """Show distributions as steps over the same bins."""
    places = np.asarray(edges, dtype=float)
    picture = drawing.canvas(*WIDE)
    axes = _axes(picture, x, y)
    told, columns = [], []
    looks = ((WITHOUT, "--"), (WITH, "-"), (GREEN, ":"), (RED, "-."))
    for (label, values), (colour, style) in zip(shares.items(), looks[: len(shares)], strict=True):
        heights = np.asarray(values, dtype=float)
        columns.append([label, *map(formats.accuracy, heights)])
        axes.stairs(heights, places, color=colour, linewidth=2, linestyle=style, label=label)
        told.append(f"{label}：第一格占 {formats.accuracy(float(heights[0]))}")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="y", linewidth=0.8)
    _legend(axes, len(shares))
    bins = [f"{low:g} 至 {high:g}" for low, high in pairwise(places)]
    header, *rows = zip([x, *bins], *columns, strict=True)
    alt = f"直方图，横轴是{x}，纵轴是{y}。{'；'.join(told)}。"
    return drawing.finish(picture, name, alt, Table(header, rows))


def masks(image: npt.ArrayLike, covers: npt.ArrayLike, *, name: str, rate: float) -> Figure:
    """Show one digit under several masks; what a mask strikes out is red.

    Args:
        image: ``(28, 28)``.
        covers: ``(n, 28, 28)``, true where a pixel survives.
        name: of the figure.
        rate: of the layer that drew the masks.
    """
    kept = np.asarray(covers, dtype=bool)
    titles = ["原图", *(f"第 {call} 次" for call in range(1, len(kept) + 1))]
    rows = -(-len(titles) // 3)
    picture = drawing.canvas(4.8, 1.8 * rows)
    red, paper = mpl.colors.to_rgb(RED), mpl.colors.to_rgb(PAPER)
    grey = 1 - np.asarray(image, dtype=float)[..., np.newaxis].repeat(3, axis=2) / np.max(image)
    layers = [np.ones_like(kept[0]), *kept]
    for axes in (grid := picture.subplots(rows, 3, squeeze=False)).flat:
        axes.axis("off")
    for axes, mask, title in zip(grid.flat, layers, titles, strict=False):
        shown = np.where(mask[..., np.newaxis], grey * paper, red)
        axes.imshow(shown, interpolation="nearest")
        axes.set_title(title, y=-0.18, fontsize=12, color=INK)
    shares = "、".join(formats.accuracy(1 - float(mask.mean())) for mask in kept)
    differ = len({mask.tobytes() for mask in kept}) == len(kept) > 1
    alt = (
        f"同一张数字图和盖在它上面的 {len(kept)} 张掩码，丢弃率 {formats.percent(rate)}；"
        f"红色是被盖住的像素，各张盖住 {shares}{'，位置每次都不同' if differ else ''}。"
    )
    return drawing.finish(picture, name, alt)


def _axes(picture: Canvas, x: str, y: str) -> Axes:
    with mpl.rc_context(drawing.STYLE):
        axes: Axes = picture.add_subplot()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return axes


def _legend(axes: Axes, entries: int) -> None:
    # Above the plot: text in the reader's font is wider than matplotlib thinks.
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=min(entries, 2),
        frameon=False,
        columnspacing=5,
        labelcolor=INK,
        handlelength=2.4,
    )
