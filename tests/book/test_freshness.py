"""What is published is what the code does now, and two builds of it are the same bytes.

Every build is a plain ``jupyter-book build .``: no flag, nothing cleaned. A change
keeps the time of its file, as a copy from an archive does: contents count.
"""

import html
import os
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from random import Random

import pytest
from bookext.state.freshness import CACHED_STATES
from changes import CHANGES
from harmless import HARMLESS
from smallbook import bench, differing, files, unmarked, whole

AT_ONCE = 2
KILLS = 32


@pytest.fixture(scope="module")
def benches(tmp_path_factory):
    """Small books that are built, one for each build that is made at once."""
    folders = [tmp_path_factory.mktemp("bench") for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = SimpleQueue()
        for made in pool.map(bench, folders):
            waiting.put(made)
    return waiting


def with_each(benches, function, cases):
    """Call ``function(bench, case)`` for all cases, on benches as they were built first."""

    def one(case):
        book = benches.get()
        try:
            book.reset()
            return function(book, case)
        finally:
            benches.put(book)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, cases))


def apply_behind_the_clock(book, change):
    file = book.root / change.file
    times = file.stat() if change.file else None
    change.apply(book)
    if times:
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def stale(book, change):
    """Apply a change, build, and say what is wrong with what is published then."""
    before, trained = files(book.site), book.results()
    apply_behind_the_clock(book, change)
    code, output = book.build(**dict(change.environment))
    after = files(book.site)
    if change.fails:
        wrong = [] if code and change.fails in output else [f"exit code {code}", output]
        return wrong + [f"{name} was touched" for name in differing(before, after)]
    if code:
        return [f"exit code {code}", output]
    wrong = []
    if change.same:
        wrong += [f"stale: {name}" for name in differing(unmarked(before), unmarked(after))]
    if ("Executing notebook" in output) != change.executes:
        wrong.append("executed" if not change.executes else "nothing was executed")
    if (book.results() != trained) != change.trains:
        wrong.append("trained" if not change.trains else "nothing was trained")
    if change.page:
        wrong += not_seen(change, unmarked(before), unmarked(after))
    if change.executes and not change.same:
        wrong += not_computed(book, after)
    # A change of code has all pages made from nothing: that is a clean build already.
    if change.same or change.file.startswith(("src/", "book/_ext/")):
        return wrong
    kept = [] if change.trains else ["runs"] if change.executes else ["runs", "cache"]
    clean = book.clean(book.root.with_name("clean"), *kept)
    code, output = clean.build(**dict(change.environment))
    wrong += [output] if code else []
    return wrong + [f"stale: {name}" for name in differing(after, files(clean.site))]


def not_seen(change, before, after):
    """The change, if it is not to be seen where it should."""
    old, new = (pages.get(change.page, b"").decode() for pages in (before, after))
    if old == new:
        return [f"{change.page} is what it was"]
    if change.shows not in new or (change.shows and change.shows in old):
        return [f"{change.page} does not show {change.shows}"]
    return []


def not_computed(book, site):
    """What the site should show according to the code alone, and does not."""
    numbers, picture = book.directly()
    page, ledger = (site[name].decode() for name in ("index.html", "zledger.html"))
    wrong = [
        f"{key} is {number}"
        for key, number in numbers.items()
        if f"<code>{key}</code></th><td>{html.escape(number)}</td>" not in ledger
    ]
    return wrong if picture in page else [*wrong, "the picture"]


def test_no_change_leaves_a_stale_page(benches, capsys):
    found = dict(zip(CHANGES, with_each(benches, stale, CHANGES), strict=True))
    pages = sum(line.startswith("stale: ") for wrong in found.values() for line in wrong)
    with capsys.disabled():
        print(f"\nstale test: {len(CHANGES)} changes tried, {pages} stale pages found")
    wrong = {change.name: lines for change, lines in found.items() if lines}
    assert not wrong, listed(wrong)


def test_what_changes_nothing_published_does_not_fail(benches):
    found = zip(HARMLESS, with_each(benches, stale, HARMLESS), strict=True)
    wrong = {change.name: lines for change, lines in found if lines}
    assert not wrong, listed(wrong)


def listed(wrong):
    return "\n".join(f"{name}: {line}" for name in wrong for line in wrong[name])


RATE = "rate: float = 0.2", "rate: float = 0.3"


