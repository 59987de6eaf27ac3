"""The book's own Sphinx extension, in five rooms.

`bookext.state` decides what is computed, `bookext.truth` what may stand in the book,
`bookext.site` makes the pages, `bookext.whole` makes of these one file to keep, and
`bookext.language` the editions in other languages. The first two are loaded by `bookext.fresh`,
which serves any Jupyter Book; this one loads all. What they know of languages is in
`bookext.words`.
"""

from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Load what keeps the book fresh, then what makes its pages, then its other languages."""
    app.setup_extension("bookext.fresh")
    app.setup_extension("bookext.site")
    app.setup_extension("bookext.language")
    return {"parallel_read_safe": False, "parallel_write_safe": True}
