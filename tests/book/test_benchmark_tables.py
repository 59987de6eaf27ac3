"""The page about speed shows what was measured, and tells what is out of date."""

import json
import re

import pytest

MEASURED = {
    "date": "2026-01-01",
    "commit": "0123456789ab",
    "machine": "a machine",
    "versions": "NumPy 0",
    "fingerprint": "another",
}


def speed(table, columns):
    return f"# 速度\n\n```{{benchmark}} {table}\n:columns: {columns}\n```\n"


@pytest.fixture
def book(project):
    (project.root / "benchmarks").mkdir()
    kept = {"steps": {"columns": ["a", "b"], "rows": [["64", "1.23 (1–2)"]], "measured": MEASURED}}
    (project.root / "benchmarks/results.json").write_text(json.dumps(kept), encoding="utf-8")
    return project


def test_the_page_shows_the_table_and_says_that_the_code_has_changed_since(book):
    book.write("speed", speed("steps", "宽度 | 倍数\n:caption: 多快"))
    code, output = book.build()
    assert code == 0, output
    assert re.search(
        r'<table[^>]* id="tab-steps">\s*<caption>.*多快.*#tab-steps', book.page("speed")
    )
    page = re.sub(r"<[^>]*>", "", book.page("speed"))
    for words in ("倍数", "1.23 (1–2)", "2026-01-01", "a machine", "0123456789ab"):
        assert words in page
    assert "在代码最近一次改动之前测的" in page
    text = (book.site / "notebooks/speed.md").read_text("utf-8")
    assert "**表 1**　多快\n\n| 宽度 | 倍数 |" in text


@pytest.mark.parametrize(
    ("table", "columns", "message"),
    [
        ("stepz", "宽度 | 倍数", "no table 'stepz' in benchmarks/results.json, which has steps"),
        ("steps", "宽度", "steps has 2 columns"),
    ],
)
def test_a_table_that_is_not_there_ends_the_build(book, table, columns, message):
    book.write("speed", speed(table, columns))
    code, output = book.build()
    assert code != 0
    assert message in output
