import ast
import contextlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import joblib
import numpy as np
import pytest

import nnbook
from nnbook import NNBookError
from nnbook.lab import experiments, results, store
from nnbook.lab.experiments import DATA, Run, run

TINY = Run(epochs=1, training_images=20)
TINIES = [replace(TINY, seed=seed) for seed in range(3)]
PACKAGE = Path(nnbook.__file__).parent


class Here:
    """Stands in for `joblib.Parallel`: computes in this process, and keeps what it was asked."""

    asked: list

    def __init__(self, **settings):
        self.settings = settings

    def __call__(self, tasks):
        runs = []
        Here.asked.append((self.settings, runs))
        for function, arguments, _ in tasks:
            runs.extend(arguments[0])
            yield function(*arguments)


@pytest.fixture
def here(monkeypatch):
    """Runs are computed in this process; gives all that were, in order."""
    Here.asked = []
    monkeypatch.setattr(joblib, "Parallel", Here)
    return lambda: [described for _, runs in Here.asked for described in runs]


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def the_file(folder):
    (found,) = files(folder)
    return found


# Once


@pytest.mark.usefixtures("here")
def test_results_are_those_of_the_runs_in_their_order():
    assert results(TINIES) == [run(described) for described in TINIES]
    assert results(TINIES[::-1]) == [run(described) for described in TINIES[::-1]]
    assert results([]) == []


def test_a_run_is_computed_once(here, runs):
    first = results([TINY, *TINIES, TINY])
    assert first[0] == first[-1]
    assert sorted(here(), key=lambda r: r.seed) == [*TINIES, TINY]
    assert len(files(runs)) == 4
    before = {path: path.stat().st_mtime_ns for path in files(runs)}
    assert results([TINIES[1], TINY]) == [first[2], first[0]]
    assert len(here()) == 4
    assert {path: path.stat().st_mtime_ns for path in files(runs)} == before


def test_only_what_is_missing_is_computed(here):
    results(TINIES[:1])
    results(TINIES)
    assert sorted(here(), key=lambda r: r.seed) == TINIES


def test_every_setting_has_a_result_of_its_own(here, runs):
    results([TINY, replace(TINY, rate=0.3), replace(TINY, probes=("activations",))])
    assert len(here()) == len(files(runs)) == 3


@pytest.mark.usefixtures("here")
def test_a_result_that_was_kept_is_the_one_that_was_computed():
    described = replace(TINY, probes=("forgotten_eval", "activations"), dtype="float32")
    computed, kept = results([described]), results([described])
    assert computed == kept == [run(described)]
    assert repr(computed) == repr(kept)


def test_the_shortest_run_comes_first_and_then_the_longest(here):
    runs = [
        replace(TINY, epochs=1, seed=1),
        replace(TINY, epochs=4, seed=2),
        replace(TINY, training_images=60, seed=3),
        replace(TINY, batch_size=1, seed=4),
    ]
    results(runs)
    assert [described.seed for described in here()] == [1, 2, 3, 4]


def test_runs_that_differ_only_in_their_seed_are_stacked():
    other = [replace(each, rate=0.5) for each in TINIES]
    stacks = store.stacks([*TINIES, *other], workers=1)
    assert sorted(stacks, key=str) == sorted([TINIES, other], key=str)


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
    found = store.stacks([replace(TINY, seed=seed) for seed in range(count)], workers)
    assert [len(stack) for stack in found] == lengths
    assert sorted(each.seed for stack in found for each in stack) == list(range(count))


def test_stacks_of_several_kinds_are_not_cut_up_for_the_workers():
    runs = [replace(each, rate=rate) for rate in (0.1, 0.2) for each in TINIES]
    assert [len(stack) for stack in store.stacks(runs, workers=2)] == [3, 3]


def test_the_weights_of_a_stack_stay_within_the_processors_cache():
    runs = [replace(TINY, seed=seed, width=512) for seed in range(4)]
    assert [len(stack) for stack in store.stacks(runs, workers=1)] == [1] * 4


