"""Chapters and the build say the same of a claim, each on its own: the build loads no NumPy."""

from bookext.state import cells
from bookext.truth import claims as build

from nnbook.lab import claims as lab
from nnbook.lab.statistics import Sample, estimate


def test_both_sides_name_a_claim_alike():
    assert (cells.MIME_TYPE, cells.PREFIX) == (lab.MIME_TYPE, lab.PREFIX)
    assert build.IDENTITY == lab.IDENTITY
    assert {name: str(words()) for name, words in build.VERDICTS.items() if name != "holds"} == (
        lab.VERDICTS
    )


def test_the_build_reads_what_a_chapter_publishes():
    made = lab.claim("it-rises.2", estimate(Sample([0.01, 0.02] * 4, "种子")), "above")
    assert build.evidence(made._repr_mimebundle_()) == {
        "identity": "it-rises.2",
        "holds": True,
        "side": "above",
        "verdict": "明显大于零",
        "better": "more",
        "evidence": made.evidence,
    }
    assert build.evidence({"text/plain": "0.2"}) is None
