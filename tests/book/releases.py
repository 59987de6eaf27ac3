"""Releases that were never made, for the tests of what is told of them."""

from bookext.site.releases import Release

CLAIM = {"page": "a", "sentence": "它高了。", "verdict": "明显大于零"}


def ledger(evidence="two points; six seeds", **numbers):
    """A claim and some numbers of the page ``a``."""
    return {
        "numbers": {f"a/{name}": value for name, value in numbers.items()},
        "claims": {"up": {**CLAIM, "evidence": evidence}},
    }


def release(version, published, *, day=1, why=()):
    """A release of that ledger."""
    return Release(version, f"2027-01-{day:02d}", list(why), published, {"python": "3.11.2"})
