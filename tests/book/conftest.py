"""The extension speaks Chinese to these tests, as it does to the book."""

import pytest
from bookext import words
from project import Kept, make
from sphinx import locale
from test_another import copy


@pytest.fixture(scope="session")
def chinese():
    with words.compiled("zh_CN") as folder:
        return locale.init([folder], "zh_CN", words.CATALOG, "tests")[0]


@pytest.fixture(autouse=True)
def in_chinese(chinese, monkeypatch):
    monkeypatch.setitem(locale.translators, ("general", words.CATALOG), chinese)


@pytest.fixture(scope="session")
def once_made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / "project").mkdir()
    made = Kept(make(folder / "project").root, folder / "kept")
    made.keep()
    return made


@pytest.fixture
def project(once_made):
    """A project of two chapters as it was built first; tests change it as they like."""
    once_made.reset()
    return once_made


@pytest.fixture(scope="module")
def dice(tmp_path_factory):
    """The other book, built once; the tests of a module put back what they change."""
    made = copy(tmp_path_factory.mktemp("other") / "dice")
    code, output = made.build(PYTHONPATH="")
    assert code == 0, output
    return made
