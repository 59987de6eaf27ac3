"""What makes the pages, and what readers use on them.

Modules register here what Sphinx shall know, and `EVENTS` is all that this room does during a
build, in order: after what `bookext.fresh` does for the same event.
"""

from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx

from bookext import fresh
from bookext.fresh import AFTER_OTHERS, BEFORE_OTHERS, PARALLEL
from bookext.site import (
    citation,
    english_terms,
    feed,
    heading_ids,
    html_builder,
    licences,
    mathml,
    moves,
    navigation,
    offline,
    published,
    redirects,
    releases,
    runnable,
    runtime,
    search,
    sharing,
    solutions,
    tables,
    take_away,
)
from bookext.whole import linking

# By event, from top to bottom as they are called.
EVENTS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("config-inited", BEFORE_OTHERS, runtime.prepare),
    ("config-inited", BEFORE_OTHERS, redirects.read),
    ("config-inited", BEFORE_OTHERS, releases.read),
    ("config-inited", BEFORE_OTHERS, sharing.set_base),
    ("builder-inited", BEFORE_OTHERS, html_builder.set_dark_style),
    ("builder-inited", AFTER_OTHERS, linking.take),
    ("doctree-read", AFTER_OTHERS, runnable.mark),
    # After Sphinx has numbered the figures, in the same event.
    ("env-get-updated", AFTER_OTHERS, html_builder.write_all_when_contents_change),
    ("doctree-resolved", AFTER_OTHERS, moves.show),
    ("doctree-resolved", AFTER_OTHERS, english_terms.mark),
    ("html-page-context", BEFORE_OTHERS, navigation.give_contents),
    ("html-page-context", AFTER_OTHERS, navigation.mark_page),
    ("html-page-context", AFTER_OTHERS, html_builder.add_context),
    ("html-page-context", AFTER_OTHERS, sharing.add_context),
    ("html-page-context", AFTER_OTHERS, feed.add_context),
    ("html-page-context", AFTER_OTHERS, citation.add_context),  # after what it repeats
    ("html-page-context", AFTER_OTHERS, take_away.offer),  # it shows the page's fingerprint
    ("html-page-context", AFTER_OTHERS, linking.add_context),
    ("html-page-context", AFTER_OTHERS, runtime.add_context),
    ("html-page-context", AFTER_OTHERS, search.add_context),  # after all that name scripts
    ("html-collect-pages", AFTER_OTHERS, search.start_index),
    ("html-collect-pages", AFTER_OTHERS, search.give_page),
    ("html-collect-pages", AFTER_OTHERS, licences.give_page),
    ("html-collect-pages", AFTER_OTHERS, redirects.give_pages),
    ("html-collect-pages", AFTER_OTHERS, sharing.give_page),
    ("build-finished", AFTER_OTHERS, html_builder.forget_images),
    ("build-finished", AFTER_OTHERS, take_away.forget),
    ("build-finished", AFTER_OTHERS, search.finish_index),
    ("build-finished", AFTER_OTHERS, runtime.publish),
    ("build-finished", AFTER_OTHERS, published.check),
    ("build-finished", AFTER_OTHERS, sharing.write),
    ("build-finished", AFTER_OTHERS, feed.write),
    ("build-finished", AFTER_OTHERS, licences.write),  # of all files of the site
    ("build-finished", AFTER_OTHERS, offline.write),  # it names all files of the site
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything."""
    # Jupyter Book sets these for extensions that this book goes without.
    for unused in ("comments_config", "use_jupyterbook_latex"):
        app.add_config_value(unused, None, rebuild="")
    for module in (heading_ids, tables, html_builder, moves, solutions, mathml, runtime):
        module.setup(app)
    fresh.connect(app, EVENTS, after=len(fresh.EVENTS))
    return PARALLEL
