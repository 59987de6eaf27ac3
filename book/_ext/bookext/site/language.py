"""The language of foreign words: a screen reader changes its voice for them."""

import re

TERM = re.compile(r'(<dt [^>]*\bid="term-[^>]*>[^<（]*（)([A-Za-z][^<）]*)(?=）)')


def tagged(page: str) -> str:
    """A page whose English terms say that they are English.

    Example:
        >>> tagged('<dt id="term-1">层（layer）</dt>')
        '<dt id="term-1">层（<span lang="en">layer</span>）</dt>'
    """
    return TERM.sub(r'\1<span lang="en">\2</span>', page)
