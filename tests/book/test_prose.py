"""What the build takes for a number typed by hand, and for a comparison without a claim."""

import tomllib
from pathlib import Path

import pytest
from bookext.truth.prose import (
    BOUND,
    CITED,
    CLAIMED,
    CODE,
    Rules,
    comparison,
    numbers,
    old_terms,
    read,
    sentences,
)
from bookext.words import HERE

BOOK = Path(__file__).parents[2] / "book/prose"
CHINESE, ENGLISH = (
    read([HERE / f"{language}.toml", BOOK / f"{language}.toml"]) for language in ("zh_CN", "en")
)


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
    assert (kind, number) in numbers(sentence, CHINESE)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_no_other_way_to_say_it_gets_by(language):
    path = Path(__file__).with_name("paraphrases.toml")
    said = tomllib.loads(path.read_text(encoding="utf-8"))[language]
    rules = CHINESE if language == "zh_CN" else ENGLISH
    assert len(said["typed"]) + len(said["comparing"]) >= 100
    assert [each for each in said["typed"] if not numbers(each, rules)] == []
    missed = [word for word in said["comparing"] if not comparison(f"It {word} {BOUND}.", rules)]
    assert missed == []


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
    assert numbers(sentence, CHINESE) == []


def test_a_citation_excuses_its_own_sentence_alone():
    cited, other = sentences(f"论文建议 50% {CITED}。我们得到 90%。", CHINESE)
    assert not numbers(cited, CHINESE)
    assert numbers(other, CHINESE)


@pytest.mark.parametrize("word", CHINESE.comparing)
def test_every_word_of_comparison_needs_a_claim(word):
    sentence = f"它{word}了，差是 {BOUND}。"
    assert comparison(sentence, CHINESE) is not None
    assert comparison(sentence.replace(BOUND, CLAIMED + BOUND), CHINESE) is None
    assert comparison(sentence.replace(BOUND, ""), CHINESE) is None


@pytest.mark.parametrize("expression", CHINESE.not_comparing)
def test_allowed_expressions_compare_nothing(expression):
    assert comparison(f"{expression}是 {BOUND}。", CHINESE) is None


@pytest.mark.parametrize("old", CHINESE.terms)
def test_a_term_that_the_book_has_left_behind_is_found(old):
    assert old_terms(f"这里说的是{old}。", CHINESE.terms) == [(old, CHINESE.terms[old])]
    assert old_terms("丢弃法和丢弃层。", CHINESE.terms) == []


@pytest.mark.parametrize(
    ("sentence", "kind", "number"),
    [
        ("The accuracy is 91.8%.", "a percentage", "91.8%"),
        ("A rate of 20 %.", "a percentage", "20 %"),
        ("About 20 percent of them.", "a percentage", "20 percent"),
        ("About twenty per cent.", "a percentage", "twenty per cent"),
        ("Twenty-five percent.", "a percentage", "Twenty-five percent"),
        ("The loss is 0.25.", "a decimal", "0.25"),
        ("The loss is .25 here.", "a decimal", ".25"),
        ("Two thirds of the pixels.", "a fraction", "Two thirds"),
        ("A fifth of the images.", "a fraction", "A fifth"),
        ("It drops one-fifth.", "a fraction", "one-fifth"),
        ("Half of the neurons.", "a fraction", "Half of"),
        ("Three out of five are kept.", "a fraction", "Three out of five"),
        ("One in ten is kept.", "a fraction", "One in ten"),
        ("Then 3/4 are left.", "a fraction", "3/4"),
        ("Train for 10 epochs.", "a number with a unit", "10 epochs"),
        ("A 10-epoch run.", "a number with a unit", "10-epoch run"),
        ("Repeated 50 times.", "a number with a unit", "50 times"),
        ("It takes 20 seeds.", "a number with a unit", "20 seeds"),
        ("On 1,000 test images.", "a number with a unit", "1,000 test images"),
        ("With 64 hidden neurons.", "a number with a unit", "64 hidden neurons"),
        ("In 3 seconds.", "a number with a unit", "3 seconds"),
        ("It is 3 times as fast.", "a number with a unit", "3 times"),
        ("By 2 percentage points.", "a number with a unit", "2 percentage points"),
        ("Over twenty seeds.", "a number with a unit", "twenty seeds"),
        ("A hundred images.", "a number with a unit", "A hundred images"),
    ],
)
def test_a_number_typed_by_hand_is_found_in_english(sentence, kind, number):
    assert (kind, number) in numbers(sentence, ENGLISH)


@pytest.mark.parametrize(
    "sentence",
    [
        f"The accuracy is {BOUND}.",
        f"A rate of {BOUND}, {BOUND} seeds and {BOUND} images.",
        f"Pixels from {CODE} to {CODE}.",
        f"The paper advises a fifth of the inputs, and 50% of the rest {CITED}.",
        "The paper of 2014.",
        "Python 3.11 and NumPy 2.4.",
        "CC BY-SA 4.0.",
        "The band is the 95% confidence interval.",
        "This is but one comparison, and the first time that we see it.",
        "Draw two times, wait a second, look at two images.",
        "Chapter 3 and Figure 2.1 say why.",
        "A quarter past the hour, she took the second half.",
        "The third layer has a third one.",
    ],
)
def test_in_english_what_is_bound_quoted_or_no_result_is_let_pass(sentence):
    assert numbers(sentence, ENGLISH) == []


@pytest.mark.parametrize("word", ENGLISH.comparing)
def test_every_english_word_of_comparison_needs_a_claim(word):
    for sentence in (f"With it, {word} by {BOUND}.", f"{word.capitalize()}: {BOUND}."):
        assert comparison(sentence, ENGLISH) is not None
        assert comparison(sentence.replace(BOUND, CLAIMED + BOUND), ENGLISH) is None
        assert comparison(sentence.replace(BOUND, ""), ENGLISH) is None


def test_english_words_of_comparison_are_whole_words():
    assert comparison(f"A fellow of {BOUND} slowerly.", ENGLISH) is None
    for expression in ENGLISH.not_comparing:
        assert comparison(f"It is {expression} {BOUND}.", ENGLISH) is None


def test_english_is_cut_into_sentences():
    text = f"It is so, e.g. {BOUND}, i.e. 3.5 of them. “Why?” Ask (again!) now. {CODE} is it."
    assert [part.rstrip("\x02") for part in sentences(text, ENGLISH)] == [
        f"It is so, e.g. {BOUND}, i.e. 3.5 of them.",
        "“Why?",
        "Ask (again!) now.",
        f"{CODE} is it.",
    ]


def test_lists_go_on_from_file_to_file_and_other_values_are_replaced(tmp_path):
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text(
        "[sentences]\ncut = 'a'\n[numbers]\nunits = ['m']\n[numbers.kinds]\nx = '<units>'"
    )
    two.write_text("[sentences]\ncut = 'b'\n[numbers]\nunits = ['km']\n[terms]\nold = 'new'")
    rules = read([one, two])
    assert (rules.cut, rules.numbers["x"].pattern, rules.terms) == ("b", "km|m", {"old": "new"})
    assert read([]) == Rules()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "bad.toml is no TOML"),
        ("[numbers]\nno_result = ['(']", r"'\(' in .*bad.toml is no"),
    ],
)
def test_rules_that_cannot_be_read_are_named(tmp_path, text, message):
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(ValueError, match=message):
        read([tmp_path / "bad.toml"])
