"""What was trained here is kept, and given back as long as the code gives it."""

import contextlib
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from nnbook.lab import evidence, schedule, store, trainers
from nnbook.lab.digits import DATA
from nnbook.lab.evidence import results
from nnbook.lab.experiments import run
from nnbook.lab.runs import Run
from nnbook.lab.store import Store

TINY = Run(epochs=1, training_images=20, width=4)
TINIES = [replace(TINY, seed=seed) for seed in range(3)]


@pytest.fixture
def trained(monkeypatch):
    """All runs that had to be trained so far, in the order in which they were asked for."""
    found = []

    def watched(missing, *rest):
        found.extend(missing)
        return schedule.trained(missing, *rest)

    monkeypatch.setattr(evidence, "trained", watched)
    return found


@pytest.fixture
def ask():
    """The results of some runs."""
    return lambda runs: results(runs, workers=1)


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def the_file(folder):
    (found,) = [path for path in files(folder) if path.name != store.RECORD]
    return found


# Once


def test_a_run_is_trained_once(ask, trained, runs):
    first = ask([TINY, *TINIES, TINY])
    assert first == [run(each) for each in [TINY, *TINIES, TINY]]
    assert trained == [TINY, *TINIES]
    before = {path: path.stat().st_mtime_ns for path in files(runs)}
    assert len(before) == 4 + 1
    assert ask([TINIES[1], TINY]) == [first[2], first[0]]
    assert len(trained) == 4
    assert {path: path.stat().st_mtime_ns for path in files(runs)} == before


def test_only_what_is_missing_is_trained(ask, trained):
    ask(TINIES[:1])
    ask(TINIES)
    assert trained == TINIES


def test_every_setting_has_a_result_of_its_own(ask, trained, runs):
    ask([TINY, replace(TINY, rate=0.3), replace(TINY, probes=("activations",))])
    assert len(trained) == len(files(runs)) - 1 == 3


def test_a_result_that_was_kept_is_the_one_that_was_computed(ask, trained):
    described = replace(TINY, probes=("forgotten_eval", "activations"), dtype="float32")
    computed, kept = ask([described]), ask([described])
    assert computed == kept == [run(described)]
    assert repr(computed) == repr(kept)
    assert trained == [described]


def test_what_it_cost_and_what_it_rests_on_is_kept_with_it():
    (written,) = Store().write(trainers.train([TINY]))
    read = Store().read(TINY)
    assert read.result == written.result
    assert read.record == written.record
    assert read.seconds == round(written.seconds, 2)
    assert set(read.record["environment"]) == {"python", "numpy", "machine", "blas", "rounding"}
    assert {"nnbook/__init__.py", "nnbook/tensor.py", "nnbook/lab/trainer.py"} < set(
        read.record["reads"]
    )
    assert store.DIGITS in read.record["reads"]


# Where


def test_nnbook_runs_says_where_results_are_kept(ask, monkeypatch, tmp_path, runs):
    ask([TINY])
    monkeypatch.setenv("NNBOOK_RUNS", str(tmp_path / "elsewhere"))
    assert store.folder() == tmp_path / "elsewhere"
    ask([TINY])
    assert the_file(tmp_path / "elsewhere").relative_to(tmp_path / "elsewhere") == (
        the_file(runs).relative_to(runs)
    )


def test_otherwise_they_are_kept_with_what_the_build_makes(monkeypatch):
    monkeypatch.delenv("NNBOOK_RUNS")
    assert store.folder() == Path(__file__).parents[2] / "_build" / "runs"


