"""Which runs are trained together, where, in which order, and what is told of it."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import joblib
import pytest

from nnbook import NNBookError
from nnbook.lab import schedule
from nnbook.lab.experiments import run
from nnbook.lab.runs import Run
from nnbook.lab.schedule import stacks, trained, work

TINY = Run(epochs=1, training_images=20, width=4)
TINIES = [replace(TINY, seed=seed) for seed in range(3)]
LONG = [replace(each, epochs=3) for each in TINIES]


def results(found):
    return {run: result for each in found for run, result in zip(each.runs, each.results)}  # noqa: B905


# Order and stacks


def test_the_shortest_run_comes_first_and_then_the_longest():
    runs = [
        replace(TINY, epochs=1, seed=1),
        replace(TINY, epochs=4, seed=2),
        replace(TINY, training_images=60, seed=3),
        replace(TINY, batch_size=1, seed=4),
    ]
    assert [stack[0].seed for stack in stacks(runs, workers=1)] == [1, 2, 3, 4]


def test_what_tells_how_fast_this_machine_is_is_no_single_run():
    others = [replace(each, rate=0.5) for each in TINIES]
    assert [len(stack) for stack in stacks([TINY, *others], workers=1)] == [3, 1]


def test_a_longer_run_is_more_work():
    for setting in ({"epochs": 2}, {"training_images": 40}, {"width": 8}, {"batch_size": 1}):
        assert work(replace(TINY, **setting)) > work(TINY)
    assert work(replace(TINY, dtype="float32")) < work(TINY)


def test_runs_that_differ_only_in_their_seed_are_stacked():
    other = [replace(each, rate=0.5) for each in TINIES]
    found = stacks([*TINIES, *other], workers=1)
    assert sorted(found, key=str) == sorted([TINIES, other], key=str)


@pytest.mark.parametrize(
    ("count", "workers", "lengths"),
    [
        (1, 2, [1]),
        (2, 2, [1, 1]),
        (10, 1, [10]),
        (10, 2, [5, 5]),
        (20, 2, [10, 10]),
        (21, 2, [7] * 3),
    ],
)
def test_stacks_are_of_one_length_and_as_many_as_there_are_workers(count, workers, lengths):
    found = stacks([replace(TINY, seed=seed) for seed in range(count)], workers)
    assert [len(stack) for stack in found] == lengths
    assert sorted(each.seed for stack in found for each in stack) == list(range(count))


def test_stacks_of_several_kinds_are_not_cut_up_for_the_workers():
    runs = [replace(each, rate=rate) for rate in (0.1, 0.2) for each in TINIES]
    assert [len(stack) for stack in stacks(runs, workers=2)] == [3, 3]


def test_the_weights_of_a_stack_stay_within_the_processors_cache():
    runs = [replace(TINY, seed=seed, width=512) for seed in range(4)]
    assert [len(stack) for stack in stacks(runs, workers=1)] == [1] * 4


# Workers


def test_the_number_of_workers_changes_nothing():
    runs = [replace(each, rate=rate) for rate in (0.0, 0.5) for each in TINIES]
    expected = {each: run(each) for each in runs}
    for workers in (1, 2):
        assert results(trained(runs, workers)) == expected


@pytest.mark.parametrize(
    ("workers", "missing", "at_once"), [(None, 3, 3), (1, 3, 1), (2, 3, 2), (5, 3, 3), (2, 1, 1)]
)
def test_no_more_workers_than_stacks_work_at_once(monkeypatch, workers, missing, at_once):
    steps = []
    monkeypatch.setattr(joblib, "cpu_count", lambda: 8)
    runs = [replace(TINY, rate=rate) for rate in (0.1, 0.2, 0.3)[:missing]]
    list(trained(runs, workers, steps.append))
    assert [len(step.running) for step in steps] == [
        min(at_once, missing - done) for done in range(missing + 1)
    ]


def test_nothing_is_started_for_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    assert list(trained([])) == []


def test_without_joblib_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(ModuleNotFoundError, match=r"joblib.*pip install 'nnbook\[lab\]'$"):
        list(trained([TINY]))


def test_without_the_digits_nothing_is_started(monkeypatch, tmp_path):
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path / "none.npz"))
    told = []
    with pytest.raises(FileNotFoundError, match=r"none\.npz: no such file.*set NNBOOK_DATA"):
        list(trained([TINY], 1, told.append))
    assert told == []


def test_a_run_that_cannot_be_trained_says_why():
    runs = [replace(TINY, training_images=4001), *LONG]
    with pytest.raises(NNBookError, match=r"^training_images must lie in 1 to 4000, got 4001$"):
        list(trained(runs, 1))


# Progress


def test_progress_tells_what_is_trained_how_much_is_done_and_how_long_it_will_take():
    steps = []
    list(trained([*TINIES, *LONG], 1, steps.append))
    assert [(step.done, step.total) for step in steps] == [(0, 6), (3, 6), (6, 6)]
    assert [list(step.running) for step in steps] == [[TINIES], [LONG], []]
    assert steps[0].seconds is None
    assert steps[1].seconds > 0
    assert steps[2].seconds == 0


def test_the_time_that_is_left_goes_by_the_work_that_is_left(monkeypatch):
    clock, steps = [0.0], []
    timed = schedule._timed

    def one_second_each(stack):
        clock[0] += 1.0
        return timed(stack)[0], 1.0

    monkeypatch.setattr(schedule, "_timed", one_second_each)
    # This module's alone: threads wait by the real one.
    monkeypatch.setattr(schedule, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    list(trained([*TINIES, *LONG], 1, steps.append))
    # The first took a second for a quarter of the work: three are left. Then it was faster.
    left = [step.seconds for step in steps]
    assert left[0] is None
    assert left[-1] == pytest.approx(0.0)
    # The second may have begun, or even ended, before anybody was told of the first.
    assert left[1] in (pytest.approx(3.0), pytest.approx(2.0))
