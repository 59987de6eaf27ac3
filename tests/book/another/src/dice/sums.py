"""Sums of two dice."""

from collections import Counter
from pathlib import Path


def read(path: str) -> list[tuple[int, int]]:
    """The throws in a file, one a line."""
    lines = Path(path).read_text(encoding="ascii").splitlines()
    return [(int(one), int(other)) for one, _, other in (line.partition(",") for line in lines)]


def sums(throws: list[tuple[int, int]]) -> Counter[int]:
    """How often each sum was shown."""
    return Counter(one + other for one, other in throws)
