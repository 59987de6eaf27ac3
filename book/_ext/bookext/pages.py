"""Where pages stand: chapters live in ``book/``, their pages at the root of the site."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment

from bookext.freshness import page_fingerprint
from bookext.language import tagged
from bookext.policy import secured

SOURCE_FOLDER = "book/"


class RootedHTMLBuilder(StandaloneHTMLBuilder):
    """Writes ``book/dropout.md`` to ``dropout.html``, so that ``/`` is the cover itself."""

    name = "html"

    def get_outfilename(self, pagename: str) -> str:
        return super().get_outfilename(pagename.removeprefix(SOURCE_FOLDER))

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        return super().get_target_uri(docname.removeprefix(SOURCE_FOLDER), typ)

    search = False  # see the module of that name

    def handle_page(self, pagename: str, *arguments: Any, **options: Any) -> None:
        super().handle_page(pagename, *arguments, **options)
        page = Path(self.get_outfilename(pagename))
        text = tagged(page.read_text(encoding="utf-8"))
        page.write_text(secured(text, webassembly=pagename == "search"), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Use the builder above; write all pages anew when what they all show has changed."""
    app.add_builder(RootedHTMLBuilder, override=True)
    # Late, since Sphinx numbers the figures in this event.
    app.connect("env-get-updated", _write_all_when_contents_change, priority=900)
    app.connect("build-finished", _forget_images)
    app.connect("html-page-context", _add_context)
    # Furo registers this setting too late for _config.yml, and reads it at 500.
    app.connect("builder-inited", _set_dark_style, priority=400)


def _set_dark_style(app: Sphinx) -> None:
    app.config.pygments_dark_style = "a11y-high-contrast-dark"


def _add_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    context["author"] = app.config.author
    # Sphinx tells browsers about a new style sheet by its checksum, but only if an
    # earlier build has left the file here: the address would depend on the past.
    version = f"{app.config.book_fingerprint[:8]}{app.config.book_frame[:8]}"
    for name in ("css_tag", "js_tag"):
        context[name] = partial(_tag, context[name], version)
    if isinstance(doctree, nodes.document):
        words = next((part.astext() for part in doctree.findall(nodes.paragraph)), "")
        context["description"] = " ".join(words.split())[:150]
    if pagename in app.env.found_docs:
        context["fingerprint"] = page_fingerprint(
            Path(app.srcdir),
            pagename,
            book=app.config.book_fingerprint,
            looks=app.config.book_frame,
        )
    if pagename == getattr(app.env, "book_ledger_page", None):
        app.add_js_file("build.js", loading_method="defer")


def _tag(tag: Callable[[Any], str], version: str, asset: object) -> str:
    return re.sub(r'(_static/[^"?]+)[^"]*', rf"\1?v={version}", tag(asset))


def _write_all_when_contents_change(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    contents = json.dumps(
        [
            sorted((name, title.astext()) for name, title in env.titles.items()),
            {name: list(map(str, tree.traverse())) for name, tree in sorted(env.tocs.items())},
            sorted((name, list(parts)) for name, parts in env.toctree_includes.items()),
            # What other pages refer to: labels with their titles, terms, numbers of figures.
            sorted(map(str, chain(*(part.get_objects() for part in env.domains.values())))),
            sorted(map(str, env.toc_fignumbers.items())),
            [
                (work.citation_id, work.key, work.formatted_entry.label)
                for work in env.domaindata["cite"]["citations"]
            ],
            getattr(env, "book_ledger_page", None),
        ]
    )
    digest = hashlib.sha256(contents.encode()).hexdigest()
    seen = Path(app.doctreedir) / "contents.sha256"
    if seen.is_file() and seen.read_text(encoding="ascii") == digest:
        return []
    for page in Path(app.outdir).rglob("*.html"):
        page.unlink()
    seen.write_text(digest, encoding="ascii")
    return env.found_docs


def _forget_images(app: Sphinx, exception: Exception | None) -> None:
    """Drop pictures that no page shows any more."""
    if exception is not None:
        return
    shown = {name for _, name in app.env.images.values()}
    for picture in Path(app.outdir, "_images").glob("*"):
        if picture.name not in shown:
            picture.unlink()
