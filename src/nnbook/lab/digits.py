"""The book's digits: in the project, or where ``NNBOOK_DATA`` says if the wheel is all there is."""

import os
from collections.abc import Callable
from pathlib import Path

from nnbook.lab import experiments
from nnbook.lab.experiments import DATA, Result, Run, Trial


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


def run(
    described: Run,
    filename: Path | None = None,
    *,
    progress: Callable[[int, Trial], None] = lambda epoch, trial: None,
) -> Result:
    """`experiments.run`, on the digits of the book unless another file is named.

    Example:
        >>> run(Run(epochs=1, training_images=100)) == experiments.run(
        ...     Run(epochs=1, training_images=100)
        ... )
        True
    """
    return experiments.run(described, filename or digits(), progress=progress)
