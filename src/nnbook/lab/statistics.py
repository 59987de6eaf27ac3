"""What a handful of seeds allows one to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import exp, lgamma, pi, sqrt

import numpy as np

from nnbook.errors import NNBookError
from nnbook.tensor import Array

LEVEL = 0.95
# Equal accuracies may have come by different sums, and then differ by 1e-17: what is smaller
# than this share of both is no difference.
ROUNDING = 1e-9
LIKE_THESE = "种子，还有图片（换一批同样来路的）"


@dataclass(frozen=True)
class Sample:
    """One value a seed, and what an interval of their mean takes into account.

    Attributes:
        values: one for each seed, in their order.
        varies: what is another from one value to the next, in words that the book shows.
        arms: how many arms the values' study compares. Out of more than two somebody might
            pick a pair, so `paired` refuses them, and `compared` corrects for it and refuses
            a few of them. Where validation images have chosen among arms, what they have
            chosen counts as one.

    Raises:
        NNBookError: fewer than two values, one that is not finite, or nothing varies.

    Example:
        >>> (Sample([3.0, 0.1 + 0.2], "种子") - Sample([1.0, 0.3], "种子")).values
        (2.0, 0.0)
    """

    values: Sequence[float]
    varies: str
    arms: int = 2

    def __post_init__(self) -> None:
        array = np.asarray(self.values, dtype=float)
        if array.ndim != 1 or len(array) < 2:
            raise NNBookError(f"an interval needs two seeds or more, got {array.shape}")
        if not np.isfinite(array).all():
            raise NNBookError(
                "an interval needs finite values; look at the run that gave the others"
            )
        if not self.varies:
            raise NNBookError("an interval must say what varies: Sample(values, varies=…)")
        object.__setattr__(self, "values", tuple(array.tolist()))

    def __sub__(self, other: "Sample") -> "Sample":
        if len(self.values) != len(other.values):
            raise NNBookError(
                f"pairs need equally many seeds, got {len(self.values)} and {len(other.values)}"
            )
        if self.varies != other.varies:
            raise NNBookError(f"what varies must be one: {self.varies!r} or {other.varies!r}?")
        first, second = np.asarray(self.values), np.asarray(other.values)
        values = _settled(first - second, np.maximum(np.abs(first), np.abs(second)))
        return Sample(values.tolist(), self.varies, max(self.arms, other.arms))


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its interval.

    Attributes:
        mean: of the values.
        low, high: ends of the interval (Student's t) in which the mean over all possible
            seeds lies with a confidence of 95%. Among several comparisons it is so much
            wider that all of them do so at once.
        spread: standard deviation of the values from seed to seed.
        seeds: how many values.
        above: how many of them are greater than 0.
        varies: what the interval takes into account, see `Sample`.
        comparisons: how many were made together and corrected for.
        ties: how many of the values are 0: neither above nor below.
    """

    mean: float
    low: float
    high: float
    spread: float
    seeds: int
    above: int
    varies: str = "种子"
    comparisons: int = 1
    ties: int = 0

    @property
    def below(self) -> int:
        """How many of the values are less than 0."""
        return self.seeds - self.above - self.ties


def estimate(sample: Sample, comparisons: int = 1) -> Estimate:
    """Mean, interval and spread of one value a seed.

    Args:
        sample: the values.
        comparisons: how many the interval is to be corrected for, where the others are made
            elsewhere; see `compared`, which makes them all.

    Raises:
        NNBookError: plain numbers, which do not say what varies among them.

    Example:
        >>> found = estimate(Sample([1.0, 2.0, 3.0, 0.0, -1.0], varies="种子"))
        >>> found.mean, found.above, found.ties, found.below
        (1.0, 3, 1, 1)
    """
    return _estimate(sample, comparisons)


def _estimate(sample: Sample, comparisons: int) -> Estimate:
    if type(comparisons) is not int or comparisons < 1:
        raise NNBookError(f"comparisons are 1 or more, got {comparisons!r}")
    if not isinstance(sample, Sample):
        raise NNBookError(
            "an interval must say what varies: take a value of outcomes(study)[arm], such as "
            f".accuracy, or Sample(values, varies=…), got {type(sample).__name__}"
        )
    array = np.asarray(sample.values)
    spread, seeds = float(array.std(ddof=1)), len(array)
    half = _errors(seeds, comparisons) * spread / sqrt(seeds)
    ends = float(array.mean()) + half * np.array([0, -1, 1])
    mean, low, high = _settled(ends, np.abs(array).max()).tolist()
    above, ties = int((array > 0).sum()), int((array == 0).sum())
    return Estimate(mean, low, high, spread, seeds, above, sample.varies, comparisons, ties)


