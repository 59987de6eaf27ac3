"""Checks of a function that chooses a dropout rate: by validation, and by nothing else.

Like `nnbook.lab.checks`, with another thing to be checked.
"""

from collections.abc import Callable, Sequence
from numbers import Real
from typing import TypeAlias

from nnbook.lab.checks import MismatchError

Choose: TypeAlias = Callable[[list["Arm"]], float]


class Arm:
    """A dropout rate, and how a network did with it: a share of right answers for each seed.

    Attributes:
        rate: the dropout rate.
        train, validation: on the images of that part.
        looked: whether somebody has looked at those of the test images.

    Example:
        >>> arm = Arm(0.2, train=[0.99], validation=[0.91], test=[0.92])
        >>> arm.looked, arm.test, arm.looked
        (False, [0.92], True)
    """

    def __init__(
        self,
        rate: float,
        *,
        train: Sequence[float],
        validation: Sequence[float],
        test: Sequence[float],
    ) -> None:
        self.rate, self.train, self.validation = rate, list(train), list(validation)
        self._test, self.looked = list(test), False

    @property
    def test(self) -> list[float]:
        """On the test images. It is noticed when somebody looks."""
        self.looked = True
        return self._test


def chooses_a_rate(choose: Choose) -> None:
    """What comes back is one of the rates, and nobody has looked at the test images.

    Example:
        >>> chooses_a_rate(lambda arms: arms[0].rate)
    """
    _choice(choose, _arms())


def chooses_by_the_mean(choose: Choose) -> None:
    """The rate with the best mean over the seeds is chosen, not the one with the best luck."""
    chosen = _choice(choose, _arms())
    if chosen != 0.4:
        raise MismatchError(
            "选验证准确率平均最高的丢弃率：0.4",
            f"选了 {chosen}",
            {
                0.0: "选的是训练准确率最高的。死记硬背的网络训练准确率最高，所以要看验证准确率。",
                0.2: "只看了第一个种子。把所有种子的验证准确率平均起来，再比。",
                0.6: "选的是运气最好的一个种子。把所有种子的验证准确率平均起来，再比。",
                0.8: "选的是平均最低的。准确率越高越好。",
            }[chosen],
        )


def chooses_from_other_arms(choose: Choose) -> None:
    """Other arms, in another order, give another rate."""
    chosen = _choice(
        choose,
        [
            Arm(0.5, train=[0.95, 0.95], validation=[0.90, 0.91], test=[0.9, 0.9]),
            Arm(0.3, train=[0.97, 0.97], validation=[0.93, 0.94], test=[0.9, 0.9]),
            Arm(0.4, train=[0.99, 0.99], validation=[0.92, 0.92], test=[0.9, 0.9]),
            Arm(0.7, train=[0.93, 0.93], validation=[0.89, 0.90], test=[0.9, 0.9]),
        ],
    )
    if chosen != 0.3:
        raise MismatchError(
            "换一组实验，也选平均最高的：0.3",
            f"选了 {chosen}",
            "不要写死答案，也不要靠位置：对每个 arm 都算一遍平均，再取最大的。",
        )


def chooses_whatever_the_number_of_seeds(choose: Choose) -> None:
    """An arm with more seeds has no advantage."""
    chosen = _choice(
        choose,
        [
            Arm(0.1, train=[0.99] * 3, validation=[0.90, 0.91, 0.92], test=[0.9] * 3),
            Arm(0.5, train=[0.95] * 2, validation=[0.93, 0.94], test=[0.9] * 2),
        ],
    )
    if chosen != 0.5:
        raise MismatchError(
            "种子的个数不一样，也选平均最高的：0.5",
            f"选了 {chosen}",
            "加起来以后，要除以种子的个数：比的是平均，不是总和。",
        )


def _arms() -> list[Arm]:
    # Each way to choose wrongly chooses a rate of its own.
    validation = {
        0.0: [0.900, 0.902, 0.898, 0.900],
        0.2: [0.930, 0.908, 0.906, 0.908],
        0.4: [0.922, 0.924, 0.920, 0.926],
        0.6: [0.905, 0.903, 0.950, 0.906],
        0.8: [0.880, 0.882, 0.878, 0.880],
    }
    return [
        Arm(rate, train=[0.999 - rate / 10] * 4, validation=found, test=[0.9 + rate / 100] * 4)
        for rate, found in validation.items()
    ]


def _choice(choose: Choose, arms: list[Arm]) -> float:
    rates = [arm.rate for arm in arms]
    chosen: object = choose(list(arms))
    expected = "choose 交回一个丢弃率"
    if any(arm.looked for arm in arms):
        raise MismatchError(
            "选的时候不看测试准确率",
            "看了 arm.test",
            "用测试集来选，它就不再是没见过的了。只看 arm.validation。",
        )
    if chosen is None:
        raise MismatchError(expected, "交回的是 None", "把选中的丢弃率交回来：最后一行写 return。")
    if isinstance(chosen, Arm):
        raise MismatchError(expected, "交回的是整个 arm", "只要它的丢弃率：return 后面加上 .rate。")
    if not isinstance(chosen, Real):
        raise MismatchError(
            expected, f"交回的是 {type(chosen).__name__}", "交回一个数，就是选中的 arm.rate。"
        )
    if chosen not in rates:
        raise MismatchError(
            f"交回 {rates} 里的一个",
            f"交回的是 {chosen}",
            "要的是丢弃率 arm.rate，不是准确率，也不是第几个。",
        )
    return float(chosen)
