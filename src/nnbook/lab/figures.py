"""The book's data plots: a picture, its alternative text and a table, all from the same values."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# First, since it says what to install where there is no Matplotlib.
from nnbook.lab.drawing import BLUE, GREEN, INK, MUTED, ORANGE, PAPER, RED, Figure

# isort: split
import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator, PercentFormatter

from nnbook.lab import drawing, formats
from nnbook.lab.statistics import Estimate, Sample, estimate
from nnbook.lab.tables import Table

WITHOUT, WITH = ORANGE, BLUE
# Of a difference, by its sign: what it is called, its colour, its marker.
SIGNS = {
    1.0: (formats.HIGHER[0], BLUE, "o"),
    0.0: (formats.TIED, GREEN, "s"),
    -1.0: (formats.HIGHER[1], ORANGE, "v"),
}
# Inches. Hardly wider than a phone, so that text stays readable there.
WIDE, TALL = (5.6, 2.8), (5.6, 3.6)


@dataclass(frozen=True)
class Line:
    """One line of a plot: a value a seed at each point of the x axis.

    Attributes:
        name: what stands beside the line.
        values: shape ``(seeds, points)``; of a curve over epochs, what its ``to_draw`` gives.
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
    picture = drawing.canvas(0.6 * columns, 0.95 * rows)
    grid = picture.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    captioned = zip(array, captions, strict=True)
    for axes, (image, caption) in zip(grid.flat, captioned, strict=False):
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=array.max(), interpolation="nearest")
        axes.set_title(caption, y=-0.55, fontsize=12, color=INK)
    alt = f"{len(array)} 张 28×28 像素的灰度图，依次是：{'、'.join(captions)}。"
    return drawing.finish(picture, name, alt)


