"""What the build computes ahead of the chapters, and how it tells of it."""

import pytest

from nnbook.lab import ahead
from nnbook.lab.experiments import Run
from nnbook.lab.store import Progress

SMALL = Run(epochs=1, training_images=20, width=4)


@pytest.fixture
def said(monkeypatch):
    """What was said, with whether it stays in a terminal."""
    lines = []
    monkeypatch.setattr(ahead, "write_images", lambda: [])
    return lines, lambda line, *, last=True: lines.append((line, last))


def test_missing_runs_are_computed_once_and_told_as_they_come(said, monkeypatch, tmp_path):
    lines, say = said
    monkeypatch.setenv("NNBOOK_RUNS", str(tmp_path))
    monkeypatch.setattr(ahead, "all_runs", lambda: [SMALL])
    ahead.compute(say)
    assert lines[0] == ("runs: 0 of 1; training the published run × 1", False)
    assert lines[-1] == ("runs: 1 of 1", True)
    lines.clear()
    ahead.compute(say)
    assert lines == []


def test_a_study_is_named_with_what_is_left_of_the_time(said):
    lines, say = said
    progress = Progress(done=1, total=3, running=[[SMALL, SMALL]], seconds=75.4)
    ahead._show(say, {SMALL: "width (narrow)"}, progress)
    assert lines == [
        ("runs: 1 of 3; training width (narrow) × 2; about 1 min 15 s left", False),
    ]
    assert set(ahead._names().values()) >= {"published (with)", "published (without)"}


def test_pictures_that_were_drawn_are_named(said, monkeypatch):
    lines, say = said
    monkeypatch.setattr(ahead, "all_runs", lambda: [])
    monkeypatch.setattr(ahead, "write_images", lambda: [ahead.Path("/a/images/b.svg")])
    ahead.compute(say)
    assert lines == [("drawn anew: images/b.svg", True)]


def test_without_its_digits_nothing_is_computed(said, monkeypatch, tmp_path):
    lines, say = said
    monkeypatch.setattr(ahead, "DATA", tmp_path / "tinymnist.npz")
    with pytest.raises(SystemExit, match="cannot be built without its digits: restore the file"):
        ahead.compute(say)
    assert lines == []
