"""The book's own Sphinx extension: one small module per duty, each with a ``setup``."""

from typing import Any

from sphinx.application import Sphinx

from bookext import (
    benchmarks,
    checks,
    claims,
    freshness,
    kernels,
    ledger,
    mathml,
    navigation,
    offline,
    pages,
    prose,
    record,
    runs,
    search,
    solutions,
    source,
    staging,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Set up every duty; `staging` first, since it says where the others write."""
    # Jupyter Book sets these for extensions that this book goes without.
    for unused in ("comments_config", "use_jupyterbook_latex"):
        app.add_config_value(unused, None, rebuild="")
    for duty in (
        staging,
        freshness,
        kernels,
        runs,
        pages,
        navigation,
        source,
        claims,
        prose,
        ledger,
        solutions,
        mathml,
        benchmarks,
        search,
        offline,
        checks,
        record,
    ):
        duty.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
