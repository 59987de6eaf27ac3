"""The checker is the oracle of all other tests, so it must refuse what is wrong."""

import re

import numpy as np
import pytest

from nnbook import GradientError, NNBookError, Tensor, gradcheck

X = [[0.5, -1.5, 2.0], [1.0, 0.25, -0.75]]
W = [[1.0, 2.0, -1.0], [0.5, -0.5, 3.0]]


def operation(data, pushes):
    """A tensor of ``data`` that hands ``share(gradient)`` to each ``tensor`` of ``pushes``."""

    def gradient_fn(gradient):
        for tensor, share in pushes:
            tensor.receive(share(gradient))

    return Tensor(data, tuple(tensor for tensor, _ in pushes), gradient_fn)


def square(share):
    """x², with ``share(gradient, x)`` as its backward pass."""
    return lambda x: operation(x.data**2, [(x, lambda g: share(g, x.data))])


def product(share_x, share_w):
    """x @ wᵀ, with the given backward passes."""
    return lambda x, w: operation(
        x.data @ w.data.T,
        [(x, lambda g: share_x(g, x.data, w.data)), (w, lambda g: share_w(g, x.data, w.data))],
    )


def test_right_gradients_are_accepted():
    assert gradcheck(square(lambda g, x: 2 * x * g), [Tensor(X)]) < 1e-7
    right = product(lambda g, x, w: g @ w, lambda g, x, w: g.T @ x)
    assert gradcheck(right, [Tensor(X), Tensor(W)]) < 1e-7


@pytest.mark.parametrize(
    "share",
    [
        pytest.param(lambda g, x: x * g, id="wrong factor"),
        pytest.param(lambda g, x: -2 * x * g, id="wrong sign"),
        pytest.param(lambda g, x: 2 * x, id="gradient from above left out"),
        pytest.param(lambda g, x: 2 * g, id="input left out"),
        pytest.param(lambda g, x: 2 * x * g + 1e-3, id="constant added"),
        pytest.param(lambda g, x: 2 * x * g * (1 + 1e-4), id="a ten-thousandth too large"),
        pytest.param(lambda g, x: 2 * abs(x) * g, id="wrong where the input is negative"),
        pytest.param(lambda g, x: 2 * x * g.mean(), id="same for all values"),
        pytest.param(lambda g, x: 2 * x[::-1] * g, id="rows swapped"),
        pytest.param(lambda g, x: 2 * x * g * (x < 2), id="one value of six missing"),
        pytest.param(lambda g, x: 2 * x * g * np.where(x == 2, np.nan, 1), id="one is nan"),
        pytest.param(lambda g, x: 0 * g, id="nothing arrives"),
    ],
)
def test_wrong_gradients_of_one_input_are_rejected(share):
    with pytest.raises(GradientError):
        gradcheck(square(share), [Tensor(X)])


@pytest.mark.parametrize(
    ("share_x", "share_w", "position"),
    [
        pytest.param(lambda g, x, w: g @ w[::-1], lambda g, x, w: g.T @ x, 0, id="x: rows of w"),
        pytest.param(lambda g, x, w: g.T @ w, lambda g, x, w: g.T @ x, 0, id="x: transposed"),
        pytest.param(lambda g, x, w: g @ w, lambda g, x, w: g @ x, 1, id="w: transposed"),
        pytest.param(lambda g, x, w: g @ w, lambda g, x, w: g.T @ x / 2, 1, id="w: averaged"),
        pytest.param(lambda g, x, w: g @ w, lambda g, x, w: 0 * w, 1, id="w: missing"),
    ],
)
def test_wrong_gradients_of_one_of_two_inputs_are_rejected_by_its_position(
    share_x, share_w, position
):
    with pytest.raises(GradientError, match=rf"^input {position} at \(0, 0\)"):
        gradcheck(product(share_x, share_w), [Tensor(X), Tensor(W)])


