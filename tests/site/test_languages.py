"""Each page has its like in the other language, with the same numbers, figures and tables."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import SITE
from bs4 import BeautifulSoup

from conftest import Server
from nnbook.lab.exercises import EXERCISES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.site

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.name for path in SITE.glob("*.html"))
CHAPTERS = [name for name in PAGES if name not in {"404.html", "search.html"}]
LANGUAGES = {"": "zh-CN", "en/": "en"}
MINUTE = 60_000  # ms; on a busy machine Python takes long to come

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
# Where Chinese may stand in the English edition, and why.
ALLOWED = {
    "a.language": "the link to the Chinese edition names it in its own language",
    "article section > span[id]": "a section keeps its Chinese name as a place, too",
    '[id^="index"], [id^="term"], [href*="#"]': "places, which no one reads",
}
GLOSSARY = ("glossary.html", "notebooks/glossary.md")  # terms in both languages
# Scripts that are not ours, or speak of Chinese text in their comments.
FOREIGN_SCRIPTS = {"copybutton.js": "Sphinx's own, with its words in many languages"}

NUMBER = re.compile(r"\d+(?:[.,]\d+)*%?")
# "20 个种子里，17 个高" has its two numbers the other way round in English.
OUT_OF = re.compile(r"(\d+) of (\d+)")
DIRECTIONS = {
    **{
        "高": "higher",
        "低": "lower",
        "大": "larger",
        "小": "smaller",
        "多": "larger",
        "少": "smaller",
    },
    **{"升": "up", "降": "down", "窄": "narrower", "宽": "wider", "打平": "tied"},
}
WORDS = "|".join(DIRECTIONS)
CHINESE_DIRECTION = re.compile(rf"(?<!放)(?:{WORDS})(?=了|[\s）；]|$)|(?<= 个)(?:{WORDS})(?=，)")
ENGLISH_DIRECTION = re.compile(rf"\b({'|'.join(DIRECTIONS.values())})\b(?= by| in|$)")


@cache
def page_of(name: str) -> BeautifulSoup:
    return BeautifulSoup((SITE / name).read_text(encoding="utf-8"), "html.parser")


@cache
def ledger(folder: str) -> dict[str, dict[str, object]]:
    return json.loads((SITE / folder / "ledger.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def numbers(text: str) -> list[str]:
    """The numbers of a text, in the order in which Chinese tells them."""
    return NUMBER.findall(OUT_OF.sub(r"\2 \1", text))


def directions(text: str) -> list[str]:
    """Which way a result goes: `higher`, `lower`, …"""
    chinese = CHINESE_DIRECTION.findall(text)
    return [DIRECTIONS[each] for each in chinese] or ENGLISH_DIRECTION.findall(text)


# Pages


def test_every_page_has_its_like_in_the_other_language() -> None:
    assert sorted(path.name for path in (SITE / "en").glob("*.html")) == PAGES
    assert len(CHAPTERS) > 20


@pytest.mark.parametrize("folder", LANGUAGES)
def test_a_page_says_its_language_in_its_head_and_in_words(folder: str) -> None:
    for name in PAGES:
        page = page_of(folder + name)
        assert page.html["lang"] == LANGUAGES[folder], name  # type: ignore[index]
        if name == "404.html" and not page.select("link[rel=stylesheet]"):
            continue  # takes nothing along
        said = [page.title.string, page.select_one("meta[name=description]")["content"]]  # type: ignore[union-attr, index]
        for words in map(str, said):
            assert bool(CHINESE.search(words)) == (folder == ""), (name, words)


@pytest.mark.parametrize("folder", LANGUAGES)
def test_the_switch_is_on_every_page_and_needs_no_script(folder: str) -> None:
    other = {"": "en/", "en/": "../"}[folder]
    for name in [*CHAPTERS, "search.html"]:
        links = page_of(folder + name).select("a.language")
        assert len(links) == 2, name  # in the sidebar, and in the header of a phone
        for link in links:
            assert link["href"] == other + name
            assert link["hreflang"] == link["lang"] != LANGUAGES[folder]


def test_a_section_has_one_place_in_both_languages() -> None:
    for name in CHAPTERS:
        names = [
            [
                {section["id"], *(span["id"] for span in section.select(":scope > span[id]"))}
                for section in page_of(folder + name).select("article section[id]")
            ]
            for folder in LANGUAGES
        ]
        nowhere = [
            pair
            for pair in zip(*names, strict=True)
            if not any(not re.fullmatch(r"id\d+", each) for each in pair[0] & pair[1])
        ]
        assert nowhere == [], name


SCROLLED = "section.scrollIntoView();"
# Whether a section has been at one place for half a second, once it was scrolled to.
AT_REST = f"""async (section) => {{
  const top = () => section.getBoundingClientRect().top;
  {SCROLLED}
  const before = top();
  for (let turn = 0; turn < 10; turn += 1) {{
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (top() !== before) return false;
  }}
  return true;
}}"""


def visible_switch(page: "Page") -> None:
    page.locator("a.language:visible").first.click()
    page.wait_for_load_state("networkidle")


def test_without_scripts_the_switch_leads_to_the_same_page(
    browser: "Browser", address: str
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{address}/masks.html")
    page.locator("a.language:visible").first.click()
    assert page.url == f"{address}/en/masks.html"
    page.locator("a.language:visible").first.click()
    assert page.url == f"{address}/masks.html"
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["masks.html", "training.html"])
def test_the_switch_leads_to_the_same_section(
    browser: "Browser", address: str, name: str, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, reduced_motion="reduce", service_workers="block"
    )
    page = context.new_page()
    for folder, other in (("", "en/"), ("en/", "")):
        page.goto(f"{address}/{folder}{name}", wait_until="networkidle")
        sections = page.locator("article section[id]")
        middle = sections.count() // 2
        # What comes into sight on the way moves the text: until it stays where it is.
        page.wait_for_function(AT_REST, arg=sections.nth(middle).element_handle())
        visible_switch(page)
        assert page.url.startswith(f"{address}/{other}{name}#")
        target = (
            "(section) => section.matches(':target') || !!section.querySelector(':scope > :target')"
        )
        section = page.locator("article section[id]").nth(middle)
        assert section.evaluate(target)
        # Widgets above grow; the section stays at the top.
        page.wait_for_function(AT_REST.replace(SCROLLED, ""), arg=section.element_handle())
        assert section.evaluate("(section) => section.getBoundingClientRect().top") < 844 / 4
        page.evaluate("scrollTo(0, 0)")
        visible_switch(page)  # from the top, to the top
        assert page.url.rstrip("#") == f"{address}/{folder}{name}"
    context.close()


# What is the same


def test_numbers_and_claims_are_the_same() -> None:
    chinese, english = ledger(""), ledger("en")
    assert chinese["numbers"].keys() == english["numbers"].keys()
    assert chinese["claims"].keys() == english["claims"].keys()
    said: dict[str, tuple[str, str]] = {
        name: (str(value), str(english["numbers"][name]))
        for name, value in chinese["numbers"].items()
    }
    verdicts = set()
    for name, claim in chinese["claims"].items():
        other = english["claims"][name]
        assert claim["page"] == other["page"]  # type: ignore[index]
        said[f"claim {name}"] = (claim["evidence"], other["evidence"])  # type: ignore[index]
        verdicts.add((claim["verdict"], other["verdict"]))  # type: ignore[index]
    assert len(said) > 150
    assert {name: pair for name, pair in said.items() if numbers(pair[0]) != numbers(pair[1])} == {}
    assert {
        name: pair for name, pair in said.items() if directions(pair[0]) != directions(pair[1])
    } == {}
    assert sum(bool(directions(pair[1])) for pair in said.values()) > 100
    # One word for each verdict, and the right one.
    for side in (0, 1):
        assert max(Counter(verdict[side] for verdict in verdicts).values()) == 1, verdicts
    for chinese_one, english_one in verdicts:
        assert ("大于" in chinese_one) == ("above" in english_one)
        assert ("小于" in chinese_one) == ("below" in english_one)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_page_has_the_same_figures_and_tables(name: str) -> None:
    pages = chinese, english = page_of(name), page_of(f"en/{name}")
    for what in ("article section", "figure", "svg[role=img]", "details.numbers", "[data-widget]"):
        assert len(chinese.select(what)) == len(english.select(what)), what
    drawn = [
        [found for text in page.select("article svg text") for found in numbers(text.get_text())]
        for page in pages
    ]
    assert drawn[0] == drawn[1]
    tables = [[table.select("th, td") for table in page.select("article table")] for page in pages]
    assert list(map(len, tables[0])) == list(map(len, tables[1]))
    # A sentence of the text may end elsewhere in the other language; the text has its own check.
    sentences = {claim["sentence"] for claim in ledger("")["claims"].values()}  # type: ignore[index]
    differing = [
        (one.get_text(), other.get_text())
        for ones, others in zip(*tables, strict=True)
        for one, other in zip(ones, others, strict=True)
        if numbers(one.get_text()) != numbers(other.get_text())
        and one.get_text(strip=True) not in sentences
    ]
    assert differing == []


# No Chinese in English


@pytest.mark.parametrize("name", PAGES)
def test_an_english_page_has_no_chinese(name: str) -> None:
    page = BeautifulSoup((SITE / "en" / name).read_text(encoding="utf-8"), "html.parser")
    for element in page.select(", ".join(list(ALLOWED)[:2])):
        if element.name == "a" or not element.get_text(strip=True):
            element.decompose()
    for element in page.find_all(True):
        for key in ("id", "href"):
            element.attrs.pop(key, None)
    if name in GLOSSARY:
        for element in page.select("dt [lang=zh-CN], dt"):
            if element.name == "dt":
                assert re.fullmatch(
                    r"[^\u3400-\u9fff]+\([\u3400-\u9fff\s\w-]+\).*",
                    element.get_text(" ", strip=True),
                )
            element.decompose()
    lines = [line.strip() for line in str(page).splitlines() if CHINESE.search(line)]
    assert [line[:200] for line in lines] == []


def test_no_english_script_notebook_or_other_file_has_chinese() -> None:
    found = {}
    for path in sorted((SITE / "en").rglob("*")):
        name = path.relative_to(SITE / "en").as_posix()
        kinds = {".js", ".json", ".md", ".ipynb", ".css", ".txt", ".xml", ".svg"}
        if path.suffix not in kinds or name.startswith(("pagefind/", "runtime/")):
            continue
        if path.name in FOREIGN_SCRIPTS:
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".js":  # comments stay as they are
            text = re.sub(
                r"^\s*//.*$|/\*.*?\*/|\s//\s.*$",
                "",
                text,
                flags=re.M | re.S if "/*" in text else re.M,
            )
            text = text.replace("（）", "")  # what `pagefind.js` splits terms by
        if name in GLOSSARY:
            text = re.sub(r"^- \*\*[^*]+\*\*", "", text, flags=re.M)
        if path.suffix == ".ipynb":
            text = json.dumps(json.loads(text), ensure_ascii=False)
        if lines := [line.strip()[:120] for line in text.splitlines() if CHINESE.search(line)]:
            found[name] = lines[:3]
    assert found == {}


# Search, offline, widgets


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    context = browser.new_context(locale="en-GB", service_workers="block")
    yield context.new_page()
    context.close()


def test_each_edition_keeps_its_own_copy_for_reading_offline(
    browser: "Browser", server: Server
) -> None:
    address = server.address
    context = browser.new_context()
    page = context.new_page()
    for folder in ("", "en/", ""):
        page.goto(f"{address}/{folder}", wait_until="networkidle")
        page.wait_for_function(
            "async (scope) => (await navigator.serviceWorker.getRegistrations())"
            ".some((each) => each.active?.state === 'activated' && each.scope === scope)",
            arg=f"{address}/{folder}",
        )
    names = page.evaluate("caches.keys()")
    scopes = sorted(name.split()[2] for name in names)
    assert scopes == [f"{address}/", f"{address}/en/"], names
    server.stop()
    for folder, word in (("", "掩码"), ("en/", "Masks")):
        page.goto(f"{address}/{folder}masks.html")
        page.locator(".stored").wait_for()
        assert word in page.locator("h1").inner_text()
        assert bool(CHINESE.search(page.locator(".stored").inner_text())) == (folder == "")
    context.close()


def test_widgets_run_in_english(page: "Page", address: str) -> None:
    page.goto(f"{address}/en/masks.html")
    mask = page.locator("[data-widget=mask]")
    mask.scroll_into_view_if_needed()
    mask.locator(".live").wait_for()
    before = mask.get_by_role("status").inner_text()
    mask.get_by_role("button", name="Draw").click()
    assert mask.get_by_role("status").inner_text() != before
    assert re.search(r"784 pixels", before)

    page.goto(f"{address}/en/exercises.html")
    identity = next(iter(EXERCISES))
    exercise = page.locator(f'[data-widget=exercise][data-settings*=\'"identity": "{identity}"\']')
    exercise.scroll_into_view_if_needed()
    exercise.get_by_role("button", name="Start writing").click()
    exercise.locator(".cm-content").wait_for()
    exercise.get_by_role("button", name="Check", exact=True).click()
    exercise.locator(".answer p").first.wait_for(timeout=2 * MINUTE)
    said = exercise.inner_text()
    assert "✗ Not yet: " in said
    assert "Hint" in said

    # That the published run comes out to the digit: `test_running`.
    page.goto(f"{address}/en/training.html?run.epochs=1&run.width=2")
    run = page.locator("[data-widget=run]")
    run.scroll_into_view_if_needed()
    run.locator(".run button").first.click()
    run.get_by_text("You changed the settings, so this is no longer").wait_for(timeout=3 * MINUTE)
    for widget in (mask, exercise, run):
        if widget.count():
            assert not CHINESE.search(widget.inner_text())
