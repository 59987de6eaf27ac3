"""Handwritten digits, read from a file."""

import os
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.npyio import NpzFile

from nnbook.arrays import Array, as_dtype, frozen
from nnbook.dataset import Dataset
from nnbook.errors import DataFileError, NNBookError
from nnbook.rng import RandomSource

LARGEST = 2**29  # bytes that a file may unpack to
KEYS = ("x_train", "y_train", "x_test", "y_test")


class MNISTDataset(Dataset):
    """Handwritten digits from an ``.npz`` file.

    Args:
        filename: a file with ``x_train, y_train, x_test, y_test``: images
            ``(n, 28, 28)`` of whole numbers from 0 to 255, labels ``(n,)`` of
            whole numbers from 0 to 9.
        batch_size, drop_last, shuffle, rng: see `Dataset`.
        dtype: float64 or float32.

    Raises:
        FileNotFoundError: there is no such file.
        DataFileError: the file is damaged, pickled, or holds something else.

    Example:
        >>> digits = MNISTDataset("data/tinymnist.npz", batch_size=2)
        >>> len(digits), digits.shape()
        (2000, (784, 10))
        >>> features, labels = digits[0]
        >>> features.shape, labels.shape
        ((2, 1, 28, 28), (2, 10))

    Source:
        LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to
        document recognition", Proceedings of the IEEE 86, 1998.
    """

    def __init__(
        self,
        filename: str | os.PathLike[str],
        batch_size: int = 1,
        *,
        drop_last: bool = True,
        shuffle: bool = False,
        rng: RandomSource = None,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        self.filename = filename
        self.dtype = as_dtype(dtype)
        super().__init__(batch_size, drop_last=drop_last, shuffle=shuffle, rng=rng)
        for array in ("train_features", "train_labels", "test_features", "test_labels"):
            setattr(self, array, frozen(getattr(self, array)))

    def load(self) -> None:
        """Read the file. Nothing in it is ever unpickled."""
        arrays = _read(self.filename)
        halves = []
        for half in ("train", "test"):
            try:
                x, y = self.normalize(arrays[f"x_{half}"], arrays[f"y_{half}"])
            except NNBookError as error:
                raise DataFileError(f"{self.filename}: {half}: {error}") from error
            halves.append((x.astype(self.dtype, copy=False), y.astype(self.dtype, copy=False)))
        (self.train_features, self.train_labels), (self.test_features, self.test_labels) = halves

    @staticmethod
    def normalize(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array]:
        """Turn images and digits into what a network reads.

        Args:
            x: images ``(n, 28, 28)``, whole numbers from 0 to 255.
            y: digits ``(n,)``, whole numbers from 0 to 9.

        Returns:
            Features ``(n, 1, 28, 28)`` from 0 to 1 and one-hot labels ``(n, 10)``.

        Raises:
            NNBookError: other shapes, no image at all, or values out of range.

        Example:
            >>> x, y = MNISTDataset.normalize(np.full((1, 28, 28), 255), [3])
            >>> x.shape, float(x.max())
            ((1, 1, 28, 28), 1.0)
            >>> y
            array([[0., 0., 0., 1., 0., 0., 0., 0., 0., 0.]])
        """
        images, digits = np.asarray(x), np.asarray(y)
        if images.ndim != 3 or images.shape[1:] != (28, 28):
            raise NNBookError(
                f"images must have the shape (n, 28, 28), got {images.shape}; "
                f"write {_reshaped(images.shape)}"
            )
        if digits.shape != (len(images),):
            raise NNBookError(
                f"labels must have the shape ({len(images)},), one for each image, "
                f"got {digits.shape}; write y.argmax(axis=1) if they are one-hot"
            )
        if len(images) == 0:
            raise NNBookError("there are no images; give at least one")
        for name, values, limit, way in (
            ("pixels", images, 255, "(x * 255).round().astype(int) if they lie in 0 to 1"),
            ("labels", digits, 9, "y.astype(int)"),
        ):
            if values.dtype.kind not in "iu":
                raise NNBookError(
                    f"{name} must be whole numbers, got dtype {values.dtype}; write {way}"
                )
            if values.min() < 0 or values.max() > limit:
                raise NNBookError(
                    f"{name} must lie in 0 to {limit}, got {values.min()} to {values.max()}"
                )
        return images[:, np.newaxis] / 255.0, np.eye(10)[digits]


def _reshaped(shape: tuple[int, ...]) -> str:
    """What makes images of 28×28 of an array of that shape."""
    if len(shape) == 3 and shape[:2] == (28, 28):
        return "numpy.moveaxis(x, -1, 0)"
    flat = shape[1:] in ((784,), (1, 28, 28), (28, 28, 1))
    return "x.reshape(-1, 28, 28)" if flat else "x of that shape"


def _read(filename: str | os.PathLike[str]) -> dict[str, npt.NDArray[np.generic]]:
    try:
        # Opened here, since NumPy leaves a file open that turns out to be no archive.
        # By `open`, since pathlib takes longer to import than all of this library.
        with (
            open(filename, "rb") as file,  # noqa: PTH123
            NpzFile(file, allow_pickle=False) as archive,
        ):
            missing = [key for key in KEYS if key not in archive]
            if missing:
                raise DataFileError(
                    f"{filename}: {', '.join(missing)} missing; the file must hold "
                    f"{', '.join(KEYS)}, it has {', '.join(archive) or 'nothing'}"
                )
            members: Any = archive.zip
            size = sum(members.getinfo(f"{key}.npy").file_size for key in KEYS)
            if size > LARGEST:
                raise DataFileError(
                    f"{filename}: unpacks to {size:,} bytes, at most {LARGEST:,} are read; all of "
                    "MNIST takes a tenth of that: keep the images as numpy.uint8"
                )
            return {key: archive[key] for key in KEYS}
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{filename}: no such file; the digits of the book are data/tinymnist.npz"
        ) from error
    except DataFileError:
        raise
    except Exception as error:  # zipfile and NumPy raise a dozen kinds for a damaged file
        raise DataFileError(
            f"{filename}: not a readable .npz file ({error}); it may be cut off, damaged or "
            "pickled (pickled files are never opened): fetch it again or make it anew"
        ) from error
