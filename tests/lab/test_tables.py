from xml.etree import ElementTree

import pytest

from nnbook.lab.tables import Table

TABLE = Table(["设置", "准确率", "种子"], [["有", "91.80%", "20"], ["没有", "92.20%", "20"]])


def parsed(table):
    return ElementTree.fromstring(table._repr_html_())  # noqa: S314 (our own text)


def test_the_header_names_the_columns():
    head = parsed(TABLE).findall("./table/thead/tr/*")
    assert [(cell.tag, cell.get("scope"), cell.text) for cell in head] == [
        ("th", "col", "设置"),
        ("th", "col", "准确率"),
        ("th", "col", "种子"),
    ]


def test_the_first_column_names_the_rows():
    rows = parsed(TABLE).findall("./table/tbody/tr")
    assert [[(cell.tag, cell.get("scope"), cell.text) for cell in row] for row in rows] == [
        [("th", "row", "有"), ("td", None, "91.80%"), ("td", None, "20")],
        [("th", "row", "没有"), ("td", None, "92.20%"), ("td", None, "20")],
    ]


@pytest.mark.parametrize("text", ["<b>", "a & b", '"quoted"', "&lt;", "</td><script>"])
@pytest.mark.parametrize("place", ["header", "row", "cell"])
def test_what_looks_like_markup_is_text(text, place):
    header, row, cell = ((text if place == where else "x") for where in ("header", "row", "cell"))
    table = parsed(Table(["y", header], [[row, cell]]))
    assert [found.text for found in table.iter() if found.tag in ("th", "td")] == [
        "y",
        header,
        row,
        cell,
    ]


def test_a_table_can_be_read_as_text():
    assert repr(TABLE) == "设置  准确率  种子\n有  91.80%  20\n没有  92.20%  20"


def test_a_table_may_be_empty_or_narrow():
    assert parsed(Table(["x"], [])).findall("./table/tbody/tr") == []
    assert repr(Table(["x"], [])) == "x"
    cells = parsed(Table(["x"], [["1"]])).findall("./table/tbody/tr/*")
    assert [cell.tag for cell in cells] == ["th"]


def test_a_wide_table_scrolls_in_its_own_box():
    assert parsed(TABLE).get("class") == "table-wrapper"
