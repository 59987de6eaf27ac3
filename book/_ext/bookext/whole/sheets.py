"""The chapters as one HTML document to be printed: title, contents, and what paper asks for.

On paper nothing can be clicked: a link to another chapter says on which page that is, and one
to a site becomes a note with the address at the end of its chapter. Long lines of code are
broken, and a sign shows where.
"""

import re
from collections.abc import Mapping, Sequence
from copy import copy
from html import escape, unescape
from math import ceil

from bs4 import BeautifulSoup, Tag

from bookext.whole.chapters import COVER, Chapter
from bookext.whole.edition import Edition
from bookext.whole.spoken import spoken
from bookext.whole.tagged import FORMULA
from bookext.words import _

CONTENTS = "contents"
MANY_ROWS = 16  # of a table of numbers: more of them are set side by side
CHINESE = re.compile(r"[\u3000-\u9fff]")
SHORT = 20  # letters: less may be a name
PAGE_OF = re.compile(r'(<span class="page-of" data-place="([^"]*)">)[^<]*')
Pages = Mapping[str, int]


def document(found: Sequence[Chapter], made: Edition, style: str) -> str:
    """The whole document; the numbers of pages are empty, see `with_pages`.

    Args:
        found: all chapters, changed in place for paper.
        made: the edition.
        style: the rules of CSS.
    """
    for chapter in found:
        _for_paper(chapter)
    name, _rest = _parted(made.title)
    heads = f"@page {{ @top-left {{ content: {_quoted(name)}; }} }}\n"
    heads += "".join(_page_rule(chapter.name, chapter.title) for chapter in found)
    heads += _page_rule(CONTENTS, str(_("Contents")))
    front = [chapter for chapter in found if _is_front(chapter, found)]
    body = [chapter for chapter in found if chapter not in front]
    parts = [_title(found, made), *map(_written, front), _contents(body), *map(_written, body)]
    return (
        f'<!DOCTYPE html>\n<html lang="{made.language}"><head><meta charset="utf-8">'
        f"<title>{escape(made.title)}</title><style>{style}\n{heads}</style></head>"
        f"<body>{''.join(parts)}</body></html>"
    )


def with_pages(document: str, pages: Pages) -> str:
    """The document with the number of the page of each place that it names.

    Args:
        document: of `document`.
        pages: by id; what is not there yet takes as much room as a number.
    """
    return PAGE_OF.sub(lambda found: f"{found[1]}{pages.get(unescape(found[2]), 888)}", document)


def named(document: str) -> set[str]:
    """The places whose pages a document names."""
    return {unescape(found[2]) for found in PAGE_OF.finditer(document)}


def _is_front(chapter: Chapter, found: Sequence[Chapter]) -> bool:
    names = [each.name for each in found]
    return names.index(chapter.name) < names.index(COVER)


def _page_rule(name: str, title: str) -> str:
    return (
        f"@page {name} {{ @top-right {{ content: {_quoted(title)}; }} }}\n"
        f"#{name} {{ page: {name}; }}\n"
    )


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
    return f'"{escaped}"'


def _written(chapter: Chapter) -> str:
    return str(chapter.body)


def _tag(markup: str) -> Tag:
    return BeautifulSoup(markup, "html.parser").contents[0]  # type: ignore[return-value]


def _title(found: Sequence[Chapter], made: Edition) -> str:
    name, rest = _parted(made.title)
    cover = next(chapter for chapter in found if chapter.name == COVER)
    drawing = cover.body.select_one(".figure-drawing svg")
    picture = ""
    if drawing is not None:
        again = re.sub(r"(?<=[\"#])index--", "title--", str(copy(drawing)))
        picture = f'<div class="figure-drawing" aria-hidden="true">{again}</div>'
    told = _("Version {version} · {date} · fingerprint {fingerprint}").format(
        version=escape(made.version),
        date=f"{made.date:%Y-%m-%d}",
        fingerprint=made.fingerprint,
    )
    return (
        f'<div id="title"><p class="name">{escape(name)}</p><p class="rest">{escape(rest)}</p>'
        f'{picture}<p class="author">{escape(made.author)}</p>'
        f"<p>{told}</p>"
        "</div>"
    )


def _contents(body: Sequence[Chapter]) -> str:
    lines, part = [], ""
    for chapter in body:
        if chapter.part != part:
            part = chapter.part
            lines.append(f'<p class="part">{escape(part)}</p>' if part else "")
        sections = [
            _line(str(heading["id"]), heading.get_text())
            for heading in chapter.body.select("section > h2[id]")
        ]
        inner = f"<ul>{''.join(sections)}</ul>" if sections else ""
        lines.append(f"<ul>{_line(chapter.name, chapter.title, inner)}</ul>")
    entries = f'<div class="entries">{"".join(lines)}</div>'
    return f'<nav id="{CONTENTS}"><h1>{_("Contents")}</h1>{entries}</nav>'


def _line(place: str, words: str, inner: str = "") -> str:
    return (
        f'<li><a href="#{escape(place)}"><span>{escape(words)}</span><span class="dots"></span>'
        f"{_page_of(place)}</a>{inner}</li>"
    )


