"""The document that is printed: what paper asks for, done to small pages."""

import re

import pytest
import smallsite
from bookext.whole import sheets
from bookext.whole.chapters import about, chapters
from bs4 import BeautifulSoup
from smallsite import MADE

ROWS = "".join(f"<tr><th>{row}</th><td>{row}%</td></tr>" for row in range(40))
NUMBERS = (
    '<figure id="many"><div class="figure-drawing"><svg role="img" aria-label="线"/></div>'
    '<details class="numbers"><summary>图中的数</summary><div class="table-wrapper"><table><thead>'
    f"<tr><th>轮次</th><td><p></p></td></tr></thead><tbody>{ROWS}</tbody></table></div></details>"
    "<figcaption>图 1</figcaption></figure>"
)


@pytest.fixture
def site(tmp_path):
    return smallsite.write(tmp_path)


@pytest.fixture
def document(site):
    """Makes the document, with some more text on the first page."""

    def make(text=""):
        one = site / "one.html"
        one.write_text(one.read_text(encoding="utf-8").replace("<math>", text + "<math>"), "utf-8")
        return sheets.document([about(MADE), *chapters(site)], MADE, "")

    return make


def parsed(text):
    return BeautifulSoup(text, "html.parser")


def test_the_title_comes_first_then_what_it_is_then_the_contents_then_the_chapters(document):
    body = parsed(document()).body
    ids = [child["id"] for child in body.find_all(recursive=False)]
    assert ids == ["title", "about", "contents", "index", "one", "tasks", "solutions"]
    assert body.select_one("#index h1").get_text() == "引言"


def test_every_chapter_has_its_title_above_its_pages(document):
    style = parsed(document()).style.get_text()
    for name, title in {"one": "一", "tasks": "题", "contents": "目录"}.items():
        assert f'@page {name} {{ @top-right {{ content: "{title}"; }} }}' in style
        assert f"#{name} {{ page: {name}; }}" in style


def test_the_contents_name_chapters_sections_and_parts_with_their_pages(document):
    text = document('<section id="s"><span id="id1"></span><h2>一节</h2></section>')
    assert parsed(text).select_one("#one--s > #one--id1").parent.name == "h2"
    contents = parsed(sheets.with_pages(text, {"one": 7, "one--s": 8})).nav
    assert [part.get_text() for part in contents.select(".part")] == ["第一部分", "第二部分"]
    lines = {line["href"]: line.get_text() for line in contents.select("a")}
    assert lines["#one"] == "一7"
    assert lines["#one--s"] == "一节8"
    assert {"one", "one--s", "tasks", "tasks--ex-a"} <= sheets.named(text)
    assert lines["#tasks"] == "题888"  # as wide as a number, until it is known


def test_only_a_link_to_another_chapter_by_name_says_its_page(document):
    link = '<a href="tasks.html"><span class="std std-doc">题</span></a>'
    here = '<a href="#一"><span class="std std-doc">一</span></a>'
    one = parsed(sheets.with_pages(document(link + here), {"tasks": 31})).select_one("#one")
    assert [said.get_text() for said in one.select(".see")] == ["（第 31 页）"]


def test_a_solution_and_its_exercise_say_where_the_other_stands(document):
    page = parsed(document())
    assert page.select_one(".to-solution .page-of")["data-place"] == "tasks--book/tasks-solution-1"
    assert page.select_one(".to-exercise .page-of")["data-place"] == "tasks--ex-a"


def test_a_foreign_address_is_printed_at_the_end_of_its_chapter(document):
    again = (
        '<a href="https://example.org/">又</a><a href="https://a.example/">https://a.example/</a>'
    )
    one = parsed(document(again)).select_one("#one")
    assert [note.get_text() for note in one.select(".notes li")] == ["https://example.org/"]
    assert [mark.get_text() for mark in one.select("sup")] == ["1", "1"]


def test_every_line_of_code_is_an_element_and_keeps_its_white_space(document):
    code = '<pre><span class="k">if</span> x:\n<span class="w">    </span>y\n\n</pre>'
    one = parsed(document(code)).select_one("#one")
    listing = one.select("pre")[-1]
    assert listing["class"] == ["short"]
    assert [line.get_text() for line in listing.select(".line")] == ["if x:\n", "    y\n"]


def test_a_token_of_several_lines_is_not_torn(document):
    code = '<pre><span class="s">"a\nb"</span></pre>'
    listing = parsed(document(code)).select("#one pre")[-1]
    assert listing.select(".line") == []
    assert listing.get_text() == '"a\nb"'


def test_a_drawing_stays_with_its_caption_and_many_numbers_stand_side_by_side(document):
    figure = parsed(document(NUMBERS)).select_one("#one--many")
    together, numbers = figure.find_all(recursive=False)
    assert together.select_one("svg")
    assert together.select_one("figcaption")
    tables = numbers.select(".side-by-side > table")
    assert len(tables) == 4
    assert {str(table.thead) for table in tables} == {str(tables[0].thead)}
    assert re.findall(r"\d+%", numbers.get_text(" ")) == [f"{row}%" for row in range(40)]


def test_an_empty_cell_says_that_it_is_empty(document):
    assert parsed(document(NUMBERS)).select_one("#one--many thead td").get_text() == "—"


def test_a_formula_is_said_and_english_is_called_english(document):
    page = parsed(
        document("<p>Push the gradient back through the graph.</p><p>中文 and English</p>")
    )
    assert page.select_one("#one .formula")["aria-label"] == "formula: x"
    assert [p.get_text()[:4] for p in page.select("#one [lang=en]")] == ["Push"]
