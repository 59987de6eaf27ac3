"""Ahead of the chapters: their runs, in parallel, with a display; and ``images/``."""

import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from bookext.freshness import build_folder

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Compute what is missing before the first chapter is read."""
    app.connect("env-before-read-docs", _prepare)


def _prepare(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    done = build_folder(app) / "runs.fingerprint"
    fingerprint = app.config.book_fingerprint
    if not docnames or (done.is_file() and done.read_text(encoding="ascii") == fingerprint):
        return
    # Imported here and not above: NumPy takes its number of threads when it is
    # loaded, and a build with nothing to do needs none of this.
    import nnbook
    from nnbook.lab.diagrams import write_images
    from nnbook.lab.experiments import DATA
    from nnbook.lab.store import results
    from nnbook.lab.studies import all_runs

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
    results(all_runs(), progress=_show)
    for path in write_images():
        logger.info("drawn anew: %s", path.relative_to(app.srcdir))
    done.write_text(fingerprint, encoding="ascii")


def _show(done: int, total: int) -> None:
    """One line that grows in a terminal, a line now and then elsewhere."""
    if sys.stdout.isatty():
        bar = "█" * (30 * done // total)
        logger.info(
            "\rruns: %s%s %d of %d", bar, " " * (30 - len(bar)), done, total, nonl=done < total
        )
    elif done == total or done % max(1, total // 10) == 0:
        logger.info("runs: %d of %d", done, total)
