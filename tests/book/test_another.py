"""What keeps this book fresh serves another: one folder is copied, three lines load it.

The other book is about dice and in English, with a theme, a library and data of its own. It has
no room `bookext.site`, no rules for prose besides those that come along, and no lock.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from bookext import fresh
from project import ROOT, Project

DICE = Path(__file__).with_name("another")
BOOKEXT = ROOT / "book/_ext/bookext"


def copy(root):
    """The other book, with a copy of what it takes from this one."""
    shutil.copytree(DICE, root, ignore=shutil.ignore_patterns("__pycache__"))
    ignored = shutil.ignore_patterns("__pycache__", "site")
    shutil.copytree(BOOKEXT, root / "_ext/bookext", ignore=ignored)
    return Project(root)


def refused(dice, *messages):
    """Build twice what must not be published: the site stays, and the fault is found again."""
    good = dice.page("sums")
    for _ in range(2):
        code, output = dice.build(PYTHONPATH="")
        assert code != 0
        assert [message for message in messages if message not in output] == [], output
        assert "the last good site stays as it was" in output
        assert dice.page("sums") == good


def built(dice):
    """Build what is well, and tell whether the chapter was executed."""
    code, output = dice.build(PYTHONPATH="")
    assert code == 0, output
    return "Executed notebook" in output, output


def words(page):
    return " ".join(re.sub(r"<[^>]+>", "", page.replace("</t", " </t")).split())


def test_another_book_needs_no_more_than_a_folder_and_three_lines(tmp_path):
    config = yaml.safe_load((DICE / "_config.yml").read_text(encoding="utf-8"))
    assert config["sphinx"] == {"local_extensions": {"bookext.fresh": "_ext"}}
    dice = copy(tmp_path / "dice")

    executed, output = built(dice)
    assert executed
    assert "no lock is set: the book is built with the packages that are installed" in output
    text = words(dice.page("sums"))
    assert "Two dice were thrown 48 times and showed 7 the most often." in text
    assert "def sums(throws: list[tuple[int, int]]) -&gt; Counter[int]:" in text
    assert 'href="index.html#claim-the-most-common"' in dice.page("sums")
    shown = words(dice.page("index"))
    for told in (
        *("Claim Sentence Evidence", "holds: 7 came 15 times, 8 came 8 times"),
        *("That is better than any other sum, by 7 throws.", "The code that computes them"),
    ):
        assert told in shown
    ledger = json.loads((dice.site / "ledger.json").read_text(encoding="utf-8"))
    assert ledger["numbers"] == {"sums/lead": "7", "sums/often": "7", "sums/throws": "48"}

    # Nothing is done again.
    executed, output = built(dice)
    assert not executed
    assert "no targets are out of date" in output

    # A change of its data is published.
    with (dice.root / "data/throws.csv").open("a", encoding="ascii") as file:
        file.write("3,4\n")
    executed, _ = built(dice)
    assert executed
    assert "Two dice were thrown 49 times" in words(dice.page("sums"))

    # A change of its library that makes a claim false is refused, and so is a number by hand.
    dice.replace("src/dice/sums.py", "Counter(one + other for", "Counter(abs(one - other) for")
    dice.replace("index.md", "All that", "It was so in 31% of the throws. All that")
    refused(
        dice,
        "rests on the claim the-most-common, which does not hold: 1 came 17 times, 2 came",
        "a percentage typed by hand, 31%",
    )

    # Back again, nothing is executed: what was computed for that state is still there.
    dice.replace("src/dice/sums.py", "Counter(abs(one - other) for", "Counter(one + other for")
    dice.replace("index.md", "It was so in 31% of the throws. ", "")
    executed, _ = built(dice)
    assert not executed


def test_tools_take_the_same_fingerprints_as_a_build(tmp_path):
    dice = copy(tmp_path / "dice")
    results, presentation = fresh.of_checkout(dice.root)
    (dice.root / "data/throws.csv").write_text("1,1\n", encoding="ascii")
    assert fresh.of_checkout(dice.root)[0] != results
    (dice.root / "prose").mkdir()
    (dice.root / "prose/en.toml").touch()
    assert fresh.of_checkout(dice.root)[1] != presentation
    assert fresh.of_checkout(ROOT) != (results, presentation)


@pytest.mark.everything
def test_a_language_of_which_nothing_is_known_is_told_and_the_check_can_be_left_out(tmp_path):
    dice = copy(tmp_path / "dice")
    built(dice)
    config = dice.root / "_config.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(f"{text}  config:\n    language: eo\n", encoding="utf-8")
    refused(dice, "nothing is known of the language eo: write prose/eo.toml on the pattern of")
    config.write_text(f"{text}  config:\n    language: eo\n    book_prose: ''\n", encoding="utf-8")
    built(dice)


def test_what_is_copied_names_nothing_of_this_book():
    """But for settings: its library, its subject, its data and its language."""
    own = re.compile(r"nnbook|dropout|digit|mnist|[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]", re.I)
    files = [BOOKEXT / "fresh.py", *BOOKEXT.glob("state/*.py"), *BOOKEXT.glob("truth/*.py")]
    assert len(files) > 15
    found = [
        f"{path.relative_to(BOOKEXT)}:{row}: {line.strip()}"
        for path in files
        for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if own.search(line)
    ]
    assert found == []
    # Nor does it need what makes this book's pages.
    imported = "".join(path.read_text(encoding="utf-8") for path in files)
    assert "bookext.site" not in imported