@pytest.mark.usefixtures("here")
def test_a_stack_gives_each_run_its_own_result():
    runs = [replace(TINY, seed=seed, rate=rate) for rate in (0.0, 0.5) for seed in range(3)]
    assert results(runs, workers=1) == [run(each) for each in runs]


# Where


@pytest.mark.usefixtures("here")
def test_nnbook_runs_says_where_results_are_kept(monkeypatch, tmp_path, runs):
    results([TINY])
    assert the_file(runs).parent == runs / store.fingerprint()
    monkeypatch.setenv("NNBOOK_RUNS", str(tmp_path / "elsewhere"))
    assert store.folder() == tmp_path / "elsewhere"
    results([TINY])
    assert the_file(tmp_path / "elsewhere").name == the_file(runs).name


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


@pytest.mark.usefixtures("here", "runs")
def test_runs_are_of_the_digits_that_nnbook_data_names(monkeypatch, tmp_path):
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path / "none.npz"))
    with pytest.raises(FileNotFoundError, match=r"none\.npz: no such file.*set NNBOOK_DATA"):
        results([TINY])
    with np.load(DATA) as file:
        images = dict(file)
    np.savez(tmp_path / "none.npz", **images | {"x_train": 255 - images["x_train"]})
    assert results([TINY]) == [run(TINY, tmp_path / "none.npz")] != [run(TINY)]


@pytest.mark.usefixtures("runs")
def test_without_joblib_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(ModuleNotFoundError, match=r"joblib.*pip install 'nnbook\[lab\]'$"):
        results([TINY])


@pytest.mark.usefixtures("here")
def test_a_file_says_what_was_run(runs):
    (result,) = results([TINY])
    content = json.loads(the_file(runs).read_text(encoding="utf-8"))
    assert content["run"] == asdict(TINY) | {"curves": ["train", "test"], "probes": []}
    assert content["result"] == result.to_store()


# Damage


