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

from nnbook.lab.drawing import Figure


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
