"""What is published lands where it should, and only there."""

import pytest

FALSE = 'claim("the-most-common", often == 8'


def test_a_link_to_somewhere_else_is_not_written_through(dice, tmp_path):
    others = tmp_path / "www"
    others.mkdir()
    (others / "index.html").write_text("somebody's", encoding="ascii")
    html = dice.root / "_build/html"
    own = html.readlink()
    html.unlink()
    html.symlink_to(others)
    try:
        code, output = dice.build(PYTHONPATH="")
    finally:
        html.unlink()
        html.symlink_to(own)
    assert code
    assert f"{html} is a link to {others}" in output
    assert [path.name for path in others.iterdir()] == ["index.html"]
    assert (others / "index.html").read_text(encoding="ascii") == "somebody's"


@pytest.mark.parametrize("builder", ["dirhtml", "singlehtml", "text"])
def test_another_builder_tells_of_a_false_claim_as_well(dice, builder):
    dice.replace("sums.md", 'claim("the-most-common", often == 7', FALSE)
    command = ["jupyter-book", "build", ".", "--builder", "custom", "--custom-builder", builder]
    try:
        code, output = dice.forked(*command, PYTHONPATH="")
    finally:
        dice.replace("sums.md", FALSE, 'claim("the-most-common", often == 7')
    assert code, output
    assert "rests on the claim the-most-common, which does not hold" in output
    assert "what was built is not to be published" in output


@pytest.mark.parametrize("value", ["float('nan')", "None", "{}.get('there')", "object()"])
def test_what_only_python_shows_is_not_published(dice, value):
    text = f'glue("throws", {value}, display=False)'
    dice.replace("sums.md", 'glue("throws", len(throws), display=False)', text)
    try:
        code, output = dice.build(PYTHONPATH="")
    finally:
        dice.replace("sums.md", text, 'glue("throws", len(throws), display=False)')
    assert code, output
    assert "`throws` is published as " in output


def test_words_of_several_sentences_rest_on_a_claim(dice):
    words = "{claim}`better than any other sum <the-most-common>`"
    several = "{claim}`better. By far <the-most-common>`"
    dice.replace("sums.md", words, several)
    try:
        code, output = dice.build(PYTHONPATH="")
    finally:
        dice.replace("sums.md", several, words)
    assert "Traceback" not in output
    assert "StopIteration" not in output
    assert code == 0, output
