"""Results are kept: a run is computed once, wherever it is used.

Missing runs that differ only in their seed are trained as stacks, see `stacks`.

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
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nnbook.lab.digits import digits, place
from nnbook.lab.experiments import Result, Run, run, run_stack

PACKAGE = Path(__file__).parents[1]
KEPT_STATES = 8
# A longer stack gains little more, and all of it is lost when a build is killed. With
# weights of more bytes, they would leave the processor's cache from step to step.
STACK_LENGTH = 10
STACK_BYTES = 2**22


@dataclass(frozen=True)
class Progress:
    """How far the computing has come.

    Attributes:
        done, total: runs, of those that had to be computed.
        running: the stacks of runs that are being trained now.
        seconds: about how long it will still take; ``None`` before the first are done.
    """

    done: int
    total: int
    running: Sequence[Sequence[Run]]
    seconds: float | None


# Whom `results` tells how far it has come, where its caller names nobody: a notebook's reader.
watcher: Callable[[Progress], None] | None = None


def folder() -> Path:
    """Where results are kept: ``NNBOOK_RUNS``, or ``_build/runs`` of the project.

    Out of a wheel, there is no project around it, and they go where caches go.
    """
    in_project = PACKAGE.parent.name == "src"
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    own = PACKAGE.parents[1] / "_build" / "runs" if in_project else cache / "nnbook" / "runs"
    return Path(os.environ.get("NNBOOK_RUNS", own))


def results(
    runs: Sequence[Run],
    *,
    progress: Callable[[Progress], None] | None = None,
    workers: int | None = None,
) -> list[Result]:
    """Give the results of ``runs``, in that order, and compute the missing ones in parallel.

    Under ``joblib.parallel_config(backend="dask")`` a Dask cluster computes them, whose
    workers must have this project and its data at the same place; otherwise processes
    on this machine do.

    Args:
        runs: descriptions; one that occurs twice is computed once.
        progress: called before the first computation and after each; by default `watcher`.
        workers: processes on this machine; by default one for each core.

    Returns:
        One result a run. They do not depend on the number of workers.

    Example:
        >>> first, second = results([Run(epochs=1, training_images=100)] * 2)
        >>> first == second
        True
    """
    kept = {described: _read(described) for described in runs}
    missing = [described for described, result in kept.items() if result is None]
    if missing:
        for stack, found in _computed(missing, workers, progress or watcher):
            kept |= dict(zip(stack, found, strict=True))
            for described, result in zip(stack, found, strict=True):
                _write(described, result)
    _forget_old_states()
    return [result for result in map(kept.get, runs) if result is not None]


def _computed(
    missing: list[Run], workers: int | None, progress: Callable[[Progress], None] | None
) -> Iterator[tuple[list[Run], list[Result]]]:
    """The runs, stack by stack as they are finished, with their results."""
    joblib = _joblib()
    digits()  # said here, and not by every worker
    workers = workers or joblib.cpu_count()
    waiting = stacks(missing, workers)
    workers = min(workers, len(waiting))
    running: list[list[Run]] = []
    begin = time.monotonic()
    done, worked, busy, whole = 0, 0.0, 0.0, sum(map(work, missing))

    def show() -> None:
        if progress is not None:
            left = None
            if worked:
                left = max(0.0, busy / worked * whole / workers - (time.monotonic() - begin))
            progress(Progress(done, len(missing), tuple(running[:workers]), left))

    def given_out() -> Iterator[Any]:
        for stack in waiting:
            running.append(stack)
            yield joblib.delayed(_compute)(stack)

    finished = _parallel(workers)(given_out())
    show()
    for stack, found, seconds in finished:
        yield stack, found
        running.remove(stack)
        done += len(stack)
        worked += sum(map(work, stack))
        busy += seconds
        show()


def stacks(runs: Sequence[Run], workers: int) -> list[list[Run]]:
    """Put runs together that differ only in their seeds, as many as pay, the longest first.

    Example:
        >>> [len(stack) for stack in stacks([Run(seed=seed) for seed in range(6)], workers=2)]
        [3, 3]
    """
    alike: dict[Run, list[Run]] = {}
    for described in runs:
        alike.setdefault(replace(described, seed=0), []).append(described)
    found = []
    for kind, group in alike.items():
        most = min(max(1, STACK_BYTES // weight_bytes(kind)), STACK_LENGTH)
        # Of one length, and so many that no worker stands idle.
        fewest = -(-workers // len(alike))
        count = min(max(-(-len(group) // most), fewest), len(group))
        found += [group[number::count] for number in range(count)]
    # The longest first, so that no core is left alone with one at the end; but before all
    # a short one that is no single run, which soon tells how fast this machine is.
    found.sort(key=lambda stack: -sum(map(work, stack)))
    first = min(found, key=lambda stack: (len(stack) == 1, sum(map(work, stack))))
    return [first, *(stack for stack in found if stack is not first)]


def work(described: Run) -> float:
    """About how long a run takes, in a unit of no meaning.

    Measured: a step costs as much as its weights are large, and somewhat more with each
    image of its batch.
    """
    steps = described.epochs * described.training_images / described.batch_size
    return steps * weight_bytes(described) * (17 + described.batch_size)


def weight_bytes(described: Run) -> int:
    """The size of the weights of a run's network."""
    return (784 + 10) * described.width * np.dtype(described.dtype).itemsize


