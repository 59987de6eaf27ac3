"""The search finds what a reader asks for, in both languages, among its first three results."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bookext.language.terms import pairs

import nnbook

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.site

ROOT = Path(__file__).parents[2]
FIRST = 3
FOUND = """async (questions) => {
  const pagefind = await import(new URL("_static/chinese/pagefind.js", document.baseURI));
  await pagefind.options({ ranking: { termFrequency: 0 } }); // as in search.js
  const found = {};
  for (const question of questions) {
    const { results } = await pagefind.search(question);
    const first = await Promise.all(results.slice(0, 3).map((result) => result.data()));
    found[question] = first.map(({ url }) => new URL(url, location.href).pathname.slice(1));
  }
  return found;
}"""
SECTIONS = """async (headings) => {
  const pagefind = await import(new URL("_static/chinese/pagefind.js", document.baseURI));
  const found = {};
  for (const heading of headings) {
    const { results } = await pagefind.search(heading);
    const first = await Promise.all(results.slice(0, 3).map((result) => result.data()));
    found[heading] = first.flatMap((page) => page.sub_results)
      .filter(({ title }) => title.replaceAll("\\u200b", "") === heading).map(({ url }) => url);
  }
  return found;
}"""
CHAPTERS = [
    *("overfitting", "framework", "mnist", "model", "dropout"),
    *("masks", "modes", "training", "exercises"),
]


def terms() -> list[str]:
    """Every term of the glossary, in Chinese and in English."""
    text = (ROOT / "book/glossary.md").read_text(encoding="utf-8")
    found = re.findall(r"^(\S[^（\n]*)（([^）\n]+)）$", text, re.MULTILINE)
    return [word.strip() for pair in found for word in pair]


def phrases() -> dict[str, str]:
    """Forty phrases of the text that stand in one chapter alone, and that chapter's page."""
    texts = {}
    for name in CHAPTERS:
        text = (ROOT / f"book/{name}.md").read_text(encoding="utf-8")
        text = re.sub(r"^---.*?^---$|^```.*?^```$|^:::.*?^:::$", "", text, flags=re.S | re.M)
        texts[name] = re.findall(r"(?<=[。，：；])[\u4e00-\u9fff]{6,10}(?=[。，])", text)
    found = {}
    for name, parts in texts.items():
        others = "".join(part for other in texts if other != name for part in texts[other])
        for phrase in [part for part in parts if part not in others][:5]:
            found[phrase] = f"{name}.html"
    return dict(list(found.items())[:40])


def headings() -> dict[str, str]:
    """The sections of the chapters that have a name of their own, and the page of each."""
    found: dict[str, list[str]] = {}
    for name in CHAPTERS:
        text = (ROOT / f"book/{name}.md").read_text(encoding="utf-8")
        for heading in re.findall(r"^## ([\u4e00-\u9fff]{4,})$", text, re.MULTILINE):
            found.setdefault(heading, []).append(f"{name}.html")
    return {heading: pages[0] for heading, pages in found.items() if len(pages) == 1}


@pytest.fixture(scope="module")
def visitor(browser: "Browser") -> Iterator["Page"]:
    """A page that is led from address to address; each keeps its state in its address."""
    context = browser.new_context(
        locale="zh-CN", viewport={"width": 1280, "height": 800}, service_workers="block"
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def page(visitor: "Page", address: str) -> "Page":
    """The page of the search."""
    visitor.goto(f"{address}/search.html", wait_until="networkidle")
    return visitor


def test_every_term_of_the_glossary_is_found_in_both_languages(page: "Page") -> None:
    questions = terms()
    assert len(questions) > 60
    found = page.evaluate(FOUND, questions)
    # They stand on every page; what they mean is told in the chapter that bears their name.
    subject = {"丢弃层": "dropout.html", "丢弃率": "dropout.html"}
    classes = {name.lower() for name in nnbook.__all__}
    missed = {}
    for word, pages in found.items():
        own = {"glossary.html", subject.get(word)}
        own |= {"api.html"} if word.lower() in classes else set()
        if not own & set(pages):
            missed[word] = pages
    assert missed == {}


def test_every_class_of_the_library_is_found(page: "Page") -> None:
    found = page.evaluate(FOUND, list(nnbook.__all__))
    assert {word: pages for word, pages in found.items() if "api.html" not in pages} == {}


def test_each_edition_is_searched_in_its_language(page: "Page", address: str) -> None:
    translated = pairs((ROOT / "book/glossary.md").read_text(encoding="utf-8"))
    assert len(translated) > 30
    for folder, asked in (("en/", list(translated.values())), ("", list(translated))):
        page.goto(f"{address}/{folder}search.html", wait_until="networkidle")
        found = page.evaluate(FOUND, asked)
        elsewhere = {
            term: pages
            for term, pages in found.items()
            if not pages
            or any(not re.fullmatch(rf"{folder}([\w-]+\.html)?", each) for each in pages)
        }
        assert elsewhere == {}
        first = [term for term, pages in found.items() if pages[0] == f"{folder}glossary.html"]
        assert len(first) >= 0.9 * len(asked), set(asked) - set(first)
    page.goto(f"{address}/en/search.html?q=coffee stain", wait_until="networkidle")
    link = page.locator(".pagefind-ui__result-link").first
    assert "/en/overfitting.html" in link.evaluate("(link) => link.href")
    assert "coffee stain" in page.locator(".pagefind-ui__message").inner_text()


def test_phrases_of_the_text_are_found_in_their_chapters(page: "Page") -> None:
    expected = phrases()
    assert len(expected) == 40
    found = page.evaluate(FOUND, list(expected))
    assert {
        phrase: (pages, expected[phrase])
        for phrase, pages in found.items()
        if expected[phrase] not in pages
    } == {}


def test_a_result_leads_right_to_the_section(page: "Page") -> None:
    expected = headings()
    assert len(expected) > 20
    found = page.evaluate(SECTIONS, list(expected))
    assert {
        heading: links
        for heading, links in found.items()
        if not any(re.search(rf"\b{expected[heading]}#", link) for link in links)
    } == {}


def test_a_reader_comes_from_any_page_by_keyboard_and_reads_results(
    page: "Page", address: str
) -> None:
    page.goto(f"{address}/dropout.html", wait_until="networkidle")
    page.keyboard.press("Control+k")
    page.keyboard.type("随机掩码")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    result = page.locator(".pagefind-ui__result").first
    result.wait_for()
    assert "随机掩码" in re.sub(r"\s", "", page.locator(".pagefind-ui__message").inner_text())
    link = page.locator(".pagefind-ui__result-link").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(?!search)\w*(\.html)?(#.*)?$"))
    assert "掩码" in page.locator("article").inner_text()


def test_results_can_be_filtered_by_kind(page: "Page") -> None:
    from playwright.sync_api import expect

    page.locator("#search input[type=text]").fill("Dropout")
    page.locator(".pagefind-ui__result").first.wait_for()
    page.get_by_label(re.compile("代码")).check()
    expect(page.locator(".pagefind-ui__result")).to_have_count(1)
    link = page.locator(".pagefind-ui__result-title .pagefind-ui__result-link")
    assert "api.html" in (link.first.get_attribute("href") or "")


def test_nonsense_finds_nothing_and_says_so(page: "Page") -> None:
    page.locator("#search input[type=text]").fill("zzqxwv")
    message = page.locator(".pagefind-ui__message")
    message.filter(has_text="没有找到").wait_for()
    assert page.locator(".pagefind-ui__result").count() == 0
