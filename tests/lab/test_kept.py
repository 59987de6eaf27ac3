"""The files of evidence: whole, of one arm, and by nobody's hand."""

import errno
import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from nnbook import NNBookError
from nnbook.errors import DataFileError
from nnbook.lab import kept
from nnbook.lab.evidence import trained_here
from nnbook.lab.runs import Run

KIND = Run(seed=0, epochs=1, training_images=20, width=4)
OTHER = replace(KIND, rate=0.5)


def seeds(kind, count=3):
    return [replace(kind, seed=seed) for seed in range(count)]


def write(kind, name="study-arm", count=3):
    return kept.write(name, kind, trained_here(seeds(kind, count), None))


def content_of(path):
    return json.loads(gzip.decompress(path.read_bytes()))


def rewrite(path, content, *, sealed=True):
    """Write a file anew, with a checksum that fits it."""
    content = {key: value for key, value in content.items() if key != "sha256"}
    seal = kept.checksum(content) if sealed else "0"
    path.write_bytes(gzip.compress(json.dumps(content | {"sha256": seal}).encode()))


def test_what_is_kept_comes_back_with_where_it_comes_from(evidence):
    found = trained_here(seeds(KIND), None)
    path = kept.write("study-arm", replace(KIND, seed=7), found)
    arm = kept.kept_arm(replace(KIND, seed=8))
    assert (arm.kind, list(arm.results)) == (KIND, seeds(KIND))
    for run, stored in found.items():
        assert arm.results[run].result == stored.result
        assert arm.results[run].record == stored.record
    assert arm.seconds == sum(each.seconds for each in arm.results.values()) / 3
    assert arm.day == content_of(path)["day"]
    assert len(content_of(path)["records"]) == 1
    assert path.parent == evidence
    assert path.name.startswith("study-arm-")
    assert kept.kept_arm(OTHER) is None


def test_the_same_is_written_as_the_same_bytes():
    first = write(KIND).read_bytes()
    assert write(KIND).read_bytes() == first


def test_an_arm_that_is_named_otherwise_has_one_file(evidence):
    write(KIND)
    path = write(KIND, "another-0.2")
    assert sorted(evidence.iterdir()) == [path]
    assert kept.kept_arm(KIND).kind == KIND


def test_evidence_lies_with_the_data_of_the_project(monkeypatch):
    monkeypatch.delenv("NNBOOK_EVIDENCE")
    assert kept.folder() == Path(__file__).parents[2] / "data" / "evidence"


def test_evidence_of_an_arm_that_is_gone_is_known():
    own, gone = write(KIND), write(OTHER, "gone-arm")
    assert kept.strangers([KIND]) == [gone]
    assert kept.strangers([KIND, OTHER]) == []
    assert kept.strangers([]) == sorted([own, gone])


def one_number(content):
    content["results"][1][3][0] += 0.001


def swapped(content):
    first, second = content["results"][:2]
    first[0], second[0] = second[0], first[0]


def fewer(content):
    content["results"].pop()


@pytest.mark.parametrize("touch", [one_number, swapped, fewer])
def test_a_touched_file_is_noticed(touch):
    path = write(KIND)
    content = content_of(path)
    touch(content)
    seal = content.pop("sha256")
    path.write_bytes(gzip.compress(json.dumps(content | {"sha256": seal}).encode()))
    with pytest.raises(DataFileError, match=r"its checksum is not that.*git checkout study-arm-"):
        kept.kept_arm(KIND)


def test_an_arm_under_the_name_of_another_is_noticed():
    path, other = write(KIND), write(OTHER)
    other.write_bytes(path.read_bytes())
    assert kept.kept_arm(KIND) is not None
    with pytest.raises(DataFileError, match="it holds another arm than its name says"):
        kept.kept_arm(OTHER)


def flipped(whole):
    middle = len(whole) // 2
    return whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]


DAMAGES = {
    "empty": lambda whole: b"",
    "cut off": lambda whole: whole[:-20],
    "cut off early": lambda whole: whole[:20],
    "another byte": flipped,
    "no such block": lambda whole: whole[:10] + b"\xff" + whole[11:],
    "no gzip": gzip.decompress,
    "no JSON": lambda whole: gzip.compress(b"{"),
    "no text": lambda whole: gzip.compress(bytes(range(256))),
    "a list": lambda whole: gzip.compress(b"[1, 2]"),
    "a number": lambda whole: gzip.compress(b"5"),
    "no checksum": lambda whole: gzip.compress(b"{}"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_told_with_the_way_out(damage):
    path = write(KIND)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(DataFileError, match="restore the file with `git checkout") as caught:
        kept.kept_arm(KIND)
    assert isinstance(caught.value, NNBookError)


def without_run(content):
    del content["run"]


def another_loss(content):
    content["run"]["loss"] = "hinge"


def a_name_less(content):
    content["names"].pop()


def no_such_record(content):
    content["results"][0][1] = 5


@pytest.mark.parametrize("touch", [without_run, another_loss, a_name_less, no_such_record])
def test_a_file_of_another_form_is_refused_whatever_its_checksum(touch):
    path = write(KIND)
    content = content_of(path)
    touch(content)
    rewrite(path, content)
    with pytest.raises(DataFileError, match="not what `make evidence` wrote"):
        kept.kept_arm(KIND)


def test_a_full_disk_leaves_the_old_file_and_no_half_one(monkeypatch, evidence):
    path = write(KIND)
    whole = path.read_bytes()

    def full(self, content):
        with self.open("wb") as file:
            file.write(content[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write(KIND, "another-name", count=2)
    assert sorted(evidence.iterdir()) == [path]
    assert path.read_bytes() == whole
