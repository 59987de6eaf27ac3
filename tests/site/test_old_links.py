"""Whatever readers may link to is listed, has a lasting name, and shows the way to link to it."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bookext.site import published
from bookext.truth.ledger import place
from browser import SITE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.site

ROOT = Path(__file__).parents[2]


def test_the_list_of_what_was_published_is_complete() -> None:
    new = published.addresses(SITE) - published.listed(ROOT)
    assert sorted(new) == [], "run `make published`, and commit the list"


class Tables(HTMLParser):
    """The tables of a page that nobody can link to: neither they nor what is around or in them."""

    def __init__(self) -> None:
        super().__init__()
        self.around: list[tuple[str, str | None]] = []
        self.rows: list[tuple[str, str | None]] = []
        self.nameless: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("id")
        if tag in {"figure", "table", "tbody"}:
            self.around.append((tag, name))
        if tag == "tbody":
            self.rows = []
        if tag == "tr":
            self.rows.append((tag, name))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            around = any(name for _tag, name in self.around)
            if not around and not all(name for _tag, name in self.rows or [("", None)]):
                self.nameless.append(f"the table that ends in line {self.getpos()[0]}")
        if tag in {"figure", "table", "tbody"}:
            self.around.pop()


@pytest.mark.parametrize(
    ("page", "nameless"),
    [
        ('<table id="a"><tbody><tr><td></td></tr></tbody></table>', 0),
        ('<figure id="a"><table><tr></tr></table></figure>', 0),
        ('<table><thead><tr></tr></thead><tbody><tr id="a"></tr></tbody></table>', 0),
        ('<figure id="a"></figure><table><tbody><tr></tr></tbody></table>', 1),
        ('<table><tbody><tr id="a"></tr><tr></tr></tbody></table>', 1),
    ],
)
def test_a_table_without_a_name_is_found(page: str, nameless: int) -> None:
    parser = Tables()
    parser.feed(page)
    assert len(parser.nameless) == nameless


def test_every_table_has_a_lasting_name_or_rows_that_have_one() -> None:
    nameless = {}
    for path in SITE.glob("*.html"):
        parser = Tables()
        parser.feed(path.read_text(encoding="utf-8"))
        nameless[path.name] = parser.nameless
    assert {name: found for name, found in nameless.items() if found} == {}


def test_every_number_of_the_ledger_can_be_linked_to() -> None:
    ledger = json.loads((SITE / "ledger.json").read_text(encoding="utf-8"))
    there = published.addresses(SITE)
    rows = [place("number", name) for name in ledger["numbers"]]
    rows += [place("claim", name) for name in ledger["claims"]]
    assert [row for row in rows if f"results.html#{row}" not in there] == []
    assert len(set(rows)) == len(rows)


def test_every_figure_term_and_claim_has_a_lasting_name() -> None:
    nameless = []
    for path in SITE.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        tags = re.findall(r"<figure\b[^>]*>", text)
        if path.name == "glossary.html":
            tags += re.findall(r"<dt\b[^>]*>", text)
        names = [re.search(r'\sid="([^"]+)"', tag) for tag in tags]
        nameless += [
            f"{path.name}: {tag}"
            for tag, name in zip(tags, names, strict=True)
            if name is None or published.WANDERING.fullmatch(name[1])
        ]
    assert nameless == []


@pytest.fixture(scope="module")
def page(browser: "Browser") -> Iterator["Page"]:
    """A page that is led from address to address."""
    context = browser.new_context(service_workers="block")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("address_of_page", "place"),
    [
        ("dropout.html", "figure#fig-dropout"),
        ("glossary.html", "#term-dropout"),
        ("results.html", "#claim-cover-wins"),
        ("results.html", "#tab-published"),
        ("speed.html", "#tab-steps"),
        ("dropout.html", "section#代码 > h2"),
    ],
)
def test_the_way_to_link_to_it_is_seen_with_mouse_and_keyboard(
    page: "Page", address: str, address_of_page: str, place: str
) -> None:
    page.mouse.move(0, 0)  # where the test before has left it
    page.goto(f"{address}/{address_of_page}")
    link = page.locator(f"{place} a.headerlink").first
    clip = "element => getComputedStyle(element).clipPath"
    assert link.evaluate(clip) == "inset(50%)"
    page.locator(place).first.hover()
    assert link.evaluate(clip) == "none"
    page.mouse.move(0, 0)
    assert link.evaluate(clip) == "inset(50%)"
    link.focus()
    assert link.evaluate(clip) == "none"
    assert link.evaluate("element => getComputedStyle(element).visibility") == "visible"
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector(':target') !== null")
    named = link.evaluate("element => element.ariaLabel")
    assert named.endswith("的链接")


def test_a_link_to_a_number_unfolds_it(page: "Page", address: str) -> None:
    page.goto(f"{address}/results.html#number-training.published")
    row = page.locator("#number-training\\.published")
    assert row.is_visible()
    link = row.locator("a.headerlink")
    row.hover()
    assert link.evaluate("element => getComputedStyle(element).clipPath") == "none"
    assert link.get_attribute("aria-label") == "这个数字的链接"


def test_a_citation_is_copied_at_a_click(browser: "Browser", address: str) -> None:
    context = browser.new_context(
        permissions=["clipboard-read", "clipboard-write"], service_workers="block"
    )
    page = context.new_page()
    page.goto(f"{address}/masks.html")
    page.locator("details.citation > summary").click()
    block = page.locator("details.citation div.highlight").nth(1)
    block.hover()
    block.locator("button.copybtn").click()
    page.wait_for_timeout(200)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("@incollection{nnbook-masks,")
    assert copied.strip() == block.locator("pre").inner_text().strip()
    context.close()


def test_the_page_for_what_is_missing_can_be_read_from_any_depth(
    page: "Page", address: str, site: Path
) -> None:
    text = (site / "404.html").read_text(encoding="utf-8")
    page.route("**/a/b/c.html", lambda route: route.fulfill(status=404, body=text))
    page.goto("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/a/b/c.html")
    assert page.locator("h1").inner_text() == "这里没有这一页"
    assert [url for url in asked if not url.startswith("data:")] == [f"{address}/a/b/c.html"]
