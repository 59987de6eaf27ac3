"""The book's own Sphinx extension, in four rooms.

`bookext.state` decides what is computed, `bookext.truth` what may stand in the book,
`bookext.site` makes the pages, and `bookext.whole` makes of these one file to keep. Modules
register here what Sphinx shall know, and `EVENTS` is all that happens during a build, in order.
"""

from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx

from bookext.site import (
    citation,
    english_terms,
    heading_ids,
    html_builder,
    mathml,
    navigation,
    offline,
    published,
    redirects,
    runnable,
    runtime,
    search,
    sharing,
    solutions,
    take_away,
)
from bookext.state import build_record, environment, freshness, kernels, precompute
from bookext.state.staging import Staging
from bookext.truth import (
    benchmark_tables,
    cells_and_pictures,
    claims,
    ledger,
    ledger_file,
    prose,
    source,
    terms,
)
from bookext.whole import linking

# Of all who listen to an event, Sphinx calls those with the smallest number first. Its own
# parts, the theme and other extensions stand at 500, a few of Sphinx's own at 800.
BEFORE_OTHERS, AFTER_OTHERS = 100, 900
# By event, from top to bottom as they are called.
EVENTS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("config-inited", BEFORE_OTHERS, environment.refuse_another),
    ("config-inited", BEFORE_OTHERS, freshness.take_fingerprints),
    ("config-inited", BEFORE_OTHERS, freshness.choose_cache),
    ("config-inited", BEFORE_OTHERS, freshness.distrust_clocks),
    ("config-inited", BEFORE_OTHERS, environment.hand_down),
    ("config-inited", BEFORE_OTHERS, runtime.prepare),
    ("config-inited", BEFORE_OTHERS, redirects.read),
    ("config-inited", BEFORE_OTHERS, sharing.set_base),
    ("builder-inited", BEFORE_OTHERS, html_builder.set_dark_style),
    ("builder-inited", AFTER_OTHERS, precompute.runs_and_pictures),
    ("builder-inited", AFTER_OTHERS, linking.take),
    ("env-get-outdated", AFTER_OTHERS, freshness.with_another_text),
    ("env-purge-doc", AFTER_OTHERS, ledger.forget),
    ("env-purge-doc", AFTER_OTHERS, terms.forget),
    ("doctree-read", AFTER_OTHERS, ledger.collect),
    ("doctree-read", AFTER_OTHERS, prose.check),
    ("doctree-read", AFTER_OTHERS, terms.collect),
    ("doctree-read", AFTER_OTHERS, cells_and_pictures.check_cells),
    ("doctree-read", AFTER_OTHERS, cells_and_pictures.check_pictures),
    ("doctree-read", AFTER_OTHERS, runnable.mark),
    ("env-updated", AFTER_OTHERS, ledger.refuse_twins),
    ("env-updated", AFTER_OTHERS, terms.check),
    # After Sphinx has numbered the figures, in the same event.
    ("env-get-updated", AFTER_OTHERS, html_builder.write_all_when_contents_change),
    ("doctree-resolved", AFTER_OTHERS, ledger.link_claims),
    ("doctree-resolved", AFTER_OTHERS, ledger.show),
    ("doctree-resolved", AFTER_OTHERS, english_terms.mark),
    ("html-page-context", BEFORE_OTHERS, navigation.give_contents),
    ("html-page-context", AFTER_OTHERS, navigation.mark_page),
    ("html-page-context", AFTER_OTHERS, html_builder.add_context),
    ("html-page-context", AFTER_OTHERS, sharing.add_context),
    ("html-page-context", AFTER_OTHERS, citation.add_context),  # after what it repeats
    ("html-page-context", AFTER_OTHERS, take_away.offer),  # it shows the page's fingerprint
    ("html-page-context", AFTER_OTHERS, linking.add_context),
    ("html-page-context", AFTER_OTHERS, runtime.add_context),
    ("html-page-context", AFTER_OTHERS, search.add_context),  # after all that name scripts
    ("html-collect-pages", AFTER_OTHERS, search.start_index),
    ("html-collect-pages", AFTER_OTHERS, search.give_page),
    ("html-collect-pages", AFTER_OTHERS, redirects.give_pages),
    ("html-collect-pages", AFTER_OTHERS, sharing.give_page),
    ("build-finished", AFTER_OTHERS, freshness.forget_translations),
    ("build-finished", AFTER_OTHERS, html_builder.forget_images),
    ("build-finished", AFTER_OTHERS, take_away.forget),
    ("build-finished", AFTER_OTHERS, freshness.seal_cache),
    ("build-finished", AFTER_OTHERS, build_record.write),
    ("build-finished", AFTER_OTHERS, ledger_file.write),
    ("build-finished", AFTER_OTHERS, search.finish_index),
    ("build-finished", AFTER_OTHERS, runtime.publish),
    ("build-finished", AFTER_OTHERS, published.check),
    ("build-finished", AFTER_OTHERS, sharing.write),
    ("build-finished", AFTER_OTHERS, offline.write),  # it names all files of the site
)
# One process reads all chapters: `ledger` merges nothing. Jupyter Book knows no other way,
# and another of its extensions, sphinx_multitoc_numbering, would not allow it.
PARALLEL = {"parallel_read_safe": False, "parallel_write_safe": True}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything; `Staging` first and last, since it says where the others write."""
    staging = Staging(app)
    # Jupyter Book sets these for extensions that this book goes without.
    for unused in ("comments_config", "use_jupyterbook_latex"):
        app.add_config_value(unused, None, rebuild="")
    for fingerprint in ("book_results", "book_presentation"):
        app.add_config_value(fingerprint, "", rebuild="env", types=str)
    for module in (
        kernels,
        heading_ids,
        html_builder,
        source,
        claims,
        ledger,
        solutions,
        mathml,
        runtime,
        benchmark_tables,
    ):
        module.setup(app)
    # Whatever finds a fault must have spoken before the site is switched.
    events = (*EVENTS, ("build-finished", AFTER_OTHERS, staging.end))
    for number, (event, side, listener) in enumerate(events):
        app.connect(event, listener, priority=side + number)
    return PARALLEL
