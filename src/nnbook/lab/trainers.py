"""Trainers: processes that train runs side by side, in an environment that is made for them."""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from nnbook.errors import NNBookError
from nnbook.lab import trainer as child
from nnbook.lab.digits import digits
from nnbook.lab.result import Result
from nnbook.lab.runs import Run

SCRIPT = Path(__file__).with_name("trainer.py")
SOURCES = SCRIPT.parents[2]  # the folder that `nnbook` is imported from
# What a trainer inherits. With another number of threads BLAS adds up in another order.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
ROUNDING = ("OPENBLAS_CORETYPE",)
MADE = {
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}


def variables() -> dict[str, str]:
    """What reaches a trainer and may change what it computes."""
    return MADE | {name: os.environ[name] for name in ROUNDING if name in os.environ}


@dataclass(frozen=True)
class Trained:
    """What a stack of runs gave, and where that comes from.

    Attributes:
        runs: that were trained together.
        results: one a run.
        reads: the digests of each file that was read for them, by its path.
        environment: versions, and how the machine rounds, see `trainer.environment`.
        seconds: of the processor, for each of the runs.
    """

    runs: Sequence[Run]
    results: Sequence[Result]
    reads: dict[str, list[str]]
    environment: dict[str, str]
    seconds: float


class Trainer:
    """A process of its own that trains one stack after another."""

    def __init__(self) -> None:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._variables = variables()
        self._reads: dict[str, list[str]] = {}
        self._process = subprocess.Popen(  # noqa: S603 (our own code)
            [sys.executable, "-P", "-s", str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=inherited | self._variables | {"PYTHONPATH": str(SOURCES)},
        )
        self.environment: dict[str, str] = self._read()

    def train(self, runs: Sequence[Run]) -> Trained:
        """Train runs that differ in nothing but their seeds, as one stack.

        Raises:
            NNBookError: a run asks for something that is not there.
            RuntimeError: the code of a run is broken, or its process has ended.
        """
        request = {"runs": [run.to_store() for run in runs], "data": str(digits().resolve())}
        with suppress(BrokenPipeError):  # what became of it is told where its answer is read
            print(json.dumps(request), file=self._process.stdin, flush=True)
        found = self._read()
        if "refused" in found:
            raise NNBookError(found["refused"])
        if "failed" in found:
            raise RuntimeError(f"a run could not be trained:\n{found['failed']}")
        self._reads = found["reads"]
        results = [Result(**values) for values in found["results"]]
        return Trained(runs, results, found["reads"], self.environment, found["seconds"])

    def _read(self) -> dict:  # type: ignore[type-arg]
        assert self._process.stdout is not None  # noqa: S101 (a pipe, see above)
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            raise RuntimeError(
                f"the process that trains ended with exit code {code}: what it says stands above; "
                "if it was killed, for lack of memory for example, try again with fewer workers"
            )
        return json.loads(line)  # type: ignore[no-any-return]

    def is_up_to_date(self) -> bool:
        """Whether it lives, and trains as a process would that were started now."""
        return (
            self._process.poll() is None
            and self._variables == variables()
            and all(child.is_as_it_was(*read) for read in self._reads.items())
        )

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.communicate()


_idle: SimpleQueue[Trainer] = SimpleQueue()


def train(runs: Sequence[Run]) -> Trained:
    """Train a stack in a process that is idle, or in a new one."""
    with _trainer() as trainer:
        return trainer.train(runs)


@contextmanager
def _trainer() -> Iterator[Trainer]:
    try:
        trainer = _idle.get_nowait()
        if not trainer.is_up_to_date():
            trainer.end()
            trainer = Trainer()
    except Empty:
        trainer = Trainer()
    try:
        yield trainer
    except NNBookError:
        _idle.put(trainer)
        raise
    except BaseException:
        trainer.end()
        raise
    _idle.put(trainer)


@atexit.register
def end_all() -> None:
    """End all processes that are idle."""
    with suppress(Empty):
        while True:
            _idle.get_nowait().end()
