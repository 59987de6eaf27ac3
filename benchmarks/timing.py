"""Ratios that a noisy machine cannot spoil: everybody runs in turns, round after round."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of several rounds, and the smallest and largest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.low:.3g}–{self.high:.3g})"


def interleaved(
    contestants: Mapping[str, Callable[[], object]], rounds: int
) -> dict[str, list[float]]:
    """Let all run once a round; the seconds of each in each round.

    A contestant that measures itself, such as a process, gives back its seconds. A
    round before the first warms up and does not count.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, contestant in contestants.items():
            begin = time.perf_counter()
            own = contestant()
            passed = time.perf_counter() - begin
            if number:
                seconds[name].append(own if isinstance(own, float) else passed)
    return seconds


def ratio(of: list[float], to: list[float]) -> Spread:
    """How many times longer ``of`` took than ``to``, round by round."""
    return Spread.of([one / other for one, other in zip(of, to, strict=True)])
