"""What is published is what the code does now, and two builds of it are the same bytes.

Every build is a ``jupyter-book build .`` without a flag, and nothing is cleaned. A change
keeps the time of its file, as a copy from an archive does: contents count.
"""

import html
import os
import re
import shutil
import signal
import subprocess
import time
from random import Random

import pytest
from bookext.state.records import KEPT
from change import parameters, together
from changes import CHANGES
from harmless import HARMLESS
from serial import EXECUTED, RENDERED
from smallbook import bilingual, built_book, differing, files, unmarked, whole
from translated import TRANSLATED


@pytest.fixture(scope="session")
def once_built(tmp_path_factory):
    return built_book(tmp_path_factory.mktemp("small"))


@pytest.fixture
def book(once_built):
    """A small book as it was built first, in the very place where it was."""
    once_built.reset()
    return once_built


@pytest.fixture(scope="session")
def once_built_in_two_languages(tmp_path_factory):
    return built_book(tmp_path_factory.mktemp("bilingual"), bilingual, "zh,en")


@pytest.fixture
def book_of_two_languages(once_built_in_two_languages):
    once_built_in_two_languages.reset()
    return once_built_in_two_languages


def stale(book, change, environment=None):
    """Apply a change, build, and say what is wrong with what is published then.

    What is published after a change of code has to be what the code gives, and that is asked of the
    code. With a build from nothing, changes are compared together.
    """
    before, trained = files(book.site), book.results()
    change.apply(book)
    code, output = book.build(**environment or {})
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
    return wrong


def stale_in_series(book, changes, record):
    """Make one change upon the other, with a build after each, and compare the end.

    What one has left behind is still there then, unless a later one had that page made anew.
    """
    wrong, environment = [], {}
    for change in changes:
        environment |= dict(change.environment)
        found = stale(book, change, environment)
        record("stale test", bool(found))
        wrong += [f"{change.name}: {each}" for each in found]
    computed = any(each.trains for each in changes), any(each.executes for each in changes)
    kept = {(True, True): [], (False, True): ["runs"], (False, False): ["runs", "cache"]}[computed]
    return wrong + unlike_a_build_from_nothing(book, environment, kept)


def unlike_a_build_from_nothing(book, environment=None, kept=()):
    """What is published, and what the same sources give where nothing was built before."""
    clean = book.clean(book.root.with_name("clean"), *kept)
    code, output = clean.build(**environment or {})
    wrong = [output] if code else []
    found = differing(files(book.site), files(clean.site))
    return wrong + [f"stale: {name}" for name in found]


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
    # A row's head ends with the link to it.
    row = re.compile(r"<code>([^<]*)</code>(?:<a [^>]*>#</a>)?</th><td>([^<]*)</td>")
    shown = set(row.findall(ledger))
    wrong = [
        f"{key} is {number}"
        for key, number in numbers.items()
        if (key, html.escape(number)) not in shown
    ]
    return wrong if picture in page else [*wrong, "the picture"]


@pytest.mark.parametrize("change", parameters(CHANGES))
def test_no_change_leaves_a_stale_page(book, change, record_property):
    wrong = stale(book, change, dict(change.environment))
    record_property("stale test", bool(wrong))
    assert not wrong, "\n".join(wrong)


def test_all_changes_of_code_together_leave_no_stale_page(book):
    for change in CHANGES:
        if not change.fails:
            change.apply(book)
    code, output = book.build()
    assert code == 0, output
    assert unlike_a_build_from_nothing(book) == []


@pytest.mark.parametrize(
    ("executes", "trains"),
    [(True, True), (True, False), (False, False)],
    ids=["trained", "executed", "neither"],
)
def test_what_changes_nothing_published_does_not_fail(book, executes, trains):
    """All at once: if one of them is trained for, executed for, or to be seen, so are all."""
    changes = [each for each in HARMLESS if (each.executes, each.trains) == (executes, trains)]
    wrong = stale(book, together(changes))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("changes", [EXECUTED, RENDERED], ids=["executed", "rendered"])
