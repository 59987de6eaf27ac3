"""Outcomes: what the seeds of a study's arms gave, and what may be read off them."""

import os
from collections.abc import Sequence

import numpy as np

from nnbook.errors import NNBookError
from nnbook.lab.digits import Digits
from nnbook.lab.evidence import missing, results
from nnbook.lab.result import Result
from nnbook.lab.runs import Run
from nnbook.lab.statistics import Sample
from nnbook.lab.studies import DRAFT_SEEDS, Study
from nnbook.tensor import Array

SEEDS, SEEDS_AND_IMAGES = "种子", "种子和图片的划分（图片总是同样的那些）"


def outcomes(study: Study) -> dict[str, "Outcomes"]:
    """What every arm of a study gave, over the same seeds.

    Example:
        >>> study = Study({"without": Run(epochs=1, rate=0, training_images=100)}, seeds=2)
        >>> len(outcomes(study)["without"].accuracy.values)
        2
    """
    runs = runs_of(study)
    found = iter(results([run for arm in runs.values() for run in arm]))
    return {
        name: Outcomes(arm, [next(found) for _ in arm], len(runs)) for name, arm in runs.items()
    }


def runs_of(study: Study) -> dict[str, list[Run]]:
    """The runs of each arm, one a seed. A draft has few, where the others are not at hand."""
    runs = study.runs()
    if is_draft() and missing(run for arm in runs.values() for run in arm):
        return study.runs(DRAFT_SEEDS)
    return runs


def is_draft() -> bool:
    """Whether this build may publish few seeds, and has to say so on every page.

    Raises:
        NNBookError: ``BOOK_EVIDENCE`` is neither ``draft`` nor empty.
    """
    wanted = os.environ.get("BOOK_EVIDENCE", "")
    if wanted not in ("", "draft"):
        raise NNBookError(f"BOOK_EVIDENCE is draft or not set, got {wanted!r}")
    return wanted == "draft"


class Outcomes:
    """The results of one arm.

    Args:
        runs: one a seed.
        found: their results.
        arms: how many arms are compared in the study.
    """

    def __init__(self, runs: Sequence[Run], found: Sequence[Result], arms: int = 2) -> None:
        self.run = runs[0]
        self.seeds = len(runs)
        self.arms = arms
        self.varies = SEEDS_AND_IMAGES if all(run.resplit for run in runs) else SEEDS
        self._found = list(found)

    @property
    def share(self) -> float:
        """Test images for each training image."""
        return len(Digits(self.run).test_labels) / self.run.training_images

    def sample(self, values: Sequence[float], arms: int | None = None) -> Sample:
        """One value a seed, with what varies among the seeds of this arm.

        Args:
            values: in the order of the seeds.
            arms: how many are compared, where validation images have chosen among those of
                the study; otherwise all are.
        """
        if len(values) != self.seeds:
            raise NNBookError(f"one value a seed: {self.seeds} are needed, got {len(values)}")
        return Sample(values, self.varies, self.arms if arms is None else arms)

    @property
    def accuracy(self) -> Sample:
        """On the test images, after the last epoch."""
        return self.sample([found.accuracy for found in self._found])

    @property
    def loss(self) -> Sample:
        """On the test images, after the last epoch."""
        return self.sample([found.loss for found in self._found])

    def curves(self, part: str = "test", what: str = "accuracies") -> "Curves":
        """What was measured on ``"train"``, ``"validation"`` or ``"test"`` after each epoch.

        Args:
            part: of the images.
            what: ``"accuracies"`` or ``"losses"``.
        """
        curves = [getattr(found, f"{part}_{what}") for found in self._found]
        if not curves[0]:
            raise NNBookError(f"nothing was measured on {part} images; name them in curves of Run")
        return Curves(self, curves, part)

    def probe(self, name: str) -> Array:
        """What a probe measured, ``(seeds, values)``."""
        return np.array([found.probes[name] for found in self._found])


class Curves:
    """The curves of one arm, one a seed. Epochs count from 1."""

    def __init__(self, arm: Outcomes, curves: Sequence[Sequence[float]], part: str) -> None:
        self.arm = arm
        self.part = part
        self._curves = curves
        self.epochs = len(curves[0])

    def at(self, epoch: int | Sequence[int]) -> Sample:
        """The values after an epoch, or after another one for each seed.

        Raises:
            NNBookError: there is no such epoch.
        """
        epochs = [epoch] * self.arm.seeds if isinstance(epoch, int) else list(epoch)
        if not all(1 <= each <= self.epochs for each in epochs):
            raise NNBookError(f"epochs lie in 1 to {self.epochs}, got {epoch}")
        values = [float(curve[each - 1]) for curve, each in zip(self._curves, epochs, strict=True)]
        return self.arm.sample(values)

    @property
    def last(self) -> Sample:
        """The values after the last epoch."""
        return self.at(self.epochs)

    def best_epochs(self) -> list[int]:
        """For each seed the epoch of the highest value, the first of equals: early stopping.

        Raises:
            NNBookError: these are test images, on which nothing may be chosen.
        """
        # A curve over test images refuses this by itself.
        return [int(np.argmax(np.array(curve))) + 1 for curve in self._curves]

    def to_draw(self) -> Array:
        """``(seeds, epochs)``, for a figure and for nothing else."""
        return np.array([[curve[epoch] for epoch in range(self.epochs)] for curve in self._curves])
