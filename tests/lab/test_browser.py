"""What a page asks of the library in the reader's browser; here it is asked in CPython."""

import json
from dataclasses import replace

import pytest

from nnbook import NNBookError
from nnbook.lab import browser, estimate, experiments, formats, paired, run
from nnbook.lab.exercises import EXERCISES
from nnbook.lab.runs import Run
from nnbook.lab.statistics import Sample
from nnbook.lab.studies import PUBLISHED, published

QUICK = {"epochs": 1, "width": 2}


def ask(name, reports=None, **arguments):
    def report(told):
        if reports is not None:
            reports.append(json.loads(told))

    return json.loads(browser.call(name, json.dumps(arguments), report))


@pytest.fixture
def short(monkeypatch):
    """The study of the published run, cut down to what a test can wait for."""
    cut = {"epochs": 1, "training_images": 60, "width": 4}
    arms = {name: replace(arm, **cut) for name, arm in published.arms.items()}
    monkeypatch.setattr(browser, "published", replace(published, arms=arms))
    return browser.published


def test_what_a_reader_runs_is_the_experiment_itself():
    reports = []
    answer = ask("reproduce", reports, settings={**QUICK, "seed": 3, "rate": 0.5})
    result = run(replace(PUBLISHED, **QUICK, seed=3, rate=0.5))
    assert answer == {**browser.shown(result.accuracy, result.loss), "published": False}
    assert reports == [{"epoch": 1, "epochs": 1, "accuracy": result.test_accuracies[0]}]


def test_it_knows_the_published_run(monkeypatch):
    quick = replace(PUBLISHED, training_images=20, epochs=2)
    monkeypatch.setattr(browser, "PUBLISHED", quick)
    assert ask("reproduce", settings={})["published"]
    same = {name: getattr(quick, name) for name in browser.LIMITS}
    assert ask("reproduce", settings=same)["published"]
    assert not ask("reproduce", settings={"seed": 0})["published"]


@pytest.mark.parametrize("name", browser.LIMITS)
def test_limits_hold_the_published_value_and_are_kept(name):
    kind, least, most = browser.LIMITS[name]
    assert least <= getattr(PUBLISHED, name) <= most
    for value in (least, most):
        assert getattr(browser.described({name: kind(value)}), name) == value
    for value in (least - 1, most + 1, float("nan"), "1", None, True, [1]):
        with pytest.raises(NNBookError, match=f"^{name} 要在"):
            browser.described({name: value})


def test_a_whole_number_is_asked_for_where_there_is_no_part():
    with pytest.raises(NNBookError, match=r"^epochs 要在"):
        browser.described({"epochs": 1.5})
    assert browser.described({"rate": 0}).rate == 0


def test_nothing_else_can_be_changed_or_called():
    with pytest.raises(NNBookError, match=r"^可以改的只有 .*，没有 'probes'"):
        browser.described({"probes": ["filters"]})
    with pytest.raises(NNBookError, match="there is no 'exec'"):
        ask("exec", code="1")


def test_pairs_come_one_after_another_and_say_at_last_what_the_book_would(short):
    reports = []
    answer = ask("many_seeds", reports, seeds=5)
    assert [len(told["differences"]) for told in reports] == [2, 3, 4, 5]
    assert reports[-1] == answer
    with_, without = (
        [run(replace(short.arms[name], seed=seed)).accuracy for seed in range(5)]
        for name in ("with", "without")
    )
    found = paired(Sample(with_, "种子"), Sample(without, "种子"))
    assert answer["mean"] == 100 * found.mean
    assert answer["low"] == 100 * found.low
    assert answer["differences"] == [100 * (a - b) for a, b in zip(with_, without, strict=True)]


def test_pairs_are_corrected_as_those_of_the_book_are(short):
    alone, corrected = (
        ask("many_seeds", seeds=2, comparisons=comparisons) for comparisons in (1, 2)
    )
    differences = [value / 100 for value in corrected["differences"]]
    found = estimate(Sample(differences, "种子"), 2)
    assert corrected["low"] == pytest.approx(100 * found.low)
    assert corrected["low"] < alone["low"] < alone["high"] < corrected["high"]
    assert corrected["points"] == formats.points(found)


