"""What a translation may not change."""

import pytest
from bookext.language.bindings import faults


@pytest.mark.parametrize(
    ("message", "translation"),
    [
        ("低了 {glue:text}`a` 个", "{glue:text}`a` lower"),
        ("{claim}`更好 <wins>`，{cite:p}`b`", "{cite:p}`b`: {claim}`better <wins>`"),
        ("见[上一章](a.md)", "see [above](a.md)"),
        ("$x$ 是 `y`", "`y` is $x$, that `y`"),
        ("{n:>8} 个", "{n:<4} of them"),
        ("{'、'.join(names)}", "{', '.join(names)}"),
        ('${a ? "一" : ""} 个', '${a ? "one" : ""} of them'),
        ("图 %s", "Figure %s"),
        ("有 [COUNT] 页", "[COUNT] pages"),
    ],
)
def test_words_are_free(message, translation):
    assert faults(message, translation) == []


@pytest.mark.parametrize(
    ("message", "translation", "fault"),
    [
        ("{glue:text}`a`", "none", "leaves out {glue:text} a"),
        ("一", "{glue:text}`a`", "adds {glue:text} a"),
        (
            "{glue:text}`a`",
            "{glue:text}`a`{glue:text}`a`",
            "has {glue:text} a 2 times instead of 1",
        ),
        ("{claim}`好 <wins>`", "{claim}`good <loses>`", "leaves out {claim} wins"),
        ("{claim}`好 <wins>`", "good", "leaves out {claim} wins"),
        ("[一](a.md)", "[one](b.md)", "adds a link to b.md"),
        ("$x$", "$y$", "leaves out the formula $x$"),
        ("`x`", "`y`", "adds `y`"),
        ("{n} 个", "{m} of them", "leaves out the placeholder {n}"),
        ("${n} 个", "n of them", "leaves out the placeholder ${n}"),
        ("图 %s", "Figure", "leaves out the placeholder %s"),
        ("`x`", "`x", "has a role or code that is not closed"),
    ],
)
def test_what_is_bound_is_not(message, translation, fault):
    assert fault in faults(message, translation)
