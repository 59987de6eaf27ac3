"""An old link never dies: whatever was published once is there, or leads on.

``book/published.txt`` lists pages and places in them, a line each; `redirects` says where
those lead that are gone. ``make published`` adds to the list what is new.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from bookext.site import redirects

logger = logging.getLogger(__name__)

LIST = "book/published.txt"
ARTICLE = re.compile(r"<article\b.*?>(.*)</article>", re.DOTALL)
DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
IDENTITY = re.compile(r'<[^>]*?\sid="([^"]+)"')
# Numbers that docutils and sphinx-exercise give out in order: they wander when something is
# added above, so nobody can be promised them.
WANDERING = re.compile(r"id\d+|.*-solution-\d+")
NOT_FOUND = "404.html"  # nobody links to it


def addresses(site: Path) -> set[str]:
    """What a reader can link to in a site: ``page.html`` and ``page.html#place``."""
    found = set()
    for path in site.glob("*.html"):
        if path.name != NOT_FOUND:
            article = ARTICLE.search(path.read_text(encoding="utf-8"))
            places = IDENTITY.findall(DRAWING.sub("", article[1])) if article else []
            found.add(path.name)
            found |= {f"{path.name}#{each}" for each in places if not WANDERING.fullmatch(each)}
    return found


def listed(root: Path) -> set[str]:
    """What was published once; nothing, where there is no list."""
    path = root / LIST
    return set(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else set()


def gone(old: set[str], new: set[str], moved: set[str]) -> list[str]:
    """What is listed and not there; of a page that is gone, not all the places in it.

    Args:
        old: what was published once.
        new: what the site has.
        moved: what leads on.

    Example:
        >>> gone({"a.html", "a.html#x", "b.html#y", "c.html#z"}, {"b.html", "c.html"}, {"c.html"})
        ['a.html', 'b.html#y']
    """
    lost = old - new - moved
    pages = {each for each in lost if "#" not in each} | moved
    return sorted(each for each in lost if "#" not in each or each.partition("#")[0] not in pages)


def check(app: Sphinx, exception: Exception | None) -> None:
    """Name what was published once and is gone, and redirects that lead nowhere."""
    if exception is not None or app.builder.name != "html":
        return
    there, leads = addresses(Path(app.outdir)), redirects.of(app)
    for old in gone(listed(Path(app.srcdir)), there, set(leads)):
        logger.warning(
            "%s was published and is gone, so links to it would die: bring it back, or say in "
            '%s where it is now: "%s" = "page.html#place"',
            old,
            redirects.FILE,
            old,
            location=LIST,
        )
    for old, new in leads.items():
        if new not in there:
            logger.warning(
                "%s leads to %s, which is no page and no lasting place in one",
                old,
                new,
                location=redirects.FILE,
            )