def _errors(seeds: int, comparisons: int) -> float:
    """How many standard errors the interval of one of several comparisons reaches to each side."""
    return t_quantile(seeds - 1, 1 - (1 - LEVEL) / comparisons)


def like_these(found: Estimate, share: float) -> Estimate:
    """The same mean with an interval for other images of the kind, and not for these alone.

    All seeds draw from the same images, so what they give is alike, and more seeds do not make
    this interval narrow: its variance is ``1 / seeds + share`` times that of one seed.

    Args:
        found: an estimate over seeds, each with a split of its own into images for training and
            for testing.
        share: test images for each training image, see `arms.Outcomes.share`.

    Raises:
        NNBookError: the share is not greater than 0.

    Example:
        >>> found = estimate(Sample([0.3, 0.1, 0.2, 0.4, 0.0], varies="种子"))
        >>> wide = like_these(found, share=0.25)
        >>> round((wide.high - wide.low) / (found.high - found.low), 6)  # sqrt(1 + 5 * 0.25)
        1.5

    Source:
        Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52, 2003,
        the corrected resampled t-test.
    """
    if not share > 0:
        raise NNBookError(f"there are test images for each training image, got a share of {share}")
    reach = _errors(found.seeds, found.comparisons)
    half = reach * found.spread * sqrt(1 / found.seeds + share)
    return replace(found, low=found.mean - half, high=found.mean + half, varies=LIKE_THESE)


def _settled(values: Array, size: Array | float) -> Array:
    """``values`` that came from numbers of such a size: exactly 0 where only rounding is left."""
    return np.where(np.abs(values) <= ROUNDING * size, 0.0, values)


def paired(first: Sample, second: Sample) -> Estimate:
    """`estimate` of ``first - second``, seed by seed.

    The same seed gives the same weights to begin with, the same images and the same batches,
    so that much of the noise is in both and goes away in the difference.

    Raises:
        NNBookError: the two have another number of seeds, or come from a study of more than
            two arms.

    Example:
        >>> paired(Sample([3.0, 4.0, 5.0], "种子"), Sample([1.0, 2.0, 2.0], "种子")).above
        3
    """
    estimate(first), estimate(second)
    difference = first - second
    if difference.arms > 2:
        raise NNBookError(
            f"one of several comparisons among {difference.arms} arms must be corrected for the "
            "others: make them together, with compared({name: first - second, …})"
        )
    return estimate(difference)


def compared(differences: Mapping[str, Sample]) -> dict[str, Estimate]:
    """Estimates of several differences that are looked at together.

    All intervals hold their means at once with a confidence of 95% (Bonferroni's correction):
    whatever is read off them, a sign, a size or a margin, may be read off all together. Each
    lies at a level of 1 - 0.05 / n, so the more is compared, the wider they are.

    Args:
        differences: all that might be spoken of, by name.

    Raises:
        NNBookError: they are so few for their study that they look picked: not one for every
            two of its arms.

    Example:
        >>> grown, still = Sample([1.0, 1.1, 0.9], "种子"), Sample([1.0, -1.0, 0.1], "种子")
        >>> found = compared({"grown": grown, "still": still})
        >>> found["grown"].low > 0, found["grown"].comparisons
        (True, 2)

    Source:
        Dunn, "Multiple comparisons among means", Journal of the American Statistical
        Association 56, 1961.
    """
    found = {name: _estimate(sample, len(differences)) for name, sample in differences.items()}
    arms = max((sample.arms for sample in differences.values()), default=0)
    if arms > 2 and 2 * len(differences) < arms:
        raise NNBookError(
            f"{len(differences)} of the comparisons among {arms} arms are a pick: name all that "
            "might be spoken of, so that each is corrected for the others"
        )
    return found


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
    angles, covered = _covered(freedom)
    return float(sqrt(freedom) * np.tan(np.interp(level, covered, angles)))


@cache
def _covered(freedom: int) -> tuple[Array, Array]:
    """The probability that lies within ± an angle, where t = sqrt(freedom) * tan(angle)."""
    # Of the angle, the density is a power of a cosine on a finite range.
    angles = np.linspace(0, pi / 2, 200_001)
    factor = exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / sqrt(pi)
    density = 2 * factor * np.cos(angles) ** (freedom - 1)
    steps = (density[1:] + density[:-1]) / 2 * np.diff(angles)
    return angles, np.concatenate([[0.0], np.cumsum(steps)])
