import numpy as np
import pytest
from matplotlib.colors import to_hex

from nnbook.lab import drawing, figures, formats
from nnbook.lab.figures import Line
from nnbook.lab.statistics import Sample, compared, estimate
from pictures import SVG, assert_sound, drawn_elsewhere, fingerprints, parsed, pixels, texts

RNG = np.random.default_rng(4)
DIGITS = RNG.integers(0, 256, (3, 28, 28)) / 255
COVERS = RNG.random((2, 28, 28)) > 0.2
FIRST = 0.9 + RNG.normal(0, 0.01, (5, 4)).cumsum(axis=1)
SECOND = FIRST + RNG.normal(0, 0.002, (5, 4)) + 0.01
SHARES = {"没有": [0.5, 0.3, 0.2], "有": [0.875, 0.1, 0.025]}


def digits(images=DIGITS, captions=("五", "二", "九"), **more):
    return figures.digits(images, list(captions), name="digits", **more)


def bars(values=(400.0, 396.0, 404.0)):
    return figures.bars(["0", "1", "2"], list(values), name="bars", x="数字", y="张数")


def curves(first=FIRST, second=SECOND, **more):
    lines = [Line("没有", first, figures.WITHOUT, dashed=True), Line("有", second, figures.WITH)]
    return figures.curves(lines, name="curves", x="轮次", y="准确率", **more)


def pairs(first=FIRST[:, -1], second=SECOND[:, -1]):
    sample = Sample(np.subtract(first, second), "种子")
    return figures.pairs(sample, estimate(sample), name="pairs", what="有减去没有（百分点）")


def differences(first=FIRST, labels=("一", "二", "三", "四")):
    found = compared({str(n): Sample(column, "种子") for n, column in enumerate(first.T - 0.9)})
    return figures.differences(labels, list(found.values()), name="differences", what="差")


def filters(weights=DIGITS - 0.5):
    groups = {"没有": weights, "有": weights[:2]}
    return figures.filters(groups, name="filters")


def histograms(shares=SHARES):
    return figures.histograms([0, 1, 2, 3], shares, name="histograms", x="强度", y="神经元")


def masks(covers=COVERS, rate=0.2):
    return figures.masks(DIGITS[0], covers, name="masks", rate=rate)


SAMPLES = {
    "digits": digits,
    "bars": bars,
    "curves": curves,
    "pairs": pairs,
    "differences": differences,
    "filters": filters,
    "histograms": histograms,
    "masks": masks,
}


@pytest.fixture
def canvas(monkeypatch):
    """What the last figure was drawn on."""
    kept, finish = [], drawing.finish

    def keep(picture, *rest):
        kept.append(picture)
        return finish(picture, *rest)

    monkeypatch.setattr(drawing, "finish", keep)
    return lambda: kept[-1]


# What holds for all


@pytest.mark.parametrize("name", SAMPLES)
def test_every_figure_is_sound(name):
    assert_sound(SAMPLES[name](), name)


def test_the_samples_are_all_that_this_module_draws():
    found = {
        name
        for name, function in vars(figures).items()
        if callable(function)
        and getattr(function, "__annotations__", {}).get("return") is drawing.Figure
    }
    assert found == set(SAMPLES)


def test_another_process_draws_the_same_bytes():
    here = fingerprints(SAMPLES)
    assert fingerprints(SAMPLES) == here
    assert drawn_elsewhere("test_figures", 1) == here


