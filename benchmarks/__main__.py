"""Print the tables, and keep them for the book's page: ``make bench``.

Usage: python -m benchmarks [NAME …] [--rounds N] [--keep | --check]

Names are those of the tables; without one, all are made, or with ``--keep`` those that the
book shows. ``--keep`` writes what was measured to ``benchmarks/results.json``, where tables
that were not made stay as they are.
``--check`` measures nothing, and fails if a kept table is of another state of the library.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import browser, building, processes, scaling, steps, training
from nnbook.lab.evidence import code

RESULTS = Path(__file__).with_name("results.json")
TABLES = {
    "steps": steps.measure,
    "runs": training.measure,
    "memory": processes.measure_memory,
    "import": processes.measure_import,
    "evaluation": scaling.measure_evaluation,
    "sweep": scaling.measure_sweep,
    "growth": scaling.measure_growth,
    "rebuilds": building.measure_rebuilds,
    "chapters": building.measure_chapters,
    "browser": browser.measure,
}


def here() -> dict[str, str]:
    """Where and on what the measuring is done."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607
        cwd=RESULTS.parent,
        capture_output=True,
        check=False,
        text=True,
    )
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit.stdout.strip() or "unknown",
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": f"Python {platform.python_version()}, NumPy {np.__version__}, one BLAS thread",
        "fingerprint": code(),
    }


def outdated(kept: Mapping[str, Any]) -> list[str]:
    """The tables that were measured with another library than this one."""
    return [name for name, table in kept.items() if table["measured"]["fingerprint"] != code()]


def main() -> None:
    """Measure, print and, if asked, keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TABLES))
    parser.add_argument("--rounds", type=int, default=15, help="in turns; 15 by default")
    parser.add_argument("--keep", action="store_true", help="write results.json")
    parser.add_argument("--check", action="store_true", help="fail if a kept table is outdated")
    wanted = parser.parse_args()
    unknown = set(wanted.names) - set(TABLES)
    if unknown or wanted.rounds < 1:
        parser.error(f"tables are {', '.join(TABLES)}; rounds are 1 or more")
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    if wanted.check:
        if old := outdated(kept):
            raise SystemExit(
                f"measured before the latest change of the library: {', '.join(old)}; "
                "measure them anew on a quiet machine: make bench ARGS=--keep"
            )
        return
    where = here()
    print(*where.values(), f"{wanted.rounds} rounds", sep="; ", flush=True)
    for name in wanted.names or (list(kept) if wanted.keep else TABLES):
        table = TABLES[name](wanted.rounds)
        print(table, flush=True)
        kept[name] = {
            "title": table.title,
            "columns": table.columns,
            "rows": table.text(),
            "notes": table.notes,
            "measured": where,
        }
        if wanted.keep:
            RESULTS.write_text(
                json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )


if __name__ == "__main__":
    main()
