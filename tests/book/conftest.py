"""The extension speaks Chinese to these tests, as it does to the book."""

import pytest
from bookext import words
from sphinx import locale


@pytest.fixture(scope="session")
def chinese():
    with words.compiled("zh_CN") as folder:
        return locale.init([folder], "zh_CN", words.CATALOG, "tests")[0]


@pytest.fixture(autouse=True)
def in_chinese(chinese, monkeypatch):
    monkeypatch.setitem(locale.translators, ("general", words.CATALOG), chinese)
