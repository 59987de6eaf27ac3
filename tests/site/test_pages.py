"""Every page of the built site opens on a phone and a laptop, by day and by night."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from browser import SITE

import nnbook

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

pytestmark = pytest.mark.site

PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
ENGLISH = [name for name in PAGES if name.startswith("en/")]
# All pages have the same styles and scripts: of each, one edition is looked at by day, the other by
# night, in turns; weekly the other way round, too.
ON_A_PUSH = [
    (("light", "dark")[(number + (name in ENGLISH)) % 2], name)
    for names in ([name for name in PAGES if name not in ENGLISH], ENGLISH)
    for number, name in enumerate(names)
]
BY_DAY_AND_NIGHT = [
    pytest.param(scheme, name, marks=() if (scheme, name) in ON_A_PUSH else pytest.mark.slow)
    for scheme in ("light", "dark")
    for name in PAGES
]
PHONE, LAPTOP = (390, 844), (1280, 800)
ZOOMED = (320, 256)  # a window of 1280 × 1024 at 400 %
# Names that are written the same way in Chinese, those of the library among them.
NAMES = re.compile(
    rf"\b(English|nnbook|{'|'.join(nnbook.__all__)})\b(\.\w+)*|"
    r"NumPy|Python|MNIST|API|GitHub|Markdown|PDF|EPUB|KB|MB|Copyright|BSD-3-Clause|"
    r"CC BY-SA \d\.\d|[0-9a-f]{16}"
)
# What the theme and its extensions say by themselves, also in the middle of a name.
THEME_WORDS = re.compile(
    r"\b(Auto light|Click|Close|Contents|Copy|Dark mode|Expand|Hide|Home|Light mode|Menu|"
    r"Navigation|Next|On this page|Permalink|Previous|Search|Show|Skip|Toggle|Top)\b"
)

# What Playwright itself says where a context goes without service workers. One would fetch the
# whole site for each fresh visitor; `test_reading` has it.
NO_WORKER = "Service Worker registration blocked by Playwright"

NATURAL_WIDTHS = """async () => {
  const pictures = [...document.images];
  for (const picture of pictures) picture.loading = "eager";
  await Promise.all(pictures.map((picture) => picture.decode().catch(() => null)));
  return pictures.map((picture) => [picture.getAttribute("src"), picture.naturalWidth]);
}"""

# What is wider than the window, innermost first. Code, tables and formulas may scroll
# in a box of their own; what the article stands in may not, nor may it cut off.
OVERFLOW = """() => {
  const found = [];
  for (let box = document.querySelector("article"); box; box = box.parentElement) {
    if (getComputedStyle(box).overflowX === "visible" && box.parentElement) continue;
    if (box.scrollWidth <= box.clientWidth) continue;
    const right = box.getBoundingClientRect().left + box.clientWidth;
    const inner = [...box.querySelectorAll("*")].reverse()
      .filter((element) => element.getBoundingClientRect().right > right)
      .map((element) => element.outerHTML.slice(0, 120));
    found.push(`${box.tagName} ${box.className}: ${box.scrollWidth} px`, ...inner.slice(0, 3));
  }
  return found;
}"""

# What moves, though the reader asks that nothing should.
MOVING = """() => [...document.querySelectorAll("*")].filter((element) => {
  const { scrollBehavior, transitionDuration } = getComputedStyle(element);
  return scrollBehavior !== "auto" || /[1-9]/.test(transitionDuration);
}).map((element) => element.outerHTML.slice(0, 80))"""

# What buttons and the like say in the text, and what stands there for lack of scripts.
WORDS_IN_TEXT = """() => {
  const words = [];
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    if (element.matches("article a.reference, article pre *")) continue;
    for (const name of ["aria-label", "title", "placeholder"]) {
      words.push(element.getAttribute(name) || "");
    }
  }
  for (const button of document.querySelectorAll("button, summary:not([translate=no])")) {
    words.push(button.innerText);
  }
  for (const element of document.querySelectorAll("noscript")) {
    words.push(...element.textContent.split(/<[^>]*>/));
  }
  return words;
}"""


class Opened:
    """A page in the browser, and everything that went wrong while it opened."""

    def __init__(self, page: "Page", address: str) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("request", lambda request: self._request(request.url, address))
        page.on("response", lambda response: self._response(response.status, response.url))

    def _console(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and text != NO_WORKER:
            self.faults.append(f"console {kind}: {text}")

    def _failed(self, request: "Request") -> None:
        # A page that is left, or that ends its Python, gives up what it has asked for.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url}: {request.failure}")

    def _request(self, url: str, address: str) -> None:
        if not url.startswith((f"{address}/", "data:", "blob:")):
            self.faults.append(f"a request to a foreign host: {url}")

    def _response(self, status: int, url: str) -> None:
        if status >= 400:
            self.faults.append(f"status {status}: {url}")


def words_around_the_text(page: "Page") -> set[str]:
    """Whatever the page says, also to a screen reader alone, besides the text itself."""
    words = page.evaluate(WORDS_IN_TEXT)
    page.evaluate("document.querySelector('article').remove()")
    session = page.context.new_cdp_session(page)
    for size in (LAPTOP, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for node in session.send("Accessibility.getFullAXTree")["nodes"]:
            if not node["ignored"] and node["role"]["value"] != "InlineTextBox":
                words.append(str(node.get("name", {}).get("value", "")))
    session.detach()  # else the browser goes on telling it of all the pages that follow
    return {word.strip() for word in words}


def is_english(word: str) -> bool:
    """Whether a name has no Chinese in it, or a word of the theme that was not translated."""
    latin = re.search(r"[A-Za-z]{2}", NAMES.sub("", word))
    chinese = re.search(r"[\u4e00-\u9fff]", word)
    return bool(latin and not chinese) or bool(THEME_WORDS.search(word))


def is_chinese(word: str) -> bool:
    """Whether a name has Chinese in it, besides the link to the Chinese edition."""
    return word != "中文" and bool(re.search(r"[\u4e00-\u9fff]", word))


@pytest.fixture(scope="module")
def visitor(browser: "Browser", address: str) -> Iterator[Opened]:
    """A page that is led from address to address."""
    context = browser.new_context(locale="zh-CN", reduced_motion="reduce", service_workers="block")
    yield Opened(context.new_page(), address)
    context.close()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """What the reader's system asks for."""
    return str(request.param)


