"""What the build takes for a number typed by hand, and for a comparison without a claim."""

import tomllib
from pathlib import Path

import pytest
from bookext.truth.prose import (
    BOUND,
    CITED,
    CLAIMED,
    CODE,
    comparison,
    numbers,
    old_terms,
    sentences,
)

WORDS = tomllib.loads(
    (Path(__file__).parents[2] / "book" / "prose.toml").read_text(encoding="utf-8")
)
ALLOWED = WORDS["numbers"]["allowed"]


@pytest.mark.parametrize(
    ("sentence", "kind", "number"),
    [
        ("准确率是 91.8%。", "a percentage", "91.8%"),
        ("丢弃率 20％。", "a percentage", "20％"),
        ("大约百分之二十。", "a percentage", "百分之"),
        ("损失是 0.25。", "a decimal", "0.25"),
        ("五分之一的像素。", "a fraction", "五分之一"),
        ("十分之三。", "a fraction", "十分之三"),
        ("九成的图片。", "a fraction", "九成"),
        ("训练 10 轮。", "a number with a unit", "10 轮"),
        ("训练了 10 个轮次。", "a number with a unit", "10 个轮次"),
        ("重复 50 次。", "a number with a unit", "50 次"),
        ("20 个种子。", "a number with a unit", "20 个种子"),
        ("1000 张图片。", "a number with a unit", "1000 张"),
        ("64 个神经元。", "a number with a unit", "64 个神经元"),
        ("用了 3 秒。", "a number with a unit", "3 秒"),
        ("快 3 倍。", "a number with a unit", "3 倍"),
        ("高 2 个百分点。", "a number with a unit", "2 个百分点"),
        ("二十个种子。", "a number with a unit", "二十个种子"),
        ("一百多张图片。", "a number with a unit", "一百多张"),
    ],
)
def test_a_number_typed_by_hand_is_found(sentence, kind, number):
    assert (kind, number) in numbers(sentence, ALLOWED)


@pytest.mark.parametrize(
    "sentence",
    [
        f"准确率是 {BOUND}。",
        f"丢弃率 {BOUND}，{BOUND} 个种子，{BOUND} 张图片。",
        f"像素从 {CODE} 到 {CODE}。",
        f"论文建议输入五分之一、隐藏层 50% {CITED}。",
        "2014 年的论文。",
        "Python 3.11 和 NumPy 2.4。",
        "CC BY-SA 4.0。",
        "色带是 95% 置信区间。",
        "这只是一次比较。",
        "每次挑两张。",
        "成为一个网络，变成零，完成了就好。",
        "第一次看到它。",
    ],
)
def test_what_is_bound_quoted_or_no_result_is_let_pass(sentence):
    assert numbers(sentence, ALLOWED) == []


def test_a_citation_excuses_its_own_sentence_alone():
    cited, other = sentences(f"论文建议 50% {CITED}。我们得到 90%。")
    assert not numbers(cited, ALLOWED)
    assert numbers(other, ALLOWED)


@pytest.mark.parametrize("word", WORDS["comparisons"]["words"])
def test_every_word_of_comparison_needs_a_claim(word):
    words, allowed = WORDS["comparisons"]["words"], WORDS["comparisons"]["allowed"]
    sentence = f"它{word}了，差是 {BOUND}。"
    assert comparison(sentence, words, allowed) is not None
    assert comparison(sentence.replace(BOUND, CLAIMED + BOUND), words, allowed) is None
    assert comparison(sentence.replace(BOUND, ""), words, allowed) is None


@pytest.mark.parametrize("expression", WORDS["comparisons"]["allowed"])
def test_allowed_expressions_compare_nothing(expression):
    words, allowed = WORDS["comparisons"]["words"], WORDS["comparisons"]["allowed"]
    assert comparison(f"{expression}是 {BOUND}。", words, allowed) is None


@pytest.mark.parametrize("old", WORDS["terms"])
def test_a_term_that_the_book_has_left_behind_is_found(old):
    assert old_terms(f"这里说的是{old}。", WORDS["terms"]) == [(old, WORDS["terms"][old])]
    assert old_terms("丢弃法和丢弃层。", WORDS["terms"]) == []
