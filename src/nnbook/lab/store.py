"""Results are kept: a run is computed once, wherever it is used.

A result lies under a fingerprint of what a run depends on: the code that it
reaches, the data, and Python and NumPy. When one of them changes, all runs are
computed again. Results of the states that were used last are kept, so that going
back to one costs nothing.
"""

import ast
import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path

import joblib
import numpy as np
from joblib.parallel import BACKENDS, get_active_backend

from nnbook.lab.experiments import DATA, Result, Run, run

PACKAGE = Path(__file__).parents[1]
KEPT_STATES = 8
Progress = Callable[[int, int], None]


def folder() -> Path:
    """Where results are kept: ``NNBOOK_RUNS``, or ``_build/runs`` of the project."""
    return Path(os.environ.get("NNBOOK_RUNS", PACKAGE.parents[1] / "_build" / "runs"))


def results(
    runs: Sequence[Run], *, progress: Progress | None = None, workers: int | None = None
) -> list[Result]:
    """Give the results of ``runs``, in that order, and compute the missing ones in parallel.

    Under ``joblib.parallel_config(backend="dask")`` a Dask cluster computes them, whose
    workers must have this project and its data at the same place; otherwise processes
    on this machine do.

    Args:
        runs: descriptions; one that occurs twice is computed once.
        progress: called with the number of runs that are done and of those that
            had to be computed, once before and after each.
        workers: processes on this machine; by default one for each core.

    Returns:
        One result a run. They do not depend on the number of workers.

    Example:
        >>> first, second = results([Run(epochs=1, training_images=100)] * 2)
        >>> first == second
        True
    """
    kept = {described: _read(described) for described in runs}
    # The longest first, so that no core is left alone with one at the end.
    missing = sorted(
        (described for described, result in kept.items() if result is None),
        key=lambda r: -r.epochs * r.training_images * (r.width + 400 / r.batch_size),
    )
    if missing:
        parallel = _parallel(min(workers or joblib.cpu_count(), len(missing)))
        finished = parallel(joblib.delayed(_compute)(described) for described in missing)
        if progress is not None:
            progress(0, len(missing))
        for done, (described, result) in enumerate(finished, start=1):
            kept[described] = result
            _write(described, result)
            if progress is not None:
                progress(done, len(missing))
    _forget_old_states()
    return [result for described in runs if (result := kept[described]) is not None]


def _parallel(workers: int) -> joblib.Parallel:
    """A cluster, if the caller has chosen one, or else processes on this machine."""
    backend, _ = get_active_backend()
    if isinstance(backend, BACKENDS.get("dask", ())):
        return joblib.Parallel(return_as="generator_unordered")  # pragma: no cover, test-cluster
    # Never one process: that would be this one, whose BLAS may have more threads and
    # round otherwise. A single worker is one of two, and gets one run at a time.
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        return joblib.Parallel(
            n_jobs=max(workers, 2), pre_dispatch=workers, return_as="generator_unordered"
        )


def _compute(described: Run) -> tuple[Run, Result]:
    return described, run(described)


def _path(described: Run) -> Path:
    name = hashlib.sha256(json.dumps(asdict(described), sort_keys=True).encode()).hexdigest()
    return folder() / fingerprint() / f"{name[:32]}.json"


def _read(described: Run) -> Result | None:
    try:
        content = json.loads(_path(described).read_text(encoding="utf-8"))
        values = content["result"]
        if content["sha256"] != _digest(values) or set(values) != {f.name for f in fields(Result)}:
            return None
        return Result(**values)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # missing or damaged: computed anew


def _write(described: Run, result: Result) -> None:
    if _state() != fingerprint():
        return  # edited meanwhile: nobody knows which code gave this
    path, values = _path(described), asdict(result)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"run": asdict(described), "result": values, "sha256": _digest(values)}
    written = path.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps(content), encoding="utf-8")
    written.replace(path)


def _digest(values: object) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _forget_old_states() -> None:
    """Remove the results of all states but those that were used last."""
    with contextlib.suppress(OSError):  # another process may do the same
        os.utime(folder() / fingerprint())
        states = [path for path in folder().iterdir() if re.fullmatch("[0-9a-f]{16}", path.name)]
        for old in sorted(states, key=lambda path: -path.stat().st_mtime)[KEPT_STATES:]:
            shutil.rmtree(old, ignore_errors=True)


@cache
def fingerprint() -> str:
    """The sha256 of all that a run depends on besides its description, shortened.

    It is taken once in a process, as the code is that the process has imported.
    """
    return _state()


def _state() -> str:
    state = hashlib.sha256(f"{platform.python_version()} {np.__version__}".encode())
    state.update(f"{platform.machine()} {DATA.name}".encode())
    for path in (*sources(), DATA):
        with contextlib.suppress(FileNotFoundError):  # the run itself says so, and better
            state.update(hashlib.sha256(path.read_bytes()).digest())
    return state.hexdigest()[:16]


def sources() -> list[Path]:
    """The files of this package that `run` reaches by importing, directly or not.

    Example:
        >>> [path.name for path in sources() if path.parent.name == "lab"]
        ['experiments.py', 'probes.py']
    """
    found: set[Path] = set()
    waiting = [PACKAGE / "lab" / "experiments.py"]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nnbook"):
                stem = PACKAGE.joinpath(*(node.module or "").split(".")[1:])
                waiting.append(stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py"))
    return sorted(found)