def bars(labels: Sequence[str], values: Sequence[float], *, name: str, x: str, y: str) -> Figure:
    """Show one bar a label, with its value on top."""
    picture = drawing.canvas(*WIDE)
    axes = _axes(picture, x, y)
    axes.bar(labels, values, color=BLUE, width=0.7)
    for place, value in enumerate(values):
        at = (place, value)
        axes.annotate(f"{value:g}", at, ha="center", va="bottom", fontsize=11, color=INK)
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
    logarithmic: bool = False,
) -> Figure:
    """Show how means over seeds change, with a band of 95% intervals.

    No extreme is told in words: the best of many noisy points is good luck.

    Args:
        lines: what to draw.
        name: of the figure.
        x: what the x axis is.
        y: what the y axis is.
        points: places on the x axis, the same for all lines; by default 1, 2, …
        share: the values are shares, shown in percent.
        logarithmic: the x axis goes by factors; its marks are at ``points``.
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
            bands = [estimate(Sample(column, "种子")) for column in values.T]
            low, high = [band.low for band in bands], [band.high for band in bands]
            axes.fill_between(places, low, high, color=line.colour, alpha=0.18, linewidth=0)
            heading += "（95% 置信区间）"
            cells = [
                f"{cell}（{shown(band.low)} 至 {shown(band.high)}）"
                for cell, band in zip(cells, bands, strict=True)
            ]
        columns.append([heading, *cells])
        style = "--" if line.dashed else "-"
        axes.plot(places, mean, style, color=line.colour, linewidth=2, label=line.name)
        middle = len(mean) // 2
        told.append(
            f"{line.name}：从 {shown(mean[0])} 经 {shown(mean[middle])}（{x} {places[middle]:g}）"
            f"到 {shown(mean[-1])}"
        )
    if share:
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    if points is None:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    elif logarithmic:
        axes.set_xscale("log")
        axes.set_xticks(list(points), [f"{point:g}" for point in points])
        axes.xaxis.minorticks_off()
    axes.grid(axis="y", linewidth=0.8)
    _legend(axes, len(lines))
    header, *rows = zip([x, *(f"{place:g}" for place in places)], *columns, strict=True)
    alt = f"折线图，横轴是{x}，纵轴是{y}。{'；'.join(told)}。"
    return drawing.finish(picture, name, alt, Table(header, rows))


def pairs(sample: Sample, difference: Estimate, *, name: str, what: str) -> Figure:
    """Show a difference of accuracies for every seed, and their mean with its interval.

    Args:
        sample: ``first - second`` as shares, one a seed.
        difference: its estimate.
        name: of the figure.
        what: is shown, for the axis.
    """
    values = 100 * np.asarray(sample.values)
    picture = drawing.canvas(*WIDE)
    axes = _axes(picture, "种子", what)
    axes.axhline(0, color=MUTED, linewidth=1)
    seeds = np.arange(len(values))
    axes.vlines(seeds, 0, values, color=MUTED, linewidth=1)
    found = {sign: np.sign(values) == sign for sign in SIGNS}
    shown = [sign for sign, chosen in found.items() if chosen.any()]
    for sign in shown:
        word, colour, marker = SIGNS[sign]
        at = seeds[found[sign]], values[found[sign]]
        axes.plot(*at, marker, color=colour, markersize=7, label=word)
    _legend(axes, len(shown))
    place = len(values) + 0.5
    ends = 100 * np.array([[difference.mean - difference.low], [difference.high - difference.mean]])
    axes.errorbar(place, 100 * difference.mean, ends, color=INK, marker="D", capsize=5, linewidth=2)
    named = seeds[:: 1 + len(seeds) // 12]
    axes.set_xticks([*named, place], [*map(str, named), "平均"])
    alt = (
        f"点图，纵轴是{what}，每个种子一个点：{formats.seeds(difference)}；"
        f"平均{formats.points(difference)}。"
    )
    told = [formats.signed(value) + ("" if value else f"（{formats.TIED}）") for value in values]
    rows = list(zip(map(str, seeds), told, strict=True))
    mean = f"{formats.signed(100 * difference.mean)}{formats.interval(difference)}"
    return drawing.finish(picture, name, alt, Table(["种子", what], [*rows, ("平均", mean)]))


def differences(
    labels: Sequence[str], found: Sequence[Estimate], *, name: str, what: str
) -> Figure:
    """Show several differences of accuracies below one another, each with its interval.

    Args:
        labels: one for each, from the top.
        found: the differences, as shares.
        name: of the figure.
        what: they are, for the axis.
    """
    picture = drawing.canvas(WIDE[0], 0.9 + 0.36 * len(labels))
    with mpl.rc_context(drawing.STYLE):
        axes: Axes = picture.add_subplot()
    axes.set_xlabel(_lines(what))
    axes.axvline(0, color=MUTED, linewidth=1)
    for place, each in enumerate(found):
        mean = 100 * each.mean
        ends = 100 * np.array([[each.mean - each.low], [each.high - each.mean]])
        _, colour, marker = SIGNS[float(np.sign(mean))]
        axes.errorbar(mean, place, xerr=ends, color=colour, marker=marker, capsize=4, linewidth=2)
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    # As many ticks however long the labels are: each language has the same.
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.grid(axis="x", linewidth=0.8)
    told = [formats.points(each) for each in found]
    said = "；".join(f"{label}：{each}" for label, each in zip(labels, told, strict=True))
    alt = f"点图，横轴是{what}，从上到下：{said}。"
    table = Table(["做法", what], list(zip(labels, told, strict=True)))
    return drawing.finish(picture, name, alt, table)


def filters(groups: dict[str, npt.ArrayLike], *, name: str) -> Figure:
    """Show what hidden neurons look for: their weights as pictures, a row of them a group.

    Args:
        groups: for each name ``(n, 28, 28)``; blue weights are above zero, orange ones below.
        name: of the figure.
    """
    columns = 8
    arrays = {title: np.asarray(weights, dtype=float) for title, weights in groups.items()}
    rows = {title: -(-len(array) // columns) for title, array in arrays.items()}
    picture = drawing.canvas(5.6, 0.72 * sum(rows.values()) + 0.45 * len(rows))
    colours = mpl.colors.LinearSegmentedColormap.from_list("weights", [ORANGE, PAPER, BLUE])
    parts = picture.subfigures(len(arrays), 1, height_ratios=list(rows.values()), squeeze=False)
    for part, (title, array) in zip(parts.flat, arrays.items(), strict=True):
        part.suptitle(title, fontsize=12, color=INK)
        largest = np.abs(array).max(axis=(1, 2), keepdims=True)
        grid = part.subplots(rows[title], columns, squeeze=False)
        for axes in grid.flat:
            axes.axis("off")
        for axes, weights in zip(grid.flat, array / largest, strict=False):
            axes.imshow(weights, cmap=colours, vmin=-1, vmax=1, interpolation="nearest")
    told = "；".join(f"{title}，{len(array)} 个神经元" for title, array in arrays.items())
    alt = f"隐藏神经元的权重画成的小图，蓝色是正的权重，橙色是负的：{told}。"
    return drawing.finish(picture, name, alt)


def histograms(
    edges: npt.ArrayLike, shares: dict[str, npt.ArrayLike], *, name: str, x: str, y: str
) -> Figure:
    """Show distributions as steps over the same bins."""
    places = np.asarray(edges, dtype=float)
    picture = drawing.canvas(*TALL)
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
        axes.set_title(title, y=-0.22, fontsize=12, color=INK)
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
    axes.set_xlabel(_lines(x))
    axes.set_ylabel(_lines(y))
    return axes


def _lines(words: str) -> str:
    """Words for an axis, in several lines where a language needs many letters: the unit first."""
    parts = words.replace(" (", "\n(").split("\n") if len(words) > 30 else [words]
    wrapper = textwrap.TextWrapper(30, break_long_words=False, break_on_hyphens=False)
    return "\n".join(map(wrapper.fill, parts))


def _legend(axes: Axes, entries: int) -> None:
    _, labels = axes.get_legend_handles_labels()
    # A Chinese character is as wide as two letters.
    widest = max(sum(1 + (sign > "\u2e7f") for sign in label) for label in labels)
    # Above the plot: text in the reader's font is wider than matplotlib thinks.
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=min(entries, 2 if widest > 8 else 3) if widest < 16 else 1,
        frameon=False,
        fontsize=12,
        columnspacing=5,
        labelcolor=INK,
        handlelength=2.4,
    )
