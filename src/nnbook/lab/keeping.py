"""``make evidence``: train what is missing among the book's evidence, and keep it.

It can be stopped at any time and goes on where it was. ``python -m nnbook.lab.keeping STUDY …``
takes those studies alone; with ``--anew`` it trains all of them from nothing instead, and tells
whether they give what is kept.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from filelock import FileLock, Timeout

from nnbook.errors import DataFileError
from nnbook.lab import kept, store
from nnbook.lab.ahead import show
from nnbook.lab.evidence import compared, stored, trained_here
from nnbook.lab.runs import Run
from nnbook.lab.studies import STUDIES, arms


def main(arguments: Sequence[str]) -> None:
    """Do what the command line asks for.

    Raises:
        SystemExit: it asks for what is not there, another process is at it, or the results
            differ from those that are kept.
    """
    anew = "--anew" in arguments
    names = [each for each in arguments if each != "--anew"]
    if unknown := [name for name in names if name not in STUDIES]:
        raise SystemExit(f"{', '.join(unknown)}: no such study; there are {', '.join(STUDIES)}")
    store.folder().mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(store.folder() / "evidence.lock", timeout=0):
            compare(names) if anew else keep(names)
    except DataFileError as error:
        raise SystemExit(str(error)) from error
    except Timeout:
        raise SystemExit("another `make evidence` is at work: wait for it, or stop it") from None
    except OSError as error:
        raise SystemExit(
            f"{error}\nWhat was kept before is as it was. Mend that, and run `make evidence` "
            "again: it goes on where it was."
        ) from error


def keep(names: Sequence[str]) -> None:
    """Train what is missing or no longer holds, and keep each arm that is complete."""
    for study in names or STUDIES:
        # All arms of a study at once, so that no core stands idle at the end of each.
        runs = {
            kind: [replace(kind, seed=seed) for seed in range(seeds)]
            for kind, (_, seeds) in chosen([study]).items()
        }
        found = stored(chain(*runs.values()), progress=partial(show, say, study))
        for kind, (name, seeds) in chosen([study]).items():
            old = kept.kept_arm(kind)
            new = {run: found[run] for run in runs[kind]}
            if old is None or old.results != new:
                print(f"{name}: {seeds} seeds, kept in {kept.write(name, kind, new).name}")
    for path in kept.strangers(arms()):
        path.unlink()
        print(f"{path.name}: no study has this arm; removed")


def compare(names: Sequence[str]) -> None:
    """Train everything anew, apart from what was trained before, and hold it against what is kept.

    Raises:
        SystemExit: something differs, or is not kept.
    """
    differ = []
    with tempfile.TemporaryDirectory() as apart:
        os.environ["NNBOOK_RUNS"] = apart
        for kind, (name, seeds) in chosen(names).items():
            old = kept.kept_arm(kind)
            if old is None or len(old.results) < seeds:
                differ.append(f"{name}: not all of its {seeds} seeds are kept")
                continue
            found = trained_here(list(old.results), progress=partial(show, say, name))
            verdicts = {run: compared(old, run, found[run]) for run in old.results}
            dead = sorted(run.seed for run, how in verdicts.items() if not how)
            print(f"{name}: {len(found)} seeds, {', '.join(sorted(set(verdicts.values())))}")
            if dead:
                differ.append(f"{name}: seeds {', '.join(map(str, dead))}")
    if differ:
        raise SystemExit("not what is kept:\n  " + "\n  ".join(differ))


def chosen(names: Sequence[str]) -> dict[Run, tuple[str, int]]:
    """The arms of some studies, or of all."""
    wanted = [STUDIES[name] for name in names] or list(STUDIES.values())
    kinds = {replace(run, seed=0) for study in wanted for run in study.arms.values()}
    return {kind: found for kind, found in arms().items() if kind in kinds}


def say(line: str, *, last: bool = True) -> None:
    """Show a line; in a terminal, the next one is written over it unless it is the last."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{line}", end="\n" if last else "", flush=True)
    else:
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
