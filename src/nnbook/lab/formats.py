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


HIGHER, BIGGER, MORE, ROSE = ("高", "低"), ("大", "小"), ("多", "少"), ("升", "降")


def points(difference: Estimate, words: tuple[str, str] = HIGHER) -> str:
    """A difference of accuracies as a person tells it, in percentage points.

    Args:
        difference: of shares.
        words: what is said of one above zero and of one below.

    Example:
        >>> points(Estimate(-0.005, -0.0075, -0.0025, 0.01, 20, 4))
        '低了 0.50 个百分点（95% 置信区间 0.25 至 0.75）'
        >>> points(Estimate(0.001, -0.001, 0.003, 0.01, 20, 12))
        '高了 0.10 个百分点（95% 置信区间：低 0.10 至高 0.30）'
    """
    return f"{told(difference, words, 100)} 个百分点{interval(difference, words, 100)}"


def change(difference: Estimate, words: tuple[str, str] = BIGGER) -> str:
    """A difference of plain numbers, such as losses, as a person tells it.

    Example:
        >>> change(Estimate(0.05, 0.04, 0.06, 0.01, 20, 20))
        '大了 0.050（95% 置信区间 0.040 至 0.060）'
    """
    return f"{told(difference, words, 1, 3)}{interval(difference, words, 1, 3)}"


def told(
    difference: Estimate, words: tuple[str, str] = HIGHER, factor: float = 100, digits: int = 2
) -> str:
    """The mean of a difference without its interval.

    Example:
        >>> told(Estimate(-0.005, -0.0075, -0.0025, 0.01, 20, 4))
        '低了 0.50'
    """
    return f"{words[difference.mean < 0]}了 {factor * abs(difference.mean):.{digits}f}"


def interval(
    difference: Estimate, words: tuple[str, str] = HIGHER, factor: float = 100, digits: int = 2
) -> str:
    """The interval of a difference, in brackets: without signs where all of it has one."""
    low, high = factor * difference.low, factor * difference.high
    near, far = (f"{end:.{digits}f}" for end in sorted((abs(low), abs(high))))
    if low < 0 < high:
        low_end, high_end = f"{abs(low):.{digits}f}", f"{high:.{digits}f}"
        return f"（95% 置信区间：{words[1]} {low_end} 至{words[0]} {high_end}）"
    return f"（95% 置信区间 {near} 至 {far}）"


def seeds(difference: Estimate, words: tuple[str, str] = HIGHER) -> str:
    """Of how many seeds it holds.

    Example:
        >>> seeds(Estimate(-0.005, -0.0075, -0.0025, 0.01, 20, 0))
        '20 个种子，个个都低'
        >>> seeds(Estimate(0.005, 0.0025, 0.0075, 0.01, 20, 19))
        '20 个种子里，19 个高'
    """
    rose = difference.mean >= 0
    count = difference.above if rose else difference.seeds - difference.above
    word = words[not rose]
    if count == difference.seeds:
        return f"{difference.seeds} 个种子，个个都{word}"
    return f"{difference.seeds} 个种子里，{count} 个{word}"


def mean_accuracy(estimate: Estimate) -> str:
    """A mean accuracy with its spread from seed to seed.

    Example:
        >>> mean_accuracy(Estimate(0.918, 0.915, 0.921, 0.0061, 20, 20))
        '91.80% ± 0.61 个百分点'
    """
    return f"{accuracy(estimate.mean)} ± {100 * estimate.spread:.2f} 个百分点"
