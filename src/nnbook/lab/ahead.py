"""What the build computes ahead of the chapters: all their runs, and ``images/``."""

from functools import partial
from pathlib import Path
from typing import Protocol

from nnbook.errors import DataFileError
from nnbook.lab.diagrams import write_images
from nnbook.lab.experiments import DATA, Run
from nnbook.lab.store import Progress, results
from nnbook.lab.studies import STUDIES, all_runs
from nnbook.mnist import MNISTDataset


class Say(Protocol):
    """Shows a line; the next one may be written over it unless it is the last."""

    def __call__(self, line: str, *, last: bool = True) -> None: ...


def compute(say: Say) -> None:
    """Compute the runs that are missing, in parallel, and draw the pictures that differ.

    Raises:
        SystemExit: the images are missing or damaged.
    """
    try:
        MNISTDataset(DATA)
    except (FileNotFoundError, DataFileError) as error:
        raise SystemExit(
            f"{error}\nThe book cannot be built without its digits: restore the file with "
            "`git checkout data/tinymnist.npz`, or make it with `python data/make_tinymnist.py`."
        ) from error
    results(all_runs(), progress=partial(_show, say, _names()))
    for path in write_images():
        say(f"drawn anew: {Path(path.parent.name, path.name).as_posix()}")


def _names() -> dict[Run, str]:
    """The study and the arm that each run belongs to."""
    return {
        run: f"{study} ({arm})"
        for study, found in STUDIES.items()
        for arm, runs in found.runs().items()
        for run in runs
    }


def _show(say: Say, names: dict[Run, str], progress: Progress) -> None:
    running = ", ".join(
        f"{names.get(stack[0], 'the published run')} × {len(stack)}" for stack in progress.running
    )
    line = f"runs: {progress.done} of {progress.total}"
    line += f"; training {running}" if running else ""
    if progress.seconds is not None and running:
        line += "; about {:.0f} min {:02.0f} s left".format(*divmod(progress.seconds, 60))
    say(line, last=progress.done == progress.total)
