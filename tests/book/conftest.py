"""The extension speaks Chinese to the tests, as it does to the book."""

import pytest
from bookext import words
from sphinx import locale


@pytest.fixture(autouse=True, scope="session")
def in_chinese():
    with words.compiled("zh_CN") as folder:
        locale.init([folder], "zh_CN", words.CATALOG)
