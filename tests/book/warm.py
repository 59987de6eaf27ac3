"""A program that has loaded what builds load, and forks a process for each that is asked for.

Of ours it has loaded nothing: each build imports the project's own code. Two thirds of the time of
a small build would otherwise go into importing the same packages as the one before. It reads
a request a line, a command with its folder, environment, and file to write to, and answers
with the exit code.

A build itself starts builds of other editions. On Linux, these are forked as well: from a copy of
the build's process that was made when it had loaded nothing of ours yet either. Kernels are
started as ever: what they are given, and what they read, is what is asked about.
"""

import ctypes
import gc
import inspect
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module

from sphinx.application import builtin_extensions

LOADED = (
    "bs4",
    "filelock",
    "flit_core.wheel",
    "furo",
    "IPython.lib.lexers",
    "joblib",
    "jupyter_book.cli.main",
    "jupyter_book.sphinx",
    "latex2mathml.converter",
    "latexcodec",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "myst_nb.sphinx_ext",
    "numpy.random",
    *builtin_extensions,
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_exercise",
    "sphinx_external_toc.parsing",
    "sphinx_jupyterbook_latex.transforms",
    "sphinx_multitoc_numbering",
    "sphinxcontrib.bibtex",
    "sphinxcontrib.bibtex.style.referencing.basic_foot",
    "sphinxcontrib.bibtex.style.referencing.basic_label",
    "sqlalchemy.dialects.sqlite",
)
BECOME_PARENT = 36  # PR_SET_CHILD_SUBREAPER: of whom a process's children leave behind


def jupyter_book(*arguments: str) -> None:
    from jupyter_book.cli.main import main

    sys.argv = ["jupyter-book", *arguments]
    sys.exit(main())


def code(text: str) -> None:
    exec(text, {"__name__": "__main__"})  # noqa: S102 (a test's)


def known(command: list[str]) -> Callable[[], None] | None:
    """What does in a forked process what a command does, if it is one of these."""
    match [os.path.basename(str(command[0])), *command[1:]]:  # noqa: PTH119
        case "jupyter-book", *arguments:
            return lambda: jupyter_book(*arguments)
        case _, "-c", text:
            return lambda: code(text)
    return None


def request() -> dict:
    """Answer requests; what returns, in a process of its own, is one of them."""
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            asked = json.loads(line)
            written = os.open(asked["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            return asked | {"files": [os.open(os.devnull, os.O_RDONLY), written, written]}
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    sys.exit()


def further_request(line: socket.socket) -> dict:
    """Answer requests of the process that this one is a copy of."""
    while True:
        message, files, *_ = socket.recv_fds(line, 2**20, 3)
        if not message:
            os._exit(0)
        between = os.fork()
        if not between:
            if os.fork():
                os._exit(0)  # so that whoever asked becomes the parent
            asked = json.loads(message)
            if asked["start_new_session"]:
                os.setsid()
            line.send(str(os.getpid()).encode())
            line.close()
            return asked | {"files": files}
        os.waitpid(between, 0)
        for file in files:
            os.close(file)
        line.send(b"0")  # it is the parent now


def become(command: list[str], root: str, environment: dict[str, str], files: list[int]) -> None:
    """Be in that folder and environment, and use these files, as a process just started."""
    for standard, file in enumerate(files):
        os.dup2(file, standard)
    for file in {*files} - {0, 1, 2}:
        os.close(file)
    os.chdir(root)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = environment.get("PYTHONPATH", "").split(os.pathsep)
    import_module("numpy").random.seed()  # nobody draws what another process draws


class Popen(subprocess.Popen):
    """Has known commands forked."""

    ask: socket.socket

    def _execute_child(self, args, *further):
        if isinstance(args, str) or not known(args):
            return super()._execute_child(args, *further)
        given = inspect.signature(super()._execute_child).bind(args, *further).arguments
        files = [given[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        asked = {
            "command": [str(each) for each in args],
            "root": str(given["cwd"] or os.getcwd()),  # noqa: PTH109
            "environment": dict(os.environ if given["env"] is None else given["env"]),
            "start_new_session": given["start_new_session"],
        }
        files = [number if file == -1 else file for number, file in enumerate(files)]
        socket.send_fds(self.ask, [json.dumps(asked).encode()], files)
        # One of them tells its own number, and the other that it may be waited for.
        self.pid = max(int(self.ask.recv(20)) for _ in range(2))
        self._child_created = True
        pipes = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        self._close_pipe_fds(*(given[name] for name in pipes))
        return None


def with_a_copy(asked: dict) -> dict:
    """Leave a copy of this process behind, which makes others; give what one of them is to do."""
    while sys.platform == "linux":
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork():
            there.close()
            ctypes.CDLL(None).prctl(BECOME_PARENT, 1, 0, 0, 0)
            Popen.ask, subprocess.Popen = here, Popen
            break
        here.close()
        asked = further_request(there)
    return asked


if __name__ == "__main__":
    for name in LOADED:
        import_module(name)
    gc.freeze()  # else the first collection in each process would copy all of this memory
    asked = with_a_copy(request())
    become(*(asked[each] for each in ("command", "root", "environment", "files")))
    known(asked["command"])()