def _parallel(workers: int) -> Any:
    """A cluster, if the caller has chosen one, or else processes on this machine."""
    joblib = _joblib()
    from joblib.parallel import BACKENDS, get_active_backend

    backend, _ = get_active_backend()
    if isinstance(backend, BACKENDS.get("dask", ())):
        return joblib.Parallel(return_as="generator_unordered")  # pragma: no cover, test-cluster
    # joblib computes in this very process when it is told to use one. The BLAS of this process
    # may have more threads than those of its workers and then rounds differently, so it
    # is always told to use two or more; where one is wanted, only one is given work at a time.
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        return joblib.Parallel(
            n_jobs=max(workers, 2), pre_dispatch=workers, return_as="generator_unordered"
        )


def _joblib() -> Any:
    # Here and not above: a reader's browser has no joblib, and asks for no results.
    try:
        import joblib
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "nnbook.lab computes runs in parallel with joblib, which is not installed: "
            "pip install 'nnbook[lab]'"
        ) from error
    return joblib


def _compute(stack: list[Run]) -> tuple[list[Run], list[Result], float]:
    begin = time.monotonic()
    found = run_stack(stack, digits()) if len(stack) > 1 else [run(stack[0], digits())]
    return stack, found, time.monotonic() - begin


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
    path, values = _path(described), result.to_store()
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
    state.update(f"{platform.machine()} {place().name}".encode())
    for path in (*sources(), place()):
        with contextlib.suppress(FileNotFoundError):  # the run itself says so, and better
            state.update(hashlib.sha256(path.read_bytes()).digest())
    return state.hexdigest()[:16]


def sources() -> list[Path]:
    """The files of this package that `run` reaches by importing, directly or not.

    Example:
        >>> [path.name for path in sources() if path.parent.name == "lab"]
        ['experiments.py', 'probes.py', 'rivals.py', 'stacks.py']
    """
    found: set[Path] = set()
    waiting = [PACKAGE / "lab" / "experiments.py"]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for module in _imported(path.read_text(encoding="utf-8")):
            stem = PACKAGE.joinpath(*module.split(".")[1:])
            waiting.append(stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py"))
    return sorted(found)


@cache  # asked for at every result that is kept
def _imported(source: str) -> tuple[str, ...]:
    """The modules of this package from which a source imports."""
    return tuple(
        node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("nnbook")
    )
