"""The benchmarks measure what they say, and the book's page tells what is out of date."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from benchmarks import __main__ as command
from benchmarks import building, fused, plain, steps
from benchmarks.tables import Table
from benchmarks.timing import Spread, interleaved, ratio

from nnbook.lab.evidence import code

ROOT = Path(__file__).parents[1]
MEASURED = {"date", "commit", "machine", "versions", "fingerprint"}


def test_everybody_runs_in_turns_and_the_first_round_does_not_count():
    order = []
    contestants = {"a": lambda: order.append("a"), "b": lambda: (order.append("b"), 2.0)[1]}
    seconds = interleaved(contestants, rounds=3)
    assert order == ["a", "b"] * 4
    assert seconds["b"] == [2.0] * 3  # measured by itself
    assert len(seconds["a"]) == 3
    assert all(0 <= each < 1 for each in seconds["a"])


def test_a_contestant_that_takes_longer_is_seen_to():
    seconds = interleaved({"long": lambda: time.sleep(0.02), "short": lambda: None}, rounds=3)
    assert ratio(seconds["long"], seconds["short"]).low > 1


def test_ratios_are_taken_round_by_round():
    assert ratio([2.0, 30.0, 6.0], [1.0, 10.0, 1.0]) == Spread(3.0, 2.0, 6.0)
    assert str(Spread(3.14159, 2.0, 6.0)) == "3.14 (2–6)"


def test_a_table_is_printed_in_columns():
    table = Table("t", "A title", ["name", "x"], [["long name", Spread(1, 1, 1)]], ["A note."])
    assert str(table).splitlines()[1:] == [
        "A title",
        "name       x",
        "---------  -------",
        "long name  1 (1–1)",
        "A note.",
    ]


@pytest.mark.parametrize("contestant", [fused.fused, plain.plain], ids=["fused", "plain"])
def test_the_two_ends_of_the_scale_learn(contestant):
    """What is compared must do the work: one answer in ten is right by chance."""
    x, y = (each[:400] for each in steps.digits("float64"))
    run = contestant(x, y, 4, 64, "float64")
    names = run.__code__.co_freevars
    kept = dict(zip(names, (cell.cell_contents for cell in run.__closure__), strict=True))

    def predictions():
        if "first" in kept:
            return kept["last"](plain.relu(kept["first"](plain.Tensor(x)))).data
        hidden = np.maximum(x @ kept["w1"] + kept["b1"], 0)
        return hidden @ kept["w2"] + kept["b2"]

    run(1000)
    assert np.mean(predictions().argmax(axis=1) == y.argmax(axis=1)) > 0.7


def test_all_kept_tables_tell_when_where_and_on_what_they_were_measured():
    kept = json.loads((ROOT / "benchmarks/results.json").read_text(encoding="utf-8"))
    for table in kept.values():
        assert table["rows"]
        assert table["measured"].keys() == MEASURED
        assert all(len(row) == len(table["columns"]) for row in table["rows"])


@pytest.mark.parametrize(("state", "fails"), [(code(), False), ("another", True)])
def test_a_table_of_another_state_is_told_and_nothing_is_measured(
    monkeypatch, tmp_path, state, fails
):
    kept = tmp_path / "results.json"
    kept.write_text(json.dumps({"steps": {"measured": {"fingerprint": state}}}))
    monkeypatch.setattr(command, "RESULTS", kept)
    monkeypatch.setattr(command, "TABLES", {})
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--check"])
    if fails:
        with pytest.raises(SystemExit, match=r"change of the library: steps; .*make bench ARGS"):
            command.main()
    else:
        command.main()


@pytest.mark.everything
def test_a_book_of_many_chapters_can_be_built(monkeypatch):
    monkeypatch.setattr(building, "SIZES", (2,))
    (row,) = building.measure_chapters(rounds=1).rows
    assert row[0] == "2"
    assert all(float(each) > 0 for each in row[1:])
