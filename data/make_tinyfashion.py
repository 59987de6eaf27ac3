"""Make ``tinyfashion.npz``: 4,000 training and 1,000 test pictures of clothes.

The source is Fashion-MNIST as Debian's package ``dataset-fashion-mnist`` has it. Of its 60,000
training pictures the first 500 of each class are taken; they are split and shuffled as the digits
are, see `make_tinymnist`, so that a run needs to know of no difference.

Run ``python data/make_tinyfashion.py FOLDER`` to write the file anew; the folder is the one with
``train-images-idx3-ubyte.gz`` in it.
"""

import gzip
import hashlib
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from make_tinymnist import digest, split

OF_EACH = 500
TARGET = Path(__file__).with_name("tinyfashion.npz")
# Of the files that it was made from.
SHA256 = {
    "train-images-idx3-ubyte": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
    "train-labels-idx1-ubyte": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
}


def read_source(folder: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Read the first 500 pictures of each class (5000, 28, 28) and their labels (5000,).

    Raises:
        ValueError: a file is another one.
    """
    contents = []
    for name, sha256 in SHA256.items():
        path = folder / f"{name}.gz"
        packed = path.read_bytes()
        if hashlib.sha256(packed).hexdigest() != sha256:
            raise ValueError(f"{path} is another file than the one of Debian's package")
        contents.append(np.frombuffer(gzip.decompress(packed), np.uint8))
    images, labels = contents[0][16:].reshape(-1, 28, 28), contents[1][8:]
    rows = np.sort(np.concatenate([np.flatnonzero(labels == k)[:OF_EACH] for k in range(10)]))
    return images[rows], labels[rows]


def main(folder: Path) -> None:
    """Write the file and print what the data sheet states."""
    arrays = split(*read_source(folder))
    np.savez_compressed(TARGET, allow_pickle=False, **arrays)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")
    print(f"sha256 of the file:   {hashlib.sha256(TARGET.read_bytes()).hexdigest()}")
    print(f"sha256 of the arrays: {digest(arrays)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
