"""What a training rests on is what the process that trained has read, however it was read."""

import importlib
import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from nnbook.lab import trainer
from nnbook.lab.digits import DATA
from nnbook.lab.experiments import run
from nnbook.lab.runs import Run
from nnbook.lab.trainer import Reads, answer, digests_of, is_as_it_was, meaning

TINY = Run(epochs=1, training_images=20, width=4)


@pytest.mark.parametrize(
    "other",
    [
        b'"""Other."""\nx = 1\ndef f():\n    "one"\n    return x\n',
        b'"""One."""\n# a comment\nx = (1)\n\n\ndef f():\n    """two\n\n    lines"""\n    return x',
    ],
)
def test_comments_docstrings_and_line_breaks_mean_nothing(other):
    source = b'"""One."""\nx = 1\ndef f():\n    """Two."""\n    return x\n'
    assert meaning(other, "a.py") == meaning(source, "a.py")
    assert meaning(other, "a.json") != meaning(source, "a.json")


@pytest.mark.parametrize("other", [b"x = 2", b"x = 1.0", b"x = 1; y = 2", b"x = '1'", b"x ="])
def test_all_else_means_something(other):
    assert meaning(other, "a.py") != meaning(b"x = 1", "a.py")


def test_what_is_no_python_is_taken_as_it_is():
    assert meaning(b"x =", "a.py") != meaning(b"x  =", "a.py")
    assert meaning(b"x\0", "a.py") != meaning(b"x\0 ", "a.py")


def test_a_file_is_as_it_was_as_long_as_it_means_the_same(tmp_path):
    path = tmp_path / "a.py"
    assert digests_of(str(path)) == []
    assert is_as_it_was(str(path), [])
    path.write_text("x = 1")
    assert not is_as_it_was(str(path), [])
    before = digests_of(str(path))
    assert is_as_it_was(str(path), before)
    path.write_text("x = 1  # one")
    assert is_as_it_was(str(path), before)
    path.write_text("x = 2")
    assert not is_as_it_was(str(path), before)
    path.unlink()
    assert not is_as_it_was(str(path), before)


def test_what_is_opened_to_read_is_seen_and_nothing_else(tmp_path, monkeypatch):
    # Python lets nobody trace a watch, coverage neither, unless it is asked to.
    monkeypatch.setattr(Reads._hear, "__cantrace__", True, raising=False)
    paths = {name: tmp_path / name for name in ("text", "bytes", "low", "both", "gone", "written")}
    for name in ("text", "bytes", "low", "both"):
        paths[name].write_text(name)
    reads = Reads()
    reads.watch()
    try:
        paths["text"].read_text()
        with open(os.fsencode(paths["bytes"]), "rb") as file:  # noqa: PTH123
            assert file.read() == b"bytes"
        with os.fdopen(os.open(paths["low"], os.O_RDONLY)) as file:
            file.read()
        with paths["both"].open("r+") as file:
            file.write("x")
        with pytest.raises(FileNotFoundError):
            paths["gone"].read_text()
        paths["written"].write_text("x")
        os.close(os.open(paths["written"], os.O_WRONLY))
        Path(importlib.__file__).read_bytes()  # of the environment
    finally:
        reads._looking = True  # Python keeps the watch until it ends
    found = {Path(path).name for path in reads.seen}
    assert found == {"trainer.py", "text", "bytes", "low", "both", "gone"}
    assert reads.seen[str(paths["gone"])] == []


def test_a_quick_change_is_seen_although_a_compiled_form_lies_there(tmp_path, monkeypatch):
    path = tmp_path / "quickly_changed.py"
    path.write_text("x = 1\n")
    os.utime(path, (1000, 1000))
    py_compile.compile(str(path))
    monkeypatch.syspath_prepend(tmp_path)
    assert importlib.import_module(path.stem).x == 1
    path.write_text("x = 2\n")
    os.utime(path, (1000, 1000))
    monkeypatch.delitem(sys.modules, path.stem)
    assert importlib.import_module(path.stem).x == 1  # Python's own way
    monkeypatch.delitem(sys.modules, path.stem)
    hooks = list(sys.path_hooks)
    trainer.read_sources()
    try:
        assert importlib.import_module(path.stem).x == 2
    finally:
        sys.path_hooks[:] = hooks
        sys.path_importer_cache.clear()
        sys.modules.pop(path.stem)


def test_what_is_of_the_environment_is_left_to_python(monkeypatch):
    hooks = list(sys.path_hooks)
    trainer.read_sources()
    try:
        with pytest.raises(ImportError):
            sys.path_hooks[0](str(Path(importlib.__file__).parent))
    finally:
        sys.path_hooks[:] = hooks
        sys.path_importer_cache.clear()


def test_a_request_is_answered_with_results_reads_and_seconds():
    stack = [TINY, Run(seed=1, epochs=1, training_images=20, width=4)]
    for runs in ([TINY], stack):
        request = {"runs": [each.to_store() for each in runs], "data": str(DATA)}
        found = answer(request, Reads())
        assert found["results"] == [run(each).to_store() for each in runs]
        assert found["seconds"] > 0
        assert set(found["reads"]) == {os.path.realpath(trainer.__file__)}


