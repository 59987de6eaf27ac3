"""One training step: against the hand-written limit, the naive script, and other libraries."""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from benchmarks.fused import fused
from benchmarks.peers import installed
from benchmarks.plain import plain
from benchmarks.tables import Table
from benchmarks.timing import Spread, interleaved, ratio
from nnbook import (
    Dataset,
    Dropout,
    Flatten,
    Linear,
    MNISTDataset,
    MSELoss,
    NNModel,
    ReLU,
    Sequential,
    SGDOptimizer,
)
from nnbook.arrays import frozen
from nnbook.lab.digits import DATA

Array = npt.NDArray[np.floating]
# Batch, hidden width, steps a round.
SIZES = ((2, 64, 500), (32, 64, 60), (256, 64, 12), (256, 1024, 4))
DTYPES = ("float64", "float32")


class Given(Dataset):
    """A data set of arrays that are at hand, and that nobody writes to, as `MNISTDataset`'s."""

    def __init__(self, features: Array, labels: Array, batch: int) -> None:
        self.given = features, labels
        super().__init__(batch)

    def load(self) -> None:
        self.train_features, self.train_labels = self.given
        self.test_features, self.test_labels = self.given


def library(
    features: Array, labels: Array, batch: int, width: int, dtype: npt.DTypeLike
) -> Callable[[int], None]:
    """A function that takes ``n`` steps as a reader takes them, with `NNModel.train`."""
    layers = [Flatten(), Linear(784, width, rng=0, dtype=dtype), ReLU(), Dropout(0.2, rng=1)]
    network = Sequential([*layers, Linear(width, 10, rng=2, dtype=dtype)])
    model = NNModel(network, MSELoss(), SGDOptimizer(network.parameters, lr=0.01))

    features, labels = frozen(features), frozen(labels)

    def run(steps: int) -> None:
        model.train(Given(features[: steps * batch], labels[: steps * batch], batch), 1)

    return run


def digits(dtype: str) -> tuple[Array, Array]:
    """The training half, one row an image."""
    dataset = MNISTDataset(DATA, dtype=dtype)
    return dataset.features.reshape(len(dataset.features), -1), dataset.labels


def measure(rounds: int) -> Table:
    """Steps of all sizes, everybody in turns."""
    here, versions, missing = installed()
    table = Table(
        "steps",
        "One training step (784-64-10, ReLU, dropout 0.2, MSE, SGD; one thread)",
        ["batch", "width", "dtype", "× fused", "plain ÷", *(f"{name} ÷" for name in here), "µs"],
        notes=[
            "× fused: the library's time over the hand-written loop's; … ÷: theirs over ours.",
            *([f"With {', '.join(versions)}."] if versions else []),
            *([f"Not installed: {', '.join(missing)} (extra peers)."] if missing else []),
        ],
    )
    for batch, width, most in SIZES:
        for dtype in DTYPES:
            x, y = digits(dtype)
            steps = min(most, len(x) // batch)
            x, y = x[: steps * batch], y[: steps * batch]
            runs = {
                "library": library(x, y, batch, width, dtype),
                "fused": fused(x, y, batch, width, dtype),
                "plain": plain(x, y, batch, width, dtype),
            } | {name: contestant(x, y, batch, width) for name, contestant in here.items()}
            seconds = interleaved({name: partial(run, steps) for name, run in runs.items()}, rounds)
            own = seconds["library"]
            table.rows.append(
                [
                    str(batch),
                    str(width),
                    dtype,
                    ratio(own, seconds["fused"]),
                    ratio(seconds["plain"], own),
                    *(ratio(seconds[name], own) for name in here),
                    Spread.of([second / steps * 1e6 for second in own]),
                ]
            )
    return table
