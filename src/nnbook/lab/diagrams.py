"""Drawings of networks and graphs: which neuron is struck out is a zero of a real mask.

Run ``python -m nnbook.lab.diagrams`` to write ``images/`` anew.
"""

from collections.abc import Sequence
from pathlib import Path

# First, since it says what to install where there is no Matplotlib.
from nnbook.lab.drawing import BLUE, INK, MUTED, PAPER, RED, Figure

# isort: split
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle

from nnbook.dropout import Dropout
from nnbook.lab import drawing, formats
from nnbook.lab.studies import PUBLISHED
from nnbook.tensor import Tensor

IMAGES = Path(__file__).parents[3] / "images"
LAYERS = (5, 8, 8, 3)
WORDS = {
    "zh": ("没有丢弃层", "有丢弃层，丢弃率 {rate}", "输入", "隐藏层", "隐藏层", "输出"),
    "en": ("without dropout", "with dropout, rate {rate}", "input", "hidden", "hidden", "output"),
}


def dropout_diagram(layer: Dropout | None = None) -> Figure:
    """Draw a small network without and with dropout, as figure 1 of the 2014 paper does.

    Args:
        layer: asked for one mask for each hidden layer; by default one with the
            published rate and seed.
    """
    picture, masks, rate = _draw_dropout(layer, "zh")
    struck = [[str(i + 1) for i in np.flatnonzero(~mask)] for mask in masks]
    told = "；".join(
        f"第 {number} 个隐藏层划掉第 {'、'.join(places)} 个神经元"
        if places
        else f"第 {number} 个隐藏层这一次一个也没有划掉"
        for number, places in enumerate(struck, start=1)
    )
    alt = (
        f"左右两张网络图，各有 {LAYERS[0]} 个输入、两个隐藏层各 {LAYERS[1]} 个神经元和 "
        f"{LAYERS[-1]} 个输出。左图每个神经元都与下一层相连。"
        f"右图按丢弃率 {formats.percent(rate)} 的一次真实掩码："
        f"{told}（从上往下数），与它们相连的线也一起消失。"
    )
    return drawing.finish(picture, "dropout", alt)


def _draw_dropout(
    layer: Dropout | None, language: str
) -> tuple[Canvas, list[npt.NDArray[np.bool_]], float]:
    layer = layer or Dropout(PUBLISHED.rate, rng=PUBLISHED.seed)
    masks = hidden_masks(layer)
    everything = [np.ones(width, dtype=bool) for width in LAYERS]
    thinned = [everything[0], *masks, everything[-1]]
    without, with_, *names = WORDS[language]
    picture = drawing.canvas(6.5, 3.9)
    left, right = picture.subplots(1, 2, gridspec_kw={"wspace": 0.12})
    _network(left, everything, without, names)
    _network(right, thinned, with_.format(rate=formats.percent(layer.dropout_rate)), names)
    return picture, masks, layer.dropout_rate


def hidden_masks(layer: Dropout) -> list[npt.NDArray[np.bool_]]:
    """What the layer strikes out of the diagram's network: a mask for each hidden layer.

    Example:
        >>> [mask.astype(int) for mask in hidden_masks(Dropout(0.2, rng=99))]
        [array([1, 1, 1, 1, 1, 1, 0, 1]), array([1, 1, 1, 0, 1, 1, 1, 1])]
    """
    layer.train()
    return [_mask(layer, width) for width in LAYERS[1:-1]]


def _mask(layer: Dropout, width: int) -> npt.NDArray[np.bool_]:
    # A mask may by chance spare so few neurons; the picture waits for one that does not.
    while True:
        layer(Tensor(np.ones((1, width))))
        mask = np.asarray(layer.mask)
        if not mask.all() or layer.dropout_rate == 0:
            return np.asarray(mask[0])