def test_out_of_a_wheel_they_are_kept_where_caches_go(monkeypatch, tmp_path):
    monkeypatch.delenv("NNBOOK_RUNS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(store, "PACKAGE", Path("lib/python3/site-packages/nnbook"))
    assert store.folder() == tmp_path / "nnbook" / "runs"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert store.folder() == tmp_path / "home" / ".cache" / "nnbook" / "runs"


def test_runs_are_of_the_digits_that_nnbook_data_names(ask, trained, monkeypatch, tmp_path):
    usual = ask([TINY])
    with np.load(DATA) as file:
        images = dict(file)
    path = tmp_path / "others.npz"
    np.savez(path, **images | {"x_train": 255 - images["x_train"]})
    monkeypatch.setenv("NNBOOK_DATA", str(path))
    assert ask([TINY]) == [run(TINY, path)] != usual
    path.write_bytes(DATA.read_bytes())
    assert ask([TINY]) == usual  # the same digits elsewhere: nothing is trained
    assert len(trained) == 2
    np.savez(path, **images | {"x_train": images["x_train"] // 2})
    assert ask([TINY]) == [run(TINY, path)] != usual
    assert len(trained) == 3
    trainers.end_all()  # what they train from now on would rest on these digits too


def test_a_file_says_what_was_run(ask, runs):
    (result,) = ask([replace(TINY, curves=())])
    content = json.loads(the_file(runs).read_text(encoding="utf-8"))
    assert content["run"] == {"epochs": 1, "training_images": 20, "width": 4, "curves": []}
    assert asdict(Run.from_store(content["run"])) == asdict(replace(TINY, curves=()))
    assert content["result"] == result.to_store()


# Damage


def changed(path, **changes):
    """The file with another result, and a checksum that fits it."""
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["sha256"]
    values = {k: v for k, v in (content["result"] | changes).items() if v is not None}
    content |= {"result": values}
    return json.dumps(content | {"sha256": store.checksum(content)}).encode()


DAMAGES = {
    "empty": lambda path: b"",
    "cut off": lambda path: path.read_bytes()[:-20],
    "cut off early": lambda path: path.read_bytes()[:100],
    "binary": lambda path: bytes(range(256)),
    "another digit": lambda path: path.read_bytes().replace(b'"accuracy": 0.', b'"accuracy": 0.9'),
    "another checksum": lambda path: path.read_bytes().replace(b'"sha256": "', b'"sha256": "0'),
    "no object": lambda path: b"[1, 2]",
    "null": lambda path: b"null",
    "no result": lambda path: b'{"sha256": ""}',
    "no checksum": lambda path: path.read_bytes().replace(b"sha256", b"sha255"),
    "a value less": lambda path: changed(path, loss=None),
    "no probes": lambda path: changed(path, probes=None),
    "no traces": lambda path: changed(path, weights=None),
    "a value more": lambda path: changed(path, other=1.0),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_result_is_trained_anew(ask, trained, runs, damage):
    (result,) = ask([TINY])
    path = the_file(runs)
    whole = path.read_bytes()
    path.write_bytes(DAMAGES[damage](path))
    assert path.read_bytes() != whole
    assert ask([TINY]) == [result]
    assert trained == [TINY, TINY]
    assert json.loads(the_file(runs).read_bytes())["result"] == json.loads(whole)["result"]
    assert ask([TINY]) == [result]
    assert len(trained) == 2


@pytest.mark.parametrize("damage", ["empty", "cut off", "another checksum", "no object", "null"])
def test_without_its_record_no_result_is_believed(ask, trained, runs, damage):
    (result,) = ask([TINY])
    (path,) = runs.glob(f"*/{store.RECORD}")
    path.write_bytes(DAMAGES[damage](path))
    assert ask([TINY]) == [result]
    assert trained == [TINY, TINY]


def test_a_file_that_only_looks_otherwise_is_taken(ask, trained, runs):
    (result,) = ask([TINY])
    path = the_file(runs)
    path.write_bytes(changed(path, loss=2.5))
    assert ask([TINY]) == [replace(result, loss=2.5)]
    assert trained == [TINY]


WRITER = """
import sys
from nnbook.lab.result import Result
from nnbook.lab.runs import Run
from nnbook.lab.store import Store
from nnbook.lab.trainers import Trained
result = Result(0.5, 0.25, *([float(sys.argv[1])] * 5_000 for _ in range(6)))
environment = {"python": "3", "numpy": "2", "machine": "none", "rounding": ""}
store = Store()
print(flush=True)
sys.stdin.readline()
for _ in range(40):
    store.write(Trained([Run()], [result], {}, environment, 1.0))
"""


def test_two_processes_that_write_at_once_leave_whole_files(runs):
    with contextlib.ExitStack() as stack:
        writers = [
            stack.enter_context(
                subprocess.Popen(  # noqa: S603 (our own code)
                    [sys.executable, "-c", WRITER, str(number)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for number in (1, 2)
        ]
        for writer in writers:
            writer.stdout.readline()
        for writer in writers:
            writer.stdin.write("go\n")
            writer.stdin.flush()
        seen = set()
        while any(writer.poll() is None for writer in writers):
            for path in runs.glob("*/*.json"):
                content = store._unsealed(path)
                assert content is not None
                if path.name != store.RECORD:
                    seen.add(content["result"]["train_losses"][0])
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen <= {1.0, 2.0}
    assert sorted(path.suffix for path in files(runs)) == [".json", ".json"]


def test_what_was_done_before_an_interruption_is_kept(ask, trained):
    other = [replace(each, epochs=2) for each in TINIES]

    def interrupt(progress):
        if progress.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        results([*TINIES, *other], progress=interrupt, workers=1)
    ask([*TINIES, *other])
    assert trained == [*TINIES, *other, *other]


# What a result rests on


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (platform, "python_version", lambda: "3.99.0"),
        (platform, "machine", lambda: "abacus"),
        (np, "__version__", "99.0"),
    ],
)
def test_another_python_numpy_or_machine_trains_anew(ask, monkeypatch, module, name, value):
    ask([TINY])
    assert Store().read(TINY) is not None
    monkeypatch.setattr(module, name, value)
    assert Store().read(TINY) is None


def test_another_environment_of_trainers_trains_anew(ask, monkeypatch):
    ask([TINY])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBLAS_CORETYPE", "another")
        assert Store().read(TINY) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(trainers.MADE, "OPENBLAS_NUM_THREADS", "2")
        assert Store().read(TINY) is None
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")  # which no trainer inherits
    assert Store().read(TINY) is not None


def record(**reads):
    """Results of a state of the code that has read nothing but that."""
    return replace(trainers.train([TINY]), reads=reads)


def test_another_copy_of_the_project_knows_its_sources_by_the_same_names(monkeypatch, tmp_path):
    trained = trainers.train([TINY])
    elsewhere = replace(
        trained,
        reads={
            path.replace(str(trainers.SOURCES), str(tmp_path)): digests
            for path, digests in trained.reads.items()
        },
    )
    here = store.record_of(trained)
    monkeypatch.setattr(store, "SOURCES", tmp_path)
    assert store.record_of(elsewhere) == here


def test_a_file_that_was_not_there_must_stay_away(tmp_path):
    path = tmp_path / "settings.json"
    Store().write(record(**{str(path): []}))
    assert Store().read(TINY) is not None
    path.write_text("{}")
    assert Store().read(TINY) is None


def test_the_records_that_were_used_last_are_kept(tmp_path, runs):
    (runs / "notes").mkdir(parents=True)  # not ours
    path = tmp_path / "code.txt"
    for state in range(store.KEPT_RECORDS + 3):
        path.write_text(str(state))
        Store().write(record(**{str(path): store.trainer.digests_of(str(path))}))
        newest = max(
            runs.glob("[0-9a-f]" * 16), key=lambda own: (own / store.RECORD).stat().st_mtime_ns
        )
        os.utime(newest, (1000 + state, 1000 + state))
        if state == store.KEPT_RECORDS - 1:
            path.write_text("0")
            assert Store().read(TINY) is not None  # the oldest of all, but used now
    assert (runs / "notes").is_dir()
    assert len(list(runs.iterdir())) == store.KEPT_RECORDS + 1
    for state, kept in [(0, True), (1, False), (2, False), (3, False), (4, True), (10, True)]:
        path.write_text(str(state))
        assert (Store().read(TINY) is not None) == kept, state


def test_what_is_in_use_is_never_forgotten(monkeypatch):
    monkeypatch.setattr(store, "KEPT_RECORDS", 0)
    Store().write(trainers.train([TINY]))
    assert Store().read(TINY) is not None
