"""An old link never dies: what was published once is there, or leads on."""

import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from bookext.site import published, redirects
from bookext.site.heading_ids import NamedSections
from docutils import nodes
from docutils.core import publish_doctree
from project import ROOT

PAGE = (
    '<article role="main" id="furo-main-content"><section id="{}"><span id="id1"></span>'
    '<svg><path id="p1"></path></svg><details id="book/a-solution-3"></details></section></article>'
    '<footer id="foot"></footer>'
)


@pytest.fixture
def said(monkeypatch):
    """What is warned of."""
    found = []
    for module in (published, redirects):
        logger = SimpleNamespace(warning=lambda text, *a, **_: found.append(text % a))
        monkeypatch.setattr(module, "logger", logger)
    return found


def app(root, **more):
    made = SimpleNamespace(
        srcdir=root,
        outdir=root,
        builder=SimpleNamespace(name="html", get_target_uri=lambda name: f"{name}.html"),
        config=SimpleNamespace(html_baseurl=""),
        env=SimpleNamespace(found_docs={"a"}),
        **more,
    )
    (root / "book").mkdir(exist_ok=True)
    redirects.read(made)
    return made


def test_addresses_are_what_lasts_in_the_text(tmp_path):
    (tmp_path / "a.html").write_text(PAGE.format("掩码"), encoding="utf-8")
    (tmp_path / "404.html").write_text(PAGE.format("x"), encoding="utf-8")
    assert published.addresses(tmp_path) == {"a.html", "a.html#掩码"}


def test_what_is_gone_without_a_redirect_is_named(tmp_path, said):
    (tmp_path / "a.html").write_text(PAGE.format("new"), encoding="utf-8")
    made = app(tmp_path)
    published.check(made, None)
    assert said == []  # without a list nothing was published
    lines = ["a.html", "a.html#old", "b.html", "b.html#x", "c.html", "c.html#x"]
    (tmp_path / "book/published.txt").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "book/redirects.toml").write_text('"c.html" = "a.html#new"', encoding="utf-8")
    redirects.read(made)
    published.check(made, None)
    assert [line.split()[0] for line in said] == ["a.html#old", "b.html"]
    assert 'say in book/redirects.toml where it is now: "b.html" = ' in said[1]


@pytest.mark.parametrize("target", ["b.html", "a.html#nowhere", "a.html#id1"])
def test_a_redirect_leads_to_a_lasting_place(tmp_path, said, target):
    (tmp_path / "a.html").write_text(PAGE.format("new"), encoding="utf-8")
    made = app(tmp_path, book_redirects={})
    made.book_redirects["old.html"] = target
    published.check(made, None)
    assert len(said) == 1
    assert f"old.html leads to {target}" in said[0]


@pytest.mark.parametrize(
    "line", ['"a" = "b.html"', '"a.html" = 1', '"../a.html" = "b.html"', "a ="]
)
def test_a_line_that_is_no_redirect_is_named(tmp_path, said, line):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/redirects.toml").write_text(line, encoding="utf-8")
    assert redirects.of(app(tmp_path)) == {}
    assert len(said) == 1


@pytest.mark.parametrize(
    ("lines", "circle"),
    [
        ({"old.html": "old.html"}, "old.html → old.html"),
        ({"old.html": "b.html", "b.html": "old.html#x"}, "old.html → b.html → old.html"),
        ({"c.html": "d.html", "d.html": "e.html", "e.html": "d.html"}, "d.html → e.html → d.html"),
        ({"a.html#x": "a.html#y", "a.html#y": "a.html#x"}, "a.html#x → a.html#y → a.html#x"),
        ({"a.html#x": "a.html#y", "old.html": "a.html#x"}, None),
    ],
)
def test_redirects_in_a_circle_are_named(tmp_path, said, lines, circle):
    (tmp_path / "book").mkdir()
    text = "".join(f'"{old}" = "{new}"\n' for old, new in lines.items())
    (tmp_path / "book/redirects.toml").write_text(text, encoding="utf-8")
    app(tmp_path)
    words = "book/redirects.toml leads in a circle, and nowhere: "
    assert said == ([f"{words}{circle}"] if circle else [])


