"""What words of a claim say of its direction, in both languages, and what the build answers."""

from dataclasses import fields
from pathlib import Path

import pytest
from bookext.state import cells
from bookext.truth.directions import Directions, fault
from bookext.truth.prose import read
from bookext.words import HERE

BOOK = Path(__file__).parents[2] / "book/prose"
KNOWN = {
    language: read([HERE / f"{language}.toml", BOOK / f"{language}.toml"]).directions
    for language in ("zh_CN", "en")
}
# How people say that one is above the other, below, or neither: not words of the lists.
SAID = {
    "zh_CN": {
        "above": [
            "略高一点",
            "反而更高了",
            "长了一大截",
            "多认对了一些",
            "赢了",
            "确实有好处",
            "胜过了它",
        ],
        "below": ["略低一点", "认对的反而少了", "跌了下去", "输了", "有害", "不如它", "退了回去"],
        "same": ["差不多", "相差不到这么多", "几乎没有变", "不相上下"],
    },
    "en": {
        "above": [
            "a bit higher",
            "Clearly better",
            "helps a good deal",
            "beat it",
            "went up",
            "won",
        ],
        "below": ["slightly lower", "got fewer right", "fell far", "does harm", "lost", "is worse"],
        "same": ["about the same", "hardly changed", "on a par with it", "much the same"],
    },
}
CASES = [
    (language, verdict, words)
    for language, said in SAID.items()
    for verdict, several in said.items()
    for words in several
]


@pytest.mark.parametrize(("language", "verdict", "words"), CASES)
def test_words_stand_for_their_verdict_and_for_no_other(language, verdict, words):
    known = KNOWN[language]
    assert fault(words, verdict, "more", known) is None
    for other in {"above", "below", "same"} - {verdict}:
        assert fault(words, other, "more", known) is not None
    assert fault(words, "holds", "more", known) is None


@pytest.mark.parametrize("language", KNOWN)
def test_where_less_is_better_worse_is_more(language):
    known = KNOWN[language]
    worse, lower = {"zh_CN": ("更差", "更低"), "en": ("worse", "lower")}[language]
    assert fault(worse, "above", "less", known) is None
    assert fault(worse, "below", "less", known) == "say above, and it is below"
    assert fault(lower, "below", "less", known) is None


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh_CN", "并没有更低"), ("zh_CN", "不差"), ("en", "not lower"), ("en", "no worse")],
)
def test_a_denial_is_no_direction(language, words):
    found = fault(words, "above", "more", KNOWN[language])
    assert found == "deny a direction instead of saying one"


@pytest.mark.parametrize("language", KNOWN)
def test_each_word_says_just_one_thing(language):
    """A word within another of another kind would have both said at once."""
    known = KNOWN[language]
    verdicts = {"up": "above", "down": "below", "good": "above", "bad": "below", "same": "same"}
    for each in fields(Directions):
        for word in getattr(known, each.name):
            if each.name in verdicts:
                assert fault(word, verdicts[each.name], "more", known) is None, word
            else:
                assert fault(word, "above", "more", known) is not None, word


def test_a_language_without_words_asks_nothing():
    assert fault("whatever", "above", "more", Directions()) is None


@pytest.mark.parametrize("holds", ["no", "", 1, None, [True], {}])
def test_what_is_no_truth_value_is_refused(holds):
    with pytest.raises(TypeError, match="x: a claim holds or not, True or False"):
        cells.claim("x", holds, "because")


@pytest.mark.parametrize("options", [{"verdict": "up"}, {"better": "fewer"}])
def test_another_verdict_is_refused(options):
    with pytest.raises(ValueError, match=r"x: a verdict is one of above, below, same, holds"):
        cells.claim("x", True, "because", **options)