@pytest.fixture
def opened(visitor: Opened, scheme: Any) -> Opened:
    """The same, with nothing that went wrong before."""
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.faults.clear()
    return visitor


def visit(opened: Opened, url: str, size: tuple[int, int]) -> "Page":
    """Open one page, with all that it fetches, in a window of this size."""
    opened.page.set_viewport_size({"width": size[0], "height": size[1]})
    opened.page.goto(url, wait_until="networkidle")
    return opened.page


@pytest.mark.parametrize(("scheme", "name"), BY_DAY_AND_NIGHT, indirect=["scheme"])
def test_it_opens_whole_without_a_fault_and_is_in_its_language(
    opened: Opened, address: str, scheme: str, name: str
) -> None:
    # By day it comes to a phone, by night to a laptop; then the window becomes another.
    page = visit(opened, f"{address}/{name}", PHONE if scheme == "light" else LAPTOP)
    missing = [source for source, width in page.evaluate(NATURAL_WIDTHS) if width == 0]
    assert missing == []
    for width, height in (PHONE, ZOOMED, LAPTOP):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(OVERFLOW) == [], width
    assert page.evaluate(MOVING) == []
    language, other = ("en", is_chinese) if name in ENGLISH else ("zh-CN", is_english)
    found = {
        "language": page.locator("html").get_attribute("lang"),
        "headings": page.locator("h1:visible").count(),
        "search boxes": page.locator("input[type=search], input[name=q]").count(),
        # Without one, the browser asks for /favicon.ico and logs an error.
        "icons": page.locator("link[rel~=icon]").count(),
        # The last, since it takes the article away.
        "in the other": sorted({word for word in words_around_the_text(page) if other(word)}),
    }
    assert found == {
        "language": language,
        "headings": 1,
        "search boxes": 1,
        "icons": 1,
        "in the other": [],
    }
    assert opened.faults == []


def test_the_page_follows_the_reader_into_the_dark(
    opened: Opened, address: str, scheme: str
) -> None:
    page = visit(opened, f"{address}/", LAPTOP)
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(map(int, re.findall(r"\d+", colour)[:3])) / (3 * 255)
    assert (brightness > 0.5) == (scheme == "light"), colour


@pytest.mark.parametrize("scheme", ["light"], indirect=True)
def test_the_address_of_the_site_is_the_cover_itself(
    opened: Opened, address: str, site: Path
) -> None:
    page = visit(opened, f"{address}/", PHONE)
    assert page.url == f"{address}/"
    assert page.locator("meta[http-equiv=refresh i]").count() == 0
    cover = page.locator("h1").inner_text()
    assert visit(opened, f"{address}/index.html", PHONE).locator("h1").inner_text() == cover


class Anchors(HTMLParser):
    """The ids and the links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids |= {value for key in ("id", "name") if (value := values.get(key))}
        if tag == "a" and (link := values.get("href")):
            self.links.add(link)


def test_every_link_inside_the_site_leads_somewhere(site: Path) -> None:
    anchors = {name: Anchors((site / name).read_text(encoding="utf-8")) for name in PAGES}
    broken = []
    for name, page in anchors.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            path = (site / name).parent / unquote(parts.path) if parts.path else site / name
            path = path / "index.html" if path.is_dir() else path
            target = path.resolve().relative_to(site).as_posix() if path.exists() else None
            fragment = unquote(parts.fragment)
            if target is None or (
                fragment and target in anchors and fragment not in anchors[target].ids
            ):
                broken.append(f"{name}: {link}")
    assert broken == []
