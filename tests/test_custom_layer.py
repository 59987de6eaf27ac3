"""Layers that a reader writes the way the tutorial teaches it, beside the library's own."""

import numpy as np
import pytest

from nnbook import (
    CrossEntropyLoss,
    Dropout,
    Layer,
    Linear,
    Loss,
    MSELoss,
    ReLU,
    Sequential,
    SGDOptimizer,
    Tensor,
    gradcheck,
)


class ReadersReLU(Layer):
    def forward(self, x):
        p = Tensor(np.maximum(0, x.data))

        def gradient_fn():
            x.grad += p.grad * (p.data > 0)

        p.gradient_fn = gradient_fn
        p.parents = {x}
        return p


class ReadersDropout(Layer):
    def __init__(self, dropout_rate, rng):
        self.dropout_rate = dropout_rate
        self.rng = rng

    def forward(self, x):
        if not self.training:
            return x
        mask = self.rng.random(x.shape) > self.dropout_rate
        p = Tensor(x.data * mask)

        def gradient_fn():
            x.grad += p.grad * mask

        p.gradient_fn = gradient_fn
        p.parents = {x}
        return p


class ReadersLinear(Layer):
    def __init__(self, in_size, out_size, rng):
        self.weight = Tensor(rng.random((out_size, in_size)) / in_size)
        self.bias = Tensor(rng.random(out_size))
        self.parameters = [self.weight, self.bias]

    def forward(self, x):
        p = Tensor(x.data @ self.weight.data.T + self.bias.data)

        def gradient_fn():
            self.weight.grad += p.grad.T @ x.data
            self.bias.grad += np.sum(p.grad, axis=0)
            x.grad += p.grad @ self.weight.data

        p.gradient_fn = gradient_fn
        p.parents = {self.weight, self.bias, x}
        return p


class ReadersMSELoss(Loss):
    def loss(self, p, y):
        e = Tensor(np.sum((p.data - y.data) ** 2) / len(p.data))

        def gradient_fn():
            p.grad += e.grad * 2 * (p.data - y.data) / len(p.data)

        e.gradient_fn = gradient_fn
        e.parents = {p}
        return e


OURS = (Linear, ReLU, Dropout, MSELoss)
READERS = (ReadersLinear, ReadersReLU, ReadersDropout, ReadersMSELoss)


def train(linear, relu, dropout, loss):
    """Train a network of the given classes; give its weights and its predictions."""
    rng = np.random.RandomState(99)
    network = Sequential(
        [
            linear(4, 16, rng=rng),
            relu(),
            Sequential([dropout(0.3, rng=rng), linear(16, 8, rng=rng), relu()]),
            linear(8, 2, rng=rng),
        ]
    )
    loss_fn, optimizer = loss(), SGDOptimizer(network.parameters, lr=0.05)
    data = np.random.default_rng(0)
    x, y = Tensor(data.normal(size=(6, 4)), constant=True), Tensor(np.eye(2)[[0, 1, 0, 1, 1, 0]])
    for _ in range(25):
        optimizer.reset()
        loss_fn(network(x), y).backward()
        optimizer.step()
    network.eval()
    return [parameter.data for parameter in network.parameters], network(x).data


@pytest.mark.parametrize("readers", range(1, 2 ** len(OURS)))
def test_any_mixture_of_ours_and_the_readers_learns_the_same(readers):
    mixture = [pair[readers >> k & 1] for k, pair in enumerate(zip(OURS, READERS, strict=True))]
    weights, predictions = train(*mixture)
    weights_of_ours, predictions_of_ours = train(*OURS)
    for mixed, ours in zip(weights, weights_of_ours, strict=True):
        assert np.allclose(mixed, ours, rtol=1e-12, atol=1e-14)
    assert np.allclose(predictions, predictions_of_ours, rtol=1e-12, atol=1e-14)


def test_the_readers_layers_pass_the_gradient_check():
    x = Tensor([[0.5, -1.5, 2.0], [1.0, 0.25, -0.75]])
    gradcheck(ReadersReLU(), [x])
    gradcheck(lambda x: ReadersDropout(0.5, np.random.default_rng(0))(x), [x])
    linear = ReadersLinear(3, 2, np.random.default_rng(0))
    gradcheck(lambda *_: linear(x), [x, *linear.parameters])


def test_a_readers_node_used_twice_waits_for_both_gradients():
    relu, x = ReadersReLU(), Tensor([1.0, -2.0, 3.0])

    def residual(x):
        h = relu(x * 2.0)
        return relu(h * 3.0) + h * h + h

    gradcheck(residual, [x])


def test_a_readers_layer_may_stand_before_and_after_every_operation_of_ours():
    relu, layer, loss_fn = ReadersReLU(), Linear(3, 2, rng=0), CrossEntropyLoss()
    x, y = Tensor([[0.5, -1.5, 2.0], [1.0, 0.25, -0.75]]), Tensor([[1.0, 0.0], [0.0, 1.0]])

    def network(x, y):
        h = relu(layer(relu(x)) * relu(y + 0.5))
        return loss_fn(h - h.mean(axis=0), y) + (relu(h) @ [1.0, 2.0]).sum()

    gradcheck(network, [x, y])


def test_gradients_of_a_readers_layer_add_up_over_repeated_calls():
    x = Tensor([1.0, -2.0])
    y = ReadersReLU()(x)
    y.backward([5.0, 7.0])
    y.backward([1.0, 1.0])
    assert x.grad.tolist() == [6, 0]


def test_a_readers_layer_may_be_fed_a_constant():
    x = Tensor([1.0, -2.0], constant=True)
    y = ReadersReLU()(x)
    y.backward([5.0, 7.0])
    assert y.data.tolist() == [1, 0]


def test_a_readers_layer_keeps_float32():
    x = Tensor(np.float32([1.0, -2.0]))
    y = ReadersReLU()(x)
    y.backward(np.ones(2))
    assert y.dtype == y.grad.dtype == x.grad.dtype == np.float32


def test_a_readers_layer_may_leave_out_a_gradient_that_nobody_needs():
    base, p = Tensor([[1.0, 2.0]]), Tensor([[3.0, 5.0]])
    labels = base * 1.0
    loss = ReadersMSELoss()(p, labels)
    loss.parents = {p, labels}
    loss.backward()
    assert p.grad.tolist() == [[4, 6]]
    assert base.grad.tolist() == [[0, 0]]
