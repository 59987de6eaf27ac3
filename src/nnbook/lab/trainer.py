"""A process that trains, and that tells which files it has read to do so.

It is started by its path, as a script, so that it watches before any of our code is
imported: what a run depends on is what the process that trained it has read, however it
was imported or opened. Requests come in and answers go out as lines of JSON.

It reads Python sources themselves and no compiled forms of them, which Python trusts
while second and size of a source stay. So the digest that it tells is of the very bytes
that it ran. What stands in the environment (Python and its packages) is told by versions.
"""

import ast
import hashlib
import json
import os
import platform
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import CodeType
from typing import Any

PACKAGE = Path(__file__).parents[1]
# What is ours, even where the environment lies around it.
OURS = str((PACKAGE.parents[1] if PACKAGE.parent.name == "src" else PACKAGE).resolve()) + os.sep
ENVIRONMENT = tuple(
    os.path.realpath(place) + os.sep for place in (sys.prefix, sys.base_prefix, "/dev", "/proc")
)


def meaning(content: bytes, name: str) -> str:
    """Sixteen letters and numerals that stand for what a file says.

    Of Python sources comments, docstrings and line breaks do not count.

    Example:
        >>> meaning(b"x = 1  # one", "a.py") == meaning(b"x = (1)", "a.py")
        True
        >>> meaning(b"x = 1", "a.txt") == meaning(b"x = (1)", "a.txt")
        False
    """
    if name.endswith(".py"):
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError):
            pass
        else:
            for node in ast.walk(tree):
                body = getattr(node, "body", None)
                if isinstance(body, list) and body and _is_text(body[0]):
                    body[0] = ast.Pass()
            content = ast.dump(tree).encode()
    return _of_bytes(content)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


class Reads:
    """The files that this process opens to read, with the digests of each as it is at that moment.

    Attributes:
        seen: by path, see `digests_of`.
    """

    def __init__(self) -> None:
        own = os.path.realpath(__file__)  # Python has read it before anybody could watch
        self.seen: dict[str, list[str]] = {own: digests_of(own)}
        self._looking = False

    def watch(self) -> None:
        """Begin. Python knows no way to stop it."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or self._looking or isinstance(arguments[0], int):
            return
        name, mode, flags = arguments
        writes = "w" in mode or "x" in mode or "a" in mode if mode else flags & os.O_WRONLY
        if name is None or writes:
            return
        path = os.path.realpath(os.fsdecode(name))
        if path in self.seen or _of_environment(path):
            return
        self._looking = True
        try:
            self.seen[path] = digests_of(path)
        finally:
            self._looking = False


def digests_of(path: str) -> list[str]:
    """A digest of the bytes of a file, as it is now, and of its `meaning`; empty if it is gone.

    Where the bytes are the same, nobody needs to ask for the meaning, which takes longer.
    """
    try:
        content = Path(path).read_bytes()
    except OSError:
        return []
    return [_of_bytes(content), meaning(content, path)]


def is_as_it_was(path: str, digests: list[str]) -> bool:
    """Whether a file still says what `digests_of` has told of it."""
    try:
        content = Path(path).read_bytes()
    except OSError:
        return not digests
    return bool(digests) and (
        _of_bytes(content) == digests[0] or meaning(content, path) == digests[1]
    )


def _of_bytes(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _of_environment(path: str) -> bool:
    return any(
        path.startswith(place) and not (OURS.startswith(place) and path.startswith(OURS))
        for place in ENVIRONMENT
    )


class _FromSource(SourceFileLoader):
    """Compiles a source each time, and neither reads nor writes what was compiled before."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def read_sources() -> None:
    """Let Python read sources themselves wherever they are not of the environment."""
    finder = FileFinder.path_hook((ExtensionFileLoader, EXTENSION_SUFFIXES), (_FromSource, [".py"]))

    def ours(path: str) -> Any:
        if _of_environment(os.path.realpath(path) + os.sep):
            raise ImportError
        return finder(path)

    sys.path_hooks.insert(0, ours)
    sys.path_importer_cache.clear()


def environment() -> dict[str, str]:
    """What a result owes to this machine: versions, and how its arithmetic rounds."""
    import numpy as np

    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "blas": _blas(),
        "rounding": rounding(),
    }


def rounding() -> str:
    """Sixteen letters and numerals that stand for how this machine rounds.

    BLAS, and NumPy itself, choose by the processor how they add up. Where products, sums
    and exponentials like those of a training come out the same to the last bit, so does a
    training.
    """
    import numpy as np

    found, rng = hashlib.sha256(), np.random.default_rng(0)
    for dtype in ("float64", "float32"):
        for rows, inner, columns in ((2, 784, 64), (32, 784, 256), (500, 256, 10), (64, 2, 784)):
            left = rng.standard_normal((rows, inner)).astype(dtype)
            right = np.asfortranarray(rng.standard_normal((inner, columns)).astype(dtype))
            for value in (left.dot(right), left.sum(axis=0), np.exp(left), np.log(abs(left))):
                found.update(np.ascontiguousarray(value).tobytes())
            found.update(np.vdot(left, left).tobytes())
    return found.hexdigest()[:16]


def _blas() -> str:
    """The name of the BLAS kernel, for people; what counts is `rounding`."""
    try:
        from threadpoolctl import threadpool_info
    except ModuleNotFoundError:
        return "unknown"
    found = [each for each in threadpool_info() if each["user_api"] == "blas"]
    return "; ".join(f"{each['internal_api']} {each.get('architecture', '')}" for each in found)


def answer(request: dict[str, Any], reads: Reads) -> dict[str, Any]:
    """Train what is asked for, as one stack; an error is answered in words."""
    from nnbook.errors import NNBookError
    from nnbook.lab.experiments import run, run_stack
    from nnbook.lab.runs import Run

    begin = time.process_time()
    try:
        stack = [Run.from_store(values) for values in request["runs"]]
        data = Path(request["data"])
        found = run_stack(stack, data) if len(stack) > 1 else [run(stack[0], data)]
    except NNBookError as error:
        return {"refused": str(error)}
    except Exception:
        return {"failed": traceback.format_exc()}
    seconds = time.process_time() - begin
    return {
        "results": [result.to_store() for result in found],
        "reads": reads.seen,
        "seconds": seconds / len(found),
    }


@contextmanager
def _only_answers() -> Iterator[Any]:  # pragma: no cover, a process of its own: test_trainers
    """Where answers go; whatever else is printed goes to standard error instead."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        yield out


def main() -> None:  # pragma: no cover, a process of its own: test_trainers
    """Answer requests for as long as somebody may ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it
    reads = Reads()
    reads.watch()
    read_sources()
    requests: SimpleQueue[dict[str, Any]] = SimpleQueue()
    Thread(target=_receive, args=[requests], daemon=True).start()
    with _only_answers() as out:
        print(json.dumps(environment()), file=out, flush=True)
        while True:
            print(json.dumps(answer(requests.get(), reads)), file=out, flush=True)


def _receive(requests: "SimpleQueue[dict[str, Any]]") -> None:  # pragma: no cover, as `main`
    """Take requests, and end this process in the middle of a training when whoever asks is gone."""
    for line in sys.stdin:
        requests.put(json.loads(line))
    os._exit(0)


if __name__ == "__main__":  # pragma: no cover, as `main`
    main()
