"""What a handful of seeds allows one to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, lgamma, pi, sqrt

import numpy as np

from nnbook.errors import NNBookError

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its 95% interval.

    Attributes:
        mean: of the values.
        low, high: ends of the interval (Student's t) in which the mean over all
            possible seeds lies with a confidence of 95%; it says nothing about
            other test images.
        spread: standard deviation of the values from seed to seed.
        seeds: how many values.
        above: how many of them are greater than 0.
    """

    mean: float
    low: float
    high: float
    spread: float
    seeds: int
    above: int


def estimate(values: Sequence[float]) -> Estimate:
    """Mean, interval and spread of one value a seed.

    Raises:
        NNBookError: fewer than two values, or one that is not finite.

    Example:
        >>> estimate([1.0, 2.0, 3.0]).mean
        2.0
    """
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or len(array) < 2:
        raise NNBookError(f"an interval needs two seeds or more, got {array.shape}")
    if not np.isfinite(array).all():
        raise NNBookError("an interval needs finite values; look at the run that gave the others")
    mean, spread = float(array.mean()), float(array.std(ddof=1))
    half = t_quantile(len(array) - 1) * spread / sqrt(len(array))
    return Estimate(mean, mean - half, mean + half, spread, len(array), int((array > 0).sum()))


def paired(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """`estimate` of ``first - second``, seed by seed.

    The same seed gives the same weights to begin with and the same batches, so
    that much of the noise is in both and goes away in the difference.

    Raises:
        NNBookError: the two have another number of seeds.

    Example:
        >>> paired([3.0, 4.0, 5.0], [1.0, 2.0, 2.0]).above
        3
    """
    if len(first) != len(second):
        raise NNBookError(f"pairs need equally many seeds, got {len(first)} and {len(second)}")
    return estimate(np.subtract(first, second).tolist())


@cache
def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """How many standard errors an interval of that ``level`` reaches to each side.

    Args:
        freedom: degrees of freedom, 1 or more.
        level: between 0 and 1.

    Example:
        >>> round(t_quantile(9), 3)
        2.262

    Source:
        Student, "The probable error of a mean", Biometrika 6, 1908.
    """
    # With t = sqrt(freedom) * tan(angle), the density becomes a power of a cosine
    # on a finite range.
    angles = np.linspace(0, pi / 2, 200_001)
    factor = exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / sqrt(pi)
    density = 2 * factor * np.cos(angles) ** (freedom - 1)
    steps = (density[1:] + density[:-1]) / 2 * np.diff(angles)
    covered = np.concatenate([[0.0], np.cumsum(steps)])
    return float(sqrt(freedom) * np.tan(np.interp(level, covered, angles)))
