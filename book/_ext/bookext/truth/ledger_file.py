"""``ledger.json``: every number and claim of a site, for programs that compare two of them.

It says nothing of when or where it was made, so that two sites with the same words have the
same file.
"""

import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from bookext.truth.ledger import entries

FILE = "ledger.json"


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the file into the site."""
    if exception is None and app.builder.name == "html":
        text = json.dumps(published(app), ensure_ascii=False, indent=1, sort_keys=True)
        Path(app.outdir, FILE).write_text(text + "\n", encoding="utf-8")


def published(app: Sphinx) -> dict[str, dict[str, Any]]:
    """What the book publishes, as the file tells it."""
    return content({page(app, name): chapter for name, chapter in entries(app.env).items()})


def page(app: Sphinx, docname: str) -> str:
    """The name of a chapter's page in the site."""
    return app.builder.get_target_uri(docname).removesuffix(".html")


def content(chapters: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Numbers by chapter and name, claims by their identity.

    Args:
        chapters: what each has published, see `ledger.entries`, by the name of its page.
    """
    numbers: dict[str, str] = {}
    claims: dict[str, dict[str, str]] = {}
    for name, chapter in chapters.items():
        numbers |= {f"{name}/{key}": value for key, value in chapter["numbers"].items()}
        for identity, claim in chapter["claims"].items():
            claims[identity] = {
                "page": name,
                "sentence": chapter["sentences"].get(identity, ""),
                "verdict": claim["verdict"],
                "evidence": claim["evidence"],
            }
    return {"numbers": numbers, "claims": claims}
