"""What scripts say of none, one, some and all, in both languages, by the site's own modules."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.site


@pytest.fixture(scope="module")
def page(browser: "Browser", address: str, language: str) -> Iterator["Page"]:
    page = browser.new_page(service_workers="block")
    page.goto(f"{address}/{'' if language == 'zh-CN' else f'{language}/'}reuse.html")
    yield page
    page.close()


def said(page: "Page", script: str, expression: str) -> Any:
    """What an expression gives, in which ``it`` is the script's module."""
    place = f"new URL('_static/widgets/{script}.js', document.baseURI)"
    return page.evaluate(f"async () => {{ const it = await import({place}); return {expression} }}")


SENTENCES = [
    (
        "seeds",
        "it.agreement([0, -0.1], [0, -0.1])",
        "每一对的差都和书里的一样。",
        "in every one of your 2",
    ),
    (
        "seeds",
        "it.agreement([0, 0], [0, -0.1])",
        "2 对里，有 1 对的差和书里的一样。",
        "in 1 of your 2 pairs. W",
    ),
    (
        "seeds",
        "it.agreement([0, 0], [0.1, -0.1])",
        "没有一对的差和书里的一样。",
        "in none of your 2 pairs. W",
    ),
    # Sums in another order, of as many images.
    ("seeds", "it.agreement([0.1 + 0.2, 0], [0.3, 0])", "每一对", "every one"),
    ("cells", "it.WORDS.running(0, 1)", "正在运行……", "Running…"),
    ("cells", "it.WORDS.running(0, 2)", "第 1 格，一共 1 格", "cell 1 of 1"),
    ("cells", "it.WORDS.running(1, 3)", "第 2 格，一共 2 格", "cell 2 of 2"),
    ("cells", "it.WORDS.running(2, 3)", "正在运行……", "Running…"),
    ("mask", "it.WORDS.maskShown(0)", "一个像素也没有被丢弃", "not one pixel is dropped"),
    ("mask", "it.WORDS.maskShown(1)", "红色的 1 个像素被丢弃", "dropped, 1 in all"),
    ("diagram", "it.WORDS.struck(1, [])", "一个也没有划掉", "Nothing dropped"),
    ("diagram", "it.WORDS.struck(1, [2])", "划掉从上数第 2 个", "from the top: 2"),
    ("exercise", "it.WORDS.some(0, 7)", "通过了 0 项检查，一共 7 项。", "passed: 0 of 7."),
    ("exercise", "it.WORDS.right(7)", "7 项检查全部通过", "passed: all 7."),
    ("controls", "it.WORDS.left(0.2)", "大约还要 1 秒", "about 1 s"),
    ("controls", "it.WORDS.left(91)", "大约还要 2 分钟", "about 2 min"),
    ("run", "it.WORDS.same('92.70%')", "92.70% · 一字不差", "yours 92.70% · the same to the last"),
    (
        "run",
        "it.WORDS.nearly('92.70%', '0.1', '0.2')",
        "发布的 0.1，你的 0.2",
        "published 0.1, yours 0.2",
    ),
]


@pytest.mark.parametrize(("script", "expression", "chinese", "english"), SENTENCES)
def test_a_sentence_says_what_is(
    page: "Page", language: str, script: str, expression: str, chinese: str, english: str
) -> None:
    assert (chinese if language == "zh-CN" else english) in said(page, script, expression)


@pytest.mark.parametrize("most", [0, 0.1, 0.12, 1, 12])
@pytest.mark.parametrize("least", [0, -0.02, -0.6, -1.3])
def test_ticks_are_told_apart_and_nothing_has_no_sign(
    page: "Page", least: float, most: float
) -> None:
    ticks = said(page, "chart", f"it.ticks(it.span([{least}, 0, {most}]))")
    written = said(page, "chart", f"{ticks}.map(([tick, digits]) => tick.toFixed(digits))")
    assert len(set(written)) == len(ticks) > 1
    assert [float(text) for text in written] == [tick for tick, _ in ticks]
    assert not {"-0", "-0.0", "-0.00"} & set(written)
