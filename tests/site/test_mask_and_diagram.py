"""The widgets show what the library drew, to the eye and in words, and spoil no page."""

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from test_pages import LAPTOP, OVERFLOW, PHONE, ZOOMED, Opened

from nnbook import Dropout, MNISTDataset, Tensor
from nnbook.lab.diagrams import LAYERS, dropout_diagram, hidden_masks
from nnbook.lab.digits import DATA
from nnbook.lab.studies import PUBLISHED
from nnbook.lab.widgets import MASKS, diagram_widget

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.site

# Where widgets are: page, kind.
PLACES = [
    *(("index", "diagram"), ("dropout", "diagram")),
    *(("dropout", "mask"), ("masks", "mask"), ("modes", "mask")),
]
SMALL_TARGETS = """(live) => [...live.querySelectorAll("button, select, label")]
  .map((each) => [each.textContent, each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 40 || box.height < 40).map(([text]) => text)"""


@pytest.fixture(scope="module")
def visitor(browser: "Browser", address: str) -> Iterator[Opened]:
    """A page that is led from address to address; each keeps its state in its address."""
    context = browser.new_context(
        locale="zh-CN",
        bypass_csp=True,  # the policy of the pages would stop axe
        service_workers="block",
    )
    yield Opened(context.new_page(), address)
    context.close()


@pytest.fixture
def opened(visitor: Opened) -> Iterator[Opened]:
    """The same, on a phone by day; nothing may go wrong on it, nothing come from afar."""
    visitor.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    visitor.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    visitor.faults.clear()
    yield visitor
    assert visitor.faults == []


@pytest.fixture
def page(opened: Opened) -> "Page":
    return opened.page


def open_widget(page: "Page", address: str, name: str, kind: str, query: str = "") -> "Locator":
    """A widget of a page, once it is live."""
    page.goto(f"{address}/{name}.html{query}")
    found = page.locator(f"[data-widget={kind}]")
    found.scroll_into_view_if_needed()
    found.locator(".live").wait_for()
    return found


def said(widget: "Locator") -> str:
    return widget.get_by_role("status").inner_text()


def labels(widget: "Locator") -> list[str]:
    """What the live pictures of a widget say to who does not see them."""
    pictures = widget.locator(".live svg[role=img]")
    return [str(picture.get_attribute("aria-label")) for picture in pictures.all()]


def shown(widget: "Locator") -> str:
    """The live pictures themselves."""
    return "".join(picture.inner_html() for picture in widget.locator(".live svg").all())


def masks_of(rate: float, calls: int = MASKS) -> list[Any]:
    """What the library draws, anew."""
    layer = Dropout(rate, rng=PUBLISHED.seed)
    return [(layer(Tensor(np.ones((28, 28)))), layer.mask)[1] for _ in range(calls)]


def squares(widget: "Locator", panel: int) -> set[tuple[int, int]]:
    """The pixels, as row and column, that one of the three pictures has squares for."""
    paths = widget.locator(".product svg").nth(panel).locator("g path")
    drawn = paths.evaluate_all("(all) => all.map((each) => each.getAttribute('d')).join('')")
    return {(int(row), int(column)) for column, row in re.findall(r"M(\d+) (\d+)", drawn)}


def covered(mask: Any) -> set[tuple[int, int]]:
    return {(int(row), int(column)) for row, column in np.argwhere(~mask)}


# Masks over a digit


def test_every_mask_is_one_that_the_library_draws_and_is_told_by_its_true_count(
    page: "Page", address: str
) -> None:
    widget = open_widget(page, address, "masks", "mask")
    drawn = masks_of(0.2)
    for mask in [*drawn, drawn[0]]:  # after the last, the first comes again
        kept = int(mask.sum())
        share = f"{math.floor(1000 * kept / 784 + 0.5) / 10:.1f}%"
        assert squares(widget, 1) == covered(mask)
        assert f"留下 784 个像素里的 {kept} 个，占 {share}，预期是 80.0%" in said(widget)
        assert f"留下 {share}" in widget.locator(".product").inner_text()
        assert labels(widget)[1] == f"掩码：红色的 {784 - kept} 个像素被丢弃"
        widget.get_by_role("button", name="再抽一张").click()


