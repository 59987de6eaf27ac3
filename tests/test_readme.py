"""The READMEs show an example that runs and print what it prints."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")


def blocks(name: str, language: str) -> list[str]:
    """The code blocks of one language in a README."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def test_the_example_prints_what_the_readme_shows() -> None:
    (example,), (output,) = blocks("README.md", "python"), blocks("README.md", "text")
    done = subprocess.run(  # noqa: S603 (the README's own code)
        [sys.executable, "-W", "error", "-c", example],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == output


@pytest.mark.parametrize("language", ["python", "text"])
def test_both_languages_show_the_same_example(language: str) -> None:
    english, chinese = (blocks(name, language) for name in READMES)
    assert english == chinese


def test_both_languages_name_the_same_commands_and_places() -> None:
    def said(name: str) -> tuple[list[str], set[str]]:
        commands = re.findall(r"^make \w+", blocks(name, "sh")[0], flags=re.MULTILINE)
        links = re.findall(r"\]\(([^)]+)\)", (ROOT / name).read_text(encoding="utf-8"))
        return commands, set(links) - set(READMES)

    assert said(READMES[0]) == said(READMES[1])
