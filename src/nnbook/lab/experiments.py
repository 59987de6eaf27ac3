"""Experiments: one frozen description of a run, one result."""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from nnbook.activation import ReLU
from nnbook.dropout import Dropout
from nnbook.errors import NNBookError
from nnbook.lab.probes import PROBES
from nnbook.lab.rivals import DropConnect, GaussianNoise, RestrainedSGD
from nnbook.lab.stacks import StackedDataset, StackedLoss, stack
from nnbook.layer import Flatten, Layer, Linear, Sequential
from nnbook.loss import CrossEntropyLoss, Loss, MSELoss
from nnbook.mnist import MNISTDataset
from nnbook.model import NNModel
from nnbook.rng import Generator
from nnbook.tensor import Array

DATA = Path(__file__).parents[3] / "data" / "tinymnist.npz"
CLASSES = 10
PARTS = ("train", "validation", "test")
MARK_SIZE = 2  # pixels
Part = tuple[Array, Array]  # features and labels
LOSSES: dict[str, type[Loss]] = {"mse": MSELoss, "cross-entropy": CrossEntropyLoss}


@dataclass(frozen=True)
class Run:
    """Everything that decides the result of a run. The defaults are the published run.

    Attributes:
        seed: of weights, masks, order of images, wrong labels and the split.
        epochs, batch_size, lr, shuffle: of the training.
        width: hidden neurons.
        init: see `Linear`.
        loss: ``"mse"`` or ``"cross-entropy"``.
        input_rate: dropout rate on the pixels; 0 leaves the layer out.
        rate: dropout rate on the hidden neurons; 0 leaves the layer out.
        inverted: see `Dropout`.
        gaussian: strength of the `rivals.GaussianNoise` on the hidden neurons, as a rate.
        dropconnect: rate at which `rivals.DropConnect` strikes out weights of the last layer.
        weight_decay, max_norm: see `rivals.RestrainedSGD`; 0 leaves each out.
        resplit: draw which images are for training and which for testing anew from all
            images for each seed, with equally many of each digit. Otherwise the split is
            the one of the file.
        training_images: how many of the training images are used, from the first.
        validation_images: how many are held out of the rest of the training images, from
            the last, to choose by.
        wrong_labels: share of the training labels that is drawn anew at random.
        marked: stamp a mark on every image that gives the answer away; on the test images
            alone it is the mark of another digit.
        dtype: ``"float64"`` or ``"float32"``.
        rng: where weights and masks come from: ``"RandomState"``, which gives what a
            plain script draws after ``numpy.random.seed``, or ``"default_rng"``, NumPy's
            newer and faster generator.
        curves: the parts, ``"train"``, ``"validation"`` and ``"test"``, that are measured
            after each epoch. One that is left out is measured after the last epoch alone, which
            saves up to half of the time of a run.
        probes: what is measured on the trained network, names from `PROBES`.

    Raises:
        NNBookError: an unknown loss, generator, part or probe, or a share outside 0 to 1.

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
    gaussian: float = 0.0
    dropconnect: float = 0.0
    weight_decay: float = 0.0
    max_norm: float = 0.0
    resplit: bool = False
    training_images: int = 4000
    validation_images: int = 0
    wrong_labels: float = 0.0
    marked: bool = False
    dtype: str = "float64"
    rng: str = "RandomState"
    curves: tuple[str, ...] = ("train", "test")
    probes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.type is float:  # 0 and 0.0 describe one run, under one name in the store
                object.__setattr__(self, each.name, float(getattr(self, each.name)))
        if self.loss not in LOSSES:
            raise NNBookError(f"loss must be one of {', '.join(LOSSES)}, got {self.loss!r}")
        if self.rng not in ("RandomState", "default_rng"):
            raise NNBookError(f"rng must be RandomState or default_rng, got {self.rng!r}")
        if not set(self.curves) <= set(PARTS):
            raise NNBookError(f"curves must be among {', '.join(PARTS)}, got {self.curves}")
        if "validation" in self.curves and not self.validation_images:
            raise NNBookError("a validation curve needs images: write validation_images=500")
        if not set(self.probes) <= set(PROBES):
            raise NNBookError(f"probes must be among {', '.join(PROBES)}, got {self.probes}")
        if not 0 <= self.wrong_labels <= 1:
            raise NNBookError(f"wrong_labels must lie in 0 to 1, got {self.wrong_labels}")


class TestCurve(tuple[float, ...]):
    """What was measured on the test images after each epoch; it shows no best epoch.

    The best of a hundred noisy epochs is good luck, and more of it for one arm than for
    another. So an epoch is named beforehand, or chosen on validation images, and its entry
    is read by its index; whatever could pick one by looking at all of them is refused.

    Raises:
        NNBookError: somebody goes through the entries, as ``max`` or ``numpy.array`` do.

    Example:
        >>> TestCurve((0.5, 0.7, 0.6))[-1]
        0.6
    """

    __test__ = False  # no class of tests, whatever pytest makes of its name
    __slots__ = ()

    def __iter__(self) -> Iterator[float]:
        _refuse_to_choose()

    def __array__(self, *_: object, **__: object) -> Array:
        _refuse_to_choose()

    @overload
    def __getitem__(self, epoch: SupportsIndex, /) -> float: ...
    @overload
    def __getitem__(self, epoch: slice, /) -> "TestCurve": ...
    def __getitem__(self, epoch: Any, /) -> Any:
        found = super().__getitem__(epoch)
        return TestCurve(found) if isinstance(epoch, slice) else found

    def to_draw(self) -> list[float]:
        """All entries, for a figure and for nothing else."""
        return [self[epoch] for epoch in range(len(self))]


def _refuse_to_choose() -> NoReturn:
    raise NNBookError(
        "a curve over the test images gives no best epoch: name the epoch beforehand, or choose "
        'it on validation images, with curves("validation").best_epochs()'
    )


@dataclass(frozen=True)
class Result:
    """What a run gave. Accuracies are shares from 0 to 1, measured in eval mode.

    Attributes:
        accuracy, loss: on the test images, after the last epoch.
        train_accuracies, train_losses, validation_accuracies, validation_losses,
            test_accuracies, test_losses: after each epoch, or after the last one alone,
            see ``curves`` of `Run`; those of validation are empty without such images.
        probes: what each probe measured.
    """

    accuracy: float
    loss: float
    train_accuracies: list[float]
    train_losses: list[float]
    validation_accuracies: list[float]
    validation_losses: list[float]
    test_accuracies: TestCurve
    test_losses: TestCurve
    probes: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("test_accuracies", "test_losses"):  # plain lists, out of the store
            if not isinstance(curve := getattr(self, name), TestCurve):
                object.__setattr__(self, name, TestCurve(curve))

    def to_store(self) -> dict[str, Any]:
        """The same as lists and numbers."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: value.to_draw() if isinstance(value, TestCurve) else value
            for name, value in values.items()
        }


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
        described = self.described
        training = whole.train_features, whole.train_labels
        testing = whole.test_features, whole.test_labels
        if described.resplit:
            training, testing = _resplit(training, testing, described.seed)
        (features, labels), (self.test_features, self.test_labels) = training, testing
        count, held = described.training_images, described.validation_images
        if not 0 < count <= len(features):
            raise NNBookError(f"training_images must lie in 1 to {len(features)}, got {count}")
        if not 0 <= held <= len(features) - count:
            raise NNBookError(
                f"validation_images must lie in 0 to {len(features) - count}, which is what "
                f"{count} training images leave, got {held}"
            )
        rest = len(features) - held
        self.validation_features, self.validation_labels = features[rest:], labels[rest:]
        self.train_features, self.train_labels = features[:count], labels[:count].copy()
        rng = np.random.default_rng((described.seed, 2))
        wrong = rng.random(count) < described.wrong_labels
        drawn = np.eye(CLASSES, dtype=self.dtype)[rng.integers(CLASSES, size=count)]
        self.train_labels[wrong] = drawn[wrong]
        if described.marked:
            self._mark()

    def _mark(self) -> None:
        rng = np.random.default_rng((self.described.seed, 4))
        self.train_features = marked(self.train_features, self.train_labels.argmax(axis=1))
        seen = self.validation_labels.argmax(axis=1)
        self.validation_features = marked(self.validation_features, seen)
        digits = self.test_labels.argmax(axis=1)
        others = (digits + rng.integers(1, CLASSES, size=len(digits))) % CLASSES
        self.test_features = marked(self.test_features, others)

    def validation(self) -> "Digits":
        """The same data set with its validation images in view, as if they were for testing."""
        held = copy(self)
        held.test_features, held.test_labels = self.validation_features, self.validation_labels
        held.eval()
        return held


