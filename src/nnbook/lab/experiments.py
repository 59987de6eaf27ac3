"""Experiments: one frozen description of a run, one result."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from nnbook.activation import ReLU
from nnbook.dropout import Dropout
from nnbook.errors import NNBookError
from nnbook.lab.probes import PROBES
from nnbook.lab.stacks import StackedDataset, StackedLoss, stack
from nnbook.layer import Flatten, Layer, Linear, Sequential
from nnbook.loss import CrossEntropyLoss, Loss, MSELoss
from nnbook.mnist import MNISTDataset
from nnbook.model import History, NNModel
from nnbook.optimizer import SGDOptimizer
from nnbook.rng import Generator

DATA = Path(__file__).parents[3] / "data" / "tinymnist.npz"
CLASSES = 10
HALVES = ("train", "test")
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
        rng: where weights and masks come from: ``"RandomState"``, which gives what a
            plain script draws after ``numpy.random.seed``, or ``"default_rng"``, NumPy's
            newer and faster generator.
        curves: the halves, ``"train"`` and ``"test"``, that are measured after each
            epoch. One that is left out is measured after the last epoch alone, which
            saves up to half of the time of a run.
        probes: what is measured on the trained network, names from `PROBES`.

    Raises:
        NNBookError: an unknown loss, generator, half or probe, or a share outside 0 to 1.

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
    rng: str = "RandomState"
    curves: tuple[str, ...] = HALVES
    probes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.type is float:  # 0 and 0.0 describe one run, under one name in the store
                object.__setattr__(self, each.name, float(getattr(self, each.name)))
        if self.loss not in LOSSES:
            raise NNBookError(f"loss must be one of {', '.join(LOSSES)}, got {self.loss!r}")
        if self.rng not in ("RandomState", "default_rng"):
            raise NNBookError(f"rng must be RandomState or default_rng, got {self.rng!r}")
        if not set(self.curves) <= set(HALVES):
            raise NNBookError(f"curves must be among {', '.join(HALVES)}, got {self.curves}")
        if not set(self.probes) <= set(PROBES):
            raise NNBookError(f"probes must be among {', '.join(PROBES)}, got {self.probes}")
        if not 0 <= self.wrong_labels <= 1:
            raise NNBookError(f"wrong_labels must lie in 0 to 1, got {self.wrong_labels}")


@dataclass(frozen=True)
class Result:
    """What a run gave. Accuracies are shares from 0 to 1, measured in eval mode.

    Attributes:
        accuracy, loss: on the test images, after the last epoch.
        train_accuracies, train_losses, test_accuracies, test_losses: after each epoch,
            or after the last one alone, see ``curves`` of `Run`.
        probes: what each probe measured.
    """

    accuracy: float
    loss: float
    train_accuracies: list[float]
    train_losses: list[float]
    test_accuracies: list[float]
    test_losses: list[float]
    probes: dict[str, list[float]] = field(default_factory=dict)


@lru_cache(maxsize=2)
def _read(filename: Path, dtype: str, modified: int) -> MNISTDataset:
    """The file as it is, read once for all runs of a stack."""
    return MNISTDataset(filename, dtype=dtype)


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
        path = Path(self.filename)
        modified = path.stat().st_mtime_ns if path.is_file() else 0
        whole = _read(path, self.dtype.name, modified)
        self.train_features, self.train_labels = whole.train_features, whole.train_labels
        self.test_features, self.test_labels = whole.test_features, whole.test_labels
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


class Trial:
    """A run on its way: its data, its model, and what was measured so far."""

    def __init__(self, described: Run, filename: Path) -> None:
        self.described = described
        self.dataset = Digits(described, filename)
        self.network = build(described, getattr(np.random, described.rng)(described.seed))
        optimizer = SGDOptimizer(self.network.parameters, described.lr)
        self.model = NNModel(self.network, LOSSES[described.loss](), optimizer)
        self.history = History()

    def measure(self, epoch: int) -> None:
        """Measure what is wanted after that epoch."""
        history = self.history
        for half, show, accuracies, losses in (
            ("train", self.dataset.train, history.train_accuracies, history.train_losses),
            ("test", self.dataset.eval, history.test_accuracies, history.test_losses),
        ):
            if half in self.described.curves or epoch == self.described.epochs:
                show()
                accuracy, loss = self.model.measure(self.dataset)
                accuracies.append(accuracy)
                losses.append(loss)

    def result(self) -> Result:
        """The result, once the training is over."""
        dataset, seed = self.dataset, self.described.seed
        dataset.eval()
        accuracy, loss = self.model.measure(dataset)
        return Result(
            accuracy=accuracy,
            loss=loss,
            train_accuracies=self.history.train_accuracies,
            train_losses=self.history.train_losses,
            test_accuracies=self.history.test_accuracies,
            test_losses=self.history.test_losses,
            probes={
                name: PROBES[name](self.network, dataset, np.random.default_rng((seed, 3)))
                for name in self.described.probes
            },
        )


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
    trial = Trial(described, filename)
    trial.model.train(
        trial.dataset, described.epochs, progress=lambda epoch, _: trial.measure(epoch)
    )
    return trial.result()


def run_stack(described: Sequence[Run], filename: Path = DATA) -> list[Result]:
    """`run` for runs that differ in nothing but their seeds, trained as one stack.

    Each gives the same bits as when it runs alone; together they take less time, since
    what Python does in a step is done once for all of them.

    Raises:
        NNBookError: they differ in more than their seeds, or as for `run`.

    Example:
        >>> runs = [Run(seed=seed, epochs=1, training_images=100) for seed in (0, 1)]
        >>> run_stack(runs) == [run(each) for each in runs]
        True
    """
    if len({replace(each, seed=0) for each in described}) != 1:
        raise NNBookError("a stack takes runs that differ in nothing but their seeds")
    trials = [Trial(each, filename) for each in described]

    def measure(epoch: int, loss: float) -> None:
        for trial in trials:
            trial.measure(epoch)

    network = stack([trial.network for trial in trials])
    loss_fn = StackedLoss(trials[0].model.loss_fn, len(trials))
    model = NNModel(network, loss_fn, SGDOptimizer(network.parameters, described[0].lr))
    dataset = StackedDataset([trial.dataset for trial in trials])
    model.train(dataset, described[0].epochs, progress=measure)
    return [trial.result() for trial in trials]
