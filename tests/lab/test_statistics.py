import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import NNBookError
from nnbook.lab.statistics import (
    Estimate,
    Sample,
    compared,
    estimate,
    like_these,
    paired,
    t_quantile,
)

# NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2, "Critical values of
# Student's t distribution": degrees of freedom, then the columns 0.10, 0.05, 0.025, 0.01 and
# 0.005 of one tail, which two-sided intervals of these levels reach to.
LEVELS = (0.80, 0.90, 0.95, 0.98, 0.99)
TABLE = {
    1: (3.078, 6.314, 12.706, 31.821, 63.657),
    2: (1.886, 2.920, 4.303, 6.965, 9.925),
    3: (1.638, 2.353, 3.182, 4.541, 5.841),
    4: (1.533, 2.132, 2.776, 3.747, 4.604),
    5: (1.476, 2.015, 2.571, 3.365, 4.032),
    6: (1.440, 1.943, 2.447, 3.143, 3.707),
    7: (1.415, 1.895, 2.365, 2.998, 3.499),
    8: (1.397, 1.860, 2.306, 2.896, 3.355),
    9: (1.383, 1.833, 2.262, 2.821, 3.250),
    10: (1.372, 1.812, 2.228, 2.764, 3.169),
    15: (1.341, 1.753, 2.131, 2.602, 2.947),
    19: (1.328, 1.729, 2.093, 2.539, 2.861),
    20: (1.325, 1.725, 2.086, 2.528, 2.845),
    29: (1.311, 1.699, 2.045, 2.462, 2.756),
    60: (1.296, 1.671, 2.000, 2.390, 2.660),
    100: (1.290, 1.660, 1.984, 2.364, 2.626),
}
# The table's last line, for infinitely many: the normal distribution.
NORMAL = (1.282, 1.645, 1.960, 2.326, 2.576)


def sample(values, arms=2):
    return Sample(values, "种子", arms)


# Student's t


@pytest.mark.parametrize("freedom", TABLE)
def test_t_quantiles_are_those_of_the_published_table(freedom):
    found = [t_quantile(freedom, level) for level in LEVELS]
    assert found == pytest.approx(list(TABLE[freedom]), abs=0.0006)


@pytest.mark.parametrize("freedom", [30_000, 300_000])
def test_t_quantiles_of_many_values_are_those_of_the_normal_distribution(freedom):
    found = [t_quantile(freedom, level) for level in LEVELS]
    assert found == pytest.approx(list(NORMAL), abs=0.0006)


@pytest.mark.parametrize("level", [0.01, 0.3, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
def test_t_quantiles_of_one_and_two_degrees_have_a_formula(level):
    assert t_quantile(1, level) == pytest.approx(np.tan(np.pi * level / 2), rel=1e-5)
    assert t_quantile(2, level) == pytest.approx(level * np.sqrt(2 / (1 - level**2)), rel=1e-5)


def test_the_level_is_95_percent_unless_told_otherwise():
    assert t_quantile(9) == t_quantile(9, 0.95)


# Estimates


@pytest.mark.parametrize("seeds", [2, 6, 20])
def test_the_interval_holds_the_true_mean_95_times_in_100(seeds):
    rng = np.random.default_rng(0)
    trials = 4000
    found = [estimate(sample(rng.normal(0.3, 2.0, seeds))) for _ in range(trials)]
    covered = np.mean([one.low <= 0.3 <= one.high for one in found])
    assert abs(covered - 0.95) < 3 * np.sqrt(0.95 * 0.05 / trials)


@pytest.mark.parametrize("seeds", [2, 3, 10, 20])
def test_mean_and_spread_and_interval_by_hand(seeds):
    values = np.random.default_rng(seeds).normal(size=seeds).tolist()
    found = estimate(sample(values))
    assert found.mean == pytest.approx(statistics.mean(values))
    assert found.spread == pytest.approx(statistics.stdev(values))
    half = t_quantile(seeds - 1) * statistics.stdev(values) / seeds**0.5
    assert (found.low, found.high) == pytest.approx((found.mean - half, found.mean + half))
    assert found.seeds == seeds
    assert found.above == sum(value > 0 for value in values)
    assert found.below == sum(value < 0 for value in values)


def test_zero_is_neither_above_nor_below_zero():
    found = estimate(sample([0.0, -1.0, 1.0, 2.0, 0.0]))
    assert (found.above, found.ties, found.below) == (2, 2, 1)


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=2, max_size=9))
def test_every_value_is_above_or_below_or_a_tie(values):
    found = estimate(sample(values))
    assert [found.above, found.ties, found.below] == [values.count(each) for each in (1, 0, -1)]


def test_as_many_right_answers_are_a_tie_however_they_were_counted():
    right = np.arange(1001) / 1000
    counted = 1 - np.arange(1000, -1, -1) / 1000
    assert (right != counted).any()  # by rounding
    found = paired(sample(right), sample(counted))
    assert (found.ties, found.mean, found.low, found.high) == (1001, 0, 0, 0)