def _resplit(training: Part, testing: Part, seed: int) -> tuple[Part, Part]:
    """All images, drawn anew into as many for testing of each digit as before, and the rest.

    Any first images for training hold equally many of each digit, to within one.
    """
    features = np.concatenate([training[0], testing[0]])
    labels = np.concatenate([training[1], testing[1]])
    rng = np.random.default_rng((seed, 0))
    digits = labels.argmax(axis=1)
    of_each = [rng.permutation(np.flatnonzero(digits == digit)) for digit in range(CLASSES)]
    counts = np.bincount(testing[1].argmax(axis=1), minlength=CLASSES)
    tested = np.concatenate([rows[:count] for rows, count in zip(of_each, counts, strict=True)])
    # Sorted by how many of its digit come before each, at random among equals.
    left = [rows[count:] for rows, count in zip(of_each, counts, strict=True)]
    places = np.concatenate([np.arange(len(rows)) for rows in left])
    learned = np.concatenate(left)[np.lexsort((rng.random(len(places)), places))]
    return (features[learned], labels[learned]), (features[tested], labels[tested])


def marked(features: Array, digits: npt.NDArray[np.intp]) -> Array:
    """Copies of images with a small square in the blank row at the top, whose place tells a digit.

    Args:
        features: ``(n, 1, 28, 28)``.
        digits: ``(n,)``, the digit that each mark stands for.

    Example:
        >>> marked(np.zeros((1, 1, 28, 28)), np.array([2]))[0, 0, 0, 4:10]
        array([0., 1., 1., 0., 0., 0.])
    """
    stamped = features.copy()
    for image, digit in zip(stamped, digits, strict=True):
        left = int(digit) * (image.shape[-1] - MARK_SIZE) // (CLASSES - 1)
        image[0, :MARK_SIZE, left : left + MARK_SIZE] = 1
    return stamped


