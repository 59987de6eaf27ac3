"""Tests keep their results to themselves: never among those of the book."""

import numpy as np
import pytest

from nnbook.lab.digits import CLOTHES, DATA
from nnbook.lab.studies import STUDIES


@pytest.fixture(scope="module", autouse=True)
def apart(tmp_path_factory):
    """What fixtures of a whole module compute is nobody else's either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNBOOK_RUNS", str(tmp_path_factory.mktemp("runs")))
        patch.setenv("NNBOOK_EVIDENCE", str(tmp_path_factory.mktemp("evidence")))
        yield


@pytest.fixture(autouse=True)
def as_they_were():
    """The studies, in their order, whatever a test does with them."""
    studies = dict(STUDIES)
    yield
    STUDIES.clear()
    STUDIES.update(studies)


@pytest.fixture(autouse=True)
def runs(monkeypatch, tmp_path):
    """The folder in which this test keeps results; nothing in it yet."""
    folder = tmp_path / "runs"
    monkeypatch.setenv("NNBOOK_RUNS", str(folder))
    return folder


@pytest.fixture(autouse=True)
def evidence(monkeypatch, tmp_path):
    """The folder in which this test looks for evidence; nothing in it yet."""
    folder = tmp_path / "evidence"
    monkeypatch.setenv("NNBOOK_EVIDENCE", str(folder))
    return folder


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A file of the book's first digits, so that a run takes a moment; clothes lie beside it."""
    path = tmp_path_factory.mktemp("data") / "small.npz"
    for source, target in (DATA, path), (DATA.with_name(CLOTHES), path.with_name(CLOTHES)):
        with np.load(source) as whole:
            few = {key: whole[key][: 120 if "train" in key else 60] for key in whole}
            np.savez(target, **few)
    return path
