"""What a release looks at and stamps, in repositories of its own.

`tests.site.test_whole_release` makes one as a whole, which needs a browser.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
import release
import yaml
from release import NoReleaseError

ROOT = Path(__file__).parents[1]
VERSION, DAY = "0.2.0", "2027-01-31"
CHANGES = "# Changelog\n\n## Unreleased\n\n### Added\n\n- A book.\n\n### Fixed\n\n- A mistake.\n"


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603
        ["git", "-C", str(root), *arguments],  # noqa: S607
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.strip()


def state(root: Path) -> str:
    """All that a release could change: commits, tags, files."""
    return "\n".join([git(root, "show-ref"), git(root, "status", "--porcelain")])


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with what a release reads and stamps."""
    root = tmp_path / "nnbook"
    (root / "src/nnbook").mkdir(parents=True)
    for name in (release.CODE, release.CITATION):
        shutil.copyfile(ROOT / name, root / name)
    (root / release.CHANGELOG).write_text(CHANGES, encoding="utf-8")
    return committed(root)


def committed(root: Path) -> Path:
    git(root.parent, "init", "--quiet", "--initial-branch=main", str(root))
    git(root, "config", "user.name", "nnbook contributors")
    git(root, "config", "user.email", "nobody@example.org")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "A book")
    return root


def test_nothing_speaks_against_a_release_where_all_holds(repository: Path) -> None:
    assert release.problems(repository, VERSION, DAY) == []
    # What was never tagged was never released.
    assert release.problems(repository, "0.1.0", DAY) == []


def test_all_that_does_not_hold_is_told_at_once_and_nothing_is_done(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "other")
    git(repository, "tag", "v0.0.9")
    (repository / release.CHANGELOG).write_text("# Changelog\n\n## Unreleased\n", encoding="utf-8")
    before = state(repository)
    with pytest.raises(NoReleaseError) as caught:
        release.release(repository, "0.0.9", "tomorrow", dry=False, tested=True)
    told = str(caught.value)
    for words in (
        "changes that are not committed: commit or stash them",
        "the branch is other: releases are made of main, git switch main",
        "v0.0.9 is there already: take a higher version",
        "0.0.9 is below 0.1.0",
        "got 'tomorrow': make release DATE=2027-01-31",
        "CHANGELOG.md has no line under ## Unreleased",
    ):
        assert words in told
    assert state(repository) == before


@pytest.mark.parametrize("version", ["", "1.2", "v1.2.3", "1.2.3rc1"])
def test_a_version_has_three_numbers(repository: Path, version: str) -> None:
    (told,) = release.problems(repository, version, DAY)
    assert told.startswith(f"a version has the form 1.2.3, got {version!r}")


def test_the_stamp_is_where_readers_look_for_it(repository: Path) -> None:
    release.stamp(repository, VERSION, DAY)
    assert f'\n__version__ = "{VERSION}"\n' in release.read(repository, release.CODE)
    citation = yaml.safe_load(release.read(repository, release.CITATION))
    assert (citation["version"], str(citation["date-released"])) == (VERSION, DAY)
    changelog = release.read(repository, release.CHANGELOG)
    assert f"## Unreleased\n\n## {VERSION} - {DAY}\n\n### Added\n" in changelog
    assert len(git(repository, "status", "--porcelain").splitlines()) == 3
    # The next one finds the same places, and no line of this one twice.
    release.stamp(repository, "0.3.0", "2027-02-28")
    citation = yaml.safe_load(release.read(repository, release.CITATION))
    assert (citation["version"], str(citation["date-released"])) == ("0.3.0", "2027-02-28")
    assert release.read(repository, release.CITATION).count("date-released") == 1
    assert release.problems(repository, "0.4.0", DAY)[-1].startswith("CHANGELOG.md has no line")


def test_a_file_without_a_place_for_the_version_is_named(repository: Path) -> None:
    (repository / release.CITATION).write_text("title: a book\n", encoding="utf-8")
    with pytest.raises(NoReleaseError, match=r"^CITATION\.cff has 0 places for the version"):
        release.stamp(repository, VERSION, DAY)


def test_the_tag_says_what_has_changed_and_the_digests(repository: Path) -> None:
    release.stamp(repository, VERSION, DAY)
    assert release.message(repository, VERSION, "abc  a.zip\n") == (
        "nnbook 0.2.0\n\n### Added\n\n- A book.\n\n### Fixed\n\n- A mistake.\n\n"
        "### SHA256SUMS\n\nabc  a.zip\n"
    )


def test_a_release_is_made_after_the_commit_that_it_is_made_of(repository: Path) -> None:
    last = int(git(repository, "log", "-1", "--format=%ct"))
    assert release.time_on(repository, DAY) == "1801353600 +0000"
    assert release.time_on(repository, "2020-01-01") == f"{last} +0000"


def test_a_step_that_fails_ends_it(repository: Path) -> None:
    before = state(repository)
    with pytest.raises(NoReleaseError, match=r"^make book failed, see above: nothing was released"):
        release.release(repository, VERSION, DAY, dry=False, tested=True)
    assert state(repository) == before
