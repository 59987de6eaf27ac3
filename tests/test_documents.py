"""The documents say what is there: commands, dependencies, versions, links."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import nnbook

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DOCUMENTS = [*ROOT.glob("*.md"), ROOT / "data" / "README.md"]


def read(name: str) -> str:
    """The text of a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def make_targets() -> set[str]:
    """The targets that `make` lists."""
    return set(re.findall(r"^([\w.-]+):.*## ", read("Makefile"), flags=re.MULTILINE))


WORKFLOWS = sorted(path.name for path in (ROOT / ".github/workflows").glob("*"))


def workflow(name: str) -> dict[str, Any]:
    """A GitHub workflow."""
    found: dict[str, Any] = yaml.safe_load(read(f".github/workflows/{name}"))
    return found


def steps(name: str) -> list[dict[str, str]]:
    """The steps of all jobs of a GitHub workflow."""
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


def test_every_direct_dependency_has_its_reason() -> None:
    extras = PROJECT["optional-dependencies"].values()
    wanted = {
        re.split(r"[\[<>=;]", requirement)[0]
        for group in (PROJECT["dependencies"], *extras)
        for requirement in group
    }
    rows = re.findall(r"^\| `([\w-]+)` \| .+ \|$", read("CONTRIBUTING.md"), flags=re.MULTILINE)
    assert set(rows) == wanted
    assert len(rows) == len(wanted)


@pytest.mark.parametrize("name", [path.relative_to(ROOT).as_posix() for path in DOCUMENTS])
def test_the_commands_named_are_there(name: str) -> None:
    commands = re.findall(r"(?:`|^)make ([\w-]+)", read(name), flags=re.MULTILINE)
    assert set(commands) <= make_targets()


@pytest.mark.parametrize("name", [path.relative_to(ROOT).as_posix() for path in DOCUMENTS])
def test_every_link_into_the_repository_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", read(name))
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["version"] == nnbook.__version__
    changelog = read("CHANGELOG.md")
    released = re.findall(r"^## (\S+) - (\S+)$", changelog, flags=re.MULTILINE)
    assert released[:1] == [
        (citation["version"], str(day)) for day in [citation.get("date-released")] if day
    ]
    assert [author["name"] for author in citation["authors"]] == ["nnbook contributors"]
    assert PROJECT["authors"] == [{"name": "nnbook contributors"}]


# The only command that cannot be one of the project's: where it runs, the project does not.
UPLOAD = (
    'gh release create "$GITHUB_REF_NAME" --repo "$GITHUB_REPOSITORY" --target "$GITHUB_SHA" '
    "--notes-file dist/NOTES.md dist/*/*"
)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_only_call_what_anybody_can_run_here(name: str) -> None:
    commands = {step["run"] for step in steps(name) if "run" in step}
    assert commands <= {*(f"make {target}" for target in make_targets()), ".ci/packages", UPLOAD}
    assert (ROOT / ".ci/packages").is_file()


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_is_pinned_by_its_commit_with_the_version_beside_it(name: str) -> None:
    lines = re.findall(r"^\s*-? ?uses: (.*)$", read(f".github/workflows/{name}"), re.MULTILINE)
    pinned = r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
    assert [line for line in lines if not re.fullmatch(pinned, line)] == []
    assert len(lines) == sum("uses" in step for step in steps(name)) > 0


def test_an_action_has_one_version_in_all_workflows() -> None:
    used = {step["uses"] for name in WORKFLOWS for step in steps(name) if "uses" in step}
    assert len({action.partition("@")[0] for action in used}) == len(used)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_may_do_no_more_than_they_need_and_end(name: str) -> None:
    described = workflow(name)
    assert described["permissions"] in ({}, {"contents": "read"})
    for job in described["jobs"].values():
        assert 0 < job["timeout-minutes"] < 360
        may = {**described["permissions"], **job.get("permissions", {})}
        runs_the_project = any("checkout" in step.get("uses", "") for step in job["steps"])
        assert not runs_the_project or set(may.values()) <= {"read"}
        for step in job["steps"]:
            # Whoever names a branch or writes a title could put a command there.
            assert "${{" not in step.get("run", "")
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


# No workflow can run these: they never end, have nothing to say, or need a tag of a release, when
# the workflow `release` runs them.
NOT_WEEKLY = {"serve", "help", "clean", "check-artefacts"}


def reached(targets: set[str]) -> set[str]:
    """What `make` does for targets: they, those they need, and those that their commands call."""
    rules = re.findall(r"^([\w.-]+):(.*?)(?:##.*)?\n((?:\t.*\n)*)", read("Makefile"), re.MULTILINE)
    needs = {
        name: {*first.split(), *re.findall(r"\$\(MAKE\)(?: --\S+)* ([\w-]+)", commands)}
        for name, first, commands in rules
    }
    found = set(targets)
    while more := {each for name in found for each in needs.get(name, ())} - found:
        found |= more
    if "$(VENV)/.ready" in found:
        found.add(".venv")
    # A release is made of what its tool calls.
    called = read("tools/release.py") if "release" in found else ""
    return found | set(re.findall(r'"make", "([\w-]+)"', called))


def test_every_target_runs_every_week() -> None:
    run = {step["run"].removeprefix("make ") for step in steps("weekly.yml") if "run" in step}
    assert make_targets() - reached(run) - NOT_WEEKLY == {"pdf", "epub"}  # parts of `whole`
    assert workflow("weekly.yml")[True]["schedule"]  # YAML 1.1 reads `on` as a truth


def test_the_site_is_built_once_and_what_is_tested_is_published() -> None:
    jobs = workflow("test.yml")["jobs"]
    runs = {name: [step.get("run") for step in job.get("steps", [])] for name, job in jobs.items()}
    builds = {"make check-published", "make test-site", "make book", "make whole"}
    assert [name for name, commands in runs.items() if builds & set(commands)] == ["site"]
    assert "strategy" not in jobs["site"]
    uses = [step.get("uses", "").partition("@")[0] for step in jobs["site"]["steps"]]
    tested = runs["site"].index("make check-published")
    assert uses.index("actions/upload-pages-artifact") == tested + 1
    assert jobs["publish"]["needs"] == ["test", "site"]
    assert not any(runs["publish"])


def test_every_target_explains_itself() -> None:
    phony = re.findall(r"^\.PHONY: (.+)$", read("Makefile"), flags=re.MULTILINE)
    assert set(phony) == make_targets()
