import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import Dropout, NNBookError, Tensor, gradcheck
from nnbook.lab.exercises import EXERCISES
from nnbook.rng import as_rng
from strategies import arrays_away_from_zero, dtypes, rates, seeds, shapes, tensors

ways = pytest.mark.parametrize("inverted", [False, True], ids=["plain", "inverted"])

CHECKS = [
    pytest.param(check, identity in ("inverted", "eval"), id=f"{identity}-{check.__name__}")
    for identity in ("forward", "backward", "inverted", "eval")
    for check in EXERCISES[identity].checks.values()
]


@pytest.mark.parametrize(("check", "inverted"), CHECKS)
def test_our_layer_does_what_the_exercises_ask_of_readers(check, inverted):
    check(lambda rate, rng: Dropout(rate, inverted=inverted, rng=rng))


@ways
@given(st.data(), rates, seeds)
def test_forward_and_backward_drop_the_same_values(inverted, data, rate, seed):
    x = Tensor(data.draw(shapes.flatmap(arrays_away_from_zero)))
    layer = Dropout(rate, inverted=inverted, rng=seed)
    y = layer(x)
    y.backward(np.ones(x.shape))
    assert np.array_equal(y.data == 0, ~layer.mask)
    assert np.array_equal(x.grad == 0, ~layer.mask)


@given(st.data(), rates, seeds)
def test_survivors_are_those_whose_draw_is_greater_than_the_rate(data, rate, seed):
    x = data.draw(tensors(data.draw(shapes)))
    layer = Dropout(rate, rng=np.random.RandomState(seed))
    y = layer(x)
    survives = np.random.RandomState(seed).random(x.shape) > rate
    assert layer.mask.dtype == np.bool_
    assert np.array_equal(layer.mask, survives)
    assert np.array_equal(y.data, np.where(survives, x.data, 0))


@ways
@given(st.data(), seeds)
def test_dropout_has_the_right_gradient(inverted, data, seed):
    x = data.draw(tensors(data.draw(shapes)))
    gradcheck(lambda x: Dropout(0.4, inverted=inverted, rng=seed)(x), [x])


def test_a_draw_equal_to_the_rate_is_dropped():
    class Draws:
        def random(self, shape):
            return np.array([0.25, 0.5, 0.75])

    layer = Dropout(0.5)
    layer.rng = Draws()
    layer(Tensor([1.0, 1.0, 1.0]))
    assert layer.mask.tolist() == [False, False, True]


def test_each_call_has_a_mask_of_its_own_and_goes_back_through_it():
    layer, x = Dropout(0.5, rng=0), Tensor(np.ones((4, 100)))
    outputs, masks = [], []
    for _ in range(20):
        outputs.append(layer(x))
        masks.append(layer.mask)
    assert len({mask.tobytes() for mask in masks}) == 20
    for output, mask in zip(outputs, masks, strict=True):
        x.clear_gradient()
        output.backward(np.ones(x.shape))
        assert np.array_equal(x.grad, mask)


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.5, 0.9, 0.999])
def test_the_share_that_is_kept_lies_within_binomial_bounds(rate):
    layer, n = Dropout(rate, rng=99), 200 * 5000
    x = Tensor(np.ones(5000))
    kept = 0
    for _ in range(200):
        layer(x)
        kept += np.count_nonzero(layer.mask)
    # Five standard deviations: a right layer leaves them once in 1.7 million seeds.
    assert abs(kept - n * (1 - rate)) < 5 * math.sqrt(n * rate * (1 - rate))


def test_every_place_is_dropped_as_often_as_any_other():
    layer, calls, rate = Dropout(0.3, rng=99), 4000, 0.3
    kept = np.zeros((5, 8))
    for _ in range(calls):
        layer(Tensor(np.ones((5, 8))))
        kept += layer.mask
    assert np.all(abs(kept - calls * (1 - rate)) < 5 * math.sqrt(calls * rate * (1 - rate)))


@ways
@given(st.data(), rates)
def test_eval_hands_back_the_very_same_object_and_draws_nothing(inverted, data, rate):
    x = data.draw(tensors(data.draw(shapes)))
    layer = Dropout(rate, inverted=inverted, rng=np.random.RandomState(0))
    layer(x)
    layer.eval()
    assert layer(x) is x
    assert layer.mask is None
    after = layer.rng.random()
    fresh = np.random.RandomState(0)
    fresh.random(x.shape)
    assert after == fresh.random()