def changed(path, **changes):
    """The file with another result, and a checksum that fits it."""
    content = json.loads(path.read_text(encoding="utf-8"))
    values = {k: v for k, v in (content["result"] | changes).items() if v is not None}
    return json.dumps(content | {"result": values, "sha256": store._digest(values)}).encode()


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
    "a value more": lambda path: changed(path, other=1.0),
    "a list of names": lambda path: json.dumps(
        {"result": (names := list(run(TINY).to_store())), "sha256": store._digest(names)}
    ).encode(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_result_is_computed_anew(here, runs, damage):
    (result,) = results([TINY])
    path = the_file(runs)
    whole = path.read_bytes()
    path.write_bytes(DAMAGES[damage](path))
    assert path.read_bytes() != whole
    assert results([TINY]) == [result]
    assert here() == [TINY, TINY]
    assert the_file(runs).read_bytes() == whole
    assert results([TINY]) == [result]
    assert len(here()) == 2


def test_a_file_that_only_looks_otherwise_is_taken(here, runs):
    (result,) = results([TINY])
    path = the_file(runs)
    path.write_bytes(changed(path, loss=2.5))
    assert results([TINY]) == [replace(result, loss=2.5)]
    assert len(here()) == 1


WRITER = """
import sys
from nnbook.lab import store
from nnbook.lab.experiments import Result, Run
result = Result(0.5, 0.25, *([float(sys.argv[1])] * 5_000 for _ in range(6)))
print(store._path(Run()), flush=True)
sys.stdin.readline()
for _ in range(40):
    store._write(Run(), result)
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
        (path,) = {Path(writer.stdout.readline().strip()) for writer in writers}
        for writer in writers:
            writer.stdin.write("go\n")
            writer.stdin.flush()
        seen = set()
        while any(writer.poll() is None for writer in writers):
            with contextlib.suppress(FileNotFoundError):
                content = json.loads(path.read_text(encoding="utf-8"))
                assert content["sha256"] == store._digest(content["result"])
                seen.add(content["result"]["train_losses"][0])
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen <= {1.0, 2.0}
    assert files(runs) == [path]
    assert store._read(Run()).accuracy == 0.5


# Workers


def test_the_number_of_workers_changes_nothing(monkeypatch, tmp_path):
    found = []
    for workers in (1, 2):
        monkeypatch.setenv("NNBOOK_RUNS", str(tmp_path / str(workers)))
        steps = []
        found.append(
            results(TINIES, workers=workers, progress=lambda step, to=steps: to.append(step))
        )
        assert [step.done for step in steps] in (
            [[0, 3]] if workers == 1 else [[0, 1, 3], [0, 2, 3]]
        )
        assert [step.total for step in steps] == [3] * len(steps)
    assert found[0] == found[1] == [run(described) for described in TINIES]


# In this process BLAS has one thread (see conftest.py), there it has two, and adds up the large
# products of this run in another order.
BROAD = Run(
    epochs=2,
    batch_size=32,
    lr=0.1,
    width=256,
    init="he",
    loss="cross-entropy",
    training_images=1000,
    dtype="float32",
)
TWO_THREADS = f"""
import os
from nnbook.lab import Run, results
broad, tiny = {BROAD}, {TINY}
for number, (runs, workers) in enumerate([([broad], 2), ([broad, tiny], 1), ([broad, tiny], 2)]):
    os.environ["NNBOOK_RUNS"] += str(number)
    print(results(runs, workers=workers)[0])
"""


def test_the_threads_of_the_calling_process_change_nothing():
    done = subprocess.run(  # noqa: S603 (our own code)
        [sys.executable, "-c", TWO_THREADS],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "2"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [str(run(BROAD))] * 3


@pytest.mark.parametrize(
    ("workers", "missing", "at_once"), [(None, 3, 3), (1, 3, 1), (2, 3, 2), (5, 3, 3), (2, 1, 1)]
)
@pytest.mark.usefixtures("here")
def test_no_more_workers_than_runs_work_at_once(monkeypatch, workers, missing, at_once):
    monkeypatch.setattr(joblib, "cpu_count", lambda: 8)
    results(TINIES[:missing], workers=workers)
    ((settings, _),) = Here.asked
    assert settings["pre_dispatch"] == at_once
    assert settings["n_jobs"] == max(at_once, 2)  # one would be this process


def test_results_come_with_the_runs_that_they_are_of():
    for stack in [TINY], TINIES:
        assert store._compute(stack)[:2] == (stack, [run(each) for each in stack])


# Progress


@pytest.mark.usefixtures("here")
def test_progress_tells_what_is_trained_how_much_is_done_and_how_long_it_will_take():
    steps = []
    long = [replace(each, epochs=3) for each in TINIES]
    results(TINIES[:1], progress=steps.append, workers=1)
    assert [(step.done, step.total) for step in steps] == [(0, 1), (1, 1)]
    steps.clear()
    results([*TINIES, *long], progress=steps.append, workers=1)
    assert [(step.done, step.total) for step in steps] == [(0, 5), (2, 5), (5, 5)]
    assert steps[0].seconds is None
    assert steps[1].seconds is not None
    assert steps[2].running == ()
    steps.clear()
    results(TINIES * 2, progress=steps.append)
    assert steps == []


@pytest.mark.usefixtures("here")
def test_a_watcher_is_told_where_the_caller_names_nobody(monkeypatch):
    told, asked = [], []
    monkeypatch.setattr(store, "watcher", told.append)
    results([TINY], progress=asked.append)
    assert told == []
    results(TINIES)
    assert [step.done for step in (asked[-1], told[-1])] == [1, len(TINIES)]


def test_the_time_that_is_left_goes_by_the_work_that_is_left(here, monkeypatch):
    clock, steps = [0.0], []
    compute = store._compute

    def one_second_each(stack):
        clock[0] += 1.0
        return *compute(stack)[:2], 1.0

    monkeypatch.setattr(store, "_compute", one_second_each)
    monkeypatch.setattr(store.time, "monotonic", lambda: clock[0])
    long = [replace(each, epochs=3) for each in TINIES]
    results([*TINIES, *long], progress=steps.append, workers=1)
    # The first took a second for a quarter of the work: three are left. Then it was faster.
    assert [step.seconds for step in steps] == [None, pytest.approx(3.0), pytest.approx(0.0)]


def test_what_was_done_before_an_interruption_is_kept(here, runs):
    other = [replace(each, epochs=2) for each in TINIES]

    def interrupt(progress):
        if progress.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        results([*TINIES, *other], progress=interrupt, workers=1)
    assert len(files(runs)) == 3
    results([*TINIES, *other], workers=1)
    assert here() == [*TINIES, *other]


def test_a_run_that_cannot_be_computed_says_why(runs):
    with pytest.raises(NNBookError, match=r"^training_images must lie in 1 to 4000, got 4001$"):
        results([replace(TINY, training_images=4001)], workers=1)
    assert files(runs) == []


# Fingerprint


@pytest.fixture
def copy(monkeypatch, tmp_path):
    """The package and its data, copied so that they can be changed; gives their new place."""
    root = tmp_path / "copy"
    for path in [*PACKAGE.rglob("*.py"), DATA]:
        to = root / path.relative_to(PACKAGE.parents[1])
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
    monkeypatch.setattr(store, "PACKAGE", root / "src" / "nnbook")
    monkeypatch.setenv("NNBOOK_DATA", str(root / "data" / DATA.name))
    return root


def fresh():
    """The fingerprint now, as a new process would find it."""
    return store.fingerprint.__wrapped__()


REACHED = [path.relative_to(PACKAGE).as_posix() for path in store.sources()]


def test_the_same_files_elsewhere_have_the_same_fingerprint(copy):
    assert copy / "src" / "nnbook" / "tensor.py" in store.sources()
    assert fresh() == store.fingerprint()


@pytest.mark.parametrize("name", REACHED)
def test_a_change_in_any_source_that_a_run_reaches_changes_the_fingerprint(copy, name):
    before, path = fresh(), copy / "src" / "nnbook" / name
    path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert fresh() != before


@pytest.mark.parametrize(
    "name", ["lab/figures.py", "lab/claims.py", "lab/store.py", "gradcheck.py"]
)
def test_a_change_elsewhere_trains_nothing_anew(copy, name):
    before, path = fresh(), copy / "src" / "nnbook" / name
    path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert fresh() == before


def test_what_a_source_begins_to_import_is_part_of_the_fingerprint(copy):
    path = copy / "src" / "nnbook" / "tensor.py"
    path.write_text(path.read_text(encoding="utf-8") + "from nnbook.lab import formats\n")
    assert copy / "src" / "nnbook" / "lab" / "__init__.py" in store.sources()
    path.write_text(path.read_text(encoding="utf-8") + "from nnbook.lab.formats import points\n")
    assert copy / "src" / "nnbook" / "lab" / "formats.py" in store.sources()


def test_a_change_of_the_data_changes_the_fingerprint(copy):
    before, data = fresh(), copy / "data" / DATA.name
    content = bytearray(data.read_bytes())
    content[1000] ^= 1
    data.write_bytes(content)
    changed = fresh()
    data.unlink()
    assert len({before, changed, fresh()}) == 3


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (store.platform, "python_version", lambda: "3.99.0"),
        (store.platform, "machine", lambda: "abacus"),
        (np, "__version__", "99.0"),
    ],
)
def test_another_python_numpy_or_machine_changes_the_fingerprint(monkeypatch, module, name, value):
    before = fresh()
    monkeypatch.setattr(module, name, value)
    assert fresh() != before


def test_another_fingerprint_means_another_computation(here, monkeypatch, runs):
    results([TINY])
    before = store.fingerprint()
    for name in "fingerprint", "_state":
        monkeypatch.setattr(store, name, lambda: "another")
    results([TINY])
    assert len(here()) == 2
    assert {path.parent.name for path in files(runs)} == {"another", before}


@pytest.mark.usefixtures("here")
def test_what_was_edited_while_it_ran_is_not_kept(monkeypatch, runs):
    store.fingerprint()
    monkeypatch.setattr(store, "_state", lambda: "another")
    assert results([TINY]) == [run(TINY)]
    assert files(runs) == []


@pytest.mark.usefixtures("here")
def test_the_results_of_the_states_that_were_used_last_are_kept(monkeypatch, runs):
    (runs / "notes").mkdir(parents=True)  # not ours
    names = [f"{number:016x}" for number in range(store.KEPT_STATES + 3)]
    for age, name in enumerate(names):
        (runs / name).mkdir()
        os.utime(runs / name, (1000 - age, 1000 - age))
    monkeypatch.setattr(store, "fingerprint", lambda: names[-1])
    assert results([]) == []  # the oldest of all, but in use now
    left = {path.name for path in runs.iterdir()}
    assert left == {"notes", names[-1], *names[: store.KEPT_STATES - 1]}


# `experiments` is imported as a script would find it without the packages' own __init__.py, which
# import more than a run needs. The rest is Python's own import machinery.
CLOSURE = """
import sys
from types import ModuleType
for name, path in (("nnbook", sys.argv[1]), ("nnbook.lab", sys.argv[1] + "/lab")):
    sys.modules[name] = package = ModuleType(name)
    package.__path__ = [path]
import nnbook.lab.experiments
print("\\n".join(m.__file__ for n, m in sys.modules.items()
                if n.startswith("nnbook.") and n != "nnbook.lab"))
"""


def test_the_sources_are_all_that_importing_the_experiments_loads():
    done = subprocess.run(  # noqa: S603 (our own code)
        [sys.executable, "-c", CLOSURE, str(PACKAGE)], check=True, capture_output=True, text=True
    )
    loaded = sorted(map(Path, done.stdout.split()))
    assert len(loaded) > 10
    assert store.sources() == loaded


def test_all_code_of_ours_that_a_run_executes_is_among_the_sources():
    called = set()

    def watch(frame, event, _):
        if event == "call":
            called.add(frame.f_code.co_filename)

    everything = replace(
        TINY,
        probes=tuple(experiments.PROBES),
        input_rate=0.2,
        loss="cross-entropy",
        shuffle=True,
        wrong_labels=0.5,
        width=12,
        inverted=True,
    )
    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        run(everything)
        run(TINY)
    finally:
        sys.setprofile(before)
    ours = {Path(name) for name in called if PACKAGE in Path(name).parents}
    assert {path.name for path in ours} >= {"tensor.py", "probes.py", "experiments.py"}
    assert ours <= set(store.sources())


def test_the_packages_own_files_only_pass_names_on():
    # They are not part of the fingerprint, and need not be as long as this holds.
    for path in PACKAGE / "__init__.py", PACKAGE / "lab" / "__init__.py":
        docstring, *statements = ast.parse(path.read_text(encoding="utf-8")).body
        assert isinstance(docstring, ast.Expr)
        for statement in statements:
            assert isinstance(statement, ast.ImportFrom) or statement.targets[0].id in (
                "__all__",
                "__version__",
            )


def test_experiments_need_neither_joblib_nor_matplotlib():
    """A reader's browser has NumPy and this library, and no more."""
    script = """
import sys

sys.modules["joblib"] = sys.modules["matplotlib"] = None  # importing them fails
from nnbook.lab import paired, run
from nnbook.lab.experiments import Run, run_stack
from nnbook.lab.studies import published

found = run_stack([Run(seed=seed, epochs=1, training_images=20) for seed in (0, 1)])
print(len(found))
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stdout == "2\n", done.stderr
