"""``build.json``: who, when and how long. The one file that two builds need not share.

Commit, date, versions and timings stand here and nowhere else, so that all other
files of two builds of the same commit are the same bytes. The results page reads it. With
``SOURCE_DATE_EPOCH``, as for a release, it shares even this one: its date is that one, and
timings are left out.
"""

import json
import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from myst_nb.sphinx_ import NbMetadataCollector
from packaging.utils import canonicalize_name
from sphinx.application import Sphinx

from bookext.state import environment, fingerprints

EPOCH = "SOURCE_DATE_EPOCH"


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the record, now that all chapters have been executed."""
    if exception is not None or app.builder.name != "html":
        return
    versions = environment.installed()
    record = {
        "commit": _git(app, "rev-parse", "HEAD"),
        "draft": bool(app.config.html_context.get("draft")),
        "changed": bool(_git(app, "status", "--porcelain")),
        "date": _now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "packages": {
            name: versions.get(canonicalize_name(name)) for name in app.config.book_packages
        },
        "fingerprint": app.config.book_results,
        "chapters": {name: _chapter(app, name) for name in sorted(app.env.found_docs)},
    }
    text = json.dumps(record, ensure_ascii=False, indent=1)
    Path(app.outdir, "build.json").write_text(text + "\n", encoding="utf-8")


def _chapter(app: Sphinx, name: str) -> dict[str, Any]:
    executed = NbMetadataCollector.get_exec_data(app.env, name) or {}
    seconds = None if EPOCH in os.environ else executed.get("runtime")
    return {
        "title": app.env.titles[name].astext(),
        "fingerprint": fingerprints.of_page(
            Path(app.srcdir),
            name,
            results=app.config.book_results,
            presentation=app.config.book_presentation,
        ),
        "seconds": None if seconds is None else round(seconds, 2),
    }


def _now() -> datetime:
    epoch = os.environ.get(EPOCH)
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)


def _git(app: Sphinx, *arguments: str) -> str | None:
    """What git says, or nothing where there is no git or no repository."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "-C", str(app.srcdir), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else None
