import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import Linear, NNBookError, Optimizer, SGDOptimizer, Tensor
from strategies import arrays, dtypes, shapes

rates = st.floats(1e-3, 10)


@given(st.data(), rates, dtypes)
def test_a_step_takes_the_rate_times_the_gradient_off_in_place(data, lr, dtype):
    shape = data.draw(shapes)
    values, gradient = data.draw(arrays(shape, dtype)), data.draw(arrays(shape, dtype))
    before, parameter = values.copy(), Tensor(values)
    parameter.grad = gradient
    SGDOptimizer([parameter], lr).step()
    assert parameter.data is values
    assert values.dtype == dtype
    assert np.allclose(values, before - lr * gradient, rtol=1e-6, atol=1e-5)
    assert np.array_equal(parameter.grad, gradient)


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize("looked_at", [False, True])
def test_a_layers_weight_takes_the_same_step_whether_or_not_its_gradient_was_looked_at(
    batches, looked_at
):
    layer, x = Linear(3, 2, rng=0), Tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 4.0]])
    before = layer.weight.data.copy()
    for _ in range(batches):
        layer(x).backward([[1.0, -1.0], [2.0, 0.5]])
    if looked_at:
        assert layer.weight.grad.any()
    SGDOptimizer(layer.parameters, lr=0.1).step()
    gradient = batches * np.array([[2.0, 0.0, 11.0], [-0.75, -2.5, -1.0]])
    assert np.allclose(layer.weight.data, before - 0.1 * gradient, rtol=1e-14)
    assert np.allclose(layer.weight.grad, gradient, rtol=1e-14)


@pytest.mark.parametrize("looked_at", [False, True])
def test_an_input_that_is_trained_too_does_not_change_the_step_of_the_weight(looked_at):
    layer, x = Linear(2, 1, rng=0), Tensor([[1.0, 2.0]])
    before = layer.weight.data.copy()
    layer(x).backward()
    if looked_at:
        assert layer.weight.grad.tolist() == [[1.0, 2.0]]
    SGDOptimizer([x, *layer.parameters], lr=0.5).step()  # the input before the weight
    assert np.allclose(before - layer.weight.data, [[0.5, 1.0]], rtol=1e-14)


def test_every_parameter_takes_its_step_and_none_without_a_gradient_moves():
    moved, still, last = Tensor([1.0]), Tensor([2.0]), Tensor([3.0])
    (moved * last).backward()
    SGDOptimizer([moved, still, last], lr=0.5).step()
    assert (moved.data, still.data, last.data) == (1 - 1.5, 2, 3 - 0.5)


def test_gradients_add_up_until_reset():
    x = Tensor([1.0])
    optimizer = SGDOptimizer([x], lr=0.1)
    for _ in range(3):
        (x * 2).backward()
    optimizer.step()
    assert x.data == pytest.approx(1 - 0.1 * 6)
    optimizer.reset()
    assert x.grad == 0
    optimizer.step()
    assert x.data == pytest.approx(1 - 0.1 * 6)


def test_reset_clears_every_parameter_however_its_gradient_came():
    layer, leaf = Linear(2, 2, rng=0), Tensor([1.0])
    leaf.grad = [5.0]
    layer(Tensor([[1.0, 2.0]])).backward([[1.0, 1.0]])
    parameters = [*layer.parameters, leaf]
    SGDOptimizer(parameters, lr=0.1).reset()
    assert not any(parameter.grad.any() for parameter in parameters)


def test_steps_do_not_disturb_each_other():
    x = Tensor([1.0, 2.0])
    optimizer = SGDOptimizer([x], lr=1.0)
    for gradient in ([1.0, 0.0], [0.0, 1.0]):
        x.grad = gradient
        optimizer.step()
    assert x.data.tolist() == [0, 1]


def test_the_learning_rate_may_change_on_the_way():
    x = Tensor([1.0])
    optimizer = SGDOptimizer([x], lr=1.0)
    x.grad = [1.0]
    optimizer.lr = 0.25
    optimizer.step()
    assert x.data == 0.75


def test_a_parameter_may_get_data_of_another_shape_on_the_way():
    layer = Linear(3, 2, rng=0)
    optimizer = SGDOptimizer(layer.parameters, lr=0.1)
    for keep in (2, 1):  # the second time a unit has been taken out
        layer.weight.data, layer.bias.data = layer.weight.data[:keep], layer.bias.data[:keep]
        before = layer.bias.data.copy()
        optimizer.reset()
        layer(Tensor([[1.0, 2.0, 3.0]])).backward(np.ones((1, keep)))
        optimizer.step()
        assert np.allclose(layer.bias.data, before - 0.1)


def test_parameters_may_come_from_any_iterable_and_are_kept():
    parameters = [Tensor([1.0]), Tensor([2.0])]
    optimizer = SGDOptimizer(iter(parameters), lr=0.01)
    assert optimizer.parameters == parameters
    assert optimizer.lr == 0.01


@pytest.mark.parametrize("lr", [0, -0.1, math.nan, math.inf, -math.inf])
def test_a_learning_rate_that_is_not_finite_and_positive_is_refused(lr):
    message = f"^lr must be a finite number greater than 0, got {lr}; write lr=0.01$"
    with pytest.raises(NNBookError, match=message):
        SGDOptimizer([Tensor([1.0])], lr)


def test_an_optimizer_of_nothing_is_refused():
    message = r"^there are no parameters to change; pass layer\.parameters$"
    with pytest.raises(NNBookError, match=message):
        SGDOptimizer([], lr=0.1)


def test_an_optimizer_without_a_step_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        Optimizer([Tensor([1.0])], lr=0.1)


def test_an_optimizer_of_ones_own_needs_only_the_step():
    class Sign(Optimizer):
        def step(self):
            for parameter in self.parameters:
                parameter.data -= self.lr * np.sign(parameter.grad)

    x = Tensor([5.0, -5.0])
    optimizer = Sign([x], lr=0.5)
    (x * x).sum().backward()
    optimizer.step()
    assert x.data.tolist() == [4.5, -4.5]
