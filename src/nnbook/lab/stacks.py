"""Stacks: networks that differ only in their seed, trained side by side as one network.

At small batches most of a training step is Python's own work, which is the same for one
network and for ten. So their weights are laid behind one another along a new first axis,
and each layer's forward and backward pass, the very ones of `nnbook`, go through them all
at once: leading axes are ordinary broadcasting. Each network's draws and sums stay its
own, so that it becomes what it would have become alone, to the last bit.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

import numpy as np

from nnbook.activation import ReLU
from nnbook.dataset import Dataset
from nnbook.dropout import Dropout
from nnbook.errors import NNBookError
from nnbook.lab.rivals import BlockDropout, DropConnect, GaussianNoise
from nnbook.layer import Flatten, Layer, Linear, Sequential
from nnbook.loss import Loss
from nnbook.parameter import Parameter
from nnbook.rng import Generator
from nnbook.tensor import Array, Tensor, reshape


class Streams:
    """Draws for a whole stack: each network's part comes from a generator of its own.

    Example:
        >>> streams = Streams([np.random.default_rng(0), np.random.default_rng(1)])
        >>> bool(np.all(streams.random((2, 3))[1] == np.random.default_rng(1).random(3)))
        True
    """

    def __init__(self, rngs: Sequence[Generator]) -> None:
        self.rngs = rngs

    def random(self, shape: tuple[int, ...]) -> Array:
        """Draw uniformly in [0, 1), for each network ``shape[1:]`` values."""
        draws = np.empty(shape)
        for part, rng in zip(draws, self.rngs, strict=True):
            part[...] = rng.random(shape[1:])
        return draws

    def standard_normal(self, shape: tuple[int, ...]) -> Array:
        """Draw from the standard normal distribution, for each network ``shape[1:]`` values."""
        draws = np.empty(shape)
        for part, rng in zip(draws, self.rngs, strict=True):
            part[...] = rng.standard_normal(shape[1:])
        return draws


class Unstack(Layer):
    """Lay the rows of all networks, ``(networks, batch, n)``, below one another."""

    def forward(self, x: Tensor) -> Tensor:
        return reshape(x, (-1, x.shape[-1]))


def stack(networks: Sequence[Sequential]) -> Sequential:
    """One network out of several of the same build.

    The parameters of the single networks become views of the stack's: they learn with it
    and can be tested one by one at any time.

    Shapes:
        ``(networks, batch, in_size)`` to ``(networks * batch, out_size)``: samples must
        be rows already, so `Flatten` is left out.

    Raises:
        NNBookError: a kind of layer that cannot be stacked.
    """
    columns = zip(*(network.layers for network in networks), strict=True)
    layers = [_stacked(layers) for layers in columns if not isinstance(layers[0], Flatten)]
    return Sequential([*layers, Unstack()])


def _stacked(layers: Sequence[Any]) -> Layer:
    first = layers[0]
    together = copy(first)
    if isinstance(first, Linear):
        # Column by column in memory, as `Linear` makes them.
        weights = np.stack([layer.weight.data.T for layer in layers]).mT
        biases = np.stack([layer.bias.data[np.newaxis] for layer in layers])
        together.weight = Parameter(weights, name=getattr(first.weight, "name", "weight"))
        together.bias = Parameter(biases, name=getattr(first.bias, "name", "bias"))
        for number, layer in enumerate(layers):
            layer.weight.data = together.weight.data[number]
            layer.bias.data = together.bias.data[number, 0]
    elif isinstance(first, Dropout | BlockDropout | GaussianNoise | DropConnect):
        together.rng = Streams([layer.rng for layer in layers])
        if isinstance(first, DropConnect):
            together.linear = _stacked([layer.linear for layer in layers])
    elif not isinstance(first, ReLU):
        raise NNBookError(
            "a stack is made of Linear, ReLU, Dropout, BlockDropout, GaussianNoise and DropConnect "
            f"layers, got {first!r}"
        )
    return together  # type: ignore[no-any-return]


class StackedLoss(Loss):
    """The losses of all networks, added up, so that each gets the gradient of its own.

    Args:
        loss_fn: an average over rows. Over those of all networks it is their mean loss.
        networks: how many there are.
    """

    def __init__(self, loss_fn: Loss, networks: int) -> None:
        self.loss_fn = loss_fn
        self.networks = networks

    def loss(self, p: Tensor, y: Tensor) -> Tensor:
        return self.loss_fn(p, y) * float(self.networks)


class StackedDataset(Dataset):
    """The batches of several data sets side by side, each in its own order.

    Shapes:
        features ``(datasets, batch, values)``, labels ``(datasets * batch, classes)``.

    Raises:
        NNBookError: the data sets give batches of different number or size.
    """

    def __init__(self, datasets: Sequence[Dataset]) -> None:
        self.datasets = datasets
        super().__init__(datasets[0].batch_size)
        if len({(len(each), each.batch_size) for each in datasets}) != 1:
            raise NNBookError("data sets side by side need batches of one number and size")

    def load(self) -> None:
        first = self.datasets[0]  # it stands for all, where only the number is asked for
        self.train_features, self.train_labels = first.train_features, first.train_labels
        self.test_features, self.test_labels = first.test_features, first.test_labels

    def train(self) -> None:
        """Show the training half of all."""
        super().train()
        for dataset in self.datasets:
            dataset.train()

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """All batches, from the first: one epoch."""
        return map(_side_by_side, zip(*self.datasets, strict=True))


def _side_by_side(batches: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    x = np.array([features.data.reshape(len(features.data), -1) for features, _ in batches])
    y = np.concatenate([labels.data for _, labels in batches])
    x.flags.writeable = y.flags.writeable = False  # as all that a data set hands out
    return Tensor(x, constant=True), Tensor(y, constant=True)
