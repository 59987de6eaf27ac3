from pathlib import Path

import pytest

import nnbook.lab
from nnbook.lab import digits, experiments
from nnbook.lab.experiments import DATA, Run

TINY = Run(epochs=1, training_images=20)


def test_they_are_those_of_the_project(monkeypatch):
    monkeypatch.delenv("NNBOOK_DATA", raising=False)
    assert digits.digits() == DATA


def test_nnbook_data_names_others(monkeypatch, tmp_path):
    elsewhere = tmp_path / "elsewhere.npz"
    elsewhere.write_bytes(Path(DATA).read_bytes())
    monkeypatch.setenv("NNBOOK_DATA", str(elsewhere))
    assert digits.digits() == elsewhere
    assert nnbook.lab.run(TINY) == experiments.run(TINY)


def test_where_they_are_not_it_is_said_how_to_get_them(monkeypatch, tmp_path):
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path / "gone.npz"))
    with pytest.raises(FileNotFoundError) as caught:
        nnbook.lab.run(TINY)
    assert str(caught.value) == (
        f"{tmp_path / 'gone.npz'}: no such file. These are the digits of the book, which the "
        "wheel does not hold: take data/tinymnist.npz out of the sdist or of the project, and "
        "set NNBOOK_DATA to its path"
    )


def test_a_run_may_name_a_file_of_its_own_and_tells_how_far_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path / "gone.npz"))
    told = []
    result = nnbook.lab.run(TINY, DATA, progress=lambda epoch, trial: told.append(epoch))
    assert result == experiments.run(TINY)
    assert told == [1]
