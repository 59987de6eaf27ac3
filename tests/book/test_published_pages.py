"""What the build reads in pages as they come out, and what it lets pass there."""

import pytest
import yaml
from bookext.truth.pages import read, typed
from bookext.truth.prose import read as read_rules
from bookext.words import HERE
from test_another import refused

ENGLISH = read_rules([HERE / "en.toml"])


@pytest.mark.parametrize(
    ("page", "blocks"),
    [
        ("<p>one <em>and</em> two<p>three", ["one and two", "three"]),
        ("<li>one<ul><li>two</ul>three", ["one", "two", "three"]),
        ("<td>one<td>two</table>", ["one", "two"]),
        ("text without an element", ["text without an element"]),
        ("<p>one<br>two<hr>three", ["one two three"]),
        ("<p>5&nbsp;%</p>", ["5 %"]),
        (
            "<svg><title>one</title><text>two <tspan>three</tspan></text></svg>",
            ["one", "two three"],
        ),
        ('<img alt="one"><input placeholder="two">', ["one", "two"]),
        ('<a title="one" aria-label="two">three</a>', ["one", "two", "three"]),
        ("<script>one</script><style>two</style><template><p>three</template>", []),
        ("<p>a <code>1 <b>2</b></code> b</p>", ["a \x04 b"]),
        ('<p>by <span class="pasted-text">1 <b>2</b></span>.', ["by \x01."]),
        ('<p>so <span class="bibtex-citation">[<a>1</a>]</span>.', ["so \x03."]),
        ('<p>is <a class="claim reference">better</a>.', ["is \x02better."]),
        ('<a><span class="section-number">1.2. </span>Title</a>', ["Title"]),
        # A stray end, and one that closes what stands open within.
        ("<p>one</b></p><div><p>two</div>three", ["one", "two", "three"]),
        ('<pre><div class="x"><p>one</pre>two', ["\x04two"]),
    ],
)
def test_a_reader_sees_texts_block_by_block(page, blocks):
    assert [block.replace("\xa0", " ") for block in read(page)] == blocks


@pytest.mark.parametrize(
    "block",
    [
        "See https://example.org/91% or arXiv:1207.0580.",
        "Version 1.25.3, see section 8.1.",
        "The paper says 91.8% \x03.",
        "It is \x01 and \x02better, by \x01.",
    ],
)
def test_what_is_no_result_or_not_typed_passes(block):
    assert typed([block], ENGLISH) == []


@pytest.mark.parametrize(
    ("block", "sentence", "what"),
    [
        ("Well. It is 91.8%.", "It is 91.8%.", "a percentage that was typed, 91.8%"),
        ("It won by \x01.", "It won by ….", "a comparison (won) that rests on no claim"),
    ],
)
def test_what_was_typed_is_told_with_its_sentence(block, sentence, what):
    assert (sentence, what) in typed([block], ENGLISH)


def test_a_number_is_found_wherever_a_reader_sees_it(dice):
    root = dice.root
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["config"] = {
        "html_theme_options": {"announcement": "Seven won by 11%."},
        "html_static_path": ["_static"],
    }
    config["bibtex_bibfiles"] = ["dice.bib"]
    (root / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (root / "_static").mkdir()
    (root / "_static/own.css").write_text('p::after { content: "by 13%"; }', encoding="ascii")
    (root / "dice.bib").write_text(
        "@misc{pascal, author={Pascal}, title={On}, year={1654}, note={It won 14 times}}",
        encoding="ascii",
    )
    dice.replace("_toc.yml", "- file: sums", "- file: sums\n    title: Seven, 15% more")
    dice.replace(
        "sums.md",
        "They are added up like this:",
        "<div>Raw, 16%.</div>\n\n"
        "<div><svg role='img' aria-label=\"Drawn, 17%.\"><text>Drawn, 18%.</text></svg></div>\n\n"
        ":::{rubric} Rubric, 19%\n:::\n\n"
        ":::{bibliography}\n:all:\n:::\n\n"
        "They are added up like this:",
    )
    shares = [f"a percentage that was typed, {share}%" for share in (11, 13, *range(15, 20))]
    refused(dice, *shares, "a number with a unit that was typed, 14 times")
