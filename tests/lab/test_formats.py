import pytest

from nnbook.lab import formats
from nnbook.lab.statistics import Estimate

MINUS = "\N{MINUS SIGN}"
LOWER = Estimate(mean=-0.00417, low=-0.00713, high=-0.00121, spread=0.0063, seeds=20, above=4)
AROUND = Estimate(mean=0.0004, low=-0.0012, high=0.002, spread=0.0034, seeds=20, above=11)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0.00%"), (1, "100.00%"), (0.918, "91.80%"), (0.91805, "91.81%"), (0.00004, "0.00%")],
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
        ((0.0,), "+0.00"),
        ((-0.0441, 3), f"{MINUS}0.044"),
        ((2.5, 0), "+2"),
    ],
)
def test_signed(arguments, text):
    assert formats.signed(*arguments) == text


def test_points():
    assert formats.points(LOWER) == f"{MINUS}0.42 个百分点（95% 区间 {MINUS}0.71 至 {MINUS}0.12）"
    assert formats.points(AROUND) == f"+0.04 个百分点（95% 区间 {MINUS}0.12 至 +0.20）"


def test_change():
    assert formats.change(LOWER) == f"{MINUS}0.004（95% 区间 {MINUS}0.007 至 {MINUS}0.001）"
    assert formats.change(AROUND) == f"+0.000（95% 区间 {MINUS}0.001 至 +0.002）"


def test_interval():
    assert formats.interval(LOWER, 1000, 1) == f"（95% 区间 {MINUS}7.1 至 {MINUS}1.2）"
    assert formats.interval(AROUND, 100) == f"（95% 区间 {MINUS}0.12 至 +0.20）"


def test_mean_accuracy():
    estimate = Estimate(mean=0.9183, low=0.915, high=0.921, spread=0.00614, seeds=20, above=20)
    assert formats.mean_accuracy(estimate) == "91.83% ± 0.61 个百分点"


def test_no_hyphen_stands_for_a_minus_sign():
    for text in (
        formats.number(-1),
        formats.signed(-1),
        formats.points(LOWER),
        formats.change(LOWER),
        formats.interval(LOWER, 1),
    ):
        assert "-" not in text
        assert MINUS in text
