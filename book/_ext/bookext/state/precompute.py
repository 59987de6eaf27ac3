"""Ahead of the chapters: their runs, in parallel, with a display; and ``images/``.

Nothing is done, and NumPy is not even loaded, where a build has done it all for the same
fingerprint of results and the pictures are still what it drew: one that was edited by
hand, or came from another branch, is drawn anew.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.application import Sphinx
from sphinx.util import logging

from bookext.state import fingerprints
from bookext.state.staging import build_folder

if TYPE_CHECKING:
    from nnbook.lab.experiments import Run
    from nnbook.lab.store import Progress
    from nnbook.lab.studies import Study

logger = logging.getLogger(__name__)


def runs_and_pictures(app: Sphinx) -> None:
    """Compute what is missing before Sphinx asks which files have changed."""
    note = build_folder(app) / "precomputed"
    if note.is_file() and note.read_text(encoding="utf-8") == _done(app):
        return
    # Imported here and not above: NumPy takes its number of threads when it is
    # loaded, and a build with nothing to do needs none of this.
    import nnbook
    from nnbook.lab.diagrams import write_images
    from nnbook.lab.experiments import DATA
    from nnbook.lab.store import results
    from nnbook.lab.studies import STUDIES, all_runs

    if Path(app.srcdir, "src") not in Path(nnbook.__file__).parents:
        raise SystemExit(
            f"nnbook is imported from {nnbook.__file__}, not from src/: the book would describe "
            "other code than it runs. Run `make book`, or `pip install --no-deps -e .`."
        )
    try:
        nnbook.MNISTDataset(DATA)
    except (FileNotFoundError, nnbook.DataFileError) as error:
        raise SystemExit(
            f"{error}\nThe book cannot be built without its digits: restore the file with "
            "`git checkout data/tinymnist.npz`, or make it with `python data/make_tinymnist.py`."
        ) from error
    results(all_runs(), progress=partial(_show, _names(STUDIES)))
    for path in write_images():
        logger.info("drawn anew: %s", path.relative_to(app.srcdir))
    note.write_text(_done(app), encoding="utf-8")


def _done(app: Sphinx) -> str:
    pictures = fingerprints.contents(Path(app.srcdir), ("images/*",))
    return f"{app.config.book_results}\n{pictures}"


def _names(studies: dict[str, Study]) -> dict[Run, str]:
    """The study and the arm that each run belongs to."""
    return {
        run: f"{study} ({arm})"
        for study, found in studies.items()
        for arm, runs in found.runs().items()
        for run in runs
    }


def _show(names: dict[Run, str], progress: Progress) -> None:
    """One line that is written over in a terminal, a line for each step elsewhere."""
    running = ", ".join(
        f"{names.get(stack[0], 'the published run')} × {len(stack)}" for stack in progress.running
    )
    line = f"runs: {progress.done} of {progress.total}"
    line += f"; training {running}" if running else ""
    if progress.seconds is not None and running:
        line += "; about {:.0f} min {:02.0f} s left".format(*divmod(progress.seconds, 60))
    if sys.stdout.isatty():
        over = progress.done < progress.total
        logger.info("\r\x1b[K%s", line, nonl=over)
    else:
        logger.info("%s", line)
