"""The script that makes widgets live, on the pages that have any."""

from typing import Any

from sphinx.application import Sphinx

SCRIPT = "widgets.js"


def add_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Load the script where `nnbook.lab.widgets` has put something for it to do."""
    if 'data-widget="' in context.get("body", ""):
        app.add_js_file(SCRIPT, loading_method="defer")
