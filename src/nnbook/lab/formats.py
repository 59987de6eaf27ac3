"""One way to write each kind of number, everywhere in the book."""

import math

from nnbook.lab.statistics import Estimate


def accuracy(share: float) -> str:
    """A share of right answers, 0 to 1.

    Example:
        >>> accuracy(0.918)
        '91.80%'
    """
    return _minus(f"{100 * share:.2f}%")


def percent(share: float) -> str:
    """A setting such as a rate, 0 to 1, without digits that say nothing.

    Example:
        >>> percent(0.2)
        '20%'
    """
    return f"{100 * share:.4g}%"


def number(value: float, digits: int = 2) -> str:
    """A plain number, with a true minus sign, and none before what rounds to nothing.

    Example:
        >>> number(-0.5), number(-0.001)
        ('−0.50', '0.00')
    """
    return _minus(f"{value:.{digits}f}")


def signed(value: float, digits: int = 2) -> str:
    """A difference: its sign always stands before it, and nothing has none.

    Example:
        >>> signed(0.5), signed(0)
        ('+0.50', '0.00')
    """
    text = number(value, digits)
    return f"+{text}" if value > 0 and float(text) else text


def _minus(text: str) -> str:
    return text.replace("-", "−" if any(digit in text for digit in "123456789") else "")


def _size(value: float, digits: int) -> str:
    """How large a number is: never shown as nothing unless it is nothing."""
    if value == 0:
        return "0"
    while not float(text := f"{abs(value):.{digits}f}"):
        digits += 1
    return text


HIGHER, BIGGER, MORE, ROSE = ("高", "低"), ("大", "小"), ("多", "少"), ("升", "降")
TIED = "打平"


def points(difference: Estimate, words: tuple[str, str] = HIGHER) -> str:
    """A difference of accuracies as a person tells it, in percentage points.

    Args:
        difference: of shares.
        words: what is said of one above zero and of one below; of one that is zero, neither.

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
        >>> told(Estimate(0.0, -0.0025, 0.0025, 0.01, 20, 10))
        '既没高也没低，差 0'
    """
    if difference.mean == 0:
        return f"既没{words[0]}也没{words[1]}，差 0"
    return f"{words[difference.mean < 0]}了 {_size(factor * difference.mean, digits)}"


def interval(
    difference: Estimate, words: tuple[str, str] = HIGHER, factor: float = 100, digits: int = 2
) -> str:
    """The interval of a difference, in brackets: without signs where all of it has one."""
    low, high = difference.low, difference.high
    low_end, high_end = (_size(factor * end, digits) for end in (low, high))
    if low < 0 < high:
        return f"（95% 置信区间：{words[1]} {low_end} 至{words[0]} {high_end}）"
    if low_end == high_end:
        return f"（95% 置信区间两端都是 {low_end}）"
    near, far = (low_end, high_end) if high > 0 else (high_end, low_end)
    return f"（95% 置信区间 {near} 至 {far}）"


def bound(difference: Estimate) -> str:
    """How large a difference of accuracies can be at most, to either side, in percentage points.

    Example:
        >>> bound(Estimate(0.001, -0.001, 0.003, 0.01, 20, 12))
        '相差不到 0.31 个百分点'
    """
    # Rounded up, so that what is said holds.
    most = math.floor(10000 * max(-difference.low, difference.high) + 1) / 100
    return f"相差不到 {most:.2f} 个百分点"


def seeds(difference: Estimate, words: tuple[str, str] = HIGHER) -> str:
    """Of how many seeds it holds; where some are ties, of how many each of the three.

    Example:
        >>> seeds(Estimate(-0.005, -0.0075, -0.0025, 0.01, 20, 0))
        '20 个种子，个个都低'
        >>> seeds(Estimate(0.005, 0.0025, 0.0075, 0.01, 20, 19))
        '20 个种子里，19 个高'
        >>> seeds(Estimate(-0.005, -0.0075, -0.0025, 0.01, 20, 4, ties=1))
        '20 个种子里，15 个低，1 个打平，4 个高'
    """
    sides = [(difference.above, words[0]), (difference.below, words[1])]
    if difference.mean < 0:
        sides.reverse()
    most, least = sides
    found = [part for part in (most, (difference.ties, TIED), least) if part[0]]
    (count, word), *others = found
    if not others and difference.seeds == 2:
        return f"2 个种子都{word}"
    if not others:
        return f"{difference.seeds} 个种子，个个都{word}"
    # Without ties the rest is the other side; a mean of zero takes neither.
    if difference.mean and not difference.ties:
        others = []
    rest = "".join(f"，{fewer} 个{other}" for fewer, other in others)
    return f"{difference.seeds} 个种子里，{count} 个{word}{rest}"


def mean_accuracy(estimate: Estimate) -> str:
    """A mean accuracy with its spread from seed to seed.

    Example:
        >>> mean_accuracy(Estimate(0.918, 0.915, 0.921, 0.0061, 20, 20))
        '91.80% ± 0.61 个百分点'
    """
    return f"{accuracy(estimate.mean)} ± {100 * estimate.spread:.2f} 个百分点"
