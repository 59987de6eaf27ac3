"""``make evidence``: what it trains, keeps, goes on with and refuses."""

import errno
import gzip
import json
import runpy
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from nnbook.lab import evidence as evidence_module
from nnbook.lab import keeping, kept, store
from nnbook.lab.runs import Run
from nnbook.lab.studies import STUDIES, Study

TINY = Run(epochs=1, training_images=20, width=4)
OTHER = replace(TINY, rate=0.5)
ARMS = {"without": replace(TINY, rate=0.0), "with": TINY}


@pytest.fixture(autouse=True)
def studies(monkeypatch):
    """Two small studies in place of the book's."""
    for name in list(STUDIES):
        monkeypatch.delitem(STUDIES, name)
    monkeypatch.setitem(STUDIES, "pair", Study(ARMS, seeds=3))
    monkeypatch.setitem(STUDIES, "single", Study({"with": OTHER}, seeds=2))


@pytest.fixture
def trained(monkeypatch):
    found = []
    original = evidence_module.trained

    def watched(missing, *rest):
        found.extend(missing)
        return original(missing, *rest)

    monkeypatch.setattr(evidence_module, "trained", watched)
    return found


def names(folder):
    return sorted(path.name.rpartition("-")[0] for path in folder.glob("*.json.gz"))


def rewritten(path, change):
    """A file with other content, and a checksum that fits it."""
    content = json.loads(gzip.decompress(path.read_bytes()))
    del content["sha256"]
    change(content)
    path.write_bytes(
        gzip.compress(json.dumps(content | {"sha256": kept.checksum(content)}).encode())
    )


def test_everything_is_kept_and_a_second_time_nothing_is_written(
    trained, evidence, capsys, monkeypatch, tmp_path
):
    keeping.main([])
    assert names(evidence) == ["pair-with", "pair-without", "single-with"]
    assert "pair-with: 3 seeds, kept in pair-with-" in capsys.readouterr().out
    assert len(trained) == 8
    before = {path: path.stat().st_mtime_ns for path in evidence.glob("*.gz")}
    monkeypatch.setenv("NNBOOK_RUNS", str(tmp_path / "elsewhere"))
    keeping.main([])
    assert len(trained) == 8 + 3  # one an arm confirms it
    assert {path: path.stat().st_mtime_ns for path in evidence.glob("*.gz")} == before
    assert "kept in" not in capsys.readouterr().out


def test_one_study_alone_can_be_named(evidence):
    keeping.main(["single"])
    assert names(evidence) == ["single-with"]


def test_an_unknown_study_is_told_before_anything_is_trained(trained, evidence):
    with pytest.raises(SystemExit, match=r"^singles: no such study; there are pair, single$"):
        keeping.main(["pair", "singles"])
    assert trained == []
    assert not evidence.exists()


def test_it_goes_on_where_it_was_interrupted(trained, evidence, monkeypatch):
    with pytest.MonkeyPatch.context() as patch:

        def interrupted(say, doing, progress):
            if doing == "single" and progress.done == 0:
                raise KeyboardInterrupt

        patch.setattr(keeping, "show", interrupted)
        with pytest.raises(KeyboardInterrupt):
            keeping.main([])
    assert names(evidence) == ["pair-with", "pair-without"]
    trained.clear()
    keeping.main([])
    assert names(evidence) == ["pair-with", "pair-without", "single-with"]
    assert {replace(each, seed=99) for each in trained} == {OTHER}


def test_more_seeds_are_added_and_those_that_hold_stay(trained, evidence, monkeypatch):
    keeping.main(["single"])
    monkeypatch.setitem(STUDIES, "single", Study({"with": OTHER}, seeds=4))
    trained.clear()
    keeping.main(["single"])
    assert [each.seed for each in trained] == [2, 3]
    assert len(kept.kept_arm(OTHER).results) == 4


def test_what_no_longer_holds_is_trained_anew(evidence):
    keeping.main(["single"])
    (path,) = evidence.glob("*.gz")
    whole = kept.read(path).results

    def dead(content):
        for row in content["results"]:
            row[3][0] = 0.123

    rewritten(path, dead)
    keeping.main(["single"])
    assert {run: each.result for run, each in kept.read(path).results.items()} == {
        run: each.result for run, each in whole.items()
    }


def test_evidence_of_an_arm_that_is_gone_is_removed_and_told(evidence, monkeypatch, capsys):
    keeping.main(["single"])
    monkeypatch.delitem(STUDIES, "single")
    keeping.main([])
    assert names(evidence) == ["pair-with", "pair-without"]
    assert "no study has this arm; removed" in capsys.readouterr().out


def test_two_at_once_are_told(trained, evidence):
    store.folder().mkdir()
    with (
        FileLock(store.folder() / "evidence.lock"),
        pytest.raises(SystemExit, match="another `make evidence` is at work"),
    ):
        keeping.main([])
    assert trained == []
    keeping.main(["single"])


def test_a_damaged_file_is_told_and_not_written_over(evidence):
    keeping.main(["single"])
    (path,) = evidence.glob("*.gz")
    path.write_bytes(b"")
    for arguments in ([], ["--anew"]):
        with pytest.raises(SystemExit, match="restore the file with `git checkout single-with-"):
            keeping.main(["single", *arguments])
    assert path.read_bytes() == b""


def test_a_full_disk_loses_nothing_that_was_trained(trained, evidence, monkeypatch):
    def full(self, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(SystemExit, match=r"No space left.*\n.*goes on where it was"):
            keeping.main(["single"])
    assert names(evidence) == []
    trained.clear()
    keeping.main(["single"])
    assert trained == []
    assert names(evidence) == ["single-with"]


def test_trained_anew_it_is_what_is_kept(evidence, trained, capsys):
    keeping.main(["single"])
    trained.clear()
    keeping.main(["single", "--anew"])
    assert sorted(each.seed for each in trained) == [0, 1]
    assert "single-with: 2 seeds, bits" in capsys.readouterr().out


def test_trained_anew_every_number_counts(evidence, capsys):
    keeping.main([])
    path = next(evidence.glob("pair-with-*"))
    assert path.name == kept.file_of(replace(TINY, seed=0), "pair-with")

    def one_number(content):
        content["results"][1][3][content["names"].index("loss")] += 1e-9

    rewritten(path, one_number)
    with pytest.raises(SystemExit, match=r"^not what is kept:\n  pair-with: seeds 1$"):
        keeping.main(["--anew"])


def test_trained_anew_what_is_not_kept_is_told(evidence, monkeypatch):
    keeping.main(["single"])
    monkeypatch.setitem(STUDIES, "single", Study({"with": OTHER}, seeds=4))
    with pytest.raises(SystemExit) as caught:
        keeping.main(["--anew"])
    assert str(caught.value).splitlines()[1:] == [
        "  pair-without: not all of its 3 seeds are kept",
        "  pair-with: not all of its 3 seeds are kept",
        "  single-with: not all of its 4 seeds are kept",
    ]


def test_in_a_terminal_a_line_is_written_over(monkeypatch, capsys):
    keeping.say("one", last=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    keeping.say("two", last=False)
    keeping.say("three")
    assert capsys.readouterr().out == "one\n\r\x1b[Ktwo\r\x1b[Kthree\n"


@pytest.mark.filterwarnings("ignore:.*found in sys.modules")
def test_it_is_a_command(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["keeping", "nothing"])
    with pytest.raises(SystemExit, match="nothing: no such study"):
        runpy.run_module("nnbook.lab.keeping", run_name="__main__")
