"""Data sets: batches for training, and a half kept apart for testing."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from copy import copy
from operator import index as as_index

import numpy as np
import numpy.typing as npt

from nnbook.arrays import Array, as_floats, frozen, read_only
from nnbook.errors import NNBookError
from nnbook.rng import RandomSource, as_rng
from nnbook.tensor import Tensor


class Dataset(ABC):
    """Samples with their labels, in a training half and a test half.

    A subclass writes `load`. A fresh data set is in training mode; `train` and
    `eval` choose the half that everything else shows. Tensors that it hands out
    are constant and read-only.

    Args:
        batch_size: samples per batch, 1 or more.
        drop_last: leave out the remainder that does not fill a batch.
        shuffle: draw the training half in a new order each time an iteration
            over it begins. The test half keeps its order.
        rng: where the order comes from.

    Attributes:
        training: whether the training half is in view.
        order: in which the training half is gone through, drawn when an iteration
            begins; ``None`` without ``shuffle``.
        train_features, train_labels, test_features, test_labels: what `load`
            sets: arrays of floats, samples along the first axis, labels one-hot.

    Raises:
        NNBookError: a batch size below 1, an empty half, or features and labels
            of different length.

    Example:
        >>> class Points(Dataset):
        ...     def load(self):
        ...         self.train_features = np.array([[0.0], [1.0], [2.0]])
        ...         self.train_labels = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
        ...         self.test_features = np.array([[3.0]])
        ...         self.test_labels = np.array([[0.0, 1.0]])
        >>> points = Points(batch_size=2)
        >>> len(points), points.shape()
        (1, (1, 2))
        >>> points[0][0]
        Tensor([[0.]
         [1.]])
        >>> points.eval()
        >>> points.features
        array([[3.]])
    """

    train_features: Array
    train_labels: Array
    test_features: Array
    test_labels: Array

    def __init__(
        self,
        batch_size: int = 1,
        *,
        drop_last: bool = True,
        shuffle: bool = False,
        rng: RandomSource = None,
    ) -> None:
        if batch_size < 1:
            raise NNBookError(f"batch_size must be 1 or more, got {batch_size}; write batch_size=2")
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.shuffle = shuffle
        self.rng = as_rng(rng, "Dataset")
        self.training = True
        self.order: npt.NDArray[np.intp] | None = None
        self.load()
        for half in ("train", "test"):
            features, labels = getattr(self, f"{half}_features"), getattr(self, f"{half}_labels")
            if len(features) != len(labels):
                raise NNBookError(
                    f"{half}_features has {len(features)} samples and {half}_labels {len(labels)}; "
                    "load() must set one label for each sample"
                )
            if len(features) == 0:
                raise NNBookError(f"the {half} half is empty; load() must set at least one sample")

    @abstractmethod
    def load(self) -> None:
        """Set the four arrays. Called once, when the data set is made."""

    def train(self) -> None:
        """Show the training half."""
        self.training = True

    def eval(self) -> None:
        """Show the test half."""
        self.training = False

    @property
    def features(self) -> Array:
        """The features of the half in view, in their own order."""
        return self.train_features if self.training else self.test_features

    @property
    def labels(self) -> Array:
        """The labels of the half in view, in their own order."""
        return self.train_labels if self.training else self.test_labels

    def shape(self) -> tuple[int, int]:
        """Values per feature and values per label."""
        return Tensor(self.features).size, Tensor(self.labels).size

    def items(self) -> tuple[Tensor, Tensor]:
        """The whole half in view: its features and its labels."""
        return _constant(self.features), _constant(self.labels)

    def __len__(self) -> int:
        """The number of batches in the half in view."""
        full, remainder = divmod(len(self.features), self.batch_size)
        return full + (remainder > 0 and not self.drop_last)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Batch ``index`` of the half in view.

        Raises:
            IndexError: there is no such batch.
            TypeError: ``index`` is no whole number.
        """
        try:
            index = as_index(index)
        except TypeError as error:
            raise TypeError(
                f"a batch has a whole number, got {index!r}; write dataset[0] for the first "
                "batch, and itertools.islice(dataset, 2) for the first two"
            ) from error
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"batch {index} of {count}; write 0 to {count - 1}")
        start = index % count * self.batch_size
        rows = slice(start, start + self.batch_size)
        if self.order is None or not self.training:
            return _constant(self.features[rows]), _constant(self.labels[rows])
        features, labels = self.features[self.order[rows]], self.labels[self.order[rows]]
        for picked in features, labels:
            read_only(picked)  # nobody else has them
        return _constant(features), _constant(labels)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """All batches of the half in view, from the first: one epoch.

        An iteration that has begun goes on as it began, whatever happens to the data set:
        arrays that somebody can still write to are copied, once an epoch.
        """
        if self.shuffle and self.training:
            self.order = np.argsort(self.rng.random(len(self.features)))
        begun, half = copy(self), "train" if self.training else "test"
        for name in (f"{half}_features", f"{half}_labels"):
            setattr(begun, name, frozen(as_floats(getattr(self, name))))
        return map(begun.__getitem__, range(len(begun)))

    def estimate(self, predictions: Tensor) -> float:
        """The accuracy of ``predictions`` for the whole half in view.

        Args:
            predictions: shape ``(n, classes)``; the largest value of a row is
                the answer.

        Returns:
            The share of right answers, 0 to 1.

        Raises:
            NNBookError: the predictions are not shaped like the labels, or some are
                not a number.
        """
        if predictions.shape != self.labels.shape:
            raise NNBookError(
                f"predictions {predictions.shape} must be shaped like the labels in view "
                f"{self.labels.shape}; call train() or eval() on the data set first"
            )
        if np.isnan(predictions.data).any():
            raise NNBookError(
                "some predictions are not a number (NaN), so no answer can be read from them; "
                "look for NaN in the data and in the parameters"
            )
        return float(np.mean(predictions.data.argmax(axis=1) == self.labels.argmax(axis=1)))


def _constant(array: Array) -> Tensor:
    values = as_floats(array)
    if values.flags.writeable:
        values = values.view()
        read_only(values)
    return Tensor(values, constant=True)