def test_changes_one_upon_the_other_leave_no_stale_page(book, changes, record_property):
    wrong = stale_in_series(book, changes, record_property)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("change", parameters([each for each in TRANSLATED if each.fails]))
def test_what_one_language_alone_says_is_refused(book_of_two_languages, change, record_property):
    wrong = stale(book_of_two_languages, change)
    record_property("stale test", bool(wrong))
    assert not wrong, "\n".join(wrong)


def test_no_translation_lags_behind(book_of_two_languages, record_property):
    changes = [each for each in TRANSLATED if not each.fails]
    wrong = stale_in_series(book_of_two_languages, changes, record_property)
    assert not wrong, "\n".join(wrong)


RATE = "rate: float = 0.2", "rate: float = 0.3"


def kill_all(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def kill_alone(process):
    """Leave the build of the other edition behind, which has to end by itself."""
    with process:
        process.kill()


def killed(book, seed, kills_wanted, forget=True, kill=kill_all):
    """Kill builds at random moments; give how many, and what was wrong after them.

    With ``forget``, half of the builds find nothing that was computed before.
    """
    random, wrong, kills, builds = Random(seed), [], 0, 0  # noqa: S311
    states = [files(book.site)]
    book.replace("src/nnbook/dropout.py", *RATE)
    clean = book.clean(book.root.with_name("clean"))
    started = time.monotonic()
    process = clean.start()  # as those that are killed
    output, _ = process.communicate()
    assert process.returncode == 0, output
    seconds = time.monotonic() - started
    states.append(files(clean.site))
    while kills < kills_wanted and builds < 4 * kills_wanted:
        builds += 1
        goal = builds % 2
        if forget and builds % 4 < 2:
            shutil.rmtree(book.root / "_build" / "cache")
            shutil.rmtree(book.runs)
        process = book.start()
        moment = random.uniform(0, seconds if builds % 4 < 2 else seconds / 2)
        try:
            output, _ = process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            kill(process)
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


def test_killed_builds_leave_a_whole_site_and_the_next_is_as_if_clean(book, record_property):
    kills, wrong = killed(book, seed=0, kills_wanted=3)
    record_property("kill test", kills)
    assert kills == 3
    assert wrong == []


@pytest.mark.slow
def test_killed_builds_of_two_languages(book_of_two_languages, record_property):
    # Without `forget`: what computes runs would wait for more of them, and nobody ends it.
    kills, wrong = killed(book_of_two_languages, 1, kills_wanted=4, forget=False, kill=kill_alone)
    record_property("kill test", kills)
    assert kills == 4
    assert wrong == []


@pytest.mark.parametrize(
    "languages", ["book", pytest.param("book_of_two_languages", marks=pytest.mark.everything)]
)
def test_two_builds_are_the_same_bytes(languages, request, tmp_path):
    book = request.getfixturevalue(languages)
    other = book.clean(tmp_path / "another" / "place with a space")
    surroundings = {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "7", "LC_ALL": "C.UTF-8"}
    process = other.start(**surroundings)
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert differing(files(book.site), files(other.site)) == []
    assert len(files(other.site)) > 20
    assert (other.site / "build.json").is_file()


def test_the_caches_are_bounded(book):
    kept = book.root / "_build/cache/chapters/book/index"
    for age in range(10, 20):
        (kept / str(age)).mkdir()
        os.utime(kept / str(age), (age, age))
    book.replace("book/index.md", "损失 ", "它的损失 ")
    code, output = book.build()
    assert code == 0, output
    assert "Executing notebook" not in output
    assert len(list(kept.iterdir())) == KEPT
    assert (kept / "1").is_dir()


def test_without_a_change_nothing_is_written(book):
    code, output = book.build()
    assert code == 0, output
    assert "no targets are out of date" in output


@pytest.fixture(scope="module")
def whole_book(tmp_path_factory):
    """The book itself, at its full size, built."""
    return built_book(tmp_path_factory.mktemp("whole"), whole)


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
    change.apply(whole_book)
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
