"""What keeps any Jupyter Book fresh and true: the rooms `bookext.state` and `bookext.truth`.

An extension of its own, so that another book can copy this folder, leave out the room `site`
and load this. Modules register here what Sphinx shall know, `SETTINGS` are what such a book may
set in its ``_config.yml``, and `EVENTS` is all that these rooms do during a build, in order.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

from bookext import words
from bookext.state import (
    build_record,
    environment,
    fingerprints,
    freshness,
    kernels,
    precompute,
    records,
)
from bookext.state.staging import Staging
from bookext.truth import (
    benchmark_tables,
    cells_and_pictures,
    claims,
    ledger,
    ledger_file,
    pages,
    prose,
    source,
    terms,
)

# Paths and patterns are relative to the book; a function is named as package.module:function.
SETTINGS: dict[str, Any] = {
    # The files by which a site tells its state. What is executed again is what has read one that
    # changed, whether it stands here or not.
    "book_results_from": ["src/**/*.py", "data/**/*", "requirements.*"],
    # The variables of the environment that can change a result. No others reach a chapter,
    "book_variables": ["OPENBLAS_CORETYPE"],
    # but for those that say where something is kept.
    "book_places": [],
    # The scripts that a chapter may start as programs of their own, and the hosts it may ask.
    "book_programs": [],
    "book_hosts": [],
    # NAME=value: the variable with which a build makes a draft, which says so on every page.
    "book_draft": "",
    # The files that change pages and no result. When one does, all pages are made anew.
    "book_presentation_from": [
        *("_config.yml", "_toc.yml", "*.bib", "prose/*.toml"),
        *("_static/**/*", "_templates/**/*", "_locale/**/*.po"),
    ],
    # The folder of the package whose code {source} shows and chapters import; src/ may have one.
    "book_package": "",
    # The lock that the installed packages are held against.
    "book_lock": "",
    # Functions that are called ahead of the chapters, with a function that shows a line.
    "book_ahead": [],
    # The pictures that these draw. One that is edited by hand is drawn anew.
    "book_drawn": ["images/*"],
    # The folder with a file <language>.toml of rules for prose; empty for no check.
    "book_prose": "prose",
    # The packages whose versions build.json tells.
    "book_packages": ["jupyter-book", "sphinx", "myst-nb"],
    # The tables that {benchmark} shows, and the function that tells the state of the code.
    "book_benchmarks": "",
    "book_benchmarks_state": "",
}

# Of all who listen to an event, Sphinx calls those with the smallest number first. Its own
# parts, the theme and other extensions stand at 500, a few of Sphinx's own at 800.
BEFORE_OTHERS, AFTER_OTHERS = 100, 900
# By event, from top to bottom as they are called.
EVENTS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("config-inited", BEFORE_OTHERS, environment.refuse_another),
    ("config-inited", BEFORE_OTHERS, environment.say_draft),
    ("config-inited", BEFORE_OTHERS, freshness.take_fingerprints),
    ("config-inited", BEFORE_OTHERS, freshness.choose_cache),
    ("config-inited", BEFORE_OTHERS, freshness.distrust_clocks),
    ("config-inited", BEFORE_OTHERS, environment.hand_down),
    ("builder-inited", AFTER_OTHERS, prose.take_rules),
    ("builder-inited", AFTER_OTHERS, precompute.call_ahead),
    ("env-get-outdated", AFTER_OTHERS, freshness.with_another_text),
    ("env-get-outdated", AFTER_OTHERS, records.outdated),
    ("source-read", BEFORE_OTHERS, records.choose),
    ("env-purge-doc", AFTER_OTHERS, ledger.forget),
    ("env-purge-doc", AFTER_OTHERS, terms.forget),
    ("env-purge-doc", AFTER_OTHERS, records.forget),
    ("doctree-read", BEFORE_OTHERS, records.keep),
    ("doctree-read", AFTER_OTHERS, ledger.collect),
    ("doctree-read", AFTER_OTHERS, prose.check),
    ("doctree-read", AFTER_OTHERS, terms.collect),
    ("doctree-read", AFTER_OTHERS, cells_and_pictures.check_cells),
    ("doctree-read", AFTER_OTHERS, cells_and_pictures.check_pictures),
    ("env-updated", AFTER_OTHERS, ledger.refuse_twins),
    ("env-updated", AFTER_OTHERS, terms.check),
    ("doctree-resolved", AFTER_OTHERS, ledger.link_claims),
    ("doctree-resolved", AFTER_OTHERS, ledger.show),
    ("build-finished", AFTER_OTHERS, freshness.forget_translations),
    ("build-finished", AFTER_OTHERS, freshness.ask_again),
    ("build-finished", AFTER_OTHERS, build_record.write),
    ("build-finished", AFTER_OTHERS, ledger_file.write),
)
BUT_ONE, LAST = 998, 999
# One process reads all chapters: `ledger` merges nothing. Jupyter Book knows no other way,
# and another of its extensions, sphinx_multitoc_numbering, would not allow it.
PARALLEL = {"parallel_read_safe": False, "parallel_write_safe": True}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything; `Staging` says where the others write, and ends when all is done."""
    for name, default in SETTINGS.items():
        app.add_config_value(name, default, rebuild="env", types=[type(default)])
    for fingerprint in ("book_results", "book_presentation"):
        app.add_config_value(fingerprint, "", rebuild="env", types=str)
    staging = Staging(app)
    for module in (words, kernels, source, claims, ledger, benchmark_tables):
        module.setup(app)
    connect(app, EVENTS)
    app.connect("build-finished", pages.check, priority=BUT_ONE)
    # Whatever finds a fault must have spoken before the site is switched.
    app.connect("build-finished", staging.end, priority=LAST)
    return PARALLEL


def of_checkout(root: Path) -> tuple[str, str]:
    """The fingerprints of results and of the presentation, for tools that start no Sphinx."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    settings = SETTINGS | config["sphinx"].get("config", {})
    return (
        fingerprints.of_results(root, settings["book_results_from"], settings["book_variables"]),
        fingerprints.of_presentation(root, settings["book_presentation_from"]),
    )


def connect(
    app: Sphinx, events: tuple[tuple[str, int, Callable[..., Any]], ...], *, after: int = 0
) -> None:
    """Connect listeners in their order, ``after`` so many of another table."""
    for number, (event, side, listener) in enumerate(events, start=after):
        app.connect(event, listener, priority=side + number)