def test_the_output_is_the_input_where_the_mask_lets_it_through(page: "Page", address: str) -> None:
    widget = open_widget(page, address, "masks", "mask")
    data = MNISTDataset(DATA)
    for digit in (6, 1, 0):
        widget.get_by_role("combobox", name="数字", exact=True).select_option(str(digit))
        image = data.train_features[data.train_labels[:, digit].argmax(), 0]
        ink = {(int(row), int(column)) for row, column in np.argwhere(image)}
        assert squares(widget, 0) == ink
        assert squares(widget, 2) == ink - squares(widget, 1)
        assert f"平均 {image.mean():.3f}" in widget.locator(".product").inner_text()
        assert labels(widget)[0] == f"输入：手写数字 {digit}"


def test_the_slider_covers_more_and_says_so(page: "Page", address: str) -> None:
    widget = open_widget(page, address, "masks", "mask")
    slider = widget.get_by_role("slider", name="丢弃率")
    slider.focus()
    before = squares(widget, 1)
    for tenths in range(3, 10):
        page.keyboard.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") == f"{10 * tenths}%"
        assert f"预期是 {100 - 10 * tenths:.1f}%" in said(widget)
        after = squares(widget, 1)
        assert after == covered(masks_of(tenths / 10, 1)[0])
        assert before < after
        before = after
    assert re.search(r"mask\.rate=0\.9$", page.url)
    page.keyboard.press("Home")
    assert squares(widget, 1) == set()
    assert "占 100.0%，预期是 100.0%。输出的平均是输入的 1.00 倍。" in said(widget)


@pytest.mark.parametrize("inverted", [False, True])
def test_the_means_are_those_of_the_library(page: "Page", address: str, inverted: bool) -> None:
    widget = open_widget(page, address, "masks", "mask", "?mask.rate=0.5")
    box = widget.get_by_role("checkbox", name="反转丢弃")
    assert not box.is_checked()
    box.set_checked(inverted)
    data = MNISTDataset(DATA)
    layer = Dropout(0.5, inverted=inverted, rng=PUBLISHED.seed)
    for _ in range(4):
        output = layer(Tensor(data.features[:1])).data
        assert f"平均 {output.mean():.3f}" in widget.locator(".product > div").nth(2).inner_text()
        assert f"输入的 {output.mean() / data.features[0].mean():.2f} 倍" in said(widget)
        assert widget.locator(".product .more").count() == (output > 1).sum()
        assert ("留下的除以 0.5" in said(widget)) == inverted
        widget.get_by_role("button").click()


def test_each_mask_that_was_seen_leaves_a_point(page: "Page", address: str) -> None:
    widget = open_widget(page, address, "masks", "mask")
    for count in range(1, MASKS + 3):
        assert widget.locator(".dot").count() == 2 * min(count, MASKS)
        places = widget.locator(".product svg").nth(1).locator(".dot")
        kept = float(masks_of(0.2)[(count - 1) % MASKS].mean())
        assert float(str(places.last.get_attribute("cx"))) == pytest.approx(1 + 26 * kept)
        widget.get_by_role("button").click()


def test_in_evaluation_there_is_no_mask_and_the_output_is_the_input(
    page: "Page", address: str
) -> None:
    widget = open_widget(page, address, "modes", "mask")
    before = said(widget), squares(widget, 2)
    widget.get_by_role("radio", name="训练模式").focus()
    page.keyboard.press("ArrowRight")
    assert widget.get_by_role("radio", name="评估模式").is_checked()
    assert said(widget).startswith("评估模式：没有掩码，输出就是输入")
    assert squares(widget, 1) == set()
    assert squares(widget, 2) == squares(widget, 0) > before[1]
    means = re.findall(r"平均 (\S+)", widget.locator(".product").inner_text())
    assert len(means) == 2
    assert len(set(means)) == 1
    assert labels(widget)[1:] == ["没有掩码", "输出：和输入一样"]
    for role in ("button", "slider", "checkbox"):
        assert widget.get_by_role(role).is_disabled()  # type: ignore[arg-type]
    page.keyboard.press("ArrowLeft")
    assert (said(widget), squares(widget, 2)) == before