def test_an_error_is_answered_in_words():
    request = {"runs": [TINY.to_store() | {"training_images": 4001}], "data": str(DATA)}
    assert answer(request, Reads()) == {
        "refused": "training_images must lie in 1 to 4000, got 4001"
    }
    failed = answer(request | {"runs": [{"nothing": 1}]}, Reads())["failed"]
    assert failed.startswith("Traceback")
    assert "nothing" in failed


def test_the_environment_says_how_this_machine_rounds(monkeypatch):
    found = trainer.environment()
    assert found["rounding"] == trainer.rounding()
    assert found["blas"] != "unknown"
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    assert trainer.environment() == found | {"blas": "unknown"}


# The whole, on a copy of the package that may be changed.

SCRIPT = """
import sys, time
from pathlib import Path
import numpy as np
from nnbook.lab.evidence import results
from nnbook.lab.runs import Run
from nnbook.lab.store import PACKAGE, Store

tiny = Run(epochs=2, training_images=20, width=4)
(before,) = results([tiny])

def holds():
    return Store().read(tiny) is not None

def check(name, new, expected):
    path = PACKAGE / name
    old = path.read_bytes()
    path.write_bytes(new(old))
    if holds() != expected:
        print("wrong:", name, new(b""))
    path.write_bytes(old)
    assert holds(), name

assert holds()
line = lambda old: old + b"\\nhalved = True\\n"
for name in ("form_a.py", "form_b.py", "form_c.py", "form_d.py", "form_e.py", "__init__.py",
             "lab/__init__.py", "lab/rivals.py", "lab/trainer.py", "tensor.py"):
    check(name, line, False)
    check(name, lambda old: b"# a comment\\n" + old, True)
for name in ("open.json", "text.json"):
    check(name, lambda old: old + b" ", False)
check("array.npy", lambda old: old[:-1] + b"1", False)
for name in ("lab/statistics.py", "lab/figures.py", "lab/evidence.py"):
    check(name, line, True)

# A line that halves every step, in a file that nobody thinks of.
path = PACKAGE / "lab" / "__init__.py"
old = path.read_text()
path.write_text(old + '''
import nnbook.optimizer as o
step = o.SGDOptimizer.step
def halved(self):
    self.lr, lr = self.lr / 2, self.lr
    step(self)
    self.lr = lr
o.SGDOptimizer.step = halved
import nnbook.lab.rivals as r
r.RestrainedSGD.step = halved
''')
(after,) = results([tiny])
assert after.weights != before.weights
path.write_text(old)
assert results([tiny]) == [before]
print("done")
"""
LATE = """
    import importlib, json
    import nnbook.form_a
    from nnbook import form_b
    importlib.import_module("nnbook.form_c")
    __import__("nnbook.form_d")
    here = Path(nnbook.__file__).parent
    with open(here / "open.json") as file:
        json.load(file)
    (here / "text.json").read_text()
    np.load(here / "array.npy")
    print("a run that prints", flush=True)

    def measure(epoch: int, loss: float) -> None:
        if epoch == 2:
            import nnbook.form_e
"""


def test_all_that_a_run_reads_counts_and_nothing_else(tmp_path, runs):
    package = trainer.PACKAGE
    root = tmp_path / "src" / "nnbook"
    for path in package.rglob("*.py"):
        to = root / path.relative_to(package)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
    for form in "abcde":
        (root / f"form_{form}.py").write_text("x = 1\n")
    for name in ("open.json", "text.json"):
        (root / name).write_text("{}")
    (root / "array.npy").write_bytes(  # what numpy.save writes for one byte
        b"\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }"
        + b" " * 60
        + b"\n0"
    )
    experiments = root / "lab" / "experiments.py"
    source = experiments.read_text()
    place = "\n    def measure(epoch: int, loss: float) -> None:\n"
    assert source.count(place) == 2
    experiments.write_text(source.replace(place, LATE, 1))
    done = subprocess.run(  # noqa: S603 (our own code)
        [sys.executable, "-P", "-c", SCRIPT],
        env=os.environ | {"PYTHONPATH": str(root.parent), "NNBOOK_DATA": str(DATA)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\n"
    assert "a run that prints" in done.stderr  # and not among the answers


def test_experiments_need_neither_joblib_nor_what_tells_and_draws():
    """A reader's browser has NumPy and this library; and a change of a figure trains nothing."""
    script = """
import sys

sys.modules["joblib"] = sys.modules["matplotlib"] = None  # importing them fails
import nnbook.lab
import nnbook.lab.experiments
print([name for name in ("statistics", "figures", "store", "evidence", "studies")
       if f"nnbook.lab.{name}" in sys.modules])
from nnbook.lab import paired, run
from nnbook.lab.studies import published
found = nnbook.lab.experiments.run_stack(
    [nnbook.lab.Run(seed=seed, epochs=1, training_images=20) for seed in (0, 1)]
)
print(len(found))
try:
    nnbook.lab.nothing
except AttributeError as error:
    print(error)
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stdout == "[]\n2\nmodule 'nnbook.lab' has no attribute 'nothing'\n", done.stderr
