"""The model: a network, a loss and an optimizer, brought together to learn."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from nnbook.dataset import Dataset
from nnbook.errors import DivergenceError, NNBookError
from nnbook.layer import Layer
from nnbook.loss import Loss
from nnbook.optimizer import Optimizer
from nnbook.tensor import Tensor

Progress = Callable[[int, float], None]
SLICE = 500  # samples that are evaluated at once


@dataclass
class History:
    """What a training went through, one entry an epoch.

    Attributes:
        losses: the mean of the batches' losses, in training mode.
        train_accuracies, test_accuracies: 0 to 1, in eval mode; empty unless
            asked for.
        train_losses, test_losses: over the whole half, in eval mode; empty
            unless asked for.
    """

    losses: list[float] = field(default_factory=list)
    train_accuracies: list[float] = field(default_factory=list)
    train_losses: list[float] = field(default_factory=list)
    test_accuracies: list[float] = field(default_factory=list)
    test_losses: list[float] = field(default_factory=list)


class Model(ABC):
    """A network with what it takes to train and test it.

    Args:
        layer: the network, often a `Sequential`.
        loss_fn: what training makes small.
        optimizer: what changes the network's parameters.
    """

    def __init__(self, layer: Layer, loss_fn: Loss, optimizer: Optimizer) -> None:
        self.layer = layer
        self.loss_fn = loss_fn
        self.optimizer = optimizer

    @abstractmethod
    def train(self, dataset: Dataset, epochs: int) -> History:
        """Train on the data set's training half, ``epochs`` times."""

    @abstractmethod
    def test(self, dataset: Dataset) -> tuple[Tensor, Tensor]:
        """Predict the data set's test half; give the predictions and their loss."""


