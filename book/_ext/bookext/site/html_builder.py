"""Where pages stand: chapters live in ``book/``, their pages at the root of the site."""

import hashlib
import json
import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment

from bookext.site import redirects, sharing
from bookext.site.plain_markdown import computes
from bookext.site.security_policy import secured
from bookext.site.validity import mended
from bookext.state import fingerprints
from bookext.whole import linking
from bookext.words import _

SOURCE_FOLDER = "book/"
# Sphinx writes a space behind every number, also where a colon follows.
CAPTION_NUMBER = re.compile(
    r'(<span class="caption-number">[^<]*) (</span>(<span class="caption-text")?)'
)
LINK_TO_A_PLACE = re.compile(r'(<a class="headerlink" href="[^"]*") title="([^"]*)"')


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
        text = page.read_text(encoding="utf-8")
        text = redirects.with_old_places(text, page.name, redirects.of(self.app))
        if pagename == sharing.NOT_FOUND:
            text = sharing.from_anywhere(text, self.config.html_baseurl)
        # A screen reader reads out the words instead of a number sign.
        text = LINK_TO_A_PLACE.sub(r'\1 aria-label="\2" title="\2"', mended(text))
        text = CAPTION_NUMBER.sub(
            lambda found: found[1] + (_(". ") if found[3] else "") + found[2], text
        )
        text = secured(text, webassembly=pagename == "search")
        page.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Use the builder above."""
    app.add_builder(RootedHTMLBuilder, override=True)


def set_dark_style(app: Sphinx) -> None:
    """Choose the colours of code in the dark: Furo makes the setting too late for _config.yml."""
    app.config.pygments_dark_style = "a11y-high-contrast-dark"


def add_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Give the templates what they ask for: author, description and fingerprint."""
    context["author"] = app.config.author
    if isinstance(doctree, nodes.document):
        context["description"] = _description(doctree)
    if pagename in app.env.found_docs:
        context["fingerprint"] = fingerprints.of_page(
            Path(app.srcdir),
            pagename,
            results=app.config.book_results,
            presentation=app.config.book_presentation,
        )
    if pagename == getattr(app.env, "book_ledger_page", None):
        app.add_js_file("build.js", loading_method="defer")


def _description(doctree: nodes.document) -> str:
    """The first paragraph of the text itself: no list, no subtitle."""
    for paragraph in doctree.findall(nodes.paragraph):
        words = " ".join(paragraph.astext().split())
        if isinstance(paragraph.parent, nodes.section) and re.search("[。？！：.?!:]$", words):
            return words[:150]
    return ""


def write_all_when_contents_change(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Have all pages written when something has changed that any of them may show."""
    contents = json.dumps(
        [
            sorted((name, title.astext()) for name, title in env.titles.items()),
            {name: str(tree) for name, tree in sorted(env.tocs.items())},
            sorted((name, list(parts)) for name, parts in env.toctree_includes.items()),
            # What other pages refer to: labels with their titles, terms, numbers of figures.
            sorted(map(str, chain(*(part.get_objects() for part in env.domains.values())))),
            sorted(map(str, env.toc_fignumbers.items())),
            [
                (work.citation_id, work.key, work.formatted_entry.label)
                for work in env.domaindata["cite"]["citations"]
            ],
            getattr(env, "book_ledger_page", None),
            linking.offered(Path(app.outdir)),
            # Such a chapter has a notebook, to which others lead.
            sorted(
                name
                for name in env.found_docs
                if computes(Path(env.doc2path(name)).read_text(encoding="utf-8"))
            ),
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


def forget_images(app: Sphinx, exception: Exception | None) -> None:
    """Drop pictures that no page shows any more."""
    if exception is not None:
        return
    shown = {name for _, name in app.env.images.values()}
    for picture in Path(app.outdir, "_images").glob("*"):
        if picture.name not in shown:
            picture.unlink()
