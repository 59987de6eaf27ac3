"""Experiments: one frozen description of a run, one result."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nnbook.activation import ReLU
from nnbook.dropout import Dropout
from nnbook.errors import NNBookError
from nnbook.lab.probes import PROBES
from nnbook.layer import Flatten, Layer, Linear, Sequential
from nnbook.loss import CrossEntropyLoss, Loss, MSELoss
from nnbook.mnist import MNISTDataset
from nnbook.model import NNModel
from nnbook.optimizer import SGDOptimizer
from nnbook.rng import Generator

DATA = Path(__file__).parents[3] / "data" / "tinymnist.npz"
CLASSES = 10
LOSSES: dict[str, type[Loss]] = {"mse": MSELoss, "cross-entropy": CrossEntropyLoss}


@dataclass(frozen=True)
class Run:
    """Everything that decides the result of a run. The defaults are the published run.

    Attributes:
        seed: of weights, masks, order of images and wrong labels.
        epochs, batch_size, lr, shuffle: of the training.
        width: hidden neurons.
        init: see `Linear`.
        loss: ``"mse"`` or ``"cross-entropy"``.
        input_rate: dropout rate on the pixels; 0 leaves the layer out.
        rate: dropout rate on the hidden neurons; 0 leaves the layer out.
        inverted: see `Dropout`.
        training_images: how many of the training images are used, from the first.
        wrong_labels: share of the training labels that is drawn anew at random.
        dtype: ``"float64"`` or ``"float32"``.
        probes: what is measured on the trained network, names from `PROBES`.

    Raises:
        NNBookError: an unknown loss or probe, or a share outside 0 to 1.

    Example:
        >>> Run(epochs=3).seed
        99
    """

    seed: int = 99
    epochs: int = 10
    batch_size: int = 2
    lr: float = 0.01
    shuffle: bool = False
    width: int = 64
    init: str = "uniform"
    loss: str = "mse"
    input_rate: float = 0.0
    rate: float = 0.2
    inverted: bool = False
    training_images: int = 4000
    wrong_labels: float = 0.0
    dtype: str = "float64"
    probes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise NNBookError(f"loss must be one of {', '.join(LOSSES)}, got {self.loss!r}")
        if not set(self.probes) <= set(PROBES):
            raise NNBookError(f"probes must be among {', '.join(PROBES)}, got {self.probes}")
        if not 0 <= self.wrong_labels <= 1:
            raise NNBookError(f"wrong_labels must lie in 0 to 1, got {self.wrong_labels}")


@dataclass(frozen=True)
class Result:
    """What a run gave. Accuracies are shares from 0 to 1, measured in eval mode.

    Attributes:
        accuracy, loss: on the test images, after the last epoch.
        train_accuracies, train_losses, test_accuracies, test_losses: after each epoch.
        probes: what each probe measured.
    """

    accuracy: float
    loss: float
    train_accuracies: list[float]
    train_losses: list[float]
    test_accuracies: list[float]
    test_losses: list[float]
    probes: dict[str, list[float]] = field(default_factory=dict)


class Digits(MNISTDataset):
    """The book's digits, as a `Run` describes them."""

    def __init__(self, described: Run, filename: Path = DATA) -> None:
        self.described = described
        # A stream apart: with and without dropout, the batches must be the same ones.
        super().__init__(
            filename,
            described.batch_size,
            shuffle=described.shuffle,
            rng=np.random.default_rng((described.seed, 1)),
            dtype=described.dtype,
        )

    def load(self) -> None:
        super().load()
        count = self.described.training_images
        if not 0 < count <= len(self.train_features):
            raise NNBookError(
                f"training_images must lie in 1 to {len(self.train_features)}, got {count}"
            )
        self.train_features = self.train_features[:count]
        self.train_labels = self.train_labels[:count].copy()
        rng = np.random.default_rng((self.described.seed, 2))
        wrong = rng.random(count) < self.described.wrong_labels
        drawn = np.eye(CLASSES, dtype=self.dtype)[rng.integers(CLASSES, size=count)]
        self.train_labels[wrong] = drawn[wrong]


def build(described: Run, rng: Generator) -> Sequential:
    """Stack the network of a run; all its draws come from ``rng``, in the order of its layers."""

    def linear(in_size: int, out_size: int) -> Linear:
        return Linear(in_size, out_size, init=described.init, rng=rng, dtype=described.dtype)

    def dropout(rate: float) -> list[Layer]:
        return [Dropout(rate, inverted=described.inverted, rng=rng)] if rate else []

    layers = [Flatten(), *dropout(described.input_rate), linear(784, described.width), ReLU()]
    layers += [*dropout(described.rate), linear(described.width, CLASSES)]
    return Sequential(layers)


def run(described: Run, filename: Path = DATA) -> Result:
    """Train the network that is described and measure it.

    Args:
        described: the run.
        filename: the data, see `MNISTDataset`.

    Returns:
        Its result; the same description gives the same result.

    Raises:
        NNBookError: the description asks for something that is not there.

    Example:
        >>> result = run(Run(epochs=1, training_images=1000))
        >>> len(result.test_accuracies)
        1
    """
    dataset = Digits(described, filename)
    network = build(described, np.random.RandomState(described.seed))
    loss_fn = LOSSES[described.loss]()
    model = NNModel(network, loss_fn, SGDOptimizer(network.parameters, described.lr))
    history = model.train(dataset, described.epochs, evaluate=True)
    predictions, loss = model.test(dataset)
    return Result(
        accuracy=dataset.estimate(predictions),
        loss=float(loss.data),
        train_accuracies=history.train_accuracies,
        train_losses=history.train_losses,
        test_accuracies=history.test_accuracies,
        test_losses=history.test_losses,
        probes={
            name: PROBES[name](network, dataset, np.random.default_rng((described.seed, 3)))
            for name in described.probes
        },
    )