def test_each_chapter_has_what_it_speaks_of(page: "Page", address: str) -> None:
    for name, first, roles in [
        ("dropout", "再抽一张", {"checkbox": 0, "radio": 0}),
        ("masks", "再抽一张", {"checkbox": 1, "radio": 0}),
        ("modes", "训练模式", {"checkbox": 1, "radio": 2}),
    ]:
        widget = open_widget(page, address, name, "mask")
        assert widget.locator(".controls").inner_text().removeprefix("模式\n").startswith(first)
        for role, count in roles.items():
            assert widget.get_by_role(role).count() == count  # type: ignore[arg-type]
    open_widget(page, address, "masks", "mask")
    assert page.locator("#fig-masks .figure-drawing").is_visible()  # of which the chapter speaks


# The diagram


def struck(widget: "Locator") -> list[bool]:
    """Which hidden neurons of the right network are struck out."""
    network = widget.locator(".live svg > g").nth(1)
    classes = network.locator(".neuron").evaluate_all(
        "(all) => all.map((each) => each.classList.contains('out'))"
    )
    assert not any(classes[: LAYERS[0]] + classes[-LAYERS[-1] :])
    return list(classes[LAYERS[0] : -LAYERS[-1]])


def test_the_diagram_opens_as_its_still_picture_and_draws_what_the_layer_draws_next(
    page: "Page", address: str
) -> None:
    widget = open_widget(page, address, "dropout", "diagram")
    layer = Dropout(PUBLISHED.rate, rng=PUBLISHED.seed)
    mask = np.concatenate(hidden_masks(layer))
    places = [np.flatnonzero(~part) + 1 for part in np.split(mask, 2)]
    assert re.findall(r"第 \d 个隐藏层划掉第 (\S+) 个", dropout_diagram().alt) == [
        "、".join(map(str, part)) for part in places
    ]
    seen = set()
    for _ in range(20):
        seen.add(mask.tobytes())
        assert struck(widget) == (~mask).tolist()
        kept = [LAYERS[0], *(int(part.sum()) for part in np.split(mask, 2)), LAYERS[-1]]
        lines = sum(before * after for before, after in pairwise(kept))
        assert widget.locator("svg > g").nth(1).locator("line:not(.out)").count() == lines
        assert f"你已经看到了 {len(seen)} 个，一共有 65,536 个" in said(widget)
        told = "，".join(
            f"第 {number} 个隐藏层划掉从上数第 {'、'.join(map(str, np.flatnonzero(~part) + 1))} 个"
            if not part.all()
            else f"第 {number} 个隐藏层一个也没有划掉"
            for number, part in enumerate(np.split(mask, 2), start=1)
        )
        assert said(widget).startswith(f"{told}。")
        assert labels(widget)[0].endswith(f"右图：{told}。")
        widget.get_by_role("button", name="再抽一次").click()
        layer(Tensor(np.ones((1, mask.size))))
        mask = np.asarray(layer.mask)[0]


def test_a_subnetwork_that_comes_again_is_not_counted_again(page: "Page", address: str) -> None:
    masks = np.frombuffer(diagram_widget().packed, dtype=">u2")
    again = {mask: np.flatnonzero(masks == mask)[:2] for mask in set(masks.tolist())}
    first, second = min((pair for pair in again.values() if len(pair) == 2), key=np.ptp)
    between = len(set(masks[first:second].tolist()))
    widget = open_widget(page, address, "dropout", "diagram", f"?diagram.draw={first + 1}")
    before = struck(widget)
    for _ in range(second - first):
        widget.get_by_role("button").click()
    assert struck(widget) == before
    assert f"你已经看到了 {between} 个" in said(widget)


