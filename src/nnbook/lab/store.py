"""Results are kept: a run is trained once, wherever it is used.

Beside results lies the record of what the process that trained them has read: our code, the
data, and the environment. They are what the code gives now if and only if all of that is what
it was. Records that were used last are kept, so that going back to an earlier state of the
code costs nothing.
"""

import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from nnbook.lab import trainer
from nnbook.lab.digits import place
from nnbook.lab.result import Result
from nnbook.lab.runs import Run
from nnbook.lab.trainers import SOURCES, Trained, variables

PACKAGE = Path(__file__).parents[1]
KEPT_RECORDS = 8
RECORD = "record.json"
DIGITS = "the digits"  # how a record calls them, wherever they lie


@dataclass(frozen=True)
class Stored:
    """A result, with the record of what it depends on, and what it cost.

    Attributes:
        result: of the run.
        record: see `record_of`.
        seconds: of the processor.
    """

    result: Result
    record: dict[str, Any]
    seconds: float


def folder() -> Path:
    """Where results are kept: ``NNBOOK_RUNS``, or ``_build/runs`` of the project.

    Out of a wheel, there is no project around it, and they go where caches go.
    """
    in_project = PACKAGE.parent.name == "src"
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    own = PACKAGE.parents[1] / "_build" / "runs" if in_project else cache / "nnbook" / "runs"
    return Path(os.environ.get("NNBOOK_RUNS", own))


def record_of(trained: Trained) -> dict[str, Any]:
    """What a result depends on: the environment, and the digests of what was read.

    Sources are named from the folder that they are imported from, so that another copy of
    the project knows them.
    """
    own = f"{SOURCES.resolve()}{os.sep}"
    reads = {
        DIGITS if path == str(place().resolve()) else path.removeprefix(own): digests
        for path, digests in sorted(trained.reads.items())
    }
    return {"environment": trained.environment, "variables": variables(), "reads": reads}


def is_now(record: dict[str, Any]) -> bool:
    """Whether everything on a record is what it was."""
    environment = record["environment"]
    return (
        environment["python"] == platform.python_version()
        and environment["numpy"] == np.__version__
        and environment["machine"] == platform.machine()
        and record["variables"] == variables()
        and all(_is_now(name, digests) for name, digests in record["reads"].items())
    )


def _is_now(name: str, digests: list[str]) -> bool:
    return trainer.is_as_it_was(str(place() if name == DIGITS else SOURCES / name), digests)


class Store:
    """The results that were trained here and are what the code gives now.

    Example:
        >>> Store().read(Run(epochs=1, training_images=7)) is None
        True
    """

    def __init__(self) -> None:
        self._records: dict[Path, dict[str, Any]] = {}
        for path in folder().glob(f"*/{RECORD}"):
            record = _unsealed(path)
            if record is not None and is_now(record):
                self._records[path.parent] = record
                with contextlib.suppress(OSError):
                    os.utime(path.parent)

    def read(self, described: Run) -> Stored | None:
        """What a run gave, or nothing where it has to be trained."""
        for own, record in self._records.items():
            content = _unsealed(own / _file(described))
            if content is not None and set(content["result"]) == RESULT:
                return Stored(Result(**content["result"]), record, content["seconds"])
        return None

    def write(self, trained: Trained) -> list[Stored]:
        """Keep what a stack gave, and forget the records that were used longest ago."""
        record = record_of(trained)
        own = folder() / checksum(record)[:16]
        own.mkdir(parents=True, exist_ok=True)
        _seal(own / RECORD, record)
        for described, result in zip(trained.runs, trained.results, strict=True):
            content = {"run": described.to_store(), "result": result.to_store()}
            _seal(own / _file(described), content | {"seconds": round(trained.seconds, 2)})
        self._records[own] = record
        self._forget()
        return [Stored(result, record, trained.seconds) for result in trained.results]

    def _forget(self) -> None:
        with contextlib.suppress(OSError):  # another process may do the same
            found = [path for path in folder().iterdir() if re.fullmatch("[0-9a-f]{16}", path.name)]
            for old in sorted(found, key=lambda path: -path.stat().st_mtime)[KEPT_RECORDS:]:
                if old not in self._records:
                    shutil.rmtree(old, ignore_errors=True)


RESULT = {each.name for each in fields(Result)}


def _file(described: Run) -> str:
    return f"{checksum(described.to_store())[:32]}.json"


def _seal(path: Path, content: dict[str, Any]) -> None:
    written = path.with_suffix(f".{os.getpid()}")
    text = json.dumps(content | {"sha256": checksum(content)})
    written.write_text(text, encoding="utf-8")
    written.replace(path)


def _unsealed(path: Path) -> dict[str, Any] | None:
    """What was written there, or nothing if it is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        seal = content.pop("sha256")
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None
    return content if seal == checksum(content) else None


def checksum(values: object) -> str:
    """The sha256 of values that JSON can hold, whatever the order of their names.

    Example:
        >>> checksum({"a": 1, "b": 2}) == checksum({"b": 2, "a": 1})
        True
    """
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
