"""The naive end of the scale: a first tutorial's script, one object a layer.

Everything is a fresh array, every gradient is computed, also that of the images, and
zeroed before it is overwritten; the value of the loss is computed and thrown away.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
RATE, LR = 0.2, 0.01


class Linear:
    """Weights, bias, and their gradients."""

    def __init__(self, rng: np.random.Generator, inputs: int, outputs: int, dtype: npt.DTypeLike):
        self.weight = (rng.random((outputs, inputs)) / inputs).astype(dtype)
        self.bias = rng.random(outputs).astype(dtype)
        self.reset()

    def reset(self) -> None:
        self.d_weight = np.zeros_like(self.weight)
        self.d_bias = np.zeros_like(self.bias)

    def forward(self, x: Array) -> Array:
        self.x = x
        out: Array = x @ self.weight.T + self.bias
        return out

    def backward(self, gradient: Array) -> Array:
        self.d_weight += gradient.T @ self.x
        self.d_bias += gradient.sum(axis=0)
        out: Array = gradient @ self.weight
        return out

    def step(self) -> None:
        self.weight = self.weight - LR * self.d_weight
        self.bias = self.bias - LR * self.d_bias


class ReLU:
    """Nothing below zero."""

    def forward(self, x: Array) -> Array:
        self.alive = x > 0
        return np.maximum(x, 0)

    def backward(self, gradient: Array) -> Array:
        return gradient * self.alive


class Dropout:
    """A new mask on every call."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def forward(self, x: Array) -> Array:
        self.mask = self.rng.random(x.shape) > RATE
        return x * self.mask

    def backward(self, gradient: Array) -> Array:
        return gradient * self.mask


def plain(
    features: Array, labels: Array, batch: int, width: int, dtype: npt.DTypeLike
) -> Callable[[int], None]:
    """A function that takes ``n`` steps of the published network, layer object by layer object."""
    rng = np.random.default_rng(0)
    first = Linear(rng, features.shape[1], width, dtype)
    last = Linear(rng, width, labels.shape[1], dtype)
    layers: list[Linear | ReLU | Dropout] = [first, ReLU(), Dropout(rng), last]
    batches = len(features) // batch

    def run(steps: int) -> None:
        for step in range(steps):
            rows = slice(step % batches * batch, (step % batches + 1) * batch)
            x, y = features[rows].copy(), labels[rows].copy()
            for layer in layers:
                x = layer.forward(x)
            ((x - y) ** 2).sum(axis=1).mean()
            first.reset()
            last.reset()
            gradient: Array = 2 * (x - y) / batch
            for layer in reversed(layers):
                gradient = layer.backward(gradient)
            first.step()
            last.step()

    return run
