"""Widgets: parts of a page that answer a reader, each a still picture first.

A widget is made by a cell, like a figure, so all that it can show was drawn by the library
when the book was built. Without scripts it is its still picture; with them,
``book/_static/widgets/<kind>.js`` makes it live.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from nnbook.lab import browser, figures, formats
from nnbook.lab.drawing import Figure
from nnbook.lab.statistics import Estimate
from nnbook.lab.store import results
from nnbook.lab.studies import PUBLISHED, published


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


def run_widget() -> Widget:
    """The published run, for a reader to run again; its still picture is the published curve."""
    result = results([PUBLISHED])[0]
    curve = result.test_accuracies.to_draw()
    still = figures.curves(
        [figures.Line("本书发布的", curve, figures.WITH)], name="run", x="轮次", y="测试准确率"
    )
    shown = browser.shown(result.accuracy, result.loss)
    settings = {
        "limits": {
            name: [kind.__name__, least, most]
            for name, (kind, least, most) in browser.LIMITS.items()
        },
        "defaults": {name: getattr(PUBLISHED, name) for name in browser.LIMITS},
        "published": {**shown, "curve": curve},
    }
    return Widget("run", still, settings)


def seeds_widget(still: Figure, found: Estimate) -> Widget:
    """The pairs of the published study, for a reader to run one after another.

    Args:
        still: their plot in the book.
        found: what they say together.
    """
    settings = {"most": published.seeds, "published": formats.points(found)}
    return Widget("seeds", still, settings)
