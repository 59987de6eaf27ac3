"""Editions in other languages: the same book, with other words.

An edition is a copy of the project's sources in which every message, a line of text or a literal
of code, is replaced by its translation. It is built like any other book, so that its cells run
with their own words and its numbers, claims and pictures are made and checked as everywhere.

Modules register here what Sphinx shall know, and `EVENTS` is all that this room does during a
build, in order: after what the other rooms do for the same event.
"""

from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx

from bookext import fresh, site
from bookext.fresh import AFTER_OTHERS, BEFORE_OTHERS, PARALLEL
from bookext.language import editions, switch

EVENTS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("config-inited", BEFORE_OTHERS, editions.choose),
    ("builder-inited", AFTER_OTHERS, editions.begin),  # after the runs, which they share
    ("doctree-read", AFTER_OTHERS, switch.sort_glossary),
    ("html-page-context", AFTER_OTHERS, switch.add_context),
    # After the list of files that are kept for reading offline: each edition has its own.
    ("build-finished", AFTER_OTHERS, editions.finish),
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything."""
    for module in (editions, switch):
        module.setup(app)
    fresh.connect(app, EVENTS, after=len(fresh.EVENTS) + len(site.EVENTS))
    return PARALLEL