def test_differences_of_differences_are_ties_too():
    one, other = (
        sample([0.03, 0.3]) - sample([0.02, 0.1]),
        sample([0.52, 0.9]) - sample([0.51, 0.7]),
    )
    assert (np.subtract(one.values, other.values) != 0).all()  # by rounding
    assert (one - other).values == (0.0, 0.0)


@pytest.mark.parametrize("comparisons", [0, -1, 1.5, True])
def test_comparisons_are_counted(comparisons):
    with pytest.raises(NNBookError, match=r"^comparisons are 1 or more, got "):
        estimate(sample([1.0, 2.0]), comparisons)
    values = sample([1.0, 2.0, 4.0])
    assert estimate(values, 2) == compared({"one": values, "other": values})["one"]


def test_one_image_in_a_million_is_no_tie():
    found = paired(sample([0.937001, 0.937]), sample([0.937, 0.937001]))
    assert (found.above, found.ties, found.below, found.mean) == (1, 0, 1, 0)
    small = paired(sample([1e-12, 3e-12]), sample([2e-12, 2e-12]))
    assert (small.above, small.ties, small.below) == (1, 0, 1)


def test_a_mean_of_nothing_but_rounding_is_zero():
    found = paired(sample([0.938, 0.936, 0.3]), sample([0.937, 0.937, 0.3]))
    assert np.mean([0.938 - 0.937, 0.936 - 0.937, 0.0]) != 0
    assert found.mean == 0
    assert found.low < 0 < found.high


def test_equal_values_leave_no_doubt():
    assert estimate(sample([0.5] * 4)) == Estimate(0.5, 0.5, 0.5, 0.0, 4, 4)


def test_many_values_have_an_interval_too():
    found = estimate(sample(np.random.default_rng(0).normal(size=1000)))
    assert found.high - found.mean == pytest.approx(1.962 * found.spread / 1000**0.5, rel=1e-3)


@given(
    st.lists(st.floats(-100, 100), min_size=2, max_size=10),
    st.floats(-100, 100),
    st.floats(0.01, 100),
)
def test_an_estimate_moves_and_grows_with_its_values(values, shift, factor):
    plain = estimate(sample(values))
    moved = estimate(sample([shift + factor * value for value in values]))
    expected = [shift + factor * value for value in (plain.low, plain.mean, plain.high)]
    tolerance = {"rel": 1e-6, "abs": 1e-6}
    assert [moved.low, moved.mean, moved.high] == pytest.approx(expected, **tolerance)
    assert moved.spread == pytest.approx(factor * plain.spread, **tolerance)
    assert plain.low <= plain.mean <= plain.high


@pytest.mark.parametrize(
    ("values", "shape"),
    [([], r"\(0,\)"), ([1.0], r"\(1,\)"), ([[1.0, 2.0], [3.0, 4.0]], r"\(2, 2\)")],
)
def test_too_few_values_have_no_interval(values, shape):
    with pytest.raises(NNBookError, match=f"^an interval needs two seeds or more, got {shape}$"):
        sample(values)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_value_that_is_not_finite_has_no_interval(value):
    with pytest.raises(NNBookError, match=r"^an interval needs finite values; look at the run"):
        sample([1.0, value, 2.0])


# Pairs


def test_pairing_cancels_what_both_have_in_common():
    rng = np.random.default_rng(0)
    common = rng.normal(0, 100, 10)
    first = common + 1 + rng.normal(0, 0.1, 10)
    second = common + rng.normal(0, 0.1, 10)
    found = paired(sample(first), sample(second))
    assert 0.8 < found.low < 1 < found.high < 1.2
    assert found.above == found.seeds == 10
    shuffled = paired(sample(first), sample(second[::-1]))
    assert shuffled.low < 0 < shuffled.high  # the wrong partners cancel nothing


shares = st.integers(0, 1000).map(lambda right: right / 1000)


@given(st.lists(st.tuples(shares, shares), min_size=2, max_size=8))
def test_a_pair_is_the_estimate_of_first_minus_second(values):
    first, second = map(list, zip(*values, strict=True))
    assert paired(sample(first), sample(second)) == estimate(sample([a - b for a, b in values]))


def test_partners_that_are_missing_are_named():
    with pytest.raises(NNBookError, match=r"^pairs need equally many seeds, got 3 and 2$"):
        paired(sample([1.0, 2.0, 3.0]), sample([1.0, 2.0]))


def test_one_pair_proves_nothing():
    with pytest.raises(NNBookError, match="two seeds or more"):
        paired(sample([0.91]), sample([0.90]))


# What an interval must say


@pytest.mark.parametrize("values", [[1.0, 2.0], np.array([1.0, 2.0]), (1.0, 2.0)])
def test_plain_numbers_have_no_interval(values):
    with pytest.raises(NNBookError, match=r"^an interval must say what varies: take a value of"):
        estimate(values)
    with pytest.raises(NNBookError, match="must say what varies"):
        paired(values, values)
    with pytest.raises(NNBookError, match="must say what varies"):
        compared({"one": values})


