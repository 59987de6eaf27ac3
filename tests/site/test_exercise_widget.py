"""Readers write in the page: each exercise can be solved, failed, kept, left and taken along."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_pages import OVERFLOW, PHONE, Opened

from nnbook.lab.exercises import EXERCISES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

pytestmark = pytest.mark.site

LONG = 90_000  # milliseconds for Python to start on a busy machine
# Each check has a Python of its own, which takes seconds to come. The widgets differ in their
# texts alone: on a push one is tried, the one with the most checks; the others are weekly. That
# their solutions are right in the browser's Python is told by a cell, in `test_running`.
TRIED = [pytest.param(name, marks=() if name == "eval" else pytest.mark.slow) for name in EXERCISES]


@pytest.fixture
def opened(browser: "Browser", address: str) -> Iterator[Opened]:
    context = browser.new_context(locale="zh-CN", bypass_csp=True, service_workers="block")
    found = Opened(context.new_page(), address)
    found.page.goto(f"{address}/exercises.html")
    yield found
    context.close()
    assert found.faults == []


@pytest.fixture
def page(opened: Opened) -> "Page":
    return opened.page


def live(page: "Page", identity: str) -> "Locator":
    """The widget of an exercise, once it is live."""
    found = page.locator(f'[data-widget=exercise][data-settings*=\'"identity": "{identity}"\']')
    found.scroll_into_view_if_needed()
    found.locator(".live").wait_for()
    return found


def begun(page: "Page", identity: str) -> "Locator":
    """The same, with its editor open."""
    found = live(page, identity)
    found.get_by_role("button", name="写", exact=False).first.click()
    found.locator(".cm-content").wait_for()
    return found


def write(widget: "Locator", code: str) -> None:
    """Put other code in the place of what is there."""
    widget.locator(".cm-content").click()
    widget.page.keyboard.press("ControlOrMeta+a")
    widget.page.keyboard.insert_text(code)


def checked(widget: "Locator") -> str:
    """What the checks say."""
    widget.get_by_role("button", name="检查", exact=True).click()
    answer = widget.locator(".answer")
    answer.locator("p").first.wait_for(timeout=LONG)
    return answer.inner_text()


def text(widget: "Locator") -> str:
    return "\n".join(str(line.text_content()) for line in widget.locator(".cm-line").all()).strip()


@pytest.mark.parametrize("identity", TRIED)
def test_an_exercise_can_be_failed_and_solved_on_a_phone_and_axe_finds_nothing(
    page: "Page", identity: str
) -> None:
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    exercise = EXERCISES[identity]
    widget = begun(page, identity)
    said = checked(widget)
    first = next(iter(exercise.checks))
    assert f"通过了 0 项检查，一共 {len(exercise.checks)} 项" in said
    assert f"✗ 还没通过：{first}" in said
    assert "提示" in said
    assert page.evaluate(OVERFLOW) == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = Axe().run(page, context=".widget:has(.editor)").response["violations"]
        told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
        assert told == [], scheme
    write(widget, exercise.solution)
    said = checked(widget)
    assert f"{len(exercise.checks)} 项检查全部通过" in said
    assert said.count("✓ 通过：") == len(exercise.checks)


def test_code_that_does_not_end_is_stopped_and_the_page_goes_on(page: "Page") -> None:
    widget = begun(page, "choose")
    write(widget, "while True: pass")
    widget.get_by_role("button", name="检查", exact=True).click()
    widget.get_by_role("button", name="停下").click(timeout=LONG)
    widget.get_by_text("已经停下").wait_for()
    write(widget, "print('<b>喂</b>')\n1 / 0")
    said = checked(widget)
    assert "第 2 行出错：ZeroDivisionError" in said
    assert "<b>喂</b>" in said


def test_it_can_be_stopped_before_python_has_come(page: "Page") -> None:
    widget = begun(page, "choose")
    write(widget, "while True: pass")
    asked: list[Route] = []
    script = re.compile(r"/widgets/runtime\.js")
    page.route(script, lambda route: asked.append(route))
    with page.expect_request(script):
        widget.get_by_role("button", name="检查", exact=True).click()
    widget.get_by_role("button", name="停下").click()
    asked[0].continue_()
    widget.get_by_text("已经停下").wait_for()
    assert widget.get_by_role("button", name="检查", exact=True).is_enabled()


def test_what_was_written_is_there_after_a_reload_and_can_be_taken_along(page: "Page") -> None:
    widget = begun(page, "choose")
    write(widget, "a = 1")
    page.reload()
    widget = live(page, "choose")
    widget.get_by_role("button", name="接着写").click()
    widget.locator(".cm-content").wait_for()
    assert text(widget) == "a = 1"
    with page.expect_download() as download:
        widget.get_by_role("button", name="存成文件").click()
    assert download.value.suggested_filename == "choose.py"
    assert Path(download.value.path()).read_text(encoding="utf-8") == "a = 1"
    widget.get_by_role("button", name="从头再来").click()
    assert text(widget) == EXERCISES["choose"].start.strip()
    widget.get_by_role("button", name="找回我写的").click()
    assert text(widget) == "a = 1"


def test_tab_indents_and_after_escape_it_leaves(page: "Page") -> None:
    widget = begun(page, "choose")
    content = widget.locator(".cm-content")
    described = content.get_attribute("aria-describedby")
    assert "先按 Esc，再按 Tab" in page.locator(f"#{described}").inner_text()
    write(widget, "a")
    page.keyboard.press("Tab")
    assert widget.locator(".cm-line").first.inner_text() == "    a"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "检查"


def test_nothing_of_the_editor_is_loaded_before_a_reader_begins(page: "Page") -> None:
    loaded = """performance.getEntriesByType("resource")
      .filter(({ name }) => name.includes("/runtime/")).length"""
    widget = live(page, "forward")
    assert page.evaluate(loaded) == 0
    widget.get_by_role("button", name="开始写").click()
    widget.locator(".cm-content").wait_for()
    assert page.evaluate(loaded) > 10


def test_an_editor_that_does_not_come_is_told_and_may_be_asked_for_again(
    browser: "Browser", address: str
) -> None:
    # What a service worker asks for would pass by the route.
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.goto(f"{address}/exercises.html")
    page.route("**/runtime/editor/**", lambda route: route.abort())
    widget = live(page, "forward")
    widget.get_by_role("button", name="开始写").click()
    widget.get_by_text("没有取到编辑器").wait_for()
    assert widget.locator("pre").is_visible()
    page.unroute("**/runtime/editor/**")
    widget.get_by_role("button", name="开始写").click()
    widget.locator(".cm-content").wait_for()
    context.close()