def test_a_page_that_is_there_cannot_lead_on(tmp_path, said):
    made = app(tmp_path)
    made.book_redirects = {"a.html": "b.html", "b.html": "a.html#x"}
    ((name, context, template),) = redirects.give_pages(made)
    assert (name, context["leads_to"], template) == ("b", "a.html#x", "redirect.html")
    assert "a.html is a page of the book" in said[0]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<section id="new"><h2>', '<span id="old"></span><section id="new"><h2>'),
        ('<figure class="a" id="new">', '<span id="old"></span><figure class="a" id="new">'),
        ('<tr id="new"><th scope="row">', '<tr id="new"><th scope="row"><span id="old"></span>'),
        ('<section id="other">', '<section id="other">'),
    ],
)
def test_an_old_name_stands_where_html_allows_it(page, expected):
    leads = {"a.html#old": "a.html#new", "b.html#old": "b.html#new"}
    assert redirects.with_old_places(page, "a.html", leads) == expected


def test_sections_with_numbers_for_names_are_named_after_their_titles():
    settings = {"doctitle_xform": False, "auto_id_prefix": "id"}
    titles = "章\n==\n\n节\n--\n\n又一节\n------\n\nEnglish\n-------\n"
    document = publish_doctree(titles, settings_overrides=settings)
    sections = list(document.findall(nodes.section))
    for section, slug in zip(sections, ("章", "节", "taken", "english"), strict=True):
        section["slug"] = slug
    document.ids["taken"] = None  # by a figure, say
    NamedSections(document).apply()
    assert [section["ids"] for section in sections] == [
        ["章", "id1"],
        ["节", "id2"],
        ["id3"],
        ["english"],
    ]


OTHER = "# 另一章\n\n## 原来的名字\n\n文字。\n\n## 别的\n\n文字。\n"


def test_a_book_keeps_its_addresses(project):
    project.write("other", OTHER)
    project.write("third", "# 第三章\n")
    code, output = project.build()
    assert code == 0, output
    assert 'href="#原来的名字"' in project.page("other")
    (project.root / "tools").mkdir()
    shutil.copy(ROOT / "tools/published.py", project.root / "tools")
    command = [sys.executable, str(project.root / "tools/published.py")]
    subprocess.run(command, check=True)  # noqa: S603
    listed = project.root / "book/published.txt"
    once = listed.read_text(encoding="utf-8").splitlines()
    assert {"index.html", "other.html#原来的名字", "third.html"} <= set(once)

    (project.root / "book/third.md").unlink()
    project.write("other", OTHER.replace("原来的名字", "新名字"))
    for _ in range(2):  # it fails again when it is repeated unchanged
        code, output = project.build()
        assert code != 0
        assert "other.html#原来的名字 was published and is gone" in output
        assert "third.html was published and is gone" in output
        assert "the last good site stays as it was" in output

    redirects_file = project.root / "book/redirects.toml"
    redirects_file.write_text('"third.html" = "other.html"\n"third" = 1', encoding="utf-8")
    code, output = project.build()
    assert code != 0
    assert "WARNING: book/redirects.toml: third = 1 is no redirect" in output

    redirects_file.write_text(
        '"third.html" = "other.html#新名字"\n'
        '"other.html#原来的名字" = "other.html#新名字"\n'
        '"other.html#别的" = "index.html"\n',
        encoding="utf-8",
    )
    project.write("other", OTHER.replace("原来的名字", "新名字").replace("别的", "再一节"))
    code, output = project.build()
    assert code == 0, output
    moved = project.page("third")
    assert '<meta http-equiv="refresh" content="0; url=other.html#新名字">' in moved
    assert "Content-Security-Policy" in moved
    for file in ("third.md", "third.ipynb"):  # which somebody links to, or has opened in a notebook
        text = (project.site / "notebooks" / file).read_text(encoding="utf-8")
        assert "[这里](../other.html#新名字)" in text
    assert '<span id="原来的名字"></span><section id="新名字">' in project.page("other")
    assert '<p id="别的">你要找的内容搬到了<a' in project.page("other")
    subprocess.run(command, check=True)  # noqa: S603
    now = listed.read_text(encoding="utf-8").splitlines()
    assert set(once) < set(now)
    assert now == sorted(now)
