"""Readers run the library in the page: the same library, the same figure, from this site alone."""

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from conftest import Server
from nnbook.lab.exercises import EXERCISES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

pytestmark = pytest.mark.site

MINUTE = 60_000  # ms; on a busy machine Python takes long to come
PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LOOKS = list(product(("light", "dark"), (PHONE, LAPTOP)))
RUN, SEEDS = "[data-widget=run]", "[data-widget=seeds]"

ENDED = """(widget) => {
  const said = (name) => widget.querySelector(name).textContent;
  return widget.querySelector(".run progress").hidden && (said(".verdict") || said(".status"));
}"""


@pytest.fixture(scope="module", autouse=True)
def python(site: Path) -> None:
    if not (site / "runtime/library/library.json").is_file():
        pytest.fail("the site was built without what runs Python: see what `make book` said of it")


@pytest.fixture
def faults() -> list[str]:
    """Whatever a page has asked of another host, or logged as an error."""
    return []


def visitor(browser: "Browser", faults: list[str], at: str, **more: Any) -> "BrowserContext":
    """A fresh visitor, on a phone, of what is served there; what goes wrong is noted."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN", reduced_motion="reduce", **more)
    context.set_default_timeout(MINUTE)

    def ask(url: str) -> None:
        if not url.startswith((at, "data:", "blob:")):
            faults.append(f"a request to a foreign host: {url}")

    context.on("request", lambda request: ask(request.url))
    context.on("weberror", lambda error: faults.append(f"error: {error.error}"))
    context.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    return context


@pytest.fixture(scope="module")
def shared(browser: "Browser", address: str) -> Iterator[tuple["Page", list[str]]]:
    """A page that is led from address to address: each starts without a Python."""
    faults: list[str] = []
    context = visitor(browser, faults, address, service_workers="block")
    yield context.new_page(), faults
    context.close()


@pytest.fixture
def page(shared: tuple["Page", list[str]]) -> Iterator["Page"]:
    """The same; nothing may go wrong in it."""
    page, faults = shared
    page.set_viewport_size(PHONE)
    faults.clear()
    yield page
    assert faults == []


@pytest.fixture
def keeping(browser: "Browser", server: Server, faults: list[str]) -> Iterator["Page"]:
    """A page of a visitor whose browser may keep the site; nothing may go wrong in it."""
    context = visitor(browser, faults, server.address)
    yield context.new_page()
    context.close()
    assert faults == []


def widget(page: "Page", address: str, selector: str) -> "Locator":
    """Open a page and wait until that widget is live."""
    page.goto(address)
    return live(page, selector)


def live(page: "Page", selector: str) -> "Locator":
    """Go to a widget and wait until it is live."""
    found = page.locator(selector).first
    found.scroll_into_view_if_needed()
    found.locator(".live").first.wait_for()
    return found


def run_it(found: "Locator") -> str:
    """Press the button, wait for the end and give what it says."""
    found.locator(".run button").first.click()
    # It may be over before one can see that it has begun.
    found.page.wait_for_function(ENDED, arg=found.element_handle(), timeout=5 * MINUTE)
    return found.inner_text()


def published(site: Path) -> str:
    """The accuracy that the page itself publishes."""
    text = (site / "training.html").read_text(encoding="utf-8")
    found = re.search(r'<strong><span class="pasted-text">([\d.]+%)</span></strong>', text)
    assert found is not None
    return found[1]


# Two pairs are four trainings of the chapter, which take minutes: on a push none is waited for.
@pytest.mark.parametrize(
    "pairs", [0, pytest.param(2, marks=pytest.mark.slow)], ids=["no pair", "two pairs"]
)
def test_pairs_can_be_stopped_and_the_published_figure_comes_out_again_to_the_digit(
    page: "Page", address: str, site: Path, pairs: int
) -> None:
    found = widget(page, f"{address}/training.html?seeds.pairs=4", SEEDS)
    assert found.get_by_label("跑几对").input_value() == "4"
    found.locator(".run button").first.click()
    if pairs:
        found.locator(".chart circle").nth(pairs).wait_for(timeout=5 * MINUTE)
        assert f"{pairs} 个种子" in found.locator(".verdict").inner_text()
    found.get_by_role("button", name="停下").click()
    found.locator(".status").filter(has_text="已经停下").wait_for()
    assert found.locator(".run button").first.is_enabled()
    # The next widget of this page starts a new Python.
    found = live(page, RUN)
    said = run_it(found)
    own = published(site)
    assert f"发布的 {own} · 你的 {own} · 一字不差。损失也一样" in said
    # Both curves, one upon the other.
    lines = found.locator("polyline").evaluate_all(
        "lines => lines.map((l) => l.getAttribute('points'))"
    )
    assert len(lines) == 2
    assert lines[0] == lines[1]
    assert (
        found.locator("svg.chart").get_attribute("aria-label")
        == f"你的曲线，10 个轮次，最后是 {own}"
    )


def test_what_a_reader_changed_is_no_longer_the_published_run_and_can_be_shared(
    page: "Page", address: str
) -> None:
    found = widget(page, f"{address}/ten-lines.html?other=1", RUN)
    assert found.get_by_role("button", name="改回基准实验").is_hidden()
    found.get_by_label("轮次").fill("2")
    found.get_by_label("隐藏神经元").fill("8")
    found.get_by_label("丢弃率").fill("7")  # no rate: the published one comes back
    found.get_by_label("丢弃率").blur()
    assert found.get_by_label("丢弃率").input_value() == "0.2"
    assert "这已经不是本书发布的那次实验" in run_it(found)
    assert "other=1" in page.url
    again = widget(page, page.url, RUN)
    assert again.get_by_label("轮次").input_value() == "2"
    assert again.get_by_label("隐藏神经元").input_value() == "8"
    again.get_by_role("button", name="改回基准实验").click()
    assert again.get_by_label("轮次").input_value() == "10"


@pytest.mark.parametrize(
    "state", ["run.epochs=-1&run.width=1e9", "run.rate=__import__('os')", "run.seed=&run.width=8.5"]
)
def test_nonsense_in_the_address_changes_nothing(page: "Page", address: str, state: str) -> None:
    found = widget(page, f"{address}/training.html?{state}", RUN)
    shown = {box.input_value() for box in found.locator("input").all()}
    assert shown == {"10", "0.2", "99", "64"}


def test_who_has_run_it_once_can_run_it_without_a_network(keeping: "Page", server: Server) -> None:
    keeping.goto(f"{server.address}/training.html")
    keeping.evaluate("navigator.serviceWorker.ready.then(() => true)")
    address = f"{server.address}/training.html?run.epochs=1&run.width=2"
    run_it(widget(keeping, address, RUN))
    server.stop()
    assert "这已经不是本书发布的那次实验" in run_it(widget(keeping, address, RUN))


def test_without_a_network_it_says_so(keeping: "Page", server: Server, faults: list[str]) -> None:
    found = widget(keeping, f"{server.address}/training.html", RUN)
    keeping.evaluate("navigator.serviceWorker.ready.then(() => true)")
    server.stop()
    assert "没有取到运行 Python 所需的文件，多半是断了网" in run_it(found)
    faults.clear()  # the browser itself logs what it could not fetch


def cells(page: "Page", address: str, name: str) -> "Locator":
    """The cells of a chapter that can be run."""
    page.goto(f"{address}/{name}.html")
    found = page.locator(".cell.runnable")
    found.first.scroll_into_view_if_needed()
    found.first.locator(".live").wait_for()
    return found


def answer(cell: "Locator") -> str:
    """Run a cell and give what it says below."""
    cell.get_by_role("button", name="运行").click()
    # Some answers are there before one can see that Python is at work.
    cell.locator(".cell-answer p").first.wait_for(timeout=5 * MINUTE)
    return cell.locator(".cell-answer").inner_text()


def test_cells_give_what_the_book_shows(page: "Page", address: str) -> None:
    found = cells(page, address, "framework")
    assert found.count() > 5
    for number in range(found.count()):
        cell = found.nth(number)
        said = answer(cell)
        assert "和书里的输出一字不差" in said or "没有输出" in said, said
    # In another order it is another program: nothing is compared any more.
    assert "不再和书里的输出比较" in answer(found.nth(2))


def test_a_cell_needs_those_above_it_and_can_be_changed(page: "Page", address: str) -> None:
    found = cells(page, address, "framework")
    assert "和书里的输出一字不差" in answer(found.nth(3))
    cell = found.nth(4)
    cell.get_by_role("button", name="改一改").click()
    editor = cell.get_by_role("textbox")
    for program, said in {
        "print(1": "第 1 行：SyntaxError",
        "nothing": "第 1 行：NameError: name 'nothing' is not defined",
        "for number in range(10**6):\n    print(number)": "太长，后面的没有显示",
        "import numpy as np\n[np.ones(10**8) for _ in range(9)]": "MemoryError",
        "print(6 * 7)": "42",
        # Each in a widget of its own: `test_exercise_widget`.
        "from nnbook.lab.exercises import EXERCISES, check\n"
        "[check(name, one.solution)['failure'] for name, one in EXERCISES.items()]": (
            str([None] * len(EXERCISES))
        ),
    }.items():
        editor.fill(program)
        assert said in answer(cell), program
    editor.fill("while True:\n    pass")
    cell.get_by_role("button", name="运行").click()
    page.wait_for_timeout(1000)
    cell.get_by_role("button", name="停下").click()
    cell.locator(".status").filter(has_text="已经停下").wait_for()
    cell.get_by_role("button", name="改回原样").click()
    # A cell above that goes wrong is not taken for this one, in a Python that has run neither.
    found.nth(0).get_by_role("button", name="改一改").click()
    found.nth(0).get_by_role("textbox").fill("print(1)\n1 / 0")
    said = answer(found.nth(1))
    assert said.startswith("上面有一格出了错，所以这一格没有运行。出错的那一格给出：")
    assert "ZeroDivisionError" in said
    assert "和书里的输出" not in said
    found.nth(0).get_by_role("button", name="改回原样").click()
    assert "你这里的输出" in answer(cell)


def test_cells_that_cannot_be_run_say_why(page: "Page", address: str) -> None:
    cells(page, address, "training")
    page.set_viewport_size(LAPTOP)
    for reason, words in {"figure": "要画图", "runs": "许多次训练的结果"}.items():
        cell = page.locator(f".cell.not-runnable-{reason}").first
        assert words in (cell.locator(".cell-note").text_content() or "")
        assert cell.get_by_role("button", name="运行", exact=True).count() == 0


def test_a_site_made_without_python_says_so(browser: "Browser", address: str, site: Path) -> None:
    context = browser.new_context(viewport=PHONE, bypass_csp=True, service_workers="block")
    page = context.new_page()

    def without(route: object) -> None:
        text = (site / "training.html").read_text(encoding="utf-8")
        body = text.replace(' data-runtime="runtime"', "")
        route.fulfill(body=body, content_type="text/html")  # type: ignore[attr-defined]

    page.route("**/training.html", without)
    found = widget(page, f"{address}/training.html", RUN)
    assert "这个网站出版时没有带上 Python" in found.inner_text()
    assert page.get_by_role("button", name="运行").count() == 0
    context.close()


@pytest.mark.parametrize(("name", "selector"), [("training", RUN), ("framework", ".cell.runnable")])
@pytest.mark.parametrize(
    "looks",
    [LOOKS[::3], pytest.param(LOOKS[1:3], marks=pytest.mark.slow)],
    ids=["most different", "the others"],
)
def test_axe_finds_nothing_in_what_is_live(
    browser: "Browser", address: str, name: str, selector: str, looks: list[tuple[Any, Any]]
) -> None:
    context = browser.new_context(bypass_csp=True, service_workers="block")
    page = context.new_page()
    widget(page, f"{address}/{name}.html", selector)
    page.evaluate(Axe().axe_script)
    for scheme, size in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        live(page, selector)
        # The theme's way back to the top comes when one scrolls up, and stands in no landmark.
        page.mouse.wheel(0, 50)
        page.wait_for_function("!document.documentElement.matches('.show-back-to-top')")
        found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
        assert found == [], f"{scheme}, {size}: {json.dumps(found)[:2000]}"
    context.close()
