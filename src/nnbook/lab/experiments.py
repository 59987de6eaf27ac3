"""Experiments: the training of a run, or of a stack of them, and what is measured on the way."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from nnbook.activation import ReLU
from nnbook.dropout import Dropout
from nnbook.errors import NNBookError
from nnbook.lab.digits import CLASSES, Digits, digits
from nnbook.lab.probes import PROBES, SINCE_BEGINNING
from nnbook.lab.result import Result, TestCurve
from nnbook.lab.rivals import BlockDropout, DropConnect, GaussianNoise, RestrainedSGD
from nnbook.lab.runs import LOSSES, PARTS, Run
from nnbook.lab.stacks import StackedDataset, StackedLoss, stack
from nnbook.lab.traces import EARLY, FirstLosses, digest
from nnbook.layer import Flatten, Layer, Linear, Sequential
from nnbook.model import NNModel
from nnbook.rng import Generator


def build(described: Run, rng: Generator) -> Sequential:
    """Stack the network of a run; all its draws come from ``rng``, in the order of its layers."""

    def linear(in_size: int, out_size: int) -> Linear:
        return Linear(in_size, out_size, init=described.init, rng=rng, dtype=described.dtype)

    def dropout(rate: float) -> list[Layer]:
        return [Dropout(rate, inverted=described.inverted, rng=rng)] if rate else []

    layers: list[Layer] = [Flatten()]
    if described.input_block > 1:
        layers.append(BlockDropout(described.input_rate, described.input_block, rng=rng))
    else:
        layers += dropout(described.input_rate)
    layers += [linear(784, described.width), ReLU(), *dropout(described.rate)]
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


def beginnings(network: Sequential, described: Run) -> Callable[[int], None]:
    """What is to be done when an epoch begins: dropout is switched on or off, as a run says.

    After the last one it is on again: probes ask what masks do to the trained network.
    """
    rates = [(layer, layer.dropout_rate) for layer in network.layers if isinstance(layer, Dropout)]
    until = described.dropout_until or described.epochs

    def begin(epoch: int) -> None:
        on = described.dropout_from <= epoch <= until or epoch > described.epochs
        for layer, rate in rates:
            layer.dropout_rate = rate if on else 0.0

    return begin


class Trial:
    """A run on its way: its data, its model, and what was measured so far."""

    def __init__(self, described: Run, filename: Path) -> None:
        self.described = described
        self.dataset = Digits(described, filename)
        self.network = build(described, self._generator())
        learner = optimizer(described, self.network)
        self.model = NNModel(self.network, LOSSES[described.loss](), learner)
        self.measured: dict[str, list[tuple[float, float]]] = {part: [] for part in PARTS}
        self.early_weights = ""

    def measure(self, epoch: int) -> None:
        """Measure what is wanted after that epoch."""
        if epoch == EARLY:
            self.early_weights = digest(self.network)
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

    def _probe(self, name: str, dataset: Digits) -> list[float]:
        if name in SINCE_BEGINNING:
            # The same draws once more give the network as it began.
            begun = build(self.described, self._generator())
            return SINCE_BEGINNING[name](self.network, begun)
        rng = np.random.default_rng((self.described.seed, 3))
        return PROBES[name](self.network, dataset, rng)

    def _generator(self) -> Generator:
        generator: Generator = getattr(np.random, self.described.rng)(self.described.seed)
        return generator

    def result(self, first_losses: list[float]) -> Result:
        """The result, once the training is over.

        Args:
            first_losses: what `FirstLosses` has noted of this network.
        """
        weights = digest(self.network)
        dataset = self.view("test")
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
            probes={name: self._probe(name, dataset) for name in self.described.probes},
            first_losses=first_losses,
            early_weights=self.early_weights,
            weights=weights,
        )


def run(
    described: Run,
    filename: Path | None = None,
    *,
    progress: Callable[[int, "Trial"], None] = lambda epoch, trial: None,
) -> Result:
    """Train the network that is described and measure it.

    Args:
        described: the run.
        filename: the data, see `MNISTDataset`; those of the book, unless another is named.
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
    trial = Trial(described, filename or digits())
    first = FirstLosses(trial.model.loss_fn)
    model = NNModel(trial.network, first, trial.model.optimizer)
    begin = beginnings(trial.network, described)

    def measure(epoch: int, loss: float) -> None:
        trial.measure(epoch)
        progress(epoch, trial)
        begin(epoch + 1)

    begin(1)

    model.train(trial.dataset, described.epochs, progress=measure)
    return trial.result(first.noted[0])


def run_stack(described: Sequence[Run], filename: Path | None = None) -> list[Result]:
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
    trials = [Trial(each, filename or digits()) for each in described]
    network = stack([trial.network for trial in trials])
    begin = beginnings(network, described[0])

    def measure(epoch: int, loss: float) -> None:
        for trial in trials:
            trial.measure(epoch)
        begin(epoch + 1)

    begin(1)
    first = FirstLosses(trials[0].model.loss_fn, len(trials))
    loss_fn = StackedLoss(first, len(trials))
    model = NNModel(network, loss_fn, optimizer(described[0], network))
    dataset = StackedDataset([trial.dataset for trial in trials])
    model.train(dataset, described[0].epochs, progress=measure)
    return [trial.result(noted) for trial, noted in zip(trials, first.noted, strict=True)]