def killed(book, seed, kills_wanted=KILLS // AT_ONCE, forget=True):
    """Kill builds at random moments; give how many, and what was wrong after them.

    With ``forget``, a quarter of the builds finds nothing that was computed before.
    """
    random, wrong, kills, builds = Random(seed), [], 0, 0  # noqa: S311
    states = [files(book.site)]
    book.replace("src/nnbook/dropout.py", *RATE)
    clean = book.clean(book.root.with_name("clean"))
    started = time.monotonic()
    assert clean.build()[0] == 0
    seconds = time.monotonic() - started
    states.append(files(clean.site))
    while kills < kills_wanted and builds < 4 * kills_wanted:
        builds += 1
        goal = builds % 2
        if forget and builds % 8 < 2:
            shutil.rmtree(book.root / "_build" / "cache")
            shutil.rmtree(book.runs)
        process = book.start()
        moment = random.uniform(0, seconds if builds % 8 < 2 else seconds / 2)
        try:
            output, _ = process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            kills += 1
        site = files(book.site)
        if site not in (states[1 - goal], states[goal]):
            wrong.append(f"killed after {moment:.2f} s: {differing(site, states[1 - goal])}")
        code, output = book.build()
        if code:
            wrong.append(f"after a kill at {moment:.2f} s: {output}")
        wrong += [f"stale: {name}" for name in differing(files(book.site), states[goal])]
        book.replace("src/nnbook/dropout.py", *(RATE[::-1] if goal else RATE))
    return kills, wrong


def test_killed_builds_leave_a_whole_site_and_the_next_is_as_if_clean(benches, capsys):
    found = with_each(benches, killed, range(AT_ONCE))
    kills = sum(count for count, _ in found)
    with capsys.disabled():
        print(f"\nkill test: {kills} builds killed")
    assert kills >= 30
    assert [line for _, wrong in found for line in wrong] == []


def test_two_builds_are_the_same_bytes(benches, tmp_path):
    book = benches.get()
    try:
        book.reset()
        other = book.clean(tmp_path / "another" / "place with a space")
        surroundings = {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "7", "LC_ALL": "C.UTF-8"}
        code, output = other.build(**surroundings)
        assert code == 0, output
        assert differing(files(book.site), files(other.site)) == []
        assert len(files(other.site)) > 20
        assert (other.site / "build.json").is_file()
    finally:
        benches.put(book)


def test_the_caches_are_bounded(benches):
    book = benches.get()
    try:
        book.reset()
        caches = book.root / "_build" / "cache"
        for age in range(10):
            (caches / f"{age:016x}").mkdir()
            os.utime(caches / f"{age:016x}", (age, age))
        code, output = book.build()
        assert code == 0, output
        assert "Executing notebook" not in output
        assert len(list(caches.iterdir())) == CACHED_STATES
    finally:
        benches.put(book)


def test_without_a_change_nothing_is_written(benches):
    book = benches.get()
    try:
        book.reset()
        code, output = book.build()
        assert code == 0, output
        assert "no targets are out of date" in output
    finally:
        benches.put(book)


@pytest.fixture(scope="module")
def whole_book(tmp_path_factory):
    """The book itself, at its full size, built."""
    return bench(tmp_path_factory.mktemp("whole"), whole)


OF_THE_LIBRARY = [each for each in CHANGES if each.executes and each.file.startswith("src/")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [each for each in OF_THE_LIBRARY if "studies" not in each.file],  # the small book's own
    ids=lambda change: change.name.replace(" ", "-"),
)
def test_no_change_leaves_a_stale_page_in_the_whole_book(whole_book, change):
    whole_book.reset()
    before = files(whole_book.site)
    apply_behind_the_clock(whole_book, change)
    code, output = whole_book.build()
    after = files(whole_book.site)
    if code:  # a claim, most often, that the changed code does not bear out
        assert "the book was not published" in output
        assert differing(before, after) == []
        return
    assert differing(unmarked(before), unmarked(after)) != []
    clean = whole_book.clean(whole_book.root.with_name("clean"))
    code, output = clean.build()
    assert code == 0, output
    assert differing(after, files(clean.site)) == []


@pytest.mark.slow
def test_killed_builds_of_the_whole_book(whole_book):
    whole_book.reset()
    kills, wrong = killed(whole_book, seed=0, kills_wanted=30, forget=False)
    assert kills == 30
    assert wrong == []
