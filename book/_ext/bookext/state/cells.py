"""What the cells of a chapter may call: a claim, for books that have no finer one of their own."""

import json

MIME_TYPE = "text/x-claim"  # of a claim's JSON
PREFIX = "claim:"  # before its identity, among what cells publish


class Claim:
    """Something that is said of results, whether it holds, and why."""

    def __init__(self, identity: str, *, holds: bool, evidence: str) -> None:
        self.identity, self.holds, self.evidence = identity, bool(holds), evidence

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        verdict = "holds" if self.holds else "does not hold"
        published = {
            "identity": self.identity,
            "holds": self.holds,
            "verdict": verdict,
            "evidence": self.evidence,
        }
        text = f"{self.identity} {verdict}: {self.evidence}"
        return {"text/plain": text, MIME_TYPE: json.dumps(published)}


def claim(identity: str, holds: bool, evidence: str) -> None:
    """Publish a claim, on which ``{claim}`words <identity>``` then rests.

    Args:
        identity: a name of small letters, numerals, dots and hyphens.
        holds: whether it is so. If it is not, the build fails and says where.
        evidence: what shows it, in the words of the book; it stands in the ledger.
    """
    from myst_nb import glue

    glue(PREFIX + identity, Claim(identity, holds=holds, evidence=evidence), display=False)
