import pytest

from nnbook.lab import formats
from nnbook.lab.statistics import Estimate, Sample, estimate

MINUS = "\N{MINUS SIGN}"
LOWER = Estimate(mean=-0.00417, low=-0.00713, high=-0.00121, spread=0.0063, seeds=20, above=4)
AROUND = Estimate(mean=0.0004, low=-0.0012, high=0.002, spread=0.0034, seeds=20, above=11)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0.00%"),
        (1, "100.00%"),
        (0.918, "91.80%"),
        (0.91805, "91.81%"),
        (-0.0, "0.00%"),
        (-0.002, f"{MINUS}0.20%"),
        (0.00004, "0.00%"),
    ],
)
def test_accuracy(share, text):
    assert formats.accuracy(share) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (1, "100%"),
        (0.2, "20%"),
        (0.1 + 0.2, "30%"),
        (0.125, "12.5%"),
        (0.3333333, "33.33%"),
        (0.07, "7%"),
    ],
)
def test_percent(share, text):
    assert formats.percent(share) == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((0.5,), "0.50"),
        ((-0.5,), f"{MINUS}0.50"),
        ((-0.0,), "0.00"),
        ((-0.004,), "0.00"),
        ((-0.4, 0), "0"),
        ((1234.567,), "1234.57"),
        ((0.005, 3), "0.005"),
        ((-1.26, 1), f"{MINUS}1.3"),
        ((3.0, 0), "3"),
    ],
)
def test_number(arguments, text):
    assert formats.number(*arguments) == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((0.5,), "+0.50"),
        ((-0.5,), f"{MINUS}0.50"),
        ((0.0,), "0.00"),
        ((-0.0,), "0.00"),
        ((0.004,), "0.00"),
        ((-0.004,), "0.00"),
        ((0.006,), "+0.01"),
        ((-0.0441, 3), f"{MINUS}0.044"),
        ((2.5, 0), "+2"),
    ],
)
def test_signed(arguments, text):
    assert formats.signed(*arguments) == text


def test_points():
    assert formats.points(LOWER) == "低了 0.42 个百分点（95% 置信区间 0.12 至 0.71）"
    assert formats.points(AROUND) == "高了 0.04 个百分点（95% 置信区间：低 0.12 至高 0.20）"
    assert formats.points(LOWER, formats.ROSE) == "降了 0.42 个百分点（95% 置信区间 0.12 至 0.71）"


def test_change():
    assert formats.change(LOWER) == "小了 0.004（95% 置信区间 0.001 至 0.007）"
    assert formats.change(AROUND) == "大了 0.0004（95% 置信区间：小 0.001 至大 0.002）"


def test_told_and_interval():
    assert formats.told(LOWER, formats.MORE) == "少了 0.42"
    assert formats.interval(LOWER, factor=1000, digits=1) == "（95% 置信区间 1.2 至 7.1）"


@pytest.mark.parametrize(
    ("mean", "above", "ties", "text"),
    [
        (-0.1, 0, 0, "20 个种子，个个都低"),
        (-0.1, 4, 0, "20 个种子里，16 个低"),
        (0.1, 20, 0, "20 个种子，个个都高"),
        (0.1, 19, 0, "20 个种子里，19 个高"),
        (-0.1, 4, 1, "20 个种子里，15 个低，1 个打平，4 个高"),
        (-0.1, 0, 1, "20 个种子里，19 个低，1 个打平"),
        (0.1, 1, 19, "20 个种子里，1 个高，19 个打平"),
        (0.1, 17, 1, "20 个种子里，17 个高，1 个打平，2 个低"),
        (0.0, 0, 20, "20 个种子，个个都打平"),
        (0.0, 10, 0, "20 个种子里，10 个高，10 个低"),
        (0.0, 9, 1, "20 个种子里，9 个高，1 个打平，10 个低"),
    ],
)
def test_seeds(mean, above, ties, text):
    assert formats.seeds(Estimate(mean, mean, mean, 0.1, 20, above, ties=ties)) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1, 2], "2 个种子都高"),
        ([-1, -2], "2 个种子都低"),
        ([0, 0], "2 个种子都打平"),
        ([1, -2], "2 个种子里，1 个低"),
        ([0, -2], "2 个种子里，1 个低，1 个打平"),
        ([1, -1], "2 个种子里，1 个高，1 个低"),
    ],
)
def test_two_seeds_are_no_crowd(values, text):
    assert formats.seeds(estimate(Sample(values, "种子"))) == text


@pytest.mark.parametrize(
    ("mean", "low", "high", "text"),
    [
        (0, -0.001, 0.001, "既没高也没低，差 0 个百分点（95% 置信区间：低 0.10 至高 0.10）"),
        (0, 0, 0, "既没高也没低，差 0 个百分点（95% 置信区间两端都是 0）"),
        (0.001, 0, 0.002, "高了 0.10 个百分点（95% 置信区间 0 至 0.20）"),
        (-0.001, -0.002, 0, "低了 0.10 个百分点（95% 置信区间 0 至 0.20）"),
        (0.001, 0.001, 0.001, "高了 0.10 个百分点（95% 置信区间两端都是 0.10）"),
        (-0.001, -0.001, -0.001, "低了 0.10 个百分点（95% 置信区间两端都是 0.10）"),
        (-3e-5, -0.001, 0.00094, "低了 0.003 个百分点（95% 置信区间：低 0.10 至高 0.09）"),
        (0.001, 4e-5, 0.00196, "高了 0.10 个百分点（95% 置信区间 0.004 至 0.20）"),
        (0.001, -4e-6, 0.002004, "高了 0.10 个百分点（95% 置信区间：低 0.0004 至高 0.20）"),
    ],
)
def test_what_is_nothing_and_what_only_looks_like_it(mean, low, high, text):
    assert formats.points(Estimate(mean, low, high, 0.01, 20, 10)) == text


def test_neither_word_is_said_of_zero():
    zero = Estimate(0.0, -0.002, 0.002, 0.01, 20, 10)
    assert formats.told(zero, formats.ROSE) == "既没升也没降，差 0"
    assert formats.change(zero) == "既没大也没小，差 0（95% 置信区间：小 0.002 至大 0.002）"


def test_mean_accuracy():
    found = Estimate(mean=0.9183, low=0.915, high=0.921, spread=0.00614, seeds=20, above=20)
    assert formats.mean_accuracy(found) == "91.83% ± 0.61 个百分点"


def test_no_hyphen_stands_for_a_minus_sign():
    for text in (formats.number(-1), formats.signed(-1)):
        assert "-" not in text
        assert MINUS in text
    for text in (formats.points(LOWER), formats.change(LOWER), formats.points(AROUND)):
        assert "-" not in text
        assert MINUS not in text  # a word says it


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(-0.001, 0.003, "0.31"), (-0.0034, 0.001, "0.35"), (-0.00201, 0.002, "0.21"), (0, 0, "0.01")],
)
def test_a_bound_is_what_neither_end_reaches(low, high, text):
    found = Estimate((low + high) / 2, low, high, 0.01, 20, 10)
    assert formats.bound(found) == f"相差不到 {text} 个百分点"
