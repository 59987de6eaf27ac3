"""Tell why a chapter would be executed again, and what it depends on.

Run ``make why``, or ``python tools/why.py [PAGE…]``. Without a page, each chapter that was executed
gets a line: whether it is fresh, or what has changed. With pages, what each of them has read
follows. The records lie where the last build has left them; nothing is built.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from bookext import fresh
from bookext.state import kernels, records, watch

ROOT = Path(__file__).resolve().parents[1]
SHOWN = 5


def lines(root: Path, *pages: str) -> Iterator[str]:
    """What is to be said, line by line.

    Args:
        root: of the project.
        pages: names of chapters, with or without their folder.
    """
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    settings = fresh.SETTINGS | config["sphinx"].get("config", {})
    said = kernels.said(settings["book_variables"])
    kept = root / "_build" / "cache" / "chapters"
    records.look_again()
    # Of each chapter, the state that was used last.
    found = sorted(kept.rglob(records.RECORD), key=lambda path: path.stat().st_mtime)
    newest = {path.parents[1].relative_to(kept).as_posix(): path.parent for path in found}
    for name, own in sorted(newest.items()):
        if pages and name not in pages and Path(name).name not in pages:
            continue
        changed = list(records.changes(own, root, said))
        more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        yield f"{name}: {', '.join(changed[:SHOWN]) + more if changed else 'fresh'}"
        if pages:
            yield from (
                f"  {kind:<8} {place}"
                for kind, place, _ in records.told(own)
                if kind in (watch.FILE, watch.FOLDER)
            )
    missing = {page for page in pages if page not in {*newest, *(Path(n).name for n in newest)}}
    yield from (f"{page}: no build has executed a chapter of this name" for page in sorted(missing))


if __name__ == "__main__":
    print("\n".join(lines(ROOT, *sys.argv[1:])) or "no chapter was executed yet: run `make book`")
