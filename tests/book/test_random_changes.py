"""A random change, at a random place of a random file that a build has read, leaves nothing stale.

Nobody thinks of these changes beforehand. The files are those that the records name, and the texts
of the chapters. After each change the book is built upon the last build, and again from nothing:
both give the same pages, or both fail and the last good site stays.
"""

import json
import os
import random
import re
import shutil
import string
from pathlib import Path

import pytest
from bookext.state import reading, records, watch
from test_watched import dice as dice

ON_A_PUSH, WEEKLY = 3, 200
# Code of the engine is copied beside the book, and tested by itself.
NOT_CHANGED = ("_build/", "_ext/", ".")


def files(dice):
    """All files of the book that a chapter or the build has read, by name."""
    last = dice.site.resolve().parent
    found = {place for _, place, _ in map(tuple, json.loads((last / reading.READS).read_text()))}
    for record in (dice.root / "_build/cache/chapters").rglob(records.RECORD):
        found |= {place for kind, place, _ in records.told(record.parent) if kind == watch.FILE}
    found |= {path.name for path in dice.root.glob("*.md")}
    return sorted(
        place
        for place in found
        if not place.startswith(("/", "..", *NOT_CHANGED)) and (dice.root / place).is_file()
    )


def changed(content, rng):
    """Another content, by one of the ways in which files come to differ."""
    lines = content.splitlines(keepends=True)
    at = rng.randrange(len(content)) if content else 0
    line = rng.randrange(len(lines)) if lines else 0
    typed = rng.choice(string.ascii_letters + string.digits + " .,:#`{}()").encode()
    return rng.choice(
        [
            content[:at] + typed + content[at + 1 :],
            content[:at] + typed + content[at:],
            content[:at] + content[at + 1 :],
            content[:at],
            b"".join(lines[:line] + lines[line + 1 :]),
            b"".join(lines[: line + 1] + lines[line:]),
            content + typed,
            re.sub(rb"\d", lambda found: rng.choice(string.digits).encode(), content, count=1),
        ]
    )


def pages(site):
    """What readers see, without what tells the day and the place of a build."""
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted([*site.glob("*.html"), site / "ledger.json"])
    }


def from_nothing(dice):
    """Build while the last build lies aside; the pages, or ``None`` where that fails.

    It is the same place, since some of what a chapter prints may name it.
    """
    aside = dice.root.with_name("aside")
    built = dice.root / "_build"
    built.rename(aside)
    try:
        code, output = dice.build(PYTHONPATH="")
        return (None if code else pages(dice.site)), output
    finally:
        shutil.rmtree(built, ignore_errors=True)
        aside.rename(built)


def tried(dice, seed):
    """Change, build, compare, and put back; in words what was wrong, if anything."""
    rng = random.Random(seed)  # noqa: S311 - that it comes again is what is wanted
    name = rng.choice(files(dice))
    path = dice.root / name
    content, times = path.read_bytes(), path.stat()
    new = changed(content, rng)
    before = pages(dice.site)
    path.write_bytes(new)
    if rng.random() < 0.5:  # behind the clock
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    try:
        code, output = dice.build(PYTHONPATH="")
        wanted, clean = from_nothing(dice)
        found = before if code else pages(dice.site)
        if bool(code) != (wanted is None):
            return f"{name}: ended with {code}, from nothing otherwise\n{output}\n{clean}"
        if code and pages(dice.site) != before:
            return f"{name}: a build that failed has changed the site\n{output}"
        if not code and found != wanted:
            stale = [page for page in wanted if wanted[page] != found.get(page)]
            return f"{name}: {', '.join(stale)} is stale\n{output}"
        return ""
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert dice.build(PYTHONPATH="")[0] == 0


@pytest.mark.parametrize("seed", range(ON_A_PUSH))
def test_no_random_change_leaves_a_stale_page(dice, seed):
    assert tried(dice, seed) == ""


@pytest.mark.slow
def test_two_hundred_random_changes_leave_no_stale_page(dice):
    """Others every time: what fails is named with the seed by which it comes again."""
    start = random.SystemRandom().randrange(10**9)
    wrong = {seed: tried(dice, seed) for seed in range(start, start + WEEKLY)}
    found = {seed: said for seed, said in wrong.items() if said}
    assert not found, "\n".join(f"seed {seed}: {said}" for seed, said in found.items())
    assert len(files(dice)) > 10, "too few files were watched for a random one to say anything"


def test_what_is_changed_is_what_was_read(dice):
    found = files(dice)
    assert {"sums.md", "data/throws.csv", "raw.bin", "_config.yml", "src/dice/sums.py"} <= {*found}
    for name in found:
        assert Path(dice.root, name).is_file()
