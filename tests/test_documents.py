"""The documents say what is there: commands, dependencies, versions, links."""

import re
import tomllib
from pathlib import Path

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


def steps(workflow: str) -> list[dict[str, str]]:
    """The steps of all jobs of a GitHub workflow."""
    jobs = yaml.safe_load(read(f".github/workflows/{workflow}"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


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
    assert [author["name"] for author in citation["authors"]] == ["nnbook contributors"]
    assert PROJECT["authors"] == [{"name": "nnbook contributors"}]


@pytest.mark.parametrize("workflow", ["test.yml", "publish.yml", "weekly.yml"])
def test_workflows_only_call_make_and_pinned_actions(workflow: str) -> None:
    for step in steps(workflow):
        if "run" in step:
            command, target = step["run"].split(maxsplit=1)
            assert command == "make"
            assert target in make_targets()
        else:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])


def test_every_target_explains_itself() -> None:
    phony = re.findall(r"^\.PHONY: (.+)$", read("Makefile"), flags=re.MULTILINE)
    assert set(phony) == make_targets()
