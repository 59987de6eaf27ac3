"""Evidence: the results of the book's runs, kept in the repository, and confirmed by training.

Nobody who builds the book has to pay for all its seeds: what they gave lies in
``data/evidence``, a file for each arm of a study, written by ``make evidence`` alone. Nor does
anybody have to believe it. Before any of it is used, one run of the arm, with a seed that the
code itself draws, is trained here and now. If it gives what is kept, so do the others; if it
gives anything else, what is kept of this arm is dead, and its runs are trained anew.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain

import numpy as np

from nnbook.lab import trainer
from nnbook.lab.kept import Arm, kept_arm
from nnbook.lab.result import Result
from nnbook.lab.runs import Run
from nnbook.lab.schedule import Watcher, trained, work
from nnbook.lab.store import PACKAGE, Store, Stored
from nnbook.lab.traces import EARLY

# Whom `results` tells how far it has come, where its caller names nobody: a notebook's reader.
watcher: Watcher | None = None

# A run that is so many times the work of the published one is recognised by its first epochs. One
# such arm in so many is trained to its end all the same, drawn anew for each state of the code.
LONG, ONE_IN = 0.45, 4
# How far the losses of the first batches may lie apart on processors that round otherwise,
# as a share. Measured: 1e-16 in float64, where eight digits are kept, and up to 2e-4 after a
# whole epoch in float32.
APART = {"float64": 2e-7, "float32": 1e-3}


@dataclass(frozen=True)
class Verdict:
    """Whether an arm's kept results are what the code gives now, and how that is known.

    Attributes:
        arm: what is kept.
        trained: the run that was trained here to find out.
        how: ``"bits"``, ``"rounding"`` on another processor, or empty if they are dead.
    """

    arm: Arm
    trained: Run
    how: str


def results(
    runs: Sequence[Run],
    *,
    progress: Watcher | None = None,
    workers: int | None = None,
) -> list[Result]:
    """Give the results of ``runs``, in that order: kept ones that hold, or trained in parallel.

    Under ``joblib.parallel_config(backend="dask")`` a Dask cluster trains them, whose
    workers must have this project and its data at the same place; otherwise processes
    on this machine do.

    Args:
        runs: descriptions; one that occurs twice is trained once.
        progress: called before the first training and after each; by default `watcher`.
        workers: processes on this machine; by default one for each core.

    Returns:
        One result a run. They do not depend on the number of workers.

    Example:
        >>> first, second = results([Run(epochs=1, training_images=100)] * 2)
        >>> first == second
        True
    """
    found = stored(runs, progress=progress, workers=workers)
    return [found[run].result for run in runs]


def stored(
    runs: Iterable[Run],
    *,
    progress: Watcher | None = None,
    workers: int | None = None,
) -> dict[Run, Stored]:
    """`results`, each with where it comes from."""
    wanted = list(dict.fromkeys(runs))
    found = _confirmed(wanted, progress, workers)
    rest = [run for run in wanted if run not in found]
    return found | trained_here(rest, progress or watcher, workers)


def missing(runs: Iterable[Run]) -> list[Run]:
    """Those of ``runs`` that have to be trained: neither kept and confirmed, nor trained here."""
    wanted = list(dict.fromkeys(runs))
    found, store = _confirmed(wanted, None, None), Store()
    return [run for run in wanted if run not in found and store.read(run) is None]


def _confirmed(
    runs: Sequence[Run], progress: Watcher | None, workers: int | None
) -> dict[Run, Stored]:
    kept = {
        run: stored
        for verdict in verdicts(runs, progress=progress, workers=workers).values()
        if verdict.how
        for run, stored in verdict.arm.results.items()
    }
    return {run: kept[run] for run in runs if run in kept}


def verdicts(
    runs: Iterable[Run], *, progress: Watcher | None = None, workers: int | None = None
) -> dict[Run, Verdict]:
    """For each arm of ``runs`` of which results are kept, by its run of seed 0: do they hold?"""
    kinds = dict.fromkeys(replace(run, seed=0) for run in runs)
    arms = {kind: arm for kind in kinds if (arm := kept_arm(kind)) is not None}
    asked = {kind: drawn(arm) for kind, arm in arms.items()}
    fresh = trained_here(list(asked.values()), progress or watcher, workers)
    return {
        kind: Verdict(arm, asked[kind], compared(arm, asked[kind], fresh[asked[kind]]))
        for kind, arm in arms.items()
    }


def drawn(arm: Arm) -> Run:
    """The run of an arm that is trained to find out whether its results hold.

    Its seed is drawn by the code, so that nobody can know beforehand which one has to be right.
    What takes long is broken off after its first epochs, but for one in four; what is asked of
    a trained network is always asked at the end.
    """
    letters = f"{code()} {sorted(arm.kind.to_store().items())}"
    number = int(hashlib.sha256(letters.encode()).hexdigest()[:12], 16)
    whole = sorted(arm.results, key=lambda run: run.seed)[number % len(arm.results)]
    short = (
        work(arm.kind) <= LONG * work(Run())
        or arm.kind.probes
        or number // len(arm.results) % ONE_IN == 0
    )
    if short or whole.epochs <= EARLY:
        return whole
    return replace(whole, epochs=EARLY)


@cache
def code() -> str:
    """Sixteen letters and numerals that stand for the meaning of the library's code.

    They draw the seeds. The lab is left out: another colour has nothing confirmed once more.

    Example:
        >>> len(code())
        16
    """
    found = hashlib.sha256()
    # Not `__init__`, which computes nothing and holds the version: a release changes that.
    for path in sorted(PACKAGE.glob("[!_]*.py")):
        found.update("".join(trainer.digests_of(str(path))[1:]).encode())
    return found.hexdigest()[:16]


def compared(arm: Arm, run: Run, fresh: Stored) -> str:
    """How a run that was just trained bears out what is kept of its arm, as in `Verdict`."""
    kept = arm.results[replace(run, epochs=arm.kind.epochs)]
    if fresh.record["environment"]["rounding"] == kept.record["environment"]["rounding"]:
        whole = run in arm.results
        same = kept.result == fresh.result if whole else _begins(kept.result, fresh.result, run)
        return "bits" if same else ""
    first = kept.result.first_losses, fresh.result.first_losses
    near = len(first[0]) == len(first[1]) and np.allclose(*first, rtol=APART[run.dtype], atol=0)
    if run.epochs == arm.kind.epochs:
        near = near and _scatters(arm, kept.result, fresh.result)
    return "rounding" if near else ""


def _scatters(arm: Arm, kept: Result, fresh: Result) -> bool:
    """Whether accuracy and probes lie no further apart than those of the arm's seeds do."""

    def measured(result: Result) -> list[float]:
        return [result.accuracy, *chain(*(result.probes[name] for name in arm.kind.probes))]

    if len(measured(kept)) != len(measured(fresh)):
        return False
    apart = np.abs(np.subtract(measured(kept), measured(fresh)))
    return bool(np.all(apart <= np.ptp([measured(e.result) for e in arm.results.values()], axis=0)))


def _begins(kept: Result, fresh: Result, run: Run) -> bool:
    """Whether a training begins as the one that was broken off after its first epochs."""
    return (
        fresh.weights == kept.early_weights
        and fresh.first_losses == kept.first_losses
        # Without a curve, a part is measured after the last epoch alone, which is another here.
        and all(
            getattr(kept, f"{part}_{what}")[:EARLY] == getattr(fresh, f"{part}_{what}")
            for part in run.curves
            for what in ("accuracies", "losses")
        )
    )


def trained_here(
    runs: Sequence[Run], progress: Watcher | None, workers: int | None = None
) -> dict[Run, Stored]:
    """`stored` without a look at what is kept: trained here, now or before."""
    store = Store()
    found = {run: kept for run in runs if (kept := store.read(run)) is not None}
    missing = [run for run in dict.fromkeys(runs) if run not in found]
    for stack in trained(missing, workers, progress):
        found |= dict(zip(stack.runs, store.write(stack), strict=True))
    return found
