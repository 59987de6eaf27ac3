"""What the build does ahead of the chapters: it confirms their evidence, and draws ``images/``."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Protocol

from nnbook.errors import DataFileError
from nnbook.lab import kept
from nnbook.lab.arms import runs_of
from nnbook.lab.diagrams import write_images
from nnbook.lab.digits import DATA
from nnbook.lab.evidence import Verdict, missing, results, verdicts
from nnbook.lab.runs import Run
from nnbook.lab.schedule import Progress, work
from nnbook.lab.studies import DRAFT_SEEDS, STUDIES, arms, shown_runs
from nnbook.mnist import MNISTDataset


class Say(Protocol):
    """Shows a line; the next one may be written over it unless it is the last."""

    def __call__(self, line: str, *, last: bool = True) -> None: ...


def compute(say: Say) -> None:
    """Confirm what is kept, train what is not, and draw the pictures that differ.

    Raises:
        SystemExit: the images are missing or damaged, or somebody has written in the evidence.
    """
    try:
        MNISTDataset(DATA)
    except (FileNotFoundError, DataFileError) as error:
        raise SystemExit(
            f"{error}\nThe book cannot be built without its digits: restore the file with "
            "`git checkout data/tinymnist.npz`, or make it with `python data/make_tinymnist.py`."
        ) from error
    try:
        found = verdicts(arms(), progress=partial(show, say, "confirming"))
    except DataFileError as error:
        raise SystemExit(str(error)) from error
    wanted = [run for study in STUDIES.values() for arm in runs_of(study).values() for run in arm]
    for line in warnings(found, missing(wanted)):
        say(line)
    results([*shown_runs(), *wanted], progress=partial(show, say, "training"))
    for path in write_images():
        say(f"drawn anew: {Path(path.parent.name, path.name).as_posix()}")


def warnings(found: Mapping[Run, Verdict], untrained: Sequence[Run]) -> list[str]:
    """What a builder has to know before a long training: why, how long, and what to do instead."""
    names = {kind: name for kind, (name, _) in arms().items()}
    dead = [kind for kind, verdict in found.items() if not verdict.how]
    new = dict.fromkeys(replace(run, seed=0) for run in untrained)
    lines = [f"{names[kind]}: the code no longer gives what data/evidence keeps" for kind in dead]
    lines += [
        f"{names[kind]}: data/evidence keeps not all of its seeds"
        for kind in new
        if kind not in dead
    ]
    lines += [f"{path}: no study has this arm; remove the file" for path in kept.strangers(names)]
    if untrained:
        minutes, cores = seconds(found, untrained) / 60, os.cpu_count() or 1
        lines.append(
            f"{len(untrained)} runs are trained now, which takes about {minutes / cores:.0f} min "
            f"on {cores} cores. `make evidence` keeps them for others. For a draft of "
            f"{DRAFT_SEEDS} seeds: BOOK_EVIDENCE=draft make book"
        )
    return lines


def seconds(found: Mapping[Run, Verdict], untrained: Sequence[Run]) -> float:
    """About how long runs take, in seconds of one core, by what was measured when others were."""
    known = {kind: verdict.arm.seconds for kind, verdict in found.items()}
    # Where nothing was ever measured: the published run takes about a second.
    rate = mean([taken / work(kind) for kind, taken in known.items()] or [1 / work(Run())])
    return sum(known.get(replace(run, seed=0), rate * work(run)) for run in untrained)


def show(say: Say, doing: str, progress: Progress) -> None:
    """Tell how far it is."""
    names = {kind: name for kind, (name, _) in arms().items()}
    running = ", ".join(
        f"{names.get(replace(stack[0], seed=0), 'a run of its own')} × {len(stack)}"
        for stack in progress.running
    )
    line = f"{doing}: {progress.done} of {progress.total} runs"
    line += f"; now {running}" if running else ""
    if progress.seconds is not None and running:
        line += "; about {:.0f} min {:02.0f} s left".format(*divmod(progress.seconds, 60))
    say(line, last=progress.done == progress.total)
