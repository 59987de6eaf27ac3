"""Kept results: the files in ``data/evidence``, one for each arm of a study.

A file says what was trained, what each seed gave, and where that comes from: the digests of
the code and the data that were read, versions, how the machine rounds, the day, and the seconds
of the processor. It carries a checksum, so that one that somebody has touched is noticed.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

from nnbook.errors import DataFileError
from nnbook.lab.result import Result
from nnbook.lab.runs import Run
from nnbook.lab.store import PACKAGE, Stored, checksum


@dataclass(frozen=True)
class Arm:
    """What is kept of one arm.

    Attributes:
        kind: its run, with seed 0.
        results: by run, one a seed.
        day: on which the last of them was trained.
    """

    kind: Run
    results: dict[Run, Stored]
    day: str

    @property
    def seconds(self) -> float:
        """What one run takes, of the processor."""
        return mean(stored.seconds for stored in self.results.values())


def folder() -> Path:
    """Where evidence lies: ``NNBOOK_EVIDENCE``, or ``data/evidence`` of the project."""
    return Path(os.environ.get("NNBOOK_EVIDENCE", PACKAGE.parents[1] / "data" / "evidence"))


def file_of(kind: Run, name: str = "*") -> str:
    """The name of an arm's file; the part that is for people may be left open."""
    described = json.dumps(replace(kind, seed=0).to_store(), sort_keys=True)
    return f"{name}-{hashlib.sha256(described.encode()).hexdigest()[:12]}.json.gz"


def kept_arm(kind: Run) -> Arm | None:
    """What is kept of an arm, or nothing.

    Raises:
        DataFileError: its file is damaged, or somebody has written in it.
    """
    found = sorted(folder().glob(file_of(kind)))
    return read(found[0]) if found else None


def strangers(kinds: Iterable[Run]) -> list[Path]:
    """The files that belong to none of these arms."""
    known = {file_of(kind).removeprefix("*") for kind in kinds}
    found = sorted(folder().glob("*.json.gz"))
    return [path for path in found if f"-{path.name.rpartition('-')[2]}" not in known]


def read(path: Path) -> Arm:
    """What a file holds.

    Raises:
        DataFileError: it is damaged, or somebody has written in it.
    """
    try:
        content = json.loads(gzip.decompress(path.read_bytes()))
        seal = content.pop("sha256")
        if seal != checksum(content):
            raise ValueError("its checksum is not that of what it holds")
        kind = Run.from_store(content["run"])
        if path.name != file_of(kind, path.name.rpartition("-")[0]):
            raise ValueError("it holds another arm than its name says")
        results = {
            replace(kind, seed=seed): Stored(
                Result(**dict(zip(content["names"], values, strict=True))),
                content["records"][record],
                seconds,
            )
            for seed, record, seconds, values in content["results"]
        }
        return Arm(kind, results, content["day"])
    except (
        OSError,
        EOFError,
        zlib.error,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ) as error:
        raise DataFileError(
            f"{path}: this is not what `make evidence` wrote ({error}); restore the file with "
            f"`git checkout {path.name}` in its folder, or remove it and run `make evidence`"
        ) from error


def write(name: str, kind: Run, results: dict[Run, Stored]) -> Path:
    """Keep what the seeds of an arm gave, at one stroke.

    Args:
        name: for people.
        kind: the arm's run.
        results: by run, one a seed.
    """
    names = [each.name for each in fields(Result)]
    records: list[dict[str, Any]] = []
    rows = []
    for run, stored in sorted(results.items(), key=lambda item: item[0].seed):
        if stored.record not in records:
            records.append(stored.record)
        values = stored.result.to_store()
        number = records.index(stored.record)
        rows.append([run.seed, number, round(stored.seconds, 2), [values[each] for each in names]])
    content = {
        "arm": name,
        "run": replace(kind, seed=0).to_store(),
        "day": datetime.now(UTC).date().isoformat(),
        "records": records,
        "names": names,
        "results": rows,
    }
    path = folder() / file_of(kind, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(f".{os.getpid()}")
    text = json.dumps(content | {"sha256": checksum(content)})
    try:
        written.write_bytes(gzip.compress(text.encode(), mtime=0))
        written.replace(path)
        for old in folder().glob(file_of(kind)):  # under another name
            if old != path:
                old.unlink()
    finally:
        written.unlink(missing_ok=True)
    return path