def _page_of(place: str) -> str:
    return f'<span class="page-of" data-place="{escape(place)}"></span>'


def _for_paper(chapter: Chapter) -> None:
    body = chapter.body
    if chapter.name == COVER and (heading := body.find("h1")):
        heading.string = chapter.title  # the title of the book has a page of its own
    for heading in body.select("section > :is(h2, h3, h4)"):
        _take_places(heading)
    for figure in body.select("figure"):
        _keep_together(figure)
    for code in body.select(".cell > .hide"):
        code.parent.append(code)  # type: ignore[union-attr]
    for table in body.select(".numbers table"):
        _set_side_by_side(table)
    for cell in body.select("td, th"):
        if not cell.get_text().strip() and not cell.select_one("img, svg"):
            cell.string = "—"  # Chromium leaves an empty one out, and the next takes its place
    for listing in body.select("pre"):
        _break_lines(listing)
    for formula in body.select("math"):
        said = escape(FORMULA + spoken(formula))
        formula.wrap(_tag(f'<span role="img" class="formula" aria-label="{said}"></span>'))
    for words in body.select("p, dd, li"):
        if len(text := words.get_text().strip()) > SHORT and not CHINESE.search(text):
            words["lang"] = "en"
    _say_pages(chapter)
    _note_addresses(chapter)


def _take_places(heading: Tag) -> None:
    """What leads to a section leads to its heading: a section may begin on the page before."""
    section = heading.parent
    if section is None or section.find(["h2", "h3", "h4"], recursive=False) is not heading:
        return
    for place in [tag for tag in section.find_all("span", recursive=False) if tag.get("id")]:
        if place in heading.find_previous_siblings("span"):
            heading.insert(0, place.extract())
    if "id" in section.attrs:
        heading["id"] = section.attrs.pop("id")


def _keep_together(figure: Tag) -> None:
    """The drawing and its caption stay on one page; a table of its numbers may go on."""
    figure.name = "div"
    figure["class"] = "figure"
    caption, numbers = figure.find("figcaption"), figure.select_one(".numbers")
    shown = figure.select_one(".figure-drawing") or figure.find(recursive=False)
    if shown is None:
        return
    together = shown.wrap(_tag('<div class="together"></div>'))
    if isinstance(caption, Tag):
        together.append(caption.extract())
    if numbers is not None:
        together.insert_after(numbers.extract())


def _set_side_by_side(table: Tag) -> None:
    """A long table of numbers becomes short ones, in pairs, each with the same head."""
    rows = table.select("tbody > tr")
    if len(rows) <= MANY_ROWS or table.parent is None:
        return
    pairs = ceil(len(rows) / 2 / MANY_ROWS)
    each = ceil(len(rows) / 2 / pairs)
    table.parent["class"] = "side-by-side"
    for start in range(0, len(rows), each):
        part = copy(table)
        for number, row in enumerate(part.select("tbody > tr")):
            if not start <= number < start + each:
                row.decompose()
        table.insert_before(part)
    table.decompose()


def _break_lines(listing: Tag) -> None:
    """Each line an element of its own, so that CSS can mark where it goes on."""
    lines = listing.decode_contents().rstrip("\n").split("\n")
    # A token that spans lines would be torn: such a listing keeps its shape.
    if any(line.count("<span") != line.count("</span") for line in lines):
        return
    text = "".join(f'<span class="line">{line}\n</span>' for line in lines)
    listing.clear()
    listing.extend(list(_tag(f"<pre>{text}</pre>").contents))  # elsewhere, white space goes
    if len(lines) <= MANY_ROWS:
        listing["class"] = "short"


def _say_pages(chapter: Chapter) -> None:
    for link in chapter.body.select('a[href^="#"]'):
        place = str(link["href"])[1:]
        elsewhere = place != chapter.name and not place.startswith(f"{chapter.name}--")
        by_name = elsewhere and link.select_one(".std-doc, .std-numref, .std-ref")
        if by_name or link.find_parent("p", class_=("to-solution", "to-exercise")):
            said = _(" (page {number})").format(number=_page_of(place))
            link.append(_tag(f'<span class="see">{said}</span>'))


def _note_addresses(chapter: Chapter) -> None:
    addresses: list[str] = []
    for link in chapter.body.select('a[href^="http"]'):
        address = str(link["href"])
        if link.get_text().strip() == address:
            continue
        addresses += [address] if address not in addresses else []
        link.append(_tag(f"<sup>{addresses.index(address) + 1}</sup>"))
    if addresses:
        notes = "".join(
            f'<li><a href="{escape(each)}">{escape(each)}</a></li>' for each in addresses
        )
        chapter.body.append(
            _tag(f'<div class="notes"><p>{_("Addresses")}</p><ol>{notes}</ol></div>')
        )


def _parted(title: str) -> tuple[str, str]:
    """A title and its subtitle, which follows a colon."""
    name, *rest = re.split(r"：|: ", title, maxsplit=1)
    return name, "".join(rest)
