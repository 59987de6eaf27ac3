"""The pages are read as they come out: no number in them was typed, wherever it stands.

`prose` looks at the sentences of chapters. Titles in the navigation, what themes and templates
add, notes of the bibliography, words in drawings and in style sheets do not pass there, and
nobody can list all of that. So at the end, what a reader sees of each page is put together again
and held against the same rules. What a build gave keeps its mark in the page: bound values,
claims, citations, code, formulas, and what cells have printed.
"""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from bookext.truth.prose import (
    BOUND,
    CITED,
    CLAIMED,
    CODE,
    Rules,
    comparison,
    numbers,
    sentences,
)

logger = logging.getLogger(__name__)

# What is no text: it has no end, or nobody sees it.
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
UNSEEN = frozenset({"script", "style", "template", "noscript"})
# In these, words go on in the same sentence; all others begin a new one.
INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "ins", "kbd"}
    | {"label", "mark", "math", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time"}
    | {"tspan", "u", "var"}
)
# What is shown of an element besides its text.
SHOWN = ("alt", "title", "aria-label", "placeholder")
# Addresses, versions of three parts and sections of another book are no results.
NO_RESULT = re.compile(
    r"https?://\S+|\barXiv:[\d.]+|\b\d+\.\d+\.\d[\w.]*|\b[Ss]ection \d+(?:\.\d+)*"
)
LANGUAGE = re.compile(r'<html\b[^>]*\blang="([^"]+)"')
CONTENT = re.compile(r"""\bcontent\s*:\s*(?:"([^"\n]*)"|'([^'\n]*)')""")
# What the build gave, by the tag or the class of an element, and what stands in its place.
GIVEN_TAGS = {"pre": CODE, "code": CODE, "kbd": CODE, "samp": CODE, "math": CODE}
GIVEN_CLASSES = {
    "pasted-text": BOUND,
    "bibtex-citation": CITED,
    "math": CODE,
    "cell_output": BOUND,
    "sig": CODE,
    "section-number": "",
    "caption-number": "",
}


class Reader(HTMLParser):
    """Put together what a reader sees of a page, block by block.

    Attributes:
        blocks: the texts, with marks for what the build gave.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self._text: list[str] = []
        self._open: list[str] = []
        self._hidden = 0  # how many elements are open since one whose text is not read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in VOID:
            self._show(given)
            if not self._hidden and tag in {"br", "hr"}:
                self._text.append("\n")
            return
        self._open.append(tag)
        if self._hidden:
            self._hidden += 1
            return
        if tag not in INLINE:
            self.end_block()
        self._show(given)
        classes = given.get("class", "").split()
        mark = next((GIVEN_CLASSES[each] for each in classes if each in GIVEN_CLASSES), None)
        mark = GIVEN_TAGS.get(tag, mark)
        if mark is not None or tag in UNSEEN:
            self._text.append(mark or "")
            self._hidden = 1
        elif tag == "a" and "claim" in classes:
            self._text.append(CLAIMED)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while True:  # what HTML lets one leave open ends here, too
            last = self._open.pop()
            if self._hidden:
                self._hidden -= 1
            elif last not in INLINE:
                self.end_block()
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._text.append(data)

    def _show(self, given: dict[str, str]) -> None:
        for name in SHOWN:
            if given.get(name):
                self.blocks.append(given[name])

    def end_block(self) -> None:
        text = re.sub(r"\s+", " ", "".join(self._text)).strip()
        if text:
            self.blocks.append(text)
        self._text = []


def read(page: str) -> list[str]:
    r"""What a reader sees of a page, block by block.

    Example:
        >>> read('<p>It is <b>bold</b>,<br> see <code>x</code>.<p title="A title.">Next.')
        ['It is bold, see \x04.', 'A title.', 'Next.']
    """
    reader = Reader()
    reader.feed(page)
    reader.close()
    reader.end_block()  # a page may end in the middle of one
    return reader.blocks


def typed(blocks: list[str], rules: Rules) -> list[tuple[str, str]]:
    """Sentences with a number that was typed, or a comparison without a claim, and which.

    Example:
        >>> rules = Rules(numbers={"a percentage": re.compile("[0-9]+%")})
        >>> typed(["So it is. It reached 91%."], rules)
        [('It reached 91%.', 'a percentage that was typed, 91%')]
    """
    found = []
    for block in blocks:
        for sentence in sentences(NO_RESULT.sub(" ", block), rules):
            shown = re.sub(r"[\x01-\x04]", "…", sentence).strip()
            found += [
                (shown, f"{kind} that was typed, {number}")
                for kind, number in numbers(sentence, rules)
            ]
            if word := comparison(sentence, rules):
                found.append((shown, f"a comparison ({word}) that rests on no claim"))
    return found


def check(app: Sphinx, exception: Exception | None) -> None:
    """Read every page and style sheet that this build wrote and that was not found good before.

    Where there are warnings already, nothing is published; what is typed in chapters has been
    told by then, with its line.
    """
    if exception is not None or app.builder.format != "html" or app._warncount:
        return
    rules: Rules = app.book_rules  # type: ignore[attr-defined]
    kept = Path(app.config.nb_execution_cache_path).with_name("pages_read")
    known = set(kept.read_text(encoding="ascii").split()) if kept.is_file() else set()
    good = set()
    told: dict[tuple[str, str], list[str]] = {}
    site = Path(app.outdir)
    for path in sorted([*site.rglob("*.html"), *site.glob("_static/**/*.css")]):
        content = path.read_bytes()
        digest = hashlib.sha256(repr(rules).encode() + content).hexdigest()
        if digest not in known:
            text = content.decode("utf-8", errors="replace")
            language = LANGUAGE.search(text)
            if language and language[1].replace("-", "_") != app.config.language:
                continue  # of another edition, whose own build reads it
            css = [one or other for one, other in CONTENT.findall(text)]
            found = typed(css if path.suffix == ".css" else read(text), rules)
            for each in dict.fromkeys(found):
                told.setdefault(each, []).append(path.relative_to(site).as_posix())
            if found:
                continue
        good.add(digest)
    # What a template says stands on every page, and is told once.
    for (sentence, what), (page, *others) in told.items():
        logger.warning(
            "%s%s shows %s, in “%s”: bind it, cite it, or allow it in %s/%s.toml",
            page,
            f" (and {len(others)} more)" if others else "",
            what,
            sentence,
            app.config.book_prose,
            app.config.language,
        )
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("\n".join(sorted(good)) + "\n", encoding="ascii")