def test_the_left_network_stays_whole(page: "Page", address: str) -> None:
    widget = open_widget(page, address, "dropout", "diagram", "?diagram.draw=6")
    left = widget.locator("svg > g").first
    assert left.locator(".out").count() == 0
    assert left.locator(".neuron").count() == sum(LAYERS)
    assert left.locator("line").count() == sum(a * b for a, b in pairwise(LAYERS))


def test_in_evaluation_every_neuron_stands(page: "Page", address: str) -> None:
    widget = open_widget(page, address, "dropout", "diagram")
    before = said(widget)
    widget.get_by_text("评估模式", exact=True).click()
    assert not any(struck(widget))
    assert widget.locator("line.out").count() == 0
    assert said(widget).startswith("评估模式：16 个隐藏神经元全部在场")
    assert "评估模式：16 个隐藏神经元全部在场" in labels(widget)[0]
    assert "有丢弃层，评估模式" in str(widget.locator("svg").text_content())
    assert widget.get_by_role("button").is_disabled()
    widget.get_by_text("训练模式", exact=True).click()
    assert said(widget) == before


def test_the_cover_keeps_its_picture_and_gains_a_button(page: "Page", address: str) -> None:
    widget = open_widget(page, address, "index", "diagram")
    assert widget.get_by_role("radio").count() == 0
    before = struck(widget)
    widget.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert struck(widget) != before


# Both


@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_nothing_is_written_into_the_address_before_the_reader_chooses(
    page: "Page", address: str, name: str, kind: str
) -> None:
    open_widget(page, address, name, kind)
    page.wait_for_load_state("networkidle")
    assert page.url == f"{address}/{name}.html"


def test_a_link_shows_what_its_sender_saw(page: "Page", address: str) -> None:
    widget = open_widget(page, address, "modes", "mask")
    widget.get_by_role("button").click()
    widget.get_by_role("button").click()
    widget.get_by_role("checkbox").check()
    widget.get_by_role("combobox", name="数字", exact=True).select_option("3")
    widget.get_by_role("slider").press("ArrowLeft")
    seen = said(widget), labels(widget), widget.locator(".struck").get_attribute("d")
    url = page.url
    assert "占" in seen[0]
    page.goto(f"{address}/")
    query = url[url.index("?") :]
    widget = open_widget(page, address, "modes", "mask", query)
    found = said(widget), labels(widget), widget.locator(".struck").get_attribute("d")
    assert found == seen
    assert page.url == url
    widget.get_by_text("评估模式", exact=True).click()
    page.reload()
    widget.locator(".live").wait_for()
    assert said(widget).startswith("评估模式")

    widget = open_widget(page, address, "dropout", "diagram")
    for _ in range(5):
        widget.get_by_role("button").click()
    before = struck(widget)
    page.reload()
    widget.locator(".live").wait_for()
    assert struck(widget) == before


@pytest.mark.parametrize(
    ("query", "as_if"),
    [
        ("mask.rate=abc&mask.draw=&mask.mode=toString&mask.digit=NaN&mask.inverted=x&mask.x=1", ""),
        ("mask.rate=7&mask.draw=99&mask.digit=-4", "mask.rate=0.9&mask.draw=12&mask.digit=0"),
        ("mask.rate=-1&mask.draw=0&mask.digit=1e9", "mask.rate=0&mask.draw=1&mask.digit=9"),
        ("mask.draw=Infinity&mask.inverted=-3", "mask.draw=12&mask.inverted=0"),
        ("mask.mode=<script>alert(1)</script>&mask.constructor=1&mask.__proto__=2", ""),
        ("diagram.draw=5&maskrate=3", ""),
    ],
)
def test_a_wrong_address_does_no_harm_to_the_masks(
    page: "Page", address: str, query: str, as_if: str
) -> None:
    widget = open_widget(page, address, "modes", "mask", f"?{query}")
    found = said(widget), shown(widget)
    widget = open_widget(page, address, "modes", "mask", f"?{as_if}")
    assert found == (said(widget), shown(widget))