def test_pairs_that_are_equal_are_told_as_ties(short, monkeypatch):
    monkeypatch.setitem(short.arms, "with", short.arms["without"])
    answer = ask("many_seeds", seeds=3)
    assert answer["differences"] == [0, 0, 0]
    assert answer["points"] == "既没高也没低，差 0 个百分点（95% 置信区间两端都是 0）"
    assert answer["every"] == "3 个种子，个个都打平"


@pytest.mark.parametrize("seeds", [1, 0, -1, published.seeds + 1, 2.5, "2", True])
def test_pairs_are_as_many_as_the_book_has_at_most(seeds):
    with pytest.raises(NNBookError, match="种子要在 2 和"):
        ask("many_seeds", seeds=seeds)


def test_cells_share_what_they_make_until_they_begin_anew():
    assert ask("run_cells", cells=["a = 1", "a + 1"])["output"] == "2\n"
    assert ask("run_cells", cells=["a + 2"], fresh=False)["output"] == "3\n"
    assert "NameError" in ask("run_cells", cells=["a"], fresh=True)["error"]


def test_a_cell_that_goes_wrong_is_the_last():
    reports = []
    answer = ask("run_cells", reports, cells=["a = 1", "print(a)\n1 / 0", "a = 3"])
    assert answer == {
        "output": "1\n",
        "error": "第 2 行：ZeroDivisionError: division by zero",
        "done": 1,
    }
    assert reports == [{"cell": 0, "cells": 3}, {"cell": 1, "cells": 3}]
    assert ask("run_cells", cells=["a"], fresh=False)["output"] == "1\n"


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("a = (", "第 1 行：SyntaxError: '(' was never closed"),
        ("def f():\n    raise ValueError('no')\n\nf()", "第 2 行：ValueError: no"),
        ("import sys\nsys.exit(3)", "第 2 行：SystemExit: 3"),
        (
            "from nnbook import Dropout\nDropout(2)",
            "第 2 行：nnbook.errors.NNBookError: dropout_rate",
        ),
        ("import numpy as np\nnp.empty(10**18)", "第 2 行：numpy"),
        ("def f():\n    f()\nf()", "第 2 行：RecursionError"),
    ],
)
def test_what_goes_wrong_is_told_with_its_line(cell, error):
    assert ask("run_cells", cells=[cell])["error"].startswith(error)


def test_an_error_outside_of_all_cells_has_no_line():
    assert browser.told(ValueError("no")) == "ValueError: no"


def test_a_million_lines_are_cut_off_and_more_are_stopped():
    cell = "for number in range({}):\n    print('a' * 99)"
    answer = ask("run_cells", cells=[cell.format(10_000)])
    assert len(answer["output"]) < browser.SHOWN + 100
    assert answer["output"].endswith("……（太长，后面的没有显示）")
    assert answer["error"] is None
    answer = ask("run_cells", cells=[cell.format(1_000_000)])
    assert "已经打印了 20000000 个字符" in answer["error"]


def test_what_a_reader_wrote_for_an_exercise_is_checked():
    solution = EXERCISES["choose"].solution
    assert ask("check", identity="choose", code=solution)["failure"] is None
    assert "SyntaxError" in ask("check", identity="choose", code="def")["failure"]["got"]


def test_what_is_shown_is_what_a_notebook_shows():
    assert ask("run_cells", cells=["'a'\nNone"])["output"] == ""
    assert (
        ask("run_cells", cells=["import sys\nprint(1, file=sys.stderr)\n'a'"])["output"]
        == "1\n'a'\n"
    )
    assert ask("run_cells", cells=[""])["output"] == ""
    assert ask("run_cells", cells=[])["output"] == ""


def test_a_run_tells_of_every_epoch():
    told = []
    described = Run(epochs=3, training_images=20)
    result = experiments.run(
        described, progress=lambda epoch, trial: told.append((epoch, trial.measured["test"][-1][0]))
    )
    assert told == list(enumerate(result.test_accuracies.to_draw(), start=1))


def test_an_error_that_is_long_is_cut_off():
    assert len(browser.told(ValueError("no" * 10_000))) == browser.TOLD
