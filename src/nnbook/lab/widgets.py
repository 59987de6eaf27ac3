"""Widgets: parts of a page that answer a reader, each a still picture first.

A widget is made by a cell, like a figure, so all that it can show was drawn by the library
when the book was built. Without scripts it is its still picture; with them,
``book/_static/widgets/<kind>.js`` makes it live.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from nnbook.dropout import Dropout
from nnbook.errors import NNBookError
from nnbook.lab import browser, diagrams, figures, formats
from nnbook.lab.digits import DATA
from nnbook.lab.drawing import Figure
from nnbook.lab.evidence import results
from nnbook.lab.exercises import EXERCISES
from nnbook.lab.statistics import Estimate, Sample
from nnbook.lab.studies import PUBLISHED, published
from nnbook.mnist import MNISTDataset
from nnbook.tensor import Tensor

# What a reader chooses from: no mask is drawn by a script. Every layer starts from the same
# seed, so a higher rate covers what a lower one does and more: the slider adds, call by call.
RATES = tuple(tenths / 10 for tenths in range(10))
MASKS = 12
SUBNETWORKS = 256


@dataclass(frozen=True)
class Widget:
    """A still picture or text, and what a script needs to make it live.

    Attributes:
        kind: which script.
        still: what is seen without scripts: a `Figure`, or HTML.
        settings: handed to the script as JSON.
        packed: handed to the script as bytes, such as masks, a bit each.

    Example:
        >>> print(Widget("mask", "<p>a</p>", {"a": 1})._repr_html_())
        <div class="widget" data-widget="mask" data-settings="{&quot;a&quot;: 1}"><p>a</p></div>
    """

    kind: str
    still: Figure | str
    settings: Mapping[str, Any] = field(default_factory=dict)
    packed: bytes = b""

    def _repr_html_(self) -> str:
        settings = escape(json.dumps(self.settings, ensure_ascii=False, sort_keys=True))
        packed = f' data-packed="{base64.b64encode(self.packed).decode()}"' if self.packed else ""
        still = self.still if isinstance(self.still, str) else self.still._repr_html_()
        return (
            f'<div class="widget" data-widget="{self.kind}" data-settings="{settings}"{packed}>'
            f"{still}</div>"
        )

    def __repr__(self) -> str:
        return repr(self.still)


def mask_widget(
    still: Figure | None = None,
    *,
    digit: int = 6,
    rate: float = 0.2,
    inverted: bool = False,
    training: bool = True,
    controls: Sequence[str] = ("digit", "rate", "draw", "inverted", "mode"),
    seed: int = PUBLISHED.seed,
) -> Widget:
    """Show a digit, a mask and their product; the reader chooses all three.

    Args:
        still: stays above what the script adds; without one, the digit under the first five
            masks, in whose place the script puts itself.
        digit: shown first, 0 to 9: the first image with that label in the training half.
        rate: of the layer, at first; one of `RATES`.
        inverted: whether the layer scales what it keeps, at first.
        training: whether the layer is in training mode, at first.
        controls: which ones the reader has, and in what order.
        seed: of the layers. The masks are those of the first calls with ``(1, 28, 28)``.

    Raises:
        NNBookError: the rate is none of `RATES`.

    Example:
        >>> widget = mask_widget(rate=0.5)
        >>> str(widget).split("；")[0]
        '同一张数字图和盖在它上面的 5 张掩码，丢弃率 50%'
        >>> len(widget.packed) == 10 * 28 * 28 + len(RATES) * MASKS * 28 * 28 // 8
        True
    """
    if rate not in RATES:
        raise NNBookError(f"rate must be one of {RATES}, got {rate}; no masks are packed for it")
    dataset = MNISTDataset(DATA)
    firsts = dataset.train_labels.argmax(axis=0)
    digits = dataset.train_features[firsts, 0]
    masks = np.array([_calls(Dropout(each, rng=seed), (28, 28), MASKS) for each in RATES])
    settings = {
        "digit": digit,
        "rates": RATES,
        "rate": rate,
        "masks": MASKS,
        "inverted": inverted,
        "mode": "train" if training else "eval",
        "controls": controls,
        "keep": still is not None,
    }
    if still is None:
        shown = masks[RATES.index(rate), :5]
        still = figures.masks(digits[digit], shown, name="mask-widget", rate=rate)
    packed = np.rint(255 * digits).astype(np.uint8).tobytes() + np.packbits(masks).tobytes()
    return Widget("mask", still, settings, packed)


def diagram_widget(*, controls: Sequence[str] = ("draw", "mode")) -> Widget:
    """Show the dropout diagram, with another mask for each press of a button.

    The first mask is the one of the still picture; the others are what the same layer draws
    next, those that strike out nothing among them.

    Args:
        controls: which ones the reader has, and in what order.

    Example:
        >>> widget = diagram_widget()
        >>> widget.settings["layers"], len(widget.packed) // SUBNETWORKS
        ((5, 8, 8, 3), 2)
    """
    layer = Dropout(PUBLISHED.rate, rng=PUBLISHED.seed)
    first = np.concatenate(diagrams.hidden_masks(layer))
    masks = [first, *_calls(layer, first.shape, SUBNETWORKS - 1)]
    settings = {
        "layers": diagrams.LAYERS,
        "rate": formats.percent(PUBLISHED.rate),
        "masks": SUBNETWORKS,
        "controls": controls,
    }
    return Widget("diagram", diagrams.dropout_diagram(), settings, np.packbits(masks).tobytes())


def _calls(layer: Dropout, shape: tuple[int, ...], count: int) -> list[npt.NDArray[np.bool_]]:
    """The masks of so many calls of a layer in training mode."""
    masks = []
    for _ in range(count):
        layer(Tensor(np.ones((1, *shape))))
        masks.append(np.asarray(layer.mask)[0])
    return masks


def run_widget() -> Widget:
    """The published run, for a reader to run again; its still picture is the published curve."""
    result = results([PUBLISHED])[0]
    curve = result.test_accuracies.to_draw()
    x, y = axes = "轮次", "测试准确率"
    line = figures.Line("本书发布的", curve, figures.WITH)
    still = figures.curves([line], name="run", x=x, y=y)
    shown = browser.shown(result.accuracy, result.loss)
    settings = {
        "axes": axes,
        "limits": {
            name: [kind.__name__, least, most]
            for name, (kind, least, most) in browser.LIMITS.items()
        },
        "defaults": {name: getattr(PUBLISHED, name) for name in browser.LIMITS},
        "published": {**shown, "curve": curve},
    }
    return Widget("run", still, settings)


def seeds_widget(still: Figure, sample: Sample, found: Estimate) -> Widget:
    """The pairs of the published study, for a reader to run one after another.

    Args:
        still: their plot in the book.
        sample: their differences there, as shares, with which the reader's are compared.
        found: what they say together; the reader's interval is corrected as this one is.
    """
    settings = {
        "most": published.seeds,
        "comparisons": found.comparisons,
        "differences": [100 * value for value in sample.values],
        "points": formats.points(found),
        "every": formats.seeds(found),
    }
    return Widget("seeds", still, settings)


def exercise_widget(identity: str) -> Widget:
    """Show the code that an exercise begins with; live, the reader writes on and has it checked.

    Args:
        identity: a key of `nnbook.lab.exercises.EXERCISES`.

    Example:
        >>> exercise_widget("choose").settings["title"]
        '用验证集选丢弃率'
    """
    exercise = EXERCISES[identity]
    label = f"练习的起始代码：{exercise.title}"
    still = (
        f'<pre class="start-code" tabindex="0" role="region" aria-label="{label}">'
        f"{escape(exercise.start)}</pre>"
    )
    settings = {"identity": identity, "title": exercise.title, "start": exercise.start}
    return Widget("exercise", still, settings)
