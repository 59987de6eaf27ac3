"""Two sites are compared by their ledgers: what changes in print is told, and nothing else."""

import json
import runpy
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from bookext.truth.ledger_file import content
from project import FRONT, ROOT
from releases import ledger, release

DIFF = SimpleNamespace(**runpy.run_path(str(ROOT / "tools/ledger_diff.py")))
CLAIM = {"page": "a", "sentence": "它高了。", "verdict": "明显大于零", "evidence": "高了一点"}
OLD = {"numbers": {"a/x": "1", "a/y": "2"}, "claims": {"up": CLAIM}}


def test_numbers_go_by_their_chapter_and_claims_by_their_name():
    claim = {"holds": True, "verdict": "明显大于零", "evidence": "高了一点"}
    chapter = {
        "numbers": {"x": "1"},
        "claims": {"up": claim, "silent": claim},
        "sentences": {"up": "它高了。"},
        "cells": ["glue('x', 1)"],
    }
    made = content({"a": chapter, "b": {**chapter, "claims": {}}})
    assert made["numbers"] == {"a/x": "1", "b/x": "1"}
    assert made["claims"] == {"up": CLAIM, "silent": {**CLAIM, "sentence": ""}}


@pytest.mark.parametrize(
    ("new", "lines"),
    [
        (OLD, []),
        ({**OLD, "numbers": {"a/x": "1", "a/y": "3"}}, ["- number `a/y`: 2 → 3"]),
        (
            {**OLD, "numbers": {"a/x": "1", "a/z": "2"}},
            ["- number `a/y` is gone: 2", "- new number `a/z`: 2"],
        ),
        (
            {**OLD, "claims": {"up": {**CLAIM, "evidence": "高了许多"}}},
            ["- claim `up`, evidence: 高了一点 → 高了许多"],
        ),
        ({**OLD, "claims": {}}, ["- claim `up` is gone: 它高了。 (高了一点)"]),
        ({**OLD, "claims": {"up": CLAIM, "so": CLAIM}}, ["- new claim `so`: 它高了。 (高了一点)"]),
    ],
)
def test_what_changes_in_print_is_told(new, lines):
    assert DIFF.differences(OLD, new) == lines


def test_a_revision_is_compared_by_the_newest_release_that_it_keeps(tmp_path, monkeypatch, capsys):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]

    def commit():
        for command in (["add", "."], ["commit", "-qm", "a"]):
            subprocess.run([*git, *command], check=True)  # noqa: S603

    subprocess.run([*git, "init", "-q"], check=True)  # noqa: S603
    (tmp_path / "CHANGELOG.md").write_text("## Unreleased\n", encoding="utf-8")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/ledger.json").write_text(json.dumps(ledger(x="3")), encoding="utf-8")
    commit()
    monkeypatch.setitem(DIFF.read.__globals__, "ROOT", tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert DIFF.main("HEAD", str(tmp_path / "site"), root=tmp_path) == 0
    assert "HEAD keeps no release yet: 1 numbers and 1 claims" in capsys.readouterr().out

    (tmp_path / "book/releases").mkdir(parents=True)
    for version, value in (("1.9.0", "1"), ("1.10.0", "2")):
        path = tmp_path / f"book/releases/{version}.json"
        path.write_text(release(version, ledger(x=value)).text(), encoding="utf-8")
    commit()
    assert DIFF.main("HEAD", str(tmp_path / "site"), root=tmp_path) == 0
    assert capsys.readouterr().out == (
        "Changes in print against HEAD: 1\n\n- number `a/x`: 2 → 3\n\n"
        "CHANGELOG.md does not say why: there is no line under `### Numbers`, Unreleased.\n"
    )
    (tmp_path / "CHANGELOG.md").write_text(
        "## Unreleased\n\n### Numbers\n\n- It rounds.\n", encoding="utf-8"
    )
    assert DIFF.main("HEAD", str(tmp_path / "site"), root=tmp_path) == 0
    told = capsys.readouterr().out
    assert told.endswith("2 → 3\n\nWhy, as CHANGELOG.md has it:\n\n- It rounds.\n")


def test_what_cannot_be_read_is_named(tmp_path, capsys):
    assert DIFF.main("no-such-revision", str(tmp_path)) == 2
    assert "cannot compare no-such-revision with" in capsys.readouterr().err


NUMBERS = f"""{FRONT}
# 数

有 {{glue:text}}`found` 个。

```{{code-cell}} python3
from myst_nb import glue

glue("found", "VALUE", display=False)
```
"""


def test_a_site_brings_its_ledger_and_two_sites_are_compared(project, tmp_path, monkeypatch):
    project.write("other", NUMBERS.replace("VALUE", "7"))
    assert project.build()[0] == 0
    ledger = json.loads((project.site / "ledger.json").read_text("utf-8"))
    assert ledger == {"claims": {}, "numbers": {"index/rate": "0.2", "other/found": "7"}}
    published = tmp_path / "published"
    shutil.copytree(project.site, published)

    project.write("other", NUMBERS.replace("VALUE", "8"))
    assert project.build()[0] == 0
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    tool = [sys.executable, str(ROOT / "tools/ledger_diff.py"), str(published), str(project.site)]
    told = subprocess.run(tool, capture_output=True, text=True, check=True).stdout  # noqa: S603
    lines = f"Changes in print against {published}: 1\n\n- number `other/found`: 7 → 8\n\n"
    assert told.startswith(lines)
    assert "CHANGELOG.md" in told.removeprefix(lines)
    assert (tmp_path / "summary").read_text("utf-8") == told

    (project.root / "book/other.md").unlink()  # the chapter goes, its numbers with it
    project.write(
        "index", (project.root / "book/index.md").read_text("utf-8").replace("other", "third")
    )
    project.write("third", "# 第三章\n")
    assert project.build()[0] == 0
    ledger = json.loads((project.site / "ledger.json").read_text("utf-8"))
    assert ledger["numbers"] == {"index/rate": "0.2"}
