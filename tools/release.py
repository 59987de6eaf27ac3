"""Make a release of the last commit: a dry run, unless it is told to write.

Run ``make release VERSION=0.2.0``. It looks whether everything holds, stamps the version and the
day into a clone in a temporary folder, tests that and makes all artefacts of it, which are left in
``dist/<version>``. The repository is as it was, until ``DRY=no`` adds the commit and the tag,
here alone: the last line says what sends them out. ``TESTED=yes`` leaves the tests out, when they
have just passed; ``DATE=2027-01-31`` names another day.

A dry run and what follows it give the same commit and the same bytes, on one day.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE, CITATION, CHANGELOG = "src/nnbook/__init__.py", "CITATION.cff", "CHANGELOG.md"
UNRELEASED = re.compile(r"^## Unreleased\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
FORM = re.compile(r"\d+\.\d+\.\d+")


class NoReleaseError(RuntimeError):
    """Something does not hold, or a step has failed: the message says what to do."""


def git(root: Path, *arguments: str, time: str = "") -> str:
    """What git says; what it adds is of that time."""
    command = ["git", "-C", str(root), *arguments]
    times = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), time) if time else {}
    done = subprocess.run(  # noqa: S603
        command, env={**os.environ, **times}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NoReleaseError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def read(root: Path, name: str) -> str:
    """The text of a file."""
    return (root / name).read_text(encoding="utf-8")


def problems(root: Path, version: str, day: str) -> list[str]:
    """All that speaks against a release, with what to do about each."""
    found = []
    if git(root, "status", "--porcelain"):
        found.append("there are changes that are not committed: commit or stash them")
    if (branch := git(root, "rev-parse", "--abbrev-ref", "HEAD")) != "main":
        found.append(f"the branch is {branch}: releases are made of main, git switch main")
    if git(root, "tag", "--list", f"v{version}"):
        found.append(f"v{version} is there already: take a higher version")
    current = re.findall(r'__version__ = "(.*)"', read(root, CODE))[0]
    if not FORM.fullmatch(version):
        found.append(f"a version has the form 1.2.3, got {version!r}: make release VERSION=1.2.3")
    elif _order(version) < _order(current):
        found.append(f"{version} is below {current}, which {CODE} has: take a higher version")
    try:
        date.fromisoformat(day)
    except ValueError:
        found.append(f"a day has the form 2027-01-31, got {day!r}: make release DATE=2027-01-31")
    changes = UNRELEASED.search(read(root, CHANGELOG))
    if changes is None or "\n- " not in changes[1]:
        found.append(f"{CHANGELOG} has no line under ## Unreleased: say there what has changed")
    return found


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def stamp(root: Path, version: str, day: str) -> None:
    """Write version and day where they belong.

    Args:
        root: of the project.
        version: such as ``0.2.0``.
        day: such as ``2027-01-31``.
    """
    for name, pattern, words in (
        (CODE, r'(?<=^__version__ = ").*(?="$)', version),
        (CITATION, r"^date-released: .*\n", ""),
        (CITATION, r"^version: .*", f"version: {version}\ndate-released: {day}"),
        (CHANGELOG, r"^## Unreleased$", f"## Unreleased\n\n## {version} - {day}"),
    ):
        text, count = re.subn(pattern, words, read(root, name), flags=re.MULTILINE)
        if count != 1 and words:
            raise NoReleaseError(f"{name} has {count} places for the version, and 1 is needed")
        (root / name).write_text(text, encoding="utf-8")


def message(root: Path, version: str, sums: str) -> str:
    """What the tag says: what has changed, and the digests that a second build is held against."""
    section = re.search(
        rf"^## {re.escape(version)} - [^\n]*\n(.*?)(?=^## |\Z)",
        read(root, CHANGELOG),
        re.MULTILINE | re.DOTALL,
    )
    changes = section[1].strip() if section else ""
    return f"nnbook {version}\n\n{changes}\n\n### SHA256SUMS\n\n{sums}"


def run(root: Path, *command: str) -> None:
    """Do a step in the clone, in view."""
    print(f"\n=== {shlex.join(command)} ===", flush=True)
    kept = ROOT / "_build"
    environment = {
        # Nothing is trained or fetched anew that is known here.
        "NNBOOK_RUNS": str(kept / "runs"),
        "BOOK_RUNTIME": str(kept / "runtime"),
        **{name: value for name, value in os.environ.items() if name != "MAKEFLAGS"},
    }
    done = subprocess.run(command, cwd=root, env=environment, check=False)  # noqa: S603
    if done.returncode:
        raise NoReleaseError(f"{shlex.join(command)} failed, see above: nothing was released")


def time_on(root: Path, day: str) -> str:
    """When a release of that day is made, which a second run says, too: after the last commit."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
    return f"{max(int(midnight), int(git(root, 'log', '-1', '--format=%ct')))} +0000"