def _network(
    axes: Axes, kept: Sequence[npt.NDArray[np.bool_]], title: str, names: Sequence[str]
) -> None:
    columns = [
        [(2.2 * column, (len(layer) - 1) / 2 - row) for row in range(len(layer))]
        for column, layer in enumerate(kept)
    ]
    for column in range(len(columns) - 1):
        lines = [
            (start, end)
            for start, starts in zip(columns[column], kept[column], strict=True)
            for end, ends in zip(columns[column + 1], kept[column + 1], strict=True)
            if starts and ends
        ]
        axes.add_collection(LineCollection(lines, colors=MUTED, linewidths=0.5, zorder=1))
    for places, layer, name in zip(columns, kept, names, strict=True):
        for (x, y), alive in zip(places, layer, strict=True):
            edge, fill = (BLUE, PAPER) if alive else (RED, "none")
            style = "-" if alive else ":"
            axes.add_patch(
                Circle(
                    (x, y),
                    0.33,
                    facecolor=fill,
                    edgecolor=edge,
                    linewidth=1.6,
                    linestyle=style,
                    zorder=2,
                )
            )
            if not alive:
                for sign in (1, -1):
                    axes.plot(
                        [x - 0.22, x + 0.22],
                        [y - sign * 0.22, y + sign * 0.22],
                        color=RED,
                        linewidth=1.6,
                        zorder=3,
                    )
        axes.text(
            places[0][0],
            -max(map(len, kept)) / 2 - 0.55,
            name,
            fontsize=13,
            ha="center",
            va="center",
            color=INK,
        )
    axes.set_title(title, fontsize=13, color=INK)
    axes.set_aspect("equal")
    axes.axis("off")


def autograd_graph(result: Tensor, names: dict[int, str], *, name: str) -> Figure:
    """Draw the graph behind a tensor: what was made from what.

    Args:
        result: the end of the graph.
        names: a name for each tensor, by ``id(tensor)``; others show their shape.
        name: of the figure.
    """
    depths: dict[int, int] = {}
    tensors = {id(result): result}
    edges: dict[tuple[int, int], None] = {}  # in order, so that the bytes are the same each time
    waiting = [(result, 0)]
    while waiting:
        tensor, depth = waiting.pop()
        if depth <= depths.get(id(tensor), -1):
            continue
        depths[id(tensor)] = depth
        for parent in _parents(tensor, names):
            tensors[id(parent)] = parent
            edges[id(parent), id(tensor)] = None
            waiting.append((parent, depth + 1))
    deepest = max(depths.values())
    places: dict[int, tuple[float, float]] = {}
    for depth in range(deepest + 1):
        column = sorted(
            (key for key in depths if depths[key] == depth), key=lambda key: names.get(key, "")
        )
        for row, key in enumerate(column):
            places[key] = (2.6 * (deepest - depth), (len(column) - 1) / 2 - row)
    rows = max(list(depths.values()).count(depth) for depth in range(deepest + 1))
    picture = drawing.canvas(1.35 * (deepest + 1), 0.8 * rows + 0.3)
    axes = picture.add_subplot()
    for start, end in edges:
        axes.annotate(
            "",
            places[end],
            places[start],
            arrowprops={
                "arrowstyle": "-|>",
                "color": MUTED,
                "shrinkA": 24,
                "shrinkB": 24,
                "linewidth": 1.2,
            },
        )
    label = {key: names.get(key, str(tensor.shape)) for key, tensor in tensors.items()}
    for key, (x, y) in places.items():
        leaf = tensors[key].gradient_fn is None
        axes.text(
            x,
            y,
            label[key],
            ha="center",
            va="center",
            fontsize=11,
            color=INK,
            bbox={
                "boxstyle": "round,pad=0.5",
                "facecolor": PAPER,
                "edgecolor": MUTED if leaf else BLUE,
                "linewidth": 1.4,
            },
        )
    axes.set_xlim(-1.3, 2.6 * deepest + 1.3)
    axes.set_ylim(-rows / 2 - 0.1, rows / 2 + 0.1)
    axes.axis("off")
    told = "；".join(
        f"{label[key]} 由 {'、'.join(label[id(parent)] for parent in parents)} 得到"
        for key in sorted(depths, key=lambda key: depths[key])
        if (parents := _parents(tensors[key], names))
    )
    return drawing.finish(picture, name, f"计算图，箭头从输入指向结果：{told}。")


def _parents(tensor: Tensor, names: dict[int, str]) -> list[Tensor]:
    # A reader's own layer may give its parents as a set. A set has another order in each
    # process, and the picture would change from build to build.
    parents = list(tensor.parents)
    if isinstance(tensor.parents, (set, frozenset)):
        parents.sort(key=lambda parent: (names.get(id(parent), ""), parent.shape))
    return parents


def write_images(folder: Path = IMAGES) -> list[Path]:
    """Write the pictures that live outside the pages, each only if its bytes differ.

    Returns:
        What was written.
    """
    pictures = {
        "dropout.svg": dropout_diagram().standalone().encode(),
        "dropout.png": drawing.png(_draw_dropout(None, "en")[0]),
    }
    written = []
    folder.mkdir(exist_ok=True)
    for filename, content in pictures.items():
        path = folder / filename
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
            written.append(path)
    return written


if __name__ == "__main__":
    for changed in write_images():
        print(changed.relative_to(IMAGES.parent))
