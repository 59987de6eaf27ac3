"""What a build itself reads: templates, styles, settings, tables, code that pages are made by.

Each page may show something of each of these. So when one has changed, or one has come to a
folder that the build looked through, all pages are made anew. The text of a chapter counts for
that chapter alone, see `freshness`.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from sphinx.application import Sphinx

from bookext.state import watch

CHANGED = "%s was changed while the book was being built: build it again"
READS = "reads.json"  # beside the pages that were made from them


current: watch.Reads  # what this process has read


def begin(root: Path, build: Path) -> None:
    """Watch this process from now on; what it has imported already counts as well."""
    global current
    current = watch.Reads(root, [build])
    for module in list(sys.modules.values()):
        if file := getattr(module, "__file__", None):
            current.note(file)
    current.watch()


def is_now(good: Path, root: Path) -> bool:
    """Whether everything is what it was when the last good site was made."""
    return (good / READS).is_file() and are_now(_told(good), root)


def keep(app: Sphinx, copy: Path) -> list[str]:
    """Note beside the pages what they were made from; tell what has changed since then."""
    root = Path(app.srcdir)
    texts = {str(app.env.doc2path(name, base=False)) for name in app.env.found_docs}
    folders = {Path(path).parent.as_posix() for path in texts} | {"."}
    new = [
        (kind, place, was)
        for (kind, place), was in current.seen.items()
        if place not in (folders if kind == watch.FOLDER else texts)
    ]
    # Those pages that stay were made from what was told earlier.
    earlier = _told(copy) if (copy / READS).is_file() else []
    told = {(kind, place): was for kind, place, was in (*earlier, *new)}
    kept = sorted((*what, was) for what, was in told.items())
    (copy / READS).write_text(json.dumps(kept), encoding="utf-8")
    return list(changed(new, root))


def _told(folder: Path) -> list[watch.Told]:
    return [tuple(each) for each in json.loads((folder / READS).read_text(encoding="utf-8"))]


def are_now(told: Iterable[watch.Told], root: Path) -> bool:
    """Whether all that was read is what it was."""
    return next(changed(told, root), None) is None


def changed(told: Iterable[watch.Told], root: Path) -> Iterator[str]:
    """The places of what is no longer what it was."""
    return (place for kind, place, was in told if watch.now(kind, str(root / place)) != was)