def build(described: Run, rng: Generator) -> Sequential:
    """Stack the network of a run; all its draws come from ``rng``, in the order of its layers."""

    def linear(in_size: int, out_size: int) -> Linear:
        return Linear(in_size, out_size, init=described.init, rng=rng, dtype=described.dtype)

    def dropout(rate: float) -> list[Layer]:
        return [Dropout(rate, inverted=described.inverted, rng=rng)] if rate else []

    layers = [Flatten(), *dropout(described.input_rate), linear(784, described.width), ReLU()]
    layers += dropout(described.rate)
    if described.gaussian:
        layers.append(GaussianNoise(described.gaussian, rng=rng))
    last = linear(described.width, CLASSES)
    layers.append(
        DropConnect(last, described.dropconnect, rng=rng) if described.dropconnect else last
    )
    return Sequential(layers)


def optimizer(described: Run, network: Sequential) -> RestrainedSGD:
    """The optimizer of a run, for a network or a stack of them."""
    return RestrainedSGD(
        network.parameters,
        described.lr,
        weight_decay=described.weight_decay,
        max_norm=described.max_norm,
    )


class Trial:
    """A run on its way: its data, its model, and what was measured so far."""

    def __init__(self, described: Run, filename: Path) -> None:
        self.described = described
        self.dataset = Digits(described, filename)
        self.network = build(described, getattr(np.random, described.rng)(described.seed))
        learner = optimizer(described, self.network)
        self.model = NNModel(self.network, LOSSES[described.loss](), learner)
        self.measured: dict[str, list[tuple[float, float]]] = {part: [] for part in PARTS}

    def measure(self, epoch: int) -> None:
        """Measure what is wanted after that epoch."""
        for part in PARTS:
            if part == "validation" and not self.described.validation_images:
                continue
            if part in self.described.curves or epoch == self.described.epochs:
                self.measured[part].append(self.model.measure(self.view(part)))

    def view(self, part: str) -> Digits:
        """The data set with that part in view."""
        if part == "validation":
            return self.dataset.validation()
        self.dataset.train() if part == "train" else self.dataset.eval()
        return self.dataset

    def result(self) -> Result:
        """The result, once the training is over."""
        dataset, seed = self.view("test"), self.described.seed
        accuracy, loss = self.model.measure(dataset)
        curves = {part: list(zip(*found, strict=True)) for part, found in self.measured.items()}
        (train, validation, test) = (curves[part] or ((), ()) for part in PARTS)
        return Result(
            accuracy=accuracy,
            loss=loss,
            train_accuracies=list(train[0]),
            train_losses=list(train[1]),
            validation_accuracies=list(validation[0]),
            validation_losses=list(validation[1]),
            test_accuracies=TestCurve(test[0]),
            test_losses=TestCurve(test[1]),
            probes={
                name: PROBES[name](self.network, dataset, np.random.default_rng((seed, 3)))
                for name in self.described.probes
            },
        )


def run(
    described: Run,
    filename: Path = DATA,
    *,
    progress: Callable[[int, "Trial"], None] = lambda epoch, trial: None,
) -> Result:
    """Train the network that is described and measure it.

    Args:
        described: the run.
        filename: the data, see `MNISTDataset`.
        progress: told after each epoch of its number, from 1, and of what was measured.

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

    def measure(epoch: int, loss: float) -> None:
        trial.measure(epoch)
        progress(epoch, trial)

    trial.model.train(trial.dataset, described.epochs, progress=measure)
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
    model = NNModel(network, loss_fn, optimizer(described[0], network))
    dataset = StackedDataset([trial.dataset for trial in trials])
    model.train(dataset, described[0].epochs, progress=measure)
    return [trial.result() for trial in trials]