class NNModel(Model):
    """A neural network, trained batch by batch.

    Example:
        >>> from nnbook import Flatten, Linear, MNISTDataset, MSELoss, Sequential, SGDOptimizer
        >>> digits = MNISTDataset("data/tinymnist.npz", batch_size=100)
        >>> network = Sequential([Flatten(), Linear(784, 10, rng=99)])
        >>> model = NNModel(network, MSELoss(), SGDOptimizer(network.parameters, lr=0.01))
        >>> history = model.train(digits, epochs=2)
        >>> history.losses[1] < history.losses[0]
        True
        >>> predictions, loss = model.test(digits)
        >>> digits.estimate(predictions) > 0.5
        True
    """

    def train(
        self,
        dataset: Dataset,
        epochs: int,
        *,
        evaluate: bool = False,
        progress: Progress | None = None,
    ) -> History:
        """Train on the data set's training half.

        Args:
            dataset: put in training mode, like the network.
            epochs: how many times the whole half is gone through, 0 or more.
            evaluate: after each epoch, measure both halves in eval mode.
            progress: called after each epoch with its number, from 1, and the
                mean loss of its batches.

        Returns:
            The history, one entry an epoch.

        Raises:
            NNBookError: a negative number of epochs, a half that does not fill a single
                batch, or data or first parameters that are not finite numbers.
            DivergenceError: the loss, or a parameter, is no longer a finite number.
        """
        if epochs < 0:
            raise NNBookError(f"epochs must be 0 or more, got {epochs}; write epochs=10")
        history = History()
        for epoch in range(epochs):
            self.layer.train()
            dataset.train()
            # An overflow on the way to NaN is reported once, by our own error.
            with np.errstate(over="ignore", invalid="ignore"):
                history.losses.append(self._train_epoch(dataset, epoch))
            if evaluate:
                self._evaluate(dataset, history)
            if progress is not None:
                progress(epoch + 1, history.losses[-1])
        return history

    def _train_epoch(self, dataset: Dataset, epoch: int) -> float:
        batches = len(dataset)
        if batches == 0:
            raise NNBookError(
                f"the {len(dataset.features)} training samples do not fill one batch of "
                f"{dataset.batch_size}; make batch_size smaller or write drop_last=False"
            )
        total = 0.0
        for batch, (features, labels) in enumerate(dataset):
            loss = self.loss_fn(self.layer(features), labels)
            value = float(loss.data)
            if not isfinite(value):
                self._refuse_what_is_no_number(features, labels, epoch, batch)
                raise self._divergence(f"the loss became {value}", epoch, batch)
            self.optimizer.reset()
            loss.backward()
            self.optimizer.step()
            total += value
        # A last step that went wrong is seen in no loss of this epoch.
        if not self._parameters_are_finite():
            raise self._divergence("a parameter is no longer finite", epoch, batches - 1)
        return total / batches

    def _refuse_what_is_no_number(
        self, features: Tensor, labels: Tensor, epoch: int, batch: int
    ) -> None:
        """For a loss that is not finite, look whether something else than ``lr`` is at fault."""
        where = f"epoch {epoch + 1}, batch {batch + 1}"
        for name, tensor in (("features", features), ("labels", labels)):
            if not np.isfinite(tensor.data).all():
                raise NNBookError(
                    f"the {name} of {where} hold NaN or infinite values; "
                    "clean the data: numpy.isfinite finds them"
                )
        if epoch == batch == 0 and not self._parameters_are_finite():
            raise NNBookError(
                f"a parameter holds NaN or infinite values before the first step, in {where}; "
                "look at how the network was made or loaded"
            )

    def _parameters_are_finite(self) -> bool:
        return all(np.isfinite(tensor.data).all() for tensor in self.optimizer.parameters)

    def _divergence(self, what: str, epoch: int, batch: int) -> DivergenceError:
        return DivergenceError(
            f"{what} in epoch {epoch + 1}, batch {batch + 1}, at lr={self.optimizer.lr}; "
            "make lr ten times smaller"
        )

    def _evaluate(self, dataset: Dataset, history: History) -> None:
        for show, accuracies, losses in (
            (dataset.train, history.train_accuracies, history.train_losses),
            (dataset.eval, history.test_accuracies, history.test_losses),
        ):
            show()
            accuracy, loss = self.measure(dataset)
            accuracies.append(accuracy)
            losses.append(loss)

    def measure(self, dataset: Dataset) -> tuple[float, float]:
        """Accuracy, 0 to 1, and loss on the half in view, with the network in eval mode.

        Example:
            >>> from nnbook import Flatten, Linear, MNISTDataset, MSELoss, SGDOptimizer, Sequential
            >>> digits = MNISTDataset("data/tinymnist.npz")
            >>> network = Sequential([Flatten(), Linear(784, 10, rng=99)])
            >>> model = NNModel(network, MSELoss(), SGDOptimizer(network.parameters, lr=0.01))
            >>> accuracy, loss = model.measure(digits)
            >>> accuracy < 0.2
            True
        """
        self.layer.eval()
        predictions, labels = self._predict(dataset)
        return dataset.estimate(predictions), float(self.loss_fn(predictions, labels).data)

    def test(self, dataset: Dataset) -> tuple[Tensor, Tensor]:
        """Predict the data set's test half.

        Args:
            dataset: put in eval mode, like the network.

        Returns:
            The predictions ``(n, classes)`` and their loss, a single number.
        """
        self.layer.eval()
        dataset.eval()
        predictions, labels = self._predict(dataset)
        # Without the graph, which leads nowhere and could not be copied or pickled.
        return predictions, Tensor(self.loss_fn(predictions, labels).data)

    def _predict(self, dataset: Dataset) -> tuple[Tensor, Tensor]:
        """The network's answers for the half in view, and the labels.

        In slices, so that memory is needed for one of them and not for the half.
        """
        features, labels = dataset.items()
        slices = [
            self.layer(Tensor(features.data[start : start + SLICE], constant=True)).data
            for start in range(0, len(features.data), SLICE)
        ]
        return Tensor(np.concatenate(slices)), labels
