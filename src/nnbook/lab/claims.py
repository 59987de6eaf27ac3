"""Claims: a sentence that compares stands on a check over many seeds, or the build fails."""

from dataclasses import dataclass

from nnbook.errors import NNBookError
from nnbook.lab import formats
from nnbook.lab.statistics import Estimate

FEWEST_SEEDS = 6
# An interval that nearly touches its limit is not enough: it must stay away from
# it by this share of its own length.
CLEARANCE = 0.1


class ClaimError(NNBookError):
    """A claim of the book that the runs do not bear out."""


@dataclass(frozen=True)
class Claim:
    """A claim that holds, with its evidence.

    Attributes:
        identity: its name, which the sentence and the results page refer to.
        difference: the paired difference that it stands on.
        verdict: ``"above"``, ``"below"`` or ``"same"``.
        margin: what counts as the same, in the unit of the difference.
    """

    identity: str
    difference: Estimate
    verdict: str
    margin: float = 0.0

    def __repr__(self) -> str:
        found = self.difference
        return (
            f"{self.identity}：差 {formats.signed(found.mean, 4)}"
            f"{formats.interval(found, 1, 4)}，{found.seeds} 个种子里有 {found.above} 个为正"
        )


def claim(identity: str, difference: Estimate, verdict: str, *, margin: float = 0.0) -> Claim:
    """State that a difference is clearly above zero, clearly below, or within a margin.

    Args:
        identity: a name for the claim.
        difference: of two arms, seed by seed, see `statistics.paired`.
        verdict: ``"above"``, ``"below"`` or ``"same"``.
        margin: for ``"same"``: the whole interval must lie within ± this, in the
            unit of the difference.

    Raises:
        ClaimError: the runs do not bear it out, or there are too few seeds.
        NNBookError: another verdict, or ``"same"`` without a margin.

    Example:
        >>> from nnbook.lab.statistics import estimate
        >>> claim("grows", estimate([1.0, 2.0, 3.0, 2.0, 1.0, 2.0]), "above").verdict
        'above'
    """
    if verdict not in ("above", "below", "same"):
        raise NNBookError(f'a verdict is "above", "below" or "same", got {verdict!r}')
    if (verdict == "same") != (margin > 0):
        raise NNBookError('"same" needs a margin greater than 0, and the others need none')
    if difference.seeds < FEWEST_SEEDS:
        raise ClaimError(
            f"{identity}: {difference.seeds} seeds are too few to claim anything; "
            f"take {FEWEST_SEEDS} or more"
        )
    clear = CLEARANCE * (difference.high - difference.low)
    holds = {
        "above": difference.low > clear,
        "below": difference.high < -clear,
        "same": -margin < difference.low and difference.high < margin,
    }[verdict]
    if not holds:
        raise ClaimError(
            f"{identity}: the runs do not show {verdict!r}: mean {difference.mean:.5g}, "
            f"95% interval {difference.low:.5g} to {difference.high:.5g}, "
            f"{difference.seeds} seeds, {difference.above} of them above zero; "
            "change the sentence to what they show"
        )
    return Claim(identity, difference, verdict, margin)
