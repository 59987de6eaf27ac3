import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import CrossEntropyLoss, Loss, MSELoss, NNBookError, Tensor, gradcheck
from strategies import arrays, dtypes, shapes, tensors

LOSSES = {
    "batchmean": MSELoss(),
    "mean": MSELoss(reduction="mean"),
    "cross-entropy": CrossEntropyLoss(),
}
every_loss = pytest.mark.parametrize("loss_fn", LOSSES.values(), ids=LOSSES)
matrices = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def logits_and_one_hot(draw):
    batch, classes = draw(matrices)
    p = draw(tensors((batch, classes)))
    digits = draw(st.lists(st.integers(0, classes - 1), min_size=batch, max_size=batch))
    return p, Tensor(np.eye(classes)[digits]), digits


# What holds for all


@every_loss
@given(st.data())
def test_gradients_are_right_for_predictions_and_labels(loss_fn, data):
    shape = data.draw(matrices)
    gradcheck(loss_fn, [data.draw(tensors(shape)), data.draw(tensors(shape))])


@every_loss
@given(st.data())
def test_a_gradient_from_above_is_passed_on(loss_fn, data):
    shape = data.draw(matrices)
    inputs = [data.draw(tensors(shape)), data.draw(tensors(shape))]
    gradcheck(lambda p, y: loss_fn(p, y) * 3.0, inputs)


@every_loss
def test_predictions_compared_with_themselves_get_both_gradients(loss_fn):
    gradcheck(lambda x: loss_fn(x, x), [Tensor([[0.5, -1.0], [2.0, 0.25]])])


@every_loss
def test_constant_labels_get_no_gradient(loss_fn):
    p, y = Tensor([[1.0, 2.0]]), Tensor([[0.0, 1.0]], constant=True)
    loss_fn(p, y).backward()
    assert p.grad.any()
    assert not y.grad.any()


@every_loss
@given(dtypes)
def test_the_dtype_is_kept(loss_fn, dtype):
    p, y = Tensor(np.ones((2, 3), dtype)), Tensor(np.eye(2, 3, dtype=dtype))
    loss = loss_fn(p, y)
    loss.backward()
    assert loss.shape == ()
    assert loss.dtype == loss.grad.dtype == p.grad.dtype == y.grad.dtype == dtype


@every_loss
def test_predictions_and_labels_keep_their_values(loss_fn):
    p, y = Tensor([[1.0, 2.0]]), Tensor([[0.0, 1.0]])
    loss_fn(p, y).backward()
    assert p.data.tolist() == [[1, 2]]
    assert y.data.tolist() == [[0, 1]]


@every_loss
@pytest.mark.parametrize(("p", "y"), [((2, 10), (2,)), ((2, 10), (1, 10)), ((2, 1), (2, 1, 1))])
def test_shapes_that_differ_are_refused(loss_fn, p, y):
    message = (
        f"predictions {p} and labels {y} differ in shape; "
        "labels are one-hot: one row a sample, one column a class"
    )
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        loss_fn(Tensor(np.ones(p)), Tensor(np.ones(y)))


@every_loss
@pytest.mark.parametrize("shape", [(0,), (0, 10), (3, 0), ()])
def test_a_loss_of_nothing_is_refused(loss_fn, shape):
    message = f"a loss needs at least one sample, got shape {shape}"
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        loss_fn(Tensor(np.ones(shape)), Tensor(np.ones(shape)))


@pytest.mark.parametrize(
    ("p", "y", "received"),
    [
        ([[1.0]], Tensor([[1.0]]), "list"),
        (Tensor([[1.0]]), np.array([[1.0]]), "ndarray"),
    ],
)
def test_what_is_no_tensor_is_refused(p, y, received):
    message = rf"^MSELoss takes two Tensors, got .*{received}.*; write Tensor\(values\)$"
    with pytest.raises(TypeError, match=message):
        MSELoss()(p, y)


def test_a_loss_without_a_formula_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        Loss()


def test_a_loss_of_ones_own_needs_only_the_formula():
    class Absolute(Loss):
        def loss(self, p, y):
            return (p - y) * np.sign(p.data - y.data) @ np.ones(2)

    assert Absolute()(Tensor([[3.0, 1.0]]), Tensor([[1.0, 2.0]])).data == 3


# Squared error


@given(st.data())
def test_squared_error_adds_up_a_sample_and_averages_over_the_batch(data):
    shape = data.draw(shapes)
    p, y = data.draw(tensors(shape)), data.draw(tensors(shape))
    loss = MSELoss()(p, y)
    per_sample = ((p.data - y.data) ** 2).reshape(shape[0], -1).sum(axis=1)
    assert loss.data == pytest.approx(per_sample.mean())
    loss.backward()
    assert np.allclose(p.grad, 2 * (p.data - y.data) / shape[0], rtol=1e-14)


@given(st.data())
def test_squared_error_may_average_over_every_element(data):
    shape = data.draw(shapes)
    p, y = data.draw(tensors(shape)), data.draw(tensors(shape))
    loss = MSELoss(reduction="mean")(p, y)
    assert loss.data == pytest.approx(((p.data - y.data) ** 2).mean())
    loss.backward()
    assert np.allclose(p.grad, 2 * (p.data - y.data) / p.data.size, rtol=1e-14)


def test_the_reduction_is_readable():
    assert MSELoss().reduction == "batchmean"
    assert MSELoss(reduction="mean").reduction == "mean"


def test_an_unknown_reduction_is_refused():
    message = 'reduction must be "batchmean" or "mean", got \'sum\''
    with pytest.raises(NNBookError, match=f"^{message}$"):
        MSELoss(reduction="sum")


# Cross-entropy


@given(logits_and_one_hot())
def test_cross_entropy_is_the_mean_surprise_of_the_right_class(drawn):
    p, y, digits = drawn
    probabilities = np.exp(p.data) / np.exp(p.data).sum(axis=1, keepdims=True)
    of_right_class = probabilities[np.arange(len(digits)), digits]
    loss = CrossEntropyLoss()(p, y)
    assert loss.data == pytest.approx(-np.log(of_right_class).mean(), abs=1e-14)
    loss.backward()
    assert np.allclose(p.grad, (probabilities - y.data) / len(digits), rtol=1e-12, atol=1e-14)


@given(logits_and_one_hot(), arrays((4, 1)))
def test_cross_entropy_ignores_what_is_added_to_all_logits_of_a_sample(drawn, shifts):
    p, y, _ = drawn
    shifted = Tensor(p.data + shifts[: p.shape[0]])
    assert CrossEntropyLoss()(shifted, y).data == pytest.approx(CrossEntropyLoss()(p, y).data)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_cross_entropy_of_huge_logits_is_exact_and_overflows_nowhere(dtype):
    # The second sample's logits are all tiny beside the first's.
    p = Tensor(np.array([[1e4, 0.0, -1e4], [-3e4, -1e4, -2e4]], dtype))
    loss = CrossEntropyLoss()(p, Tensor(np.array([[0, 1, 0], [0, 1, 0]], dtype)))
    loss.backward()
    assert loss.data == 1e4 / 2
    assert p.grad.tolist() == [[0.5, -0.5, 0], [0, 0, 0]]


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4)])
def test_cross_entropy_refuses_all_but_two_axes(shape):
    message = (
        f"CrossEntropyLoss takes logits of shape (batch, classes), got {shape}; "
        "put Flatten() before the last layer"
    )
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        CrossEntropyLoss()(Tensor(np.ones(shape)), Tensor(np.ones(shape)))
