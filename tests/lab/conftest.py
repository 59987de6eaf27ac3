"""Tests keep their results to themselves: never among those of the book."""

import pytest


@pytest.fixture(autouse=True)
def runs(monkeypatch, tmp_path):
    """The folder in which this test keeps results; nothing in it yet."""
    folder = tmp_path / "runs"
    monkeypatch.setenv("NNBOOK_RUNS", str(folder))
    return folder
