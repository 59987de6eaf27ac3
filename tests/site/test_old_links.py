"""Whatever readers may link to is listed, has a lasting name, and shows the way to link to it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bookext.site import published
from browser import SITE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.site

ROOT = Path(__file__).parents[2]


def test_the_list_of_what_was_published_is_complete() -> None:
    new = published.addresses(SITE) - published.listed(ROOT)
    assert sorted(new) == [], "run `make published`, and commit the list"


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


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """An empty page."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("address_of_page", "place"),
    [
        ("dropout.html", "figure#fig-dropout"),
        ("glossary.html", "#term-dropout"),
        ("results.html", "#claim-cover-wins"),
        ("dropout.html", "section#代码 > h2"),
    ],
)
def test_the_way_to_link_to_it_is_seen_with_mouse_and_keyboard(
    page: "Page", address: str, address_of_page: str, place: str
) -> None:
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


def test_a_citation_is_copied_at_a_click(browser: "Browser", address: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
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
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/a/b/c.html")
    assert page.locator("h1").inner_text() == "这里没有这一页"
    assert [url for url in asked if not url.startswith("data:")] == [f"{address}/a/b/c.html"]