CHANGES = {
    "a pixel": (digits, {"images": np.where(np.arange(28) == 3, 0, DIGITS)}),
    "a caption": (digits, {"captions": ("五", "二", "八")}),
    "a bar": (bars, {"values": (400.0, 397.0, 404.0)}),
    "a curve": (curves, {"first": np.add(FIRST, [0, 0, 0.002, 0])}),
    "a seed less": (curves, {"first": FIRST[:4]}),
    "a point": (curves, {"points": (0.1, 0.2, 0.3, 0.5)}),
    "a pair": (pairs, {"first": [*FIRST[:4, -1], 0.7]}),
    "a difference": (differences, {"first": FIRST + 0.01}),
    "a label": (differences, {"labels": ("一", "二", "三", "五")}),
    "a weight": (filters, {"weights": np.where(np.arange(28) == 3, 0, DIGITS - 0.5)}),
    "a share": (histograms, {"shares": SHARES | {"有": [0.876, 0.1, 0.024]}}),
    "a mask": (masks, {"covers": COVERS[[1, 0]]}),
    "a rate": (masks, {"rate": 0.3}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_value_is_another_figure(change):
    draw, values = CHANGES[change]
    assert draw(**values) != draw()


NUMBERS = {
    "bars": [["数字", "张数"], ["0", "400"], ["1", "396"], ["2", "404"]],
    "histograms": [
        ["强度", "没有", "有"],
        ["0 至 1", "50.00%", "87.50%"],
        ["1 至 2", "30.00%", "10.00%"],
        ["2 至 3", "20.00%", "2.50%"],
    ],
}


@pytest.mark.parametrize("name", SAMPLES)
def test_plots_of_numbers_have_them_as_a_table(name):
    numbers = SAMPLES[name]().numbers
    assert (numbers is None) == (name in {"digits", "masks", "filters"})
    if name in NUMBERS:
        assert [list(numbers.header), *map(list, numbers.rows)] == NUMBERS[name]


def test_the_table_of_curves_tells_means_and_intervals():
    assert curves(points=(0.1, 0.2, 0.3, 0.5), logarithmic=True).svg != curves().svg
    table = curves(points=(0.1, 0.2, 0.3, 0.5)).numbers
    assert list(table.header) == ["轮次", "没有（95% 置信区间）", "有（95% 置信区间）"]
    assert [row[0] for row in table.rows] == ["0.1", "0.2", "0.3", "0.5"]
    found = estimate(Sample(SECOND[:, 2], "种子"))
    low, mean, high = map(formats.accuracy, (found.low, found.mean, found.high))
    assert table.rows[2][2] == f"{mean}（{low} 至 {high}）"


def test_the_table_of_one_seed_has_no_intervals():
    table = curves([2.0, -0.25], [3.0, 2.0], share=False).numbers
    assert [list(table.header), *map(list, table.rows)] == [
        ["轮次", "没有", "有"],
        ["1", "2.00", "3.00"],
        ["2", "−0.25", "2.00"],
    ]


def test_the_table_of_pairs_tells_every_seed_and_the_mean():
    table = pairs([0.92, 0.91, 0.90], [0.91, 0.92, 0.90]).numbers
    assert list(table.header) == ["种子", "有减去没有（百分点）"]
    assert table.rows[:3] == [("0", "+1.00"), ("1", "−1.00"), ("2", "0.00（打平）")]
    assert table.rows[3] == ("平均", "0.00（95% 置信区间：低 2.48 至高 2.48）")


def test_more_distributions_than_looks_are_refused():
    with pytest.raises(ValueError, match=r"^zip\(\) argument 2 is shorter"):
        histograms({name: [0.5, 0.3, 0.2] for name in "abcde"})


# One by one


def test_digits_are_drawn_as_they_are(canvas):
    figure = digits()
    assert figure.alt == "3 张 28×28 像素的灰度图，依次是：五、二、九。"
    assert texts(figure) == ["五", "二", "九"]
    shown = pixels(figure)
    assert len(shown) == 3
    for image, colours in zip(DIGITS, shown, strict=True):
        assert (colours[..., 0] == colours[..., 2]).all()
        assert np.allclose(1 - colours[..., 0] / 255, image / DIGITS.max(), atol=0.01)
    assert len(canvas().axes) == 10


def test_more_digits_than_columns_take_more_rows(canvas):
    figure = digits(np.tile(DIGITS, (4, 1, 1)), [str(i) for i in range(12)], columns=5)
    assert figure.alt.startswith("12 张")
    assert len(pixels(figure)) == 12
    grid = canvas().axes[0].get_gridspec()
    assert (grid.nrows, grid.ncols) == (3, 5)
    assert not any(axes.axison for axes in canvas().axes)


@pytest.mark.parametrize("captions", [["五", "二"], ["五", "二", "九", "四"]])
def test_a_digit_without_a_caption_is_refused(captions):
    with pytest.raises(ValueError, match=r"^zip\(\) argument 2 is (shorter|longer)"):
        digits(captions=captions)


def test_bars_are_as_high_as_their_values(canvas):
    figure = bars()
    assert figure.alt == "柱状图，横轴是数字，纵轴是张数：0 有 400、1 有 396、2 有 404。"
    (axes,) = canvas().axes
    assert [bar.get_height() for bar in axes.patches] == [400, 396, 404]
    assert [bar.get_y() for bar in axes.patches] == [0, 0, 0]
    assert {"400", "396", "404", "数字", "张数"} <= set(texts(figure))
    assert bars((1.5, 2.0, 3.0)).alt.endswith("：0 有 1.5、1 有 2、2 有 3。")


def test_curves_are_means_with_bands_of_intervals(canvas):
    curves()
    (axes,) = canvas().axes
    for line, band, values in zip(axes.lines, axes.collections, (FIRST, SECOND), strict=True):
        assert np.allclose(line.get_xdata(), [1, 2, 3, 4])
        assert np.allclose(line.get_ydata(), values.mean(axis=0))
        (path,) = band.get_paths()
        for point, column in enumerate(values.T, start=1):
            heights = path.vertices[path.vertices[:, 0] == point, 1]
            found = estimate(Sample(column, "种子"))
            assert (heights.min(), heights.max()) == pytest.approx((found.low, found.high))


def test_curves_tell_first_middle_and_last_and_no_best(canvas):
    first = np.array([[0.80, 0.95, 0.90], [0.82, 0.93, 0.90]])
    second = np.array([[0.70, 0.75, 0.8125], [0.70, 0.75, 0.8125]])
    figure = curves(first, second)
    assert figure.alt == (
        "折线图，横轴是轮次，纵轴是准确率。"
        "没有：从 81.00% 经 94.00%（轮次 2）到 90.00%；"
        "有：从 70.00% 经 75.00%（轮次 2）到 81.25%。"
    )
    assert {"没有", "有", "轮次", "准确率"} <= set(texts(figure))
    assert any(text.endswith("%") for text in texts(figure))
    (axes,) = canvas().axes
    assert [line.get_linestyle() for line in axes.lines] == ["--", "-"]
    assert [line.get_color() for line in axes.lines] == [figures.WITHOUT, figures.WITH]


def test_curves_of_what_is_no_share_have_no_percent(canvas):
    figure = curves([[2.0, -0.25, 1.5]], [[3.0, 2.0, 1.0]], share=False, points=(0.1, 0.5, 0.9))
    assert figure.alt == (
        "折线图，横轴是轮次，纵轴是准确率。"
        "没有：从 2.00 经 −0.25（轮次 0.5）到 1.50；"
        "有：从 3.00 经 2.00（轮次 0.5）到 1.00。"
    )
    assert not any("%" in text for text in texts(figure))
    assert list(canvas().axes[0].lines[0].get_xdata()) == [0.1, 0.5, 0.9]


def test_curves_of_one_seed_have_no_band(canvas):
    curves(FIRST[0], SECOND[:1])
    assert not canvas().axes[0].collections
    assert np.allclose(canvas().axes[0].lines[0].get_ydata(), FIRST[0])


def test_curves_over_epochs_are_marked_at_whole_numbers(canvas):
    curves(FIRST[:, :2], SECOND[:, :2])
    assert all(place == int(place) for place in canvas().axes[0].get_xticks())


def test_pairs_show_every_difference_and_their_mean(canvas):
    first, second = [0.92, 0.91, 0.90, 0.93], [0.91, 0.92, 0.90, 0.90]
    figure = pairs(first, second)
    found = estimate(Sample(np.subtract(first, second), "种子"))
    assert figure.alt == (
        "点图，纵轴是有减去没有（百分点），每个种子一个点：4 个种子里，2 个高，1 个打平，1 个低；"
        f"平均{formats.points(found)}。"
    )
    (axes,) = canvas().axes
    zero, above, tied, below, mean, *_ = axes.lines
    assert set(zero.get_ydata()) == {0}
    assert np.allclose(above.get_xydata(), [(0, 1), (3, 3)])
    assert np.allclose(tied.get_xydata(), [(2, 0)])
    assert np.allclose(below.get_xydata(), [(1, -1)])
    marks = {(line.get_marker(), line.get_color()) for line in (above, tied, below)}
    assert len({marker for marker, _ in marks}) == len({colour for _, colour in marks}) == 3
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["高", "打平", "低"]
    assert mean.get_ydata() == pytest.approx([100 * found.mean])
    bar = axes.containers[0].lines[2][0].get_segments()[0][:, 1]
    assert bar == pytest.approx([100 * found.low, 100 * found.high])
    assert texts(figure)[:5] == ["0", "1", "2", "3", "平均"]


@pytest.mark.parametrize(
    ("second", "legend"),
    [([0.9, 0.9], ["高"]), ([0.91, 0.92], ["打平"]), ([0.95, 0.92], ["打平", "低"])],
)
def test_pairs_explain_the_marks_that_are_there(second, legend, canvas):
    pairs([0.91, 0.92], second)
    found = canvas().axes[0].get_legend().get_texts()
    assert [text.get_text() for text in found] == legend


def test_pairs_of_many_seeds_name_every_other_one():
    figure = pairs(np.linspace(0.9, 0.95, 20), np.full(20, 0.91))
    assert texts(figure)[:11] == [*map(str, range(0, 20, 2)), "平均"]


def test_histograms_are_steps_over_the_bins(canvas):
    figure = histograms()
    assert figure.alt == (
        "直方图，横轴是强度，纵轴是神经元。没有：第一格占 50.00%；有：第一格占 87.50%。"
    )
    (axes,) = canvas().axes
    for steps, values in zip(axes.patches, SHARES.values(), strict=True):
        assert steps.get_data().values.tolist() == values
        assert steps.get_data().edges.tolist() == [0, 1, 2, 3]
    assert len({steps.get_linestyle() for steps in axes.patches}) == 2
    assert {"没有", "有", "强度", "神经元"} <= set(texts(figure))


def test_lines_are_told_apart_by_more_than_colour():
    figure = histograms({name: [0.5, 0.3, 0.2] for name in "abcd"})
    dashes = {
        path.get("style").split("stroke-dasharray: ")[-1].split(";")[0]
        if "dasharray" in path.get("style", "")
        else ""
        for path in parsed(figure.svg).iter(f"{SVG}path")
        if "stroke-width: 2" in path.get("style", "")
    }
    assert len(dashes) == 4


def test_what_a_mask_strikes_out_is_red():
    original, *covered = pixels(masks())
    red = np.array([int(drawing.RED[i : i + 2], 16) for i in (1, 3, 5)])
    for colours, mask in zip(covered, COVERS, strict=True):
        assert np.array_equal(np.abs(colours - red).max(axis=2) <= 1, ~mask)
        assert np.array_equal(colours[mask], original[mask])
    assert not (np.abs(original - red).max(axis=2) <= 1).any()
    grey = original[..., 0] / original[..., 0].max()
    assert np.corrcoef(grey.ravel(), DIGITS[0].ravel())[0, 1] < -0.99


def test_masks_tell_rate_number_and_shares():
    covers = np.ones((2, 28, 28), dtype=bool)
    covers[0, :7] = covers[1, :14] = False
    figure = masks(covers, rate=0.375)
    assert figure.alt == (
        "同一张数字图和盖在它上面的 2 张掩码，丢弃率 37.5%；"
        "红色是被盖住的像素，各张盖住 25.00%、50.00%，位置每次都不同。"
    )
    assert texts(figure) == ["原图", "第 1 次", "第 2 次"]


@pytest.mark.parametrize("covers", [COVERS[[0, 0]], COVERS[[0, 1, 0]], COVERS[:1]])
def test_masks_that_are_the_same_are_not_said_to_differ(covers):
    assert "不同" not in masks(covers).alt
    assert "不同" in masks().alt


def test_the_colours_of_the_arms_are_of_the_theme_and_differ():
    light = {pair[0] for pair in drawing.COLOURS.values()}
    assert figures.WITHOUT != figures.WITH
    assert {to_hex(figures.WITHOUT), to_hex(figures.WITH)} <= light


def test_differences_stand_below_one_another_with_their_intervals(canvas):
    figure = differences()
    found = compared({str(n): Sample(column, "种子") for n, column in enumerate(FIRST.T - 0.9)})
    (axes,) = canvas().axes
    assert axes.yaxis_inverted()
    for place, (drawn, each) in enumerate(zip(axes.containers, found.values(), strict=True)):
        assert drawn.lines[0].get_xydata().tolist() == [[100 * each.mean, place]]
        ends = drawn.lines[2][0].get_segments()[0][:, 0]
        assert ends == pytest.approx([100 * each.low, 100 * each.high])
        assert drawn.lines[0].get_marker() == ("o" if each.mean > 0 else "v")
    assert figure.alt.startswith("点图，横轴是差，从上到下：一：")
    assert [row[0] for row in figure.numbers.rows] == ["一", "二", "三", "四"]
    assert figure.numbers.rows[2][1] == formats.points(list(found.values())[2])


def test_a_difference_of_nothing_has_a_mark_of_its_own(canvas):
    values = [[1, 2], [0, 0], [1, -1], [-1, -2]]
    found = [estimate(Sample(each, "种子")) for each in values]
    figure = figures.differences("abcd", found, name="differences", what="差")
    marks = [drawn.lines[0].get_marker() for drawn in canvas().axes[0].containers]
    assert marks == ["o", "s", "s", "v"]
    assert "c：既没高也没低，差 0 个百分点" in figure.alt


def test_filters_show_each_neuron_by_its_own_largest_weight(canvas):
    figure = filters()
    shown = [axes.images[0].get_array() for axes in canvas().axes if axes.images]
    assert len(shown) == 5
    assert all(np.abs(image).max() == pytest.approx(1) for image in shown)
    assert figure.alt == (
        "隐藏神经元的权重画成的小图，蓝色是正的权重，橙色是负的：没有，3 个神经元；有，2 个神经元。"
    )
