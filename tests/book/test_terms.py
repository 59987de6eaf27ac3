"""What the build takes for the introduction of a term."""

import pytest
from bookext.truth.prose import read
from bookext.truth.terms import introduced
from bookext.words import HERE
from docutils.core import publish_doctree

BEHIND = read([HERE / "zh_CN.toml"]).introduced


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("这叫**掩码**（mask）。", ["掩码"]),
        ("**种子**\\ （random seed）和 **层**\\ （layer）", ["种子", "层"]),
        ("这**很重要**。", []),
        ("**一种**（第一种）说法", []),
        ("**粗体**", []),
        ("**一**：后面才有（English）", []),
    ],
)
def test_a_term_is_bold_with_its_english_behind_it(text, terms):
    source = text.replace("**（", "**\\ （").replace("叫**", "叫\\ **").replace("这**", "这\\ **")
    source = source.replace("要**。", "要**\\ 。").replace("**：", "**\\ ：")
    assert introduced(publish_doctree(source), BEHIND) == terms
    assert introduced(publish_doctree(source), "") == []
