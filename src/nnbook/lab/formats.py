"""One way to write each kind of number, everywhere in the book."""

from nnbook.lab.statistics import Estimate


def accuracy(share: float) -> str:
    """A share of right answers, 0 to 1.

    Example:
        >>> accuracy(0.918)
        '91.80%'
    """
    return f"{100 * share:.2f}%"


def percent(share: float) -> str:
    """A setting such as a rate, 0 to 1, without digits that say nothing.

    Example:
        >>> percent(0.2)
        '20%'
    """
    return f"{100 * share:.4g}%"


def number(value: float, digits: int = 2) -> str:
    """A plain number, with a true minus sign.

    Example:
        >>> number(-0.5)
        '−0.50'
    """
    return f"{value:.{digits}f}".replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """A difference: the sign always stands before it.

    Example:
        >>> signed(0.5)
        '+0.50'
    """
    return f"{value:+.{digits}f}".replace("-", "−")


def points(difference: Estimate) -> str:
    """A difference of accuracies with its interval, in percentage points.

    Example:
        >>> points(Estimate(-0.005, -0.0075, -0.0025, 0.01, 20, 4))
        '−0.50 个百分点（95% 区间 −0.75 至 −0.25）'
    """
    return f"{signed(100 * difference.mean)} 个百分点{interval(difference, 100)}"


def change(difference: Estimate) -> str:
    """A difference of plain numbers, such as losses, with its interval.

    Example:
        >>> change(Estimate(0.05, 0.04, 0.06, 0.01, 20, 20))
        '+0.050（95% 区间 +0.040 至 +0.060）'
    """
    return f"{signed(difference.mean, 3)}{interval(difference, 1, 3)}"


def interval(difference: Estimate, factor: float, digits: int = 2) -> str:
    """The interval of a difference, in brackets."""
    low, high = (signed(factor * end, digits) for end in (difference.low, difference.high))
    return f"（95% 区间 {low} 至 {high}）"


def mean_accuracy(estimate: Estimate) -> str:
    """A mean accuracy with its spread from seed to seed.

    Example:
        >>> mean_accuracy(Estimate(0.918, 0.915, 0.921, 0.0061, 20, 20))
        '91.80% ± 0.61 个百分点'
    """
    return f"{accuracy(estimate.mean)} ± {100 * estimate.spread:.2f} 个百分点"