@ways
@given(st.data(), seeds)
def test_rate_zero_keeps_all(inverted, data, seed):
    x = data.draw(tensors(data.draw(shapes)))
    layer = Dropout(0, inverted=inverted, rng=seed)
    assert np.array_equal(layer(x).data, x.data)
    assert layer.mask.all()
    assert layer.mask.shape == x.shape


def test_rate_zero_keeps_even_a_draw_of_exactly_zero_and_draws_all_the_same():
    class Draws:
        calls = 0

        def random(self, shape):
            self.calls += 1
            return np.zeros(shape)

    layer = Dropout(0)
    layer.rng = Draws()
    assert layer(Tensor([1.0, 2.0])).data.tolist() == [1, 2]
    assert layer.mask.dtype == np.bool_
    assert layer.rng.calls == 1


@pytest.mark.parametrize(
    "rate", [1, 1.0, 1.5, -0.1, -1e-12, math.nan, math.inf, -math.inf, np.float32(1), True]
)
def test_a_rate_outside_zero_to_one_is_refused(rate):
    message = (
        rf"^dropout_rate must lie in \[0, 1\), got {rate}; write 0.5 to drop half of the values$"
    )
    with pytest.raises(NNBookError, match=message):
        Dropout(rate)


@pytest.mark.parametrize("rate", [0, 0.0, 0.5, 1 - 1e-12, np.float32(0.25)])
def test_a_rate_within_zero_to_one_is_kept_readable(rate):
    assert Dropout(rate).dropout_rate == rate


@given(st.data(), st.floats(0, 0.99), dtypes, seeds)
def test_inverted_divides_the_survivors_by_their_expected_share(data, rate, dtype, seed):
    x = Tensor(np.ones(data.draw(shapes), dtype))
    layer = Dropout(rate, inverted=True, rng=seed)
    y = layer(x)
    y.backward(np.ones(x.shape))
    expected = np.where(layer.mask, 1 / (1 - rate), 0)
    assert np.allclose(y.data, expected, rtol=1e-6)
    assert np.allclose(x.grad, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("inverted", "mean"), [(False, 0.75), (True, 1.0)])
def test_inverted_keeps_the_mean_and_plain_shrinks_it(dtype, inverted, mean):
    rate, n = 0.25, 1_000_000
    layer = Dropout(rate, inverted=inverted, rng=99)
    y = layer(Tensor(np.ones(n, dtype)))
    # The deviation of the kept share, times the size of a survivor.
    deviation = math.sqrt(rate * (1 - rate) / n) * (mean / (1 - rate))
    assert abs(y.data.mean(dtype=np.float64) - mean) < 5 * deviation


@ways
@given(dtypes)
def test_dropout_keeps_the_dtype(inverted, dtype):
    x = Tensor(np.ones((2, 3), dtype))
    y = Dropout(np.float64(0.5), inverted=inverted, rng=0)(x)
    y.backward(np.ones((2, 3)))
    assert y.dtype == y.grad.dtype == x.grad.dtype == dtype


def test_float32_and_float64_get_the_same_masks():
    layers = Dropout(0.5, rng=7), Dropout(0.5, rng=7)
    layers[0](Tensor(np.ones(100, np.float32)))
    layers[1](Tensor(np.ones(100)))
    assert np.array_equal(layers[0].mask, layers[1].mask)


def test_a_fresh_layer_has_defaults_and_no_mask():
    layer = Dropout()
    assert (layer.dropout_rate, layer.inverted, layer.mask) == (0.2, False, None)
    assert layer.parameters == []


def test_layers_without_a_seed_draw_different_masks():
    first, second = Dropout(0.5), Dropout(0.5)
    for layer in first, second:
        layer(Tensor(np.ones(1000)))
    assert not np.array_equal(first.mask, second.mask)


def test_a_seed_gives_the_stream_of_this_kind_so_that_masks_stay_what_they_are():
    layer = Dropout(0.5, rng=7)
    layer(Tensor(np.ones(100)))
    assert np.array_equal(layer.mask, as_rng(7, "Dropout").random(100) > 0.5)


def test_layers_that_share_a_generator_take_turns():
    shared, alone = np.random.RandomState(5), np.random.RandomState(5)
    layers = [Dropout(0.5, rng=shared), Dropout(0.5, rng=shared)]
    for layer in layers:
        layer(Tensor(np.ones(20)))
        assert np.array_equal(layer.mask, alone.random(20) > 0.5)


@pytest.mark.parametrize(
    ("layer", "shown"),
    [
        (Dropout(0.2), "Dropout[rate=0.2]"),
        (Dropout(0.5, inverted=True), "Dropout[rate=0.5; inverted]"),
    ],
)
def test_the_repr_shows_rate_and_way(layer, shown):
    assert repr(layer) == shown
