"""The naive end of the scale: a first tutorial's script, one tensor object an array.

Every tensor is born with a gradient of zeros, every gradient is computed, also that of
the images, and added to those zeros; the value of the loss is computed and thrown away.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmarks.fused import LR, RATE, Array


class Tensor:
    """An array, its gradient, and how to pass that on."""

    def __init__(self, data: Array) -> None:
        self.data = data
        self.grad = np.zeros_like(data)
        self.gradient_fn: Callable[[], None] = lambda: None
        self.parents: set[Tensor] = set()

    def backward(self) -> None:
        self.gradient_fn()
        for parent in self.parents:
            parent.backward()


class Linear:
    """Weights and a bias."""

    def __init__(self, rng: np.random.Generator, inputs: int, outputs: int, dtype: npt.DTypeLike):
        self.weight = Tensor((rng.random((outputs, inputs)) / inputs).astype(dtype))
        self.bias = Tensor(rng.random(outputs).astype(dtype))

    def __call__(self, x: Tensor) -> Tensor:
        p = Tensor(x.data @ self.weight.data.T + self.bias.data)

        def gradient_fn() -> None:
            self.weight.grad += p.grad.T @ x.data
            self.bias.grad += p.grad.sum(axis=0)
            x.grad += p.grad @ self.weight.data

        p.gradient_fn, p.parents = gradient_fn, {x}
        return p


def relu(x: Tensor) -> Tensor:
    """Nothing below zero."""
    p = Tensor(np.maximum(x.data, 0))

    def gradient_fn() -> None:
        x.grad += p.grad * (x.data > 0)

    p.gradient_fn, p.parents = gradient_fn, {x}
    return p


def dropout(x: Tensor, rng: np.random.Generator) -> Tensor:
    """A new mask on every call."""
    mask = rng.random(x.data.shape) > RATE
    p = Tensor(x.data * mask)

    def gradient_fn() -> None:
        x.grad += p.grad * mask

    p.gradient_fn, p.parents = gradient_fn, {x}
    return p


def squared_error(p: Tensor, y: Tensor) -> Tensor:
    """Added up over the outputs, averaged over the batch."""
    loss = Tensor(((p.data - y.data) ** 2).sum(axis=1).mean())

    def gradient_fn() -> None:
        p.grad += 2 * (p.data - y.data) / len(p.data)

    loss.gradient_fn, loss.parents = gradient_fn, {p}
    return loss


def plain(
    features: Array, labels: Array, batch: int, width: int, dtype: npt.DTypeLike
) -> Callable[[int], None]:
    """A function that takes ``n`` steps of the published network, as a tutorial writes them."""
    rng = np.random.default_rng(0)
    first = Linear(rng, features.shape[1], width, dtype)
    last = Linear(rng, width, labels.shape[1], dtype)
    parameters = [first.weight, first.bias, last.weight, last.bias]
    batches = len(features) // batch

    def run(steps: int) -> None:
        for step in range(steps):
            rows = slice(step % batches * batch, (step % batches + 1) * batch)
            x, y = Tensor(features[rows].copy()), Tensor(labels[rows].copy())
            loss = squared_error(last(dropout(relu(first(x)), rng)), y)
            for parameter in parameters:
                parameter.grad = np.zeros_like(parameter.data)
            loss.backward()
            for parameter in parameters:
                parameter.data = parameter.data - LR * parameter.grad

    return run
