"""A program that has loaded what every build loads, and forks a process for each that is asked for.

Of ours it has loaded nothing: each build imports the project's own code. Two thirds of the time of
a small build would otherwise go into importing the same packages as the one before. It reads
a request a line, runs ``jupyter-book build .``, and answers with its exit code.
"""

import gc
import json
import os
import sys
from importlib import import_module

LOADED = (
    "bs4",
    "furo",
    "joblib",
    "jupyter_book.cli.main",
    "jupyter_book.sphinx",
    "latex2mathml.converter",
    "latexcodec",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "myst_nb.sphinx_ext",
    "sphinx.builders.html",
    "sphinx_exercise",
    "sphinx_external_toc",
    "sphinx_multitoc_numbering",
    "sphinxcontrib.bibtex",
    "sqlalchemy.dialects.sqlite",
)


def request() -> dict:
    """Answer requests; what returns, in a process of its own, is one of them."""
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            return json.loads(line)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    sys.exit()


def become(root: str, environment: dict[str, str], output: str) -> None:
    """Be in that folder and environment, and write there, as a process that was just started."""
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, standard in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(file, standard)
    os.chdir(root)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = environment["PYTHONPATH"].split(os.pathsep)
    sys.argv = ["jupyter-book", "build", "."]


if __name__ == "__main__":
    for name in LOADED:
        import_module(name)
    gc.freeze()  # else the first collection in each process would copy all of this memory
    become(**request())
    from jupyter_book.cli.main import main

    sys.exit(main())
