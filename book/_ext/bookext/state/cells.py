"""What the cells of a chapter may call: a claim, for books that have no finer one of their own."""

import json

MIME_TYPE = "text/x-claim"  # of a claim's JSON
PREFIX = "claim:"  # before its identity, among what cells publish
VERDICTS = ("above", "below", "same", "holds")


class Claim:
    """Something that is said of results, whether it holds, and why; see `claim`."""

    def __init__(
        self, identity: str, *, holds: bool, evidence: str, verdict: str, better: str
    ) -> None:
        self.identity, self.holds, self.evidence = identity, holds, evidence
        self.verdict, self.better = verdict, better

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        verdict = self.verdict if self.holds else "does not hold"
        published = {
            "identity": self.identity,
            "holds": self.holds,
            "verdict": verdict,
            "better": self.better,
            "evidence": self.evidence,
        }
        text = f"{self.identity} {verdict}: {self.evidence}"
        return {"text/plain": text, MIME_TYPE: json.dumps(published)}


def claim(
    identity: str, holds: object, evidence: str, *, verdict: str = "holds", better: str = "more"
) -> None:
    """Publish a claim, on which ``{claim}`words <identity>``` then rests.

    Args:
        identity: a name of small letters, numerals, dots and hyphens.
        holds: whether it is so: a truth value. If it is not, the build fails and says where.
        evidence: what shows it, in the words of the book; it stands in the ledger.
        verdict: which way a difference goes, ``"above"`` zero, ``"below"`` or ``"same"``: the
            words are then held against it. With ``"holds"``, nobody looks at them.
        better: ``"more"`` or ``"less"``, whichever is good: by it, *worse* is more or less.

    Raises:
        TypeError: ``holds`` is no truth value; an array or a text would nearly always hold.
        ValueError: another verdict, or another word for what is better.
    """
    from myst_nb import glue

    # NumPy's own truth value is one, too, and NumPy need not be there.
    if not isinstance(holds, bool) and type(holds).__name__ not in {"bool", "bool_"}:
        raise TypeError(f"{identity}: a claim holds or not, True or False; got {holds!r}")
    if verdict not in VERDICTS or better not in {"more", "less"}:
        raise ValueError(
            f'{identity}: a verdict is one of {", ".join(VERDICTS)}, and better is "more" or '
            f'"less"; got {verdict!r} and {better!r}'
        )
    made = Claim(identity, holds=bool(holds), evidence=evidence, verdict=verdict, better=better)
    glue(PREFIX + identity, made, display=False)