def test_a_sample_says_what_varies_and_only_its_like_is_taken_off():
    with pytest.raises(NNBookError, match=r"^an interval must say what varies: Sample\("):
        Sample([1.0, 2.0], "")
    with pytest.raises(NNBookError, match="what varies must be one: '种子' or '图片'"):
        Sample([1.0, 2.0], "种子") - Sample([1.0, 2.0], "图片")
    assert estimate(Sample([1.0, 2.0], "图片")).varies == "图片"


# Several comparisons


def test_one_pair_out_of_several_arms_is_refused():
    several = sample([1.0, 2.0, 3.0], arms=3)
    with pytest.raises(NNBookError, match=r"among 3 arms must be corrected .* with compared"):
        paired(several, sample([0.0, 0.0, 1.0]))


@pytest.mark.parametrize(("arms", "fewest"), [(3, 2), (4, 2), (5, 3), (16, 8), (36, 18)])
def test_a_few_comparisons_out_of_many_arms_are_a_pick(arms, fewest):
    rng = np.random.default_rng(0)
    differences = {str(n): sample(rng.normal(size=6), arms) for n in range(fewest)}
    assert len(compared(differences)) == fewest
    for count in (1, fewest - 1):
        picked = dict(list(differences.items())[:count])
        message = rf"^{count} of the comparisons among {arms} arms are a pick: name all"
        with pytest.raises(NNBookError, match=message):
            compared(picked)
    # One arm of many among others that are few does not hide them.
    with pytest.raises(NNBookError, match="are a pick"):
        compared({"plain": sample([0.1, 0.2]), "picked": sample([0.1, 0.2], arms=5)})


def test_two_arms_may_be_asked_as_much_as_one_likes():
    values = sample([0.1, 0.3, 0.2])
    assert compared({}) == {}
    for count in (1, 2, 7):
        assert len(compared({str(n): values for n in range(count)})) == count


def test_one_comparison_needs_no_correction():
    values = sample([0.1, 0.3, 0.2, 0.4])
    assert compared({"only": values})["only"] == estimate(values)


def test_every_interval_lies_at_the_level_that_all_share():
    rng = np.random.default_rng(1)
    means = {"b": 1.0, "d": 0.0, "a": 3.0, "c": 0.01}
    samples = {name: sample(mean + rng.normal(0, 0.5, 12)) for name, mean in means.items()}
    found = compared(samples)
    assert list(found) == list(means)
    for name in means:
        plain = estimate(samples[name])
        half = t_quantile(11, 1 - 0.05 / 4) * plain.spread / 12**0.5
        assert (found[name].low, found[name].high) == pytest.approx(
            (plain.mean - half, plain.mean + half)
        )
        assert found[name].comparisons == 4


@pytest.mark.parametrize("means", [[0.0] * 6, [5.0] * 3, [0.0, 1.0, 2.0, 9.0]])
def test_all_intervals_hold_their_means_at_once_95_times_in_100(means):
    rng = np.random.default_rng(0)
    trials, held = 2000, 0
    for _ in range(trials):
        found = compared({str(n): sample(rng.normal(mean, 1.0, 8)) for n, mean in enumerate(means)})
        held += all(
            one.low <= mean <= one.high for one, mean in zip(found.values(), means, strict=True)
        )
    assert held / trials > 0.95 - 3 * np.sqrt(0.05 * 0.95 / trials)


def test_values_that_are_all_the_same_leave_no_doubt_among_others_either():
    found = compared({"noisy": sample([1.0, -1.0, 2.0]), "sure": sample([0.5] * 3)})
    assert (found["sure"].low, found["sure"].high) == (0.5, 0.5)


# Other images of the kind


def test_for_images_like_these_the_interval_is_wider_and_more_seeds_hardly_help():
    rng = np.random.default_rng(3)
    values = rng.normal(0.5, 1.0, 200)
    few, many = (estimate(sample(values[:count])) for count in (20, 200))
    for found in (few, many):
        wide = like_these(found, share=0.25)
        reach = t_quantile(found.seeds - 1) * found.spread
        assert wide.mean == found.mean
        assert wide.high - wide.mean == pytest.approx(reach * (1 / found.seeds + 0.25) ** 0.5)
        assert wide.varies != found.varies
    narrower = (few.high - few.low) / (many.high - many.low)
    assert narrower > 2 > like_these(few, 0.25).high / like_these(many, 0.25).high


def test_it_stays_corrected_for_several_comparisons():
    found = compared({"a": sample([1.0, 2.0, 4.0]), "b": sample([1.0, 3.0, 2.0])})["a"]
    wide = like_these(found, share=1e-12)
    assert (wide.low, wide.high) == pytest.approx((found.low, found.high))
    assert wide.comparisons == 2


@pytest.mark.parametrize("share", [0.0, -0.25, float("nan")])
def test_where_nothing_is_tested_there_is_no_such_interval(share):
    with pytest.raises(NNBookError, match="a share of"):
        like_these(estimate(sample([1.0, 2.0])), share)
