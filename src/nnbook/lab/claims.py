"""Claims: a sentence that compares stands on a check over many seeds, or the build fails."""

import json
import re
import sys
from dataclasses import dataclass

from nnbook.errors import NNBookError
from nnbook.lab import formats
from nnbook.lab.arms import is_draft
from nnbook.lab.statistics import Estimate

FEWEST_SEEDS = 6
# An interval that nearly touches its limit is not enough: it must stay away from
# it by this share of its own length.
CLEARANCE = 0.1


class ClaimError(NNBookError):
    """A claim of the book that the runs do not bear out."""


# How a chapter hands a claim to the build, which does not load NumPy to ask here: its extension
# says the same once more, and a test holds the two together.
MIME_TYPE = "text/x-claim"  # of its JSON
PREFIX = "claim:"  # before its identity, among what cells publish
IDENTITY = "[a-z0-9.-]+"
VERDICTS = {"above": "明显大于零", "below": "明显小于零", "same": "差不多"}


@dataclass(frozen=True)
class Claim:
    """What is claimed of a difference, and whether the runs bear it out.

    Attributes:
        identity: its name, which the sentence and the results page refer to.
        difference: the paired difference that it stands on.
        verdict: ``"above"``, ``"below"`` or ``"same"``.
        margin: what counts as the same, in the unit of the difference.
        unit: ``"points"`` for shares, shown in percentage points, or ``"number"``.
        better: ``"more"`` or ``"less"``: by which of them the words *better* and *worse* go.
    """

    identity: str
    difference: Estimate
    verdict: str
    margin: float = 0.0
    unit: str = "points"
    better: str = "more"

    @property
    def holds(self) -> bool:
        """Whether the whole interval is where the verdict says."""
        if self.verdict == "same":
            return -self.margin < self.difference.low and self.difference.high < self.margin
        return side(self.difference) == self.verdict

    @property
    def evidence(self) -> str:
        """The difference, its interval, its seeds and what it covers, in the book's words."""
        found = self.difference
        points = self.unit == "points"
        words = formats.HIGHER if points else formats.BIGGER
        limit = formats.number(100 * self.margin) if points else formats.number(self.margin, 3)
        shown = formats.points(found, words) if points else formats.change(found, words)
        told = [shown, formats.seeds(found, words)]
        if self.verdict == "same":
            told.append(f"界限 ±{limit}")
        if found.comparisons > 1:
            told.append(f"一共比了 {found.comparisons} 次，区间已按次数放宽")
        return "；".join([*told, f"每个种子都换：{found.varies}"])

    def __repr__(self) -> str:
        return f"{self.identity}：{VERDICTS[self.verdict]}，{self.evidence}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        published = {
            "identity": self.identity,
            "holds": self.holds,
            "verdict": self.verdict,
            "better": self.better,
            "evidence": self.evidence,
        }
        return {"text/plain": repr(self), MIME_TYPE: json.dumps(published, ensure_ascii=False)}


def side(difference: Estimate) -> str:
    """``"above"`` or ``"below"`` zero, where the whole interval is clearly there; or nothing.

    Example:
        >>> side(Estimate(0.005, 0.002, 0.008, 0.01, 20, 19))
        'above'
        >>> side(Estimate(0.003, 0.0, 0.006, 0.01, 20, 14))
        ''
    """
    clear = CLEARANCE * (difference.high - difference.low)
    if difference.low > clear:
        return "above"
    return "below" if difference.high < -clear else ""


def found_out(difference: Estimate) -> str:
    """What is known of something that was added: it helps, it harms, or how little it does.

    Example:
        >>> found_out(Estimate(0.005, 0.002, 0.008, 0.01, 20, 19))
        '有好处'
        >>> found_out(Estimate(0.001, -0.001, 0.003, 0.01, 20, 12))
        '相差不到 0.31 个百分点'
    """
    return {"above": "有好处", "below": "有坏处"}.get(side(difference)) or formats.bound(difference)


def claim(
    identity: str,
    difference: Estimate,
    verdict: str,
    *,
    margin: float = 0.0,
    unit: str = "points",
    better: str = "more",
) -> Claim:
    """State that a difference is clearly above zero, clearly below, or within a margin.

    In a chapter the claim is published under its identity, so that sentences can
    rest on it: ``{claim}`words <identity>```. The words must say the way that it goes.

    Args:
        identity: a name of small letters, digits, dots and hyphens.
        difference: of two arms, seed by seed, see `statistics.paired`, or one of several,
            see `statistics.compared`.
        verdict: ``"above"``, ``"below"`` or ``"same"``.
        margin: for ``"same"``: the whole interval must lie within ± this, in the
            unit of the difference.
        unit: ``"points"`` if the difference is one of shares, or ``"number"``.
        better: ``"more"``, or ``"less"`` if less is better, as of a loss.

    Raises:
        ClaimError: the runs do not bear it out, but for a draft, or there are too few seeds, or
            the difference is the same with every seed, as of an arm with itself.
        NNBookError: another identity, verdict or unit, or ``"same"`` without a
            margin.

    Example:
        >>> from nnbook.lab.statistics import Sample, estimate
        >>> grown = Sample([0.1, 0.2, 0.3, 0.2, 0.1, 0.2], varies="种子")
        >>> print(claim("grows", estimate(grown), "above").evidence)
        高了 18.33 个百分点（95% 置信区间 10.43 至 26.23）；6 个种子，个个都高；每个种子都换：种子
    """
    if not re.fullmatch(IDENTITY, identity):
        raise NNBookError(
            f"an identity is made of small letters, digits, dots and hyphens, got {identity!r}"
        )
    if verdict not in VERDICTS:
        raise NNBookError(f'a verdict is "above", "below" or "same", got {verdict!r}')
    if unit not in ("points", "number"):
        raise NNBookError(f'a unit is "points" or "number", got {unit!r}')
    if better not in ("more", "less"):
        raise NNBookError(f'what is better is "more" or "less", got {better!r}')
    if (verdict == "same") != (margin > 0):
        raise NNBookError('"same" needs a margin greater than 0, and the others need none')
    if not isinstance(difference, Estimate):
        raise NNBookError(
            "a claim stands on a difference over seeds: estimate, paired or compared gives one, "
            f"got {type(difference).__name__}"
        )
    if difference.seeds < FEWEST_SEEDS:
        raise ClaimError(
            f"{identity}: {difference.seeds} seeds are too few to claim anything; "
            f"take {FEWEST_SEEDS} or more"
        )
    if difference.spread == 0:
        raise ClaimError(
            f"{identity}: all {difference.seeds} differences are exactly {difference.mean:g}, as "
            "if one run had been counted many times, or an arm compared with itself; compare two "
            "arms over different seeds"
        )
    made = Claim(identity, difference, verdict, margin, unit, better)
    _publish(made)
    # Few seeds may not show what many do; a draft says so, and is not published.
    if not made.holds and not is_draft():
        raise ClaimError(
            f"{identity}: the runs do not show {verdict!r}: mean {difference.mean:.5g}, "
            f"95% interval {difference.low:.5g} to {difference.high:.5g}, "
            f"{difference.seeds} seeds, {difference.above} of them above zero, "
            f"{difference.ties} at zero and {difference.below} below; "
            "change the sentence to what they show"
        )
    return made


def _publish(made: Claim) -> None:
    """Put the claim among what the cell hands to the build; outside of a cell, do nothing."""
    interpreter = sys.modules.get("IPython")
    if interpreter is not None and interpreter.get_ipython() is not None:
        from myst_nb import glue

        glue(PREFIX + made.identity, made, display=False)
