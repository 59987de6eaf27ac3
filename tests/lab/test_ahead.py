"""What the build does ahead of the chapters, and how it tells of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from nnbook.lab import ahead, kept
from nnbook.lab.evidence import trained_here, verdicts
from nnbook.lab.runs import Run
from nnbook.lab.schedule import Progress
from nnbook.lab.studies import STUDIES, Study

SMALL = Run(epochs=1, training_images=20, width=4)
OTHER = replace(SMALL, rate=0.5)


@pytest.fixture(autouse=True)
def studies(monkeypatch):
    """Two small arms in place of the book's, and one run that chapters show."""
    for name in list(STUDIES):
        monkeypatch.delitem(STUDIES, name)
    monkeypatch.setitem(STUDIES, "small", Study({"0": SMALL, "0.5": OTHER}, seeds=3))
    monkeypatch.setattr(ahead, "shown_runs", lambda: [replace(SMALL, lr=0.5)])


@pytest.fixture
def said(monkeypatch):
    """What was said, with whether it stays in a terminal."""
    lines = []
    monkeypatch.setattr(ahead, "write_images", lambda: [])
    return lines, lambda line, *, last=True: lines.append((line, last))


def keep(kind, name, count=3, **changes):
    runs = [replace(kind, seed=seed) for seed in range(count)]
    found = {
        run: replace(stored, result=replace(stored.result, **changes))
        for run, stored in trained_here(runs, None).items()
    }
    return kept.write(name, kind, found)


def test_what_is_not_kept_is_told_and_trained_once(said):
    lines, say = said
    ahead.compute(say)
    told = [line for line, last in lines if last]
    assert told[:2] == [
        "small-0: data/evidence keeps not all of its seeds",
        "small-0.5: data/evidence keeps not all of its seeds",
    ]
    assert told[2].startswith("6 runs are trained now, which takes about 0 min on ")
    assert told[2].endswith("For a draft of 6 seeds: BOOK_EVIDENCE=draft make book")
    assert told[3:] == ["training: 7 of 7 runs"]
    assert lines[3][0].startswith("training: 0 of 7 runs; now ")
    assert "small-0.5 × 3" in "".join(line for line, _ in lines)
    lines.clear()
    ahead.compute(say)
    assert lines == []


def test_what_is_kept_is_confirmed(said, monkeypatch, tmp_path):
    lines, say = said
    keep(SMALL, "small-0")
    keep(OTHER, "small-0.5")
    monkeypatch.setenv("NNBOOK_RUNS", str(tmp_path / "elsewhere"))
    ahead.compute(say)
    assert [line for line, last in lines if last] == [
        "confirming: 2 of 2 runs",
        "training: 1 of 1 runs",
    ]
    assert "a run of its own × 1" in lines[-2][0]


def test_what_is_dead_is_told_with_what_is_incomplete_and_what_is_gone(monkeypatch, tmp_path):
    keep(OTHER, "small-0.5", weights="0" * 16)
    gone = keep(replace(SMALL, lr=0.5), "gone-arm")
    monkeypatch.setenv("NNBOOK_RUNS", str(tmp_path / "elsewhere"))
    found = verdicts([SMALL, OTHER])
    untrained = [replace(SMALL, seed=0), *(replace(OTHER, seed=seed) for seed in range(3))]
    lines = ahead.warnings(found, untrained)
    assert lines[:3] == [
        "small-0.5: the code no longer gives what data/evidence keeps",
        "small-0: data/evidence keeps not all of its seeds",
        f"{gone}: no study has this arm; remove the file",
    ]
    assert lines[3].startswith("4 runs are trained now")


def test_the_time_goes_by_what_was_measured(monkeypatch):
    keep(OTHER, "small-0.5")
    found = verdicts([SMALL, OTHER])
    measured = found[replace(OTHER, seed=0)].arm.seconds
    assert ahead.seconds(found, [OTHER, OTHER]) == pytest.approx(2 * measured)
    # By as much work as it is, where it was never measured.
    assert ahead.seconds(found, [replace(SMALL, epochs=3)]) == pytest.approx(3 * measured)
    assert ahead.seconds({}, [Run(), Run(seed=3)]) == pytest.approx(2.0)


def test_touched_evidence_ends_the_build(said):
    lines, say = said
    path = keep(SMALL, "small-0")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(SystemExit, match="not what `make evidence` wrote"):
        ahead.compute(say)
    assert lines == []


def test_an_arm_is_named_with_what_is_left_of_the_time(said):
    lines, say = said
    ahead.show(say, "training", Progress(1, 3, [[SMALL, SMALL]], 75.4))
    ahead.show(say, "training", Progress(3, 3, [], 0.0))
    assert lines == [
        ("training: 1 of 3 runs; now small-0 × 2; about 1 min 15 s left", False),
        ("training: 3 of 3 runs", True),
    ]


def test_pictures_that_were_drawn_are_named(said, monkeypatch):
    lines, say = said
    monkeypatch.setattr(ahead, "write_images", lambda: [Path("/a/images/b.svg")])
    ahead.compute(say)
    assert lines[-1] == ("drawn anew: images/b.svg", True)


def test_without_its_digits_nothing_is_computed(said, monkeypatch, tmp_path):
    lines, say = said
    monkeypatch.setattr(ahead, "DATA", tmp_path / "tinymnist.npz")
    with pytest.raises(SystemExit, match="cannot be built without its digits: restore the file"):
        ahead.compute(say)
    assert lines == []
