"""What others write into the pages that is no valid HTML, put right."""

import re

# The line that folds a cell's code, by myst-nb: a summary may hold no paragraphs.
FOLD = re.compile(r'<p class="(collapsed|expanded) admonition-title">(.*?)</p>')


def mended(page: str) -> str:
    """The HTML of a whole page as it should be.

    Example:
        >>> mended('<summary><p class="collapsed admonition-title">显示代码</p></summary>')
        '<summary><span class="collapsed admonition-title">显示代码</span></summary>'
    """
    return FOLD.sub(r'<span class="\1 admonition-title">\2</span>', page)