def test_a_missing_term_is_rejected():
    def forgets_one_use(x):
        return operation(x.data**2 + x.data, [(x, lambda g: 2 * x.data * g)])

    with pytest.raises(GradientError):
        gradcheck(forgets_one_use, [Tensor(X)])


def test_gradients_whose_errors_cancel_in_the_sum_are_rejected():
    # Summed up without weights, every value would have the slope 1 and so the same gradient.
    def swapped(x):
        return operation(x.data * 1.0, [(x, lambda g: g[::-1].copy())])

    with pytest.raises(GradientError):
        gradcheck(swapped, [Tensor(X)])


def test_the_message_names_input_place_both_values_and_the_limit():
    wrong = square(lambda g, x: 3 * x * g)
    with pytest.raises(GradientError) as caught:
        gradcheck(wrong, [Tensor([[0.0, 2.0]])])
    weight = np.random.default_rng(0).uniform(0.5, 1.5, (1, 2))[0, 1]
    found = re.fullmatch(
        r"input 0 at \(0, 1\): backward\(\) gives (\S+), the slope is (\S+); they may differ by "
        r"(\S+); look for the mistake in the gradient_fn of the last operation you changed",
        str(caught.value),
    )
    gradient, slope, limit = map(float, found.groups())
    assert gradient == pytest.approx(6 * weight)
    assert slope == pytest.approx(4 * weight)
    assert limit == pytest.approx(1e-7 + 1e-5 * 4 * weight, rel=0.1)


def test_the_largest_difference_is_returned():
    slightly_wrong = square(lambda g, x: 2 * x * g + np.array([[0.0, 0.01, 0.002]]))
    largest = gradcheck(slightly_wrong, [Tensor([[1.0, 2.0, 3.0]])], atol=0.1)
    assert largest == pytest.approx(0.01, abs=1e-6)


def test_tolerances_and_step_are_the_callers():
    wrong_by_a_thousandth = square(lambda g, x: 2 * x * g * 1.001)
    x = Tensor(X)
    gradcheck(wrong_by_a_thousandth, [x], rtol=0.01)
    gradcheck(wrong_by_a_thousandth, [x], rtol=0, atol=0.01)
    with pytest.raises(GradientError):
        gradcheck(wrong_by_a_thousandth, [x], rtol=0.0005)
    right = square(lambda g, x: 2 * x * g)
    with pytest.raises(GradientError):  # rounding drowns a step as small as this
        gradcheck(right, [x], eps=1e-14)


def test_an_exact_gradient_needs_no_tolerance():
    assert gradcheck(lambda x: x * 0.0, [Tensor(X)], rtol=0, atol=0) == 0


def test_inputs_keep_their_values_and_old_gradients_do_no_harm():
    x = Tensor(X)
    x.grad = np.full(x.shape, 100.0)
    gradcheck(lambda x: (x * x).mean(), [x])
    assert np.array_equal(x.data, X)
    assert np.allclose(x.grad * 6, 2 * x.data, rtol=0.6)  # the checker's weight is 0.5 to 1.5


def test_an_input_may_be_reached_past_the_arguments():
    weight = Tensor(W)
    gradcheck(lambda *_: (weight * weight).sum(), [weight])
    with pytest.raises(GradientError):
        gradcheck(lambda *_: square(lambda g, x: g)(weight), [weight])


def test_float32_is_refused():
    message = (
        "gradcheck needs float64, input 1 is float32: rounding would drown the difference; "
        "build it with dtype=numpy.float64"
    )
    with pytest.raises(NNBookError, match=f"^{message}$"):
        gradcheck(lambda a, b: a * b, [Tensor(X), Tensor(np.float32(X))])


def test_a_function_that_draws_anew_is_refused():
    rng = np.random.default_rng(0)
    message = (
        "the function gave two different results for the same inputs; "
        "draw its random numbers inside it, from a fixed seed"
    )
    with pytest.raises(NNBookError, match=f"^{message}$"):
        gradcheck(lambda x: x * rng.random(), [Tensor(X)])
