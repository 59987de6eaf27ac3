"""The book's digits: where they lie, and how a run divides them.

They lie in the project, or where ``NNBOOK_DATA`` says if the wheel is all there is. The clothes,
which a run may ask for instead, lie beside them.
"""

import os
from copy import copy
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nnbook.errors import NNBookError
from nnbook.lab.runs import Run
from nnbook.mnist import MNISTDataset
from nnbook.tensor import Array

DATA = Path(__file__).parents[3] / "data" / "tinymnist.npz"
CLOTHES = "tinyfashion.npz"
CLASSES = 10
MARK_SIZE = 2  # pixels
Part = tuple[Array, Array]  # features and labels


def place() -> Path:
    """Where the file with the digits should be."""
    return Path(os.environ.get("NNBOOK_DATA", DATA))


def digits() -> Path:
    """The file with the digits.

    Raises:
        FileNotFoundError: it is not there.

    Example:
        >>> digits().name
        'tinymnist.npz'
    """
    path = place()
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: no such file. These are the digits of the book, which the wheel does not "
            "hold: take data/tinymnist.npz out of the sdist or of the project, and set "
            "NNBOOK_DATA to its path"
        )
    return path


@lru_cache(maxsize=2)
def _read(filename: Path, dtype: str, modified: int) -> MNISTDataset:
    """The file as it is, read once for all runs of a stack."""
    return MNISTDataset(filename, dtype=dtype)


class Digits(MNISTDataset):
    """The book's digits, or its clothes, as a `Run` describes them."""

    def __init__(self, described: Run, filename: Path = DATA) -> None:
        self.described = described
        # A stream apart: with and without dropout, the batches must be the same ones.
        super().__init__(
            filename if described.images == "digits" else Path(filename).with_name(CLOTHES),
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
