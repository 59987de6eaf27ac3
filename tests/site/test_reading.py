"""The book stays readable without scripts, without a network, and for readers who do not see."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import SITE

from conftest import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.site

PAGES = sorted(path.name for path in SITE.glob("*.html"))
ENGLISH = [f"en/{path.name}" for path in sorted(SITE.glob("en/*.html"))]
IN_THE_BOOK = [name for name in PAGES if name != "404.html"]  # which is shown in their place

LOOKS = list(product(("light", "dark"), (390, 1280)))


def many_kinds(names: list[str], count: int) -> list[str]:
    """So many pages that together have the most classes of elements."""
    left = {}
    for name in names:
        classes = re.findall(r'class="([^"]*)"', (SITE / name).read_text("utf-8"))
        left[name] = set(" ".join(classes).split())
    found: list[str] = []
    while left and len(found) < count:
        found.append(max(left, key=lambda name: len(left[name])))
        seen = left.pop(found[-1])
        left = {name: classes - seen for name, classes in left.items()}
    return found


# All pages have the same styles: these are looked at in each of the ways, the others in turn. On a
# push these are seen at their most different, and each other page in one of its editions.
IN_ALL_WAYS = many_kinds(PAGES, 6)


def looked_at() -> list[Any]:
    """Pages, each with how it is looked at, and when."""
    found = []
    for number, name in enumerate([*PAGES, *ENGLISH]):
        own = LOOKS if name in IN_ALL_WAYS else [LOOKS[number % len(LOOKS)]]
        some = [LOOKS[0], LOOKS[-1]] if name in IN_ALL_WAYS else own
        turn = PAGES.index(Path(name).name) % 2 == (name in ENGLISH)
        for looks in [some, own] if own != some else [own]:
            weekly = looks != some or not (turn or name in IN_ALL_WAYS)
            found.append(
                pytest.param(
                    name,
                    looks,
                    id=f"{name}-{len(looks)}",
                    marks=pytest.mark.slow if weekly else (),
                )
            )
    return found


@pytest.fixture(scope="module")
def axed(browser: "Browser") -> Iterator["Page"]:
    """A page for axe, which the policy of the pages would stop."""
    context = browser.new_context(bypass_csp=True, service_workers="block")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("name", "looks"), looked_at())
def test_axe_finds_nothing(
    axed: "Page", address: str, name: str, looks: list[tuple[str, int]]
) -> None:
    axed.goto(f"{address}/{name}")
    axed.evaluate(Axe().axe_script)
    found = {}
    for scheme, width in looks:
        axed.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        axed.set_viewport_size({"width": width, "height": 900})
        violations = axed.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
        if violations:
            found[scheme, width] = [
                (each["id"], [node["html"][:120] for node in each["nodes"][:3]])
                for each in violations
            ]
    assert found == {}


def test_without_scripts_everything_can_be_read(browser: "Browser", address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    for name in IN_THE_BOOK:
        page.goto(f"{address}/{name}")
        assert page.locator("h1").first.is_visible(), name
        assert page.locator(".related-pages").count() == 1
        # The first of each kind, and what is folded in it.
        outer = page.locator("details:not(details details)").all()
        for fold in {each.get_attribute("class"): each for each in outer[::-1]}.values():
            for each in [fold, *fold.locator("details").all()]:
                each.locator("summary").first.click()
                assert each.get_attribute("open") is not None, name
    page.goto(f"{address}/exercises.html")
    page.locator("label.nav-overlay-icon").click()
    page.get_by_role("link", name="掩码", exact=True).first.click()
    assert page.url.endswith("masks.html")
    context.close()


def test_without_storage_nothing_breaks(browser: "Browser", address: str) -> None:
    context = browser.new_context(service_workers="block")
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no storage'); }})"
    )
    page = context.new_page()
    page.goto(f"{address}/dropout.html", wait_until="networkidle")
    assert page.locator("svg[role=img]").first.is_visible()
    context.close()


def test_pages_open_from_a_folder(browser: "Browser", site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.goto((site / "index.html").as_uri())
    page.locator("nav.related-pages a.next-page").click()
    page.wait_for_load_state()
    assert page.locator("h1").is_visible()
    colour = page.evaluate("getComputedStyle(document.querySelector('article')).lineHeight")
    assert colour != "normal"  # the style sheets are there
    page.goto((site / "search.html").as_uri())
    assert page.locator("#search-file").is_visible()
    assert faults == []
    context.close()


def test_a_site_once_visited_is_read_without_a_network_and_says_so(
    browser: "Browser", server: Server
) -> None:
    address = server.address
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/", wait_until="networkidle")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"{address}/masks.html", wait_until="networkidle")
    assert page.evaluate("navigator.serviceWorker.controller !== null")
    assert page.locator(".stored").count() == 0  # fresh from the network
    server.stop()
    for name in ("training.html", "results.html", ""):
        page.goto(f"{address}/{name}")
        assert page.locator("h1").is_visible()
        page.locator(".stored").wait_for()
    page.goto(f"{address}/search.html?q=掩码")
    page.locator(".pagefind-ui__result").first.wait_for()
    context.close()


def test_the_service_worker_knows_every_page_by_its_digest(site: Path) -> None:
    script = (site / "sw.js").read_text(encoding="utf-8")
    files = json.loads(re.search(r"entries\((\{.*?\})\)", script)[1])  # type: ignore[index]
    assert set(IN_THE_BOOK) <= set(files)
    for name, digest in files.items():
        found = hashlib.sha256((site / name).read_bytes()).digest()
        assert base64.urlsafe_b64encode(found).decode().rstrip("=") == digest, name


def test_remarks_stand_in_the_margin_where_there_is_one(browser: "Browser", address: str) -> None:
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, service_workers="block")
    page = context.new_page()
    page.goto(f"{address}/masks.html")
    boxes = """() => Object.fromEntries([".margin", ".margin + p", ".toc-sticky"].map(
      (name) => [name, document.querySelector(name).getBoundingClientRect().toJSON()]))"""
    found = page.evaluate(boxes)
    assert found[".margin + p"]["right"] < found[".margin"]["left"]
    assert found[".margin"]["right"] < found[".toc-sticky"]["left"]
    page.set_viewport_size({"width": 1280, "height": 800})
    found = page.evaluate(boxes)
    assert found[".margin"]["bottom"] <= found[".margin + p"]["top"]
    assert page.get_by_role("note").count() >= 1
    context.close()


# What each of these chapters shows besides plots: digits that are mistaken, and weights.
@pytest.mark.parametrize(("name", "plots"), [("training.html", 5), ("inside.html", 6)])
def test_the_numbers_of_a_plot_fold_out(
    browser: "Browser", address: str, name: str, plots: int
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="block")
    page = context.new_page()
    page.goto(f"{address}/{name}")
    assert page.locator("figure:has(svg[role=img])").count() == plots + 1
    tables = page.locator("details.numbers")
    assert tables.count() == plots
    for number in range(plots):
        fold = tables.nth(number)
        assert not fold.locator("table").is_visible()
        fold.locator("summary").click()
        assert fold.locator("table").is_visible()
        assert fold.locator("tbody tr").count() >= 3
    context.close()


def test_english_terms_of_the_glossary_say_so(site: Path) -> None:
    text = (site / "glossary.html").read_text(encoding="utf-8")
    terms = re.findall(r'<dt [^>]*id="term-', text)
    assert len(terms) > 30
    assert len(re.findall(r'<span lang="en">[A-Za-z]', text)) == len(terms)


def test_every_page_forbids_whatever_is_not_this_site(site: Path) -> None:
    for name in [*PAGES, *ENGLISH]:
        text = (site / name).read_text(encoding="utf-8")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert policy, name
        assert re.match(r"default-src 'none'; script-src 'self' ('sha256-|;)", policy[1])
        assert ("wasm-unsafe-eval" in policy[1]) == (name.split("/")[-1] == "search.html")
        assert "unsafe-inline" not in policy[1].split(";")[1]
        assert '<link rel="next"' not in text  # Firefox would fetch it, and say that it may not
        links = re.findall(r'<a\b[^>]*href="https?://[^>]*>', text)
        assert [link for link in links if "noopener" not in link] == []
        assert re.search(r'<meta name="description" content="[^"]{10,}"', text), name