@pytest.mark.parametrize(
    ("query", "as_if"),
    [
        ("diagram.draw=one&diagram.mode=constructor&diagram.x=1", ""),
        ("diagram.draw=1000", "diagram.draw=256"),
        ("diagram.draw=-5", "diagram.draw=1"),
        ("diagram.draw=2.2", "diagram.draw=2"),
    ],
)
def test_a_wrong_address_does_no_harm_to_the_diagram(
    page: "Page", address: str, query: str, as_if: str
) -> None:
    widget = open_widget(page, address, "dropout", "diagram", f"?{query}")
    found = said(widget), shown(widget)
    widget = open_widget(page, address, "dropout", "diagram", f"?{as_if}")
    assert found == (said(widget), shown(widget))


def test_a_page_does_not_obey_what_it_has_no_control_for(page: "Page", address: str) -> None:
    widget = open_widget(page, address, "dropout", "mask", "?mask.mode=eval&mask.inverted=1")
    assert "预期是 80.0%。输出的平均是" in said(widget)
    widget = open_widget(page, address, "index", "diagram", "?diagram.mode=eval")
    assert any(struck(widget))


@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_without_scripts_the_still_picture_stands(
    browser: "Browser", address: str, name: str, kind: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{name}.html")
    widget = page.locator(f"[data-widget={kind}]")
    assert widget.locator("svg[role=img]").is_visible()
    assert widget.locator(".live").count() == 0
    box, picture = widget.bounding_box(), widget.locator("svg").bounding_box()
    assert box
    assert picture
    assert box["height"] - picture["height"] < 10  # no place is kept for what does not come
    context.close()


@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_it_fits_a_phone_and_can_be_touched(
    page: "Page", address: str, name: str, kind: str
) -> None:
    widget = open_widget(page, address, name, kind)
    for width, height in (PHONE, ZOOMED, LAPTOP):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(OVERFLOW) == []
        assert widget.locator(".live").evaluate(SMALL_TARGETS) == []


@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_axe_finds_nothing_in_any_state(page: "Page", address: str, name: str, kind: str) -> None:
    widget = open_widget(page, address, name, kind)
    page.evaluate(Axe().axe_script)
    controls = [each for role in ("checkbox", "radio") for each in widget.get_by_role(role).all()]  # type: ignore[arg-type]
    for control in [None, *controls]:
        if control:
            control.check(force=True)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            asked = f"axe.run('[data-widget={kind}]', {{ resultTypes: ['violations'] }})"
            assert page.evaluate(asked)["violations"] == [], scheme


def test_the_keyboard_reaches_every_control_in_the_order_of_sight(
    page: "Page", address: str
) -> None:
    widget = open_widget(page, address, "modes", "mask")
    widget.get_by_role("radio").first.focus()
    reached = []
    for _ in range(5):
        reached.append(page.evaluate("document.activeElement.type"))
        ring = "getComputedStyle(document.activeElement.closest('fieldset label') ?? "
        assert page.evaluate(f"{ring}document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Tab")
    assert reached == ["radio", "button", "range", "select-one", "checkbox"]


@pytest.mark.parametrize(("name", "kind"), [("index", "diagram"), ("dropout", "diagram")])
def test_nothing_moves_when_the_diagram_comes(
    browser: "Browser", address: str, name: str, kind: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="block")
    page = context.new_page()
    page.route("**/widgets/*", lambda route: None)  # held back until it was measured
    page.goto(f"{address}/{name}.html")
    widget = page.locator(f"[data-widget={kind}]")
    before = widget.bounding_box()
    page.unroute("**/widgets/*")
    page.reload()
    widget.scroll_into_view_if_needed()
    widget.locator(".live").wait_for()
    after = widget.bounding_box()
    assert before
    assert after
    assert abs(after["height"] - before["height"]) < 5
    context.close()
