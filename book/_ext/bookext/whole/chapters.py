"""The pages of the built site as chapters of one book, to be read without a browser.

Numbers, figures and tables are the site's own, since they are taken from it. What only a
browser can use goes; what is folded opens; the solutions of exercises stand at the end. Ids
are unique in the whole book: ``dropout--fig-mask`` on the page ``dropout``, and ``dropout`` is
the page itself. All links within the book lead to such ids.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from bookext.site.take_away import licence
from bookext.whole.edition import Edition
from bookext.words import _

COVER = "index"
ABOUT = "about"
SOLUTIONS = "solutions"
# Of the browser, or of finding one's way in the site: a book has its own contents.
LEFT_OUT = (
    "script, style, noscript, button, input, select, textarea, template, a.headerlink, .start, "
    ".toctree-wrapper, details.hide > summary"
)
FOR_THE_BROWSER = re.compile(r"data-.*|on.*|tabindex|contenteditable|hidden|rel|download")
NAMESPACES = {
    "svg": "http://www.w3.org/2000/svg",
    "math": "http://www.w3.org/1998/Math/MathML",
}
REFERS_TO_IDS = ("aria-labelledby", "aria-describedby", "headers", "for")
# Python's parser of HTML writes all names in lower case, and some of SVG's have capitals.
CAPITALS = re.compile(r"[\s<]([a-z]+[A-Z]\w*)")


@dataclass(frozen=True)
class Chapter:
    """A chapter of the whole book.

    Attributes:
        name: of its page, and the id of ``body``.
        title: of the page.
        part: of the book that it stands in; empty for the cover and the solutions.
        body: the text, an ``<article>`` that may be written as HTML or as XML.
    """

    name: str
    title: str
    part: str
    body: Tag


def chapters(site: Path) -> list[Chapter]:
    """All chapters in reading order, the solutions of their exercises last.

    Args:
        site: the folder of the built site.

    Raises:
        ValueError: if a page is no page of the book, or a link leads nowhere.
    """
    cover = _page(site, COVER)
    order = [(COVER, ""), *_order(cover)]
    names = {name for name, _ in order}
    found = []
    for name, part in order:
        article = _article(cover if name == COVER else _page(site, name), name)
        _clean(article, name, names)
        heading = article.find("h1")
        if heading is None:
            raise ValueError(f"{name}.html has no heading: build the site again")
        # The cover has the title of the book, and so has the chapter that gave it.
        title = str(_("Introduction")) if name == COVER else heading.get_text().strip()
        found.append(Chapter(name, title, part, article))
    solutions = _solutions(found)
    found += [solutions] if solutions else []
    _refuse_dead_links(found)
    return found


def about(made: Edition) -> Chapter:
    """What stands before the first chapter: what this is, and what it has not."""
    title = str(_("About this edition"))
    told = _(
        "This is the whole of {title}, version {version}, from the commit of {date}, fingerprint "
        "{fingerprint}. Text, numbers, pictures and tables come from the website of the same "
        "edition, without a difference."
    ).format(
        title=escape(made.title),
        version=escape(made.version),
        date=f"{made.date:%Y-%m-%d}",
        fingerprint=f"<code>{made.fingerprint}</code>",
    )
    differs = _(
        "Pictures that move on the website stand still here; where there are buttons to press and "
        "places to write in, go to the website. Code and tables that are folded there are open "
        "here; the solutions of the exercises are at the end."
    )
    rights = _("© {year}, {author}. {licence}").format(
        year=f"{made.date:%Y}", author=escape(made.author), licence=licence()
    )
    text = (
        f'<article id="{ABOUT}"><h1>{title}</h1>'
        f"<p>{told}</p><p>{differs}</p><p>{rights}</p></article>"
    )
    return Chapter(ABOUT, title, "", BeautifulSoup(text, "html.parser").select("article")[0])


def places(found: Iterable[Chapter]) -> dict[str, str]:
    """By id, the name of the chapter that it stands in."""
    return {
        str(tag["id"]): chapter.name
        for chapter in found
        for tag in (chapter.body, *chapter.body.select("[id]"))
    }


def _page(site: Path, name: str) -> BeautifulSoup:
    path = site / f"{name}.html"
    if not path.is_file():
        raise ValueError(f"{path} is missing: build the site again")
    text = path.read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser", multi_valued_attributes=None)
    for kind, namespace in NAMESPACES.items():  # XML wants to be told what HTML knows
        for tag in page.select(kind):
            tag.attrs.setdefault("xmlns", namespace)
    capitals = {known.lower(): known for known in CAPITALS.findall(text)}
    for tag in page.select("svg, svg *"):
        tag.name = capitals.get(tag.name, tag.name)
        tag.attrs = {capitals.get(key, key): value for key, value in tag.attrs.items()}
    return page


def _order(cover: BeautifulSoup) -> Iterator[tuple[str, str]]:
    part = ""
    for tag in cover.select(".sidebar-tree p.caption, .sidebar-tree a.reference.internal"):
        if tag.name == "p":
            part = tag.get_text().strip()
        elif not (address := str(tag["href"])).startswith("#"):
            yield address.removesuffix(".html"), part


def _article(page: BeautifulSoup, name: str) -> Tag:
    article = page.find("article")
    if article is None:
        raise ValueError(f"{name}.html has no article: build the site again")
    for tag in article.select(LEFT_OUT):
        tag.decompose()
    return article


def _clean(article: Tag, name: str, names: set[str]) -> None:
    for folded in article.select("details:not(.solution)"):
        folded.name = "div"
        for summary in folded.find_all("summary", recursive=False):
            summary.name, summary["class"] = "p", "unfolded"
    for tag in article.select("*"):
        tag.attrs = {
            key: _with_ids(key, str(value), name)
            for key, value in tag.attrs.items()
            if not FOR_THE_BROWSER.fullmatch(key)
        }
    for link in article.select("a[href]"):
        _lead(link, name, names)
    article.attrs = {"id": name}


def _with_ids(key: str, value: str, name: str) -> str:
    if key == "id" or key in REFERS_TO_IDS:
        return " ".join(f"{name}--{each}" for each in value.split())
    if key == "xlink:href":
        return re.sub(r"^#", f"#{name}--", value)
    return value.replace("url(#", f"url(#{name}--")


def _lead(link: Tag, name: str, names: set[str]) -> None:
    address = urlsplit(str(link["href"]))
    if address.scheme:
        return
    page = address.path.removesuffix(".html") or name
    if page not in names:  # a file of the site: here it is a word
        link.unwrap()
        return
    place = unquote(address.fragment)
    link["href"] = f"#{page}--{place}" if place else f"#{page}"


def _solutions(found: list[Chapter]) -> Chapter | None:
    """Take the solutions out of the chapters, and let each lead to its exercise and back."""
    page = BeautifulSoup("", "html.parser")
    body = page.new_tag("article", attrs={"id": SOLUTIONS})
    heading = page.new_tag("h1", string=str(_("Solutions of the exercises")))
    body.append(heading)
    for chapter in found:
        for solution in chapter.body.select("details.solution"):
            exercise = solution.find_previous(_is_exercise)
            solution.extract()
            solution.name = "section"
            summary = solution.find("summary", recursive=False)
            if exercise is None or summary is None:
                raise ValueError(f"a solution in {chapter.name}.html has no exercise before it")
            summary.name = "h2"
            exercise.append(
                _pointer(page, str(_("Solution at the end")), str(solution["id"]), "to-solution")
            )
            solution.append(
                _pointer(page, str(_("Back to the exercise")), str(exercise["id"]), "to-exercise")
            )
            body.append(solution)
    return Chapter(SOLUTIONS, heading.get_text(), "", body) if body.find("section") else None


def _is_exercise(tag: Tag) -> bool:
    return "exercise" in str(tag.get("class", "")).split()


def _pointer(page: BeautifulSoup, words: str, place: str, kind: str) -> Tag:
    paragraph = page.new_tag("p", attrs={"class": kind})
    paragraph.append(page.new_tag("a", attrs={"href": f"#{place}"}, string=words))
    return paragraph


def _refuse_dead_links(found: list[Chapter]) -> None:
    known = places(found)
    for chapter in found:
        for link in chapter.body.select('a[href^="#"]'):
            place = str(link["href"])[1:]
            if place not in known:
                raise ValueError(f"a link in {chapter.name} leads to {place}, which is not there")
