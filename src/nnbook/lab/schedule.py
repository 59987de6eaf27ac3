"""The schedule: which runs are trained together, where, in which order, and how long it takes.

Runs that differ only in their seeds are trained as stacks, see `stacks`.
"""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnbook.lab.digits import digits
from nnbook.lab.runs import Run
from nnbook.lab.trainers import Trained, train

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


Watcher = Callable[[Progress], None]


def trained(
    missing: Sequence[Run], workers: int | None = None, progress: Watcher | None = None
) -> Iterator[Trained]:
    """Train runs in parallel and give what they gave, stack by stack as they are finished.

    Args:
        missing: the runs, each once.
        workers: processes on this machine; by default one for each core.
        progress: told before the first and after each.
    """
    if not missing:
        return
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
            yield joblib.delayed(_timed)(stack)

    finished = _parallel(workers)(given_out())
    try:
        show()
        for found, seconds in finished:
            yield found
            running.remove(found.runs)
            done += len(found.runs)
            worked += sum(map(work, found.runs))
            busy += seconds
            show()
    finally:
        with warnings.catch_warnings():
            # Whoever interrupts knows that not all was done; joblib gives advice.
            warnings.simplefilter("ignore")
            finished.close()


def _timed(stack: list[Run]) -> tuple[Trained, float]:
    begin = time.monotonic()
    return train(stack), time.monotonic() - begin


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
    """A cluster, if the caller has chosen one, or else this machine.

    Here, threads wait for the processes that train; on a cluster, its workers do.
    """
    joblib = _joblib()
    from joblib.parallel import BACKENDS, get_active_backend

    backend, _ = get_active_backend()
    if isinstance(backend, BACKENDS.get("dask", ())):
        return joblib.Parallel(return_as="generator_unordered")  # pragma: no cover, test-cluster
    # joblib calls one at a time in this very thread, and would show nothing before the first.
    return joblib.Parallel(
        n_jobs=max(workers, 2),
        pre_dispatch=workers,
        return_as="generator_unordered",
        backend="threading",
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