def clone(root: Path, to: Path) -> None:
    """Clone the repository, with the name of who commits."""
    git(root, "clone", "--quiet", "--no-tags", str(root), str(to))
    for setting in ("user.name", "user.email"):
        git(to, "config", setting, git(root, "config", setting))


def keep(made: Path, root: Path, name: str) -> Path:
    """Take a folder of artefacts over from the clone, once it is all there."""
    into, beside = root / "dist" / name, root / "dist" / f".{name}"
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(made / "dist" / name, beside)
    shutil.rmtree(into, ignore_errors=True)
    beside.replace(into)
    return into


def release(root: Path, version: str, day: str, *, dry: bool, tested: bool) -> None:
    """Make the release.

    Raises:
        NoReleaseError: it cannot be made; the repository is as it was.
    """
    if found := problems(root, version, day):
        raise NoReleaseError("\n  ".join(["this does not hold:", *found]))
    if (root / "benchmarks").is_dir():
        run(root, "make", "bench", "ARGS=--check")
    head = git(root, "rev-parse", "HEAD")
    with tempfile.TemporaryDirectory(prefix="release-") as work:
        copy = Path(work, "nnbook")
        clone(root, copy)
        stamp(copy, version, day)
        run(copy, "make", "book")
        run(copy, sys.executable, "tools/keep_ledger.py", version, day)
        run(copy, "make", "published")  # the ledger's places among them
        time = time_on(root, day)
        git(copy, "add", "--all")
        git(copy, "commit", "--quiet", "--message", f"Version {version}", time=time)
        if not tested:
            run(copy, "make", "evidence", "ARGS=--anew")
            run(copy, ".ci/run")
            run(copy, "make", "test-release")
        try:
            run(copy, "make", "artefacts")
        except NoReleaseError:
            if (copy / "dist" / f"{version}-incomplete").is_dir():
                keep(copy, root, f"{version}-incomplete")
            raise
        # What was kept must be what the artefacts say.
        run(copy, sys.executable, "tools/keep_ledger.py", version, day, "--dry")
        if git(copy, "status", "--porcelain"):
            raise NoReleaseError("the build has changed files of the repository: see git status")
        folder = keep(copy, root, version)
        sums = (folder / "SHA256SUMS").read_text(encoding="utf-8")
        words = message(copy, version, sums)
        said = ("--annotate", "--cleanup=verbatim", "--message", words)
        git(copy, "tag", *said, f"v{version}", time=time)
        print(f"\n{git(copy, 'show', '--stat', '--format=%h %s', 'HEAD')}\n\n{sums}")
        print(f"All of it stands in {folder.relative_to(root)}.")
        if dry:
            print("This was a dry run. With DRY=no, the commit above and its tag are added here.")
            return
        if git(root, "rev-parse", "HEAD") != head:
            raise NoReleaseError("main has moved on meanwhile: make the release again")
        git(
            root,
            "fetch",
            "--quiet",
            str(copy),
            "main",
            f"refs/tags/v{version}:refs/tags/v{version}",
        )
        git(root, "merge", "--quiet", "--ff-only", f"v{version}")
    print("The commit and the tag are here. This sends them out:")
    print(f"  git push --atomic origin main v{version}")


def main() -> None:
    """Make the release that the environment describes."""
    said = os.environ.get
    try:
        release(
            ROOT,
            said("VERSION") or "",
            said("DATE") or f"{datetime.now(UTC):%Y-%m-%d}",
            dry=said("DRY", "yes") != "no",
            tested=said("TESTED", "no") == "yes",
        )
    except NoReleaseError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
