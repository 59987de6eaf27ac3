"""Processes that train: in an environment that is made for them, and gone when nobody asks."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from nnbook import NNBookError
from nnbook.lab import trainers
from nnbook.lab.experiments import run
from nnbook.lab.runs import Run
from nnbook.lab.trainers import Trainer, train

TINY = Run(epochs=1, training_images=20, width=4)
ENDLESS = Run(epochs=100_000, curves=())


@pytest.fixture(autouse=True)
def none_yet():
    """No process is idle that another test has left."""
    trainers.end_all()


def environment(pid):
    content = Path(f"/proc/{pid}/environ").read_bytes().decode()
    return dict(line.split("=", 1) for line in content.split("\0") if line)


def lives(pid):
    """Whether a process is there and has not ended."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def ends(pid):
    """Wait until a process is gone, for half a minute of a busy machine at most."""
    for _ in range(300):
        if not lives(pid):
            return True
        time.sleep(0.1)
    return False


def children(pid):
    """Those of all its threads."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


def test_its_environment_is_made_and_not_inherited(monkeypatch):
    wrong = dict.fromkeys(trainers.MADE, "7") | {"PYTHONOPTIMIZE": "2", "NNBOOK_DATA": ""}
    for name, value in wrong.items():
        if name != "NNBOOK_DATA":
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    trainer = Trainer()
    found = environment(trainer._process.pid)
    trainer.end()
    assert not lives(trainer._process.pid)
    assert found == trainers.variables() | {
        "PYTHONPATH": str(trainers.SOURCES),
        **{name: os.environ[name] for name in trainers.INHERITED if name in os.environ},
    }
    assert found["OPENBLAS_CORETYPE"] == "Prescott"
    assert found["OPENBLAS_NUM_THREADS"] == "1"


def test_what_was_trained_comes_with_where_it_comes_from():
    stack = [replace(TINY, seed=seed) for seed in range(2)]
    found = train(stack)
    assert (found.runs, found.results) == (stack, [run(each) for each in stack])
    assert found.seconds > 0
    assert found.environment["numpy"] == trainers.child.environment()["numpy"]
    names = {Path(path).name for path in found.reads}
    assert {"tensor.py", "trainer.py", "tinymnist.npz"} <= names
    assert "figures.py" not in names


def test_one_that_is_idle_is_used_again_and_one_that_is_killed_is_not():
    first, second = train([TINY]), train([TINY])
    with trainers._trainer() as trainer, trainers._trainer() as other:
        assert other._process.pid != trainer._process.pid  # two at once are two
    assert first.results == second.results
    for each in (trainer, other):
        each._process.kill()
        each._process.wait()  # until its last thread is gone: it lives that long
    assert train([TINY]).results == first.results


def test_one_that_is_killed_in_the_middle_says_so_and_the_next_call_works():
    trainer = Trainer()
    os.kill(trainer._process.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match=r"ended with exit code -9.*try again with fewer"):
        trainer.train([TINY])
    trainer.end()
    assert train([TINY]).results == [run(TINY)]


def test_what_is_refused_is_refused_here_and_costs_no_process():
    train([TINY])
    with trainers._trainer() as trainer:
        pid = trainer._process.pid
    with pytest.raises(NNBookError, match=r"^training_images must lie in 1 to 4000, got 4001$"):
        train([replace(TINY, training_images=4001)])
    with trainers._trainer() as trainer:
        assert trainer._process.pid == pid


def test_what_goes_wrong_in_a_training_is_shown_and_its_process_ends():
    with pytest.raises(
        RuntimeError, match=r"(?s)not be trained:\nTraceback.*expected non-negative"
    ):
        train([replace(TINY, seed=-1)])
    assert train([TINY]).results == [run(TINY)]


def test_one_that_has_read_what_has_changed_is_replaced(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("one")
    train([TINY])
    with trainers._trainer() as trainer:
        trainer._reads[str(path)] = trainers.child.digests_of(str(path))
        assert trainer.is_up_to_date()
        path.write_text("two")
        assert not trainer.is_up_to_date()
    with trainers._trainer() as other:
        assert other is not trainer
    assert not lives(trainer._process.pid)


def test_one_of_another_environment_is_replaced(monkeypatch):
    with trainers._trainer() as trainer:
        assert trainer.is_up_to_date()
        monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
        assert not trainer.is_up_to_date()


def test_all_that_are_idle_can_be_ended():
    with trainers._trainer() as one, trainers._trainer() as two:
        pass
    trainers.end_all()
    assert not lives(one._process.pid)
    assert not lives(two._process.pid)
    trainers.end_all()


PARENT = f"""
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a job in the background ignores
from nnbook.lab.evidence import results
from nnbook.lab.runs import Run
results([{ENDLESS}, Run(epochs=100_001)], workers=2, progress=lambda step: print("on", flush=True))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_trainers_end_with_whoever_asked_in_the_middle_of_a_training(how):
    with subprocess.Popen(  # noqa: S603 (our own code)
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as parent:
        try:
            assert parent.stdout.readline() == b"on\n"
            found = []
            for _ in range(300):
                found = children(parent.pid)
                if len(found) == 2 and all(cpu_seconds(pid) > 1 for pid in found):  # they train
                    break
                time.sleep(0.1)
            assert len(found) == 2
            # As a terminal does it: Ctrl-C reaches them all, a kill one alone.
            os.killpg(parent.pid, how) if how == signal.SIGINT else parent.kill()
            parent.wait(timeout=30)
            assert all(map(ends, found))
        finally:
            with suppress(ProcessLookupError):
                os.killpg(parent.pid, signal.SIGKILL)


def cpu_seconds(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().split()[13]) / os.sysconf("SC_CLK_TCK")
