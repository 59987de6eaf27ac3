"""The pages of a site become chapters: clean, in order, with links that hold in one book."""

import pytest
import smallsite
from bookext.whole import chapters
from smallsite import MADE, TASKS, page


@pytest.fixture
def site(tmp_path):
    return smallsite.write(tmp_path)


def body(site, name):
    return next(str(each.body) for each in chapters.chapters(site) if each.name == name)


def test_the_order_and_the_parts_are_those_of_the_site_and_solutions_come_last(site):
    found = [(each.name, each.title, each.part) for each in chapters.chapters(site)]
    assert found == [
        ("index", "引言", ""),
        ("one", "一", "第一部分"),
        ("tasks", "题", "第二部分"),
        ("solutions", "练习解答", ""),
    ]


def test_what_needs_a_browser_goes_and_what_is_folded_opens(site):
    text = body(site, "one")
    for word in (
        "复制",
        "alert",
        "要脚本",
        "显示代码",
        "headerlink",
        "data-",
        "tabindex",
        "details",
    ):
        assert word not in text
    for word in ("x = 1 &lt; 2", "图中的数", "1\N{NO-BREAK SPACE}%", "<mi>x</mi></math>"):
        assert word in text
    assert "目录" not in body(site, "index")
    assert "脚" not in text


def test_links_lead_to_ids_that_are_unique_in_the_book_or_stay_words(site):
    text = body(site, "one")
    for link in (
        '<a href="#tasks--fig">图</a>',
        '<a href="#tasks">题</a>',
        '<a href="#one--一">这里</a>',
        '<a href="https://example.org/">别处</a>',
    ):
        assert link in text
    assert "、\n记录、" in text
    homes = chapters.places(chapters.chapters(site))
    assert homes["one"] == homes["one--p"] == "one"
    assert homes["tasks--book/tasks-solution-1"] == "solutions"


def test_pictures_keep_their_capitals_and_find_their_parts(site):
    text = body(site, "one")
    assert 'viewBox="0 0 1 1"' in text
    assert '<clipPath id="one--p">' in text
    assert 'clip-path="url(#one--p)"' in text
    assert 'xlink:href="#one--p"' in text


def test_an_exercise_and_its_solution_lead_to_one_another(site):
    exercises, solutions = body(site, "tasks"), body(site, "solutions")
    assert "答案" not in exercises
    assert '<a href="#tasks--book/tasks-solution-1">解答在书末</a></p></div>' in exercises
    assert '<section class="solution dropdown" id="tasks--book/tasks-solution-1"><h2>' in solutions
    assert '<a href="#tasks--ex-a">回到题目</a>' in solutions
    assert 'href="#tasks--fig"' in solutions


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("one", None, "one.html is missing"),
        ("one", "<p>nothing", "one.html has no article"),
        ("one", page("<p>nothing</p>"), "one.html has no heading"),
        ("one", page('<h1>一</h1><a href="#no">'), "a link in one leads to one--no, which is not"),
        ("tasks", page(f"<h1>题</h1>{TASKS[TASKS.index('<details') :]}"), "no exercise before it"),
    ],
)
def test_a_site_that_is_not_whole_is_refused(site, name, text, error):
    if text is None:
        (site / f"{name}.html").unlink()
    else:
        (site / f"{name}.html").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=error):
        chapters.chapters(site)


def test_it_says_what_it_is(site):
    text = str(chapters.about(MADE).body)
    for word in ("《书 &amp; 名》", "第 1.2 版", "2026-01-02", "0123456789abcdef", "CC BY-SA 4.0"):
        assert word in text
