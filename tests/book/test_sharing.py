"""What other sites are told of the pages: all with an address, nothing false without."""

import re
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest
from bookext.site import sharing

BASE = "https://example.org/book/"


@pytest.mark.parametrize(
    ("given", "setting", "base"),
    [
        (None, "", ""),
        ("", "https://example.org/", ""),
        (None, "https://example.org", "https://example.org/"),
        ("http://127.0.0.1:8000/a/b", "https://example.org/", "http://127.0.0.1:8000/a/b/"),
    ],
)
def test_the_base_is_one_setting_and_ends_in_a_slash(monkeypatch, given, setting, base):
    monkeypatch.delenv("BOOK_BASE_URL", raising=False)
    if given is not None:
        monkeypatch.setenv("BOOK_BASE_URL", given)
    config = SimpleNamespace(html_baseurl=setting)
    sharing.set_base(None, config)
    assert config.html_baseurl == base


@pytest.mark.parametrize(
    "given", ["example.org", "ftp://example.org/", "https://a/?b", "https:///a"]
)
def test_what_is_no_address_ends_the_build(monkeypatch, given):
    monkeypatch.setenv("BOOK_BASE_URL", given)
    with pytest.raises(SystemExit, match="the address of a site is needed"):
        sharing.set_base(None, SimpleNamespace(html_baseurl=""))


def test_a_page_from_anywhere_has_no_relative_address():
    page = '<html data-content_root="./"><link href="_static/a.css"><a href="https://a/b">'
    page += '<a href="#c"><img src="data:,"><a href="./d.html">'
    assert sharing.from_anywhere(page, BASE) == (
        '<html data-content_root="/book/"><link href="/book/_static/a.css"><a href="https://a/b">'
        '<a href="#c"><img src="data:,"><a href="/book/d.html">'
    )
    assert sharing.from_anywhere(page, "") == page


def head(page):
    return page[: page.index("</head>")]


def said(page):
    """What the head of a page says of it, by name."""
    found = [
        (
            re.search(r'(?:property|name)="(og:\w+|twitter:\w+)"', tag),
            re.search('content="([^"]*)"', tag),
        )
        for tag in re.findall("<meta [^>]*>", page)
    ]
    return {name[1]: content[1] for name, content in found if name}


def test_a_book_says_where_it_is_only_if_it_knows(project):
    project.write("other", "# 甲 & 乙\n\n说明在这里。\n")
    assert project.build(BOOK_BASE_URL="")[0] == 0
    without = {path.name: path.read_text("utf-8") for path in project.site.glob("*.html")}
    for page in without.values():
        assert not re.search(r"canonical|og:url|og:image|twitter", page)
    assert said(without["other.html"])["og:title"] == "甲 &amp; 乙"
    assert said(without["other.html"])["og:description"] == "说明在这里。"
    assert not (project.site / "sitemap.xml").exists()
    assert (project.site / "robots.txt").read_text() == "User-agent: *\nAllow: /\n"
    picture = (project.root / "images/dropout.png").read_bytes()
    assert (project.site / "cover.png").read_bytes() == picture
    lost = without["404.html"]  # takes nothing along
    assert not re.search(r'<script|<link(?! rel="icon" href="data:)|\ssrc=', lost)
    assert 'href="other.html"' in lost
    assert 'href="search.html"' in lost

    code, output = project.build(BOOK_BASE_URL=BASE)  # the next build, from what the last one made
    assert code == 0, output
    assert "Executing notebook" not in output
    for name, address in (("index", BASE), ("other", f"{BASE}other.html")):
        page = project.page(name)
        assert f'<link rel="canonical" href="{address}">' in page
        assert said(page)["og:url"] == address
        assert said(page)["og:image"] == f"{BASE}cover.png"
        assert len(head(page).encode()) - len(head(without[f"{name}.html"]).encode()) < 600
    places = ET.parse(project.site / "sitemap.xml").getroot()  # noqa: S314
    assert [place[0].text for place in places] == [BASE, f"{BASE}other.html"]
    assert f"Sitemap: {BASE}sitemap.xml\n" in (project.site / "robots.txt").read_text()
    lost = project.page("404")
    assert "canonical" not in lost
    addresses = re.findall(r'\s(?:href|src|action|data-content_root)="([^"]*)"', lost)
    assert {"/book/other.html", "/book/search.html", "/book/"} <= set(addresses)
    assert all(re.match("/book/|#|https://", address) for address in addresses)
    worker = (project.site / "sw.js").read_text("utf-8")
    assert not re.search(r'"(404\.html|robots\.txt|sitemap\.xml|cover\.png)"', worker)

    assert project.build(BOOK_BASE_URL="")[0] == 0
    again = {path.name: path.read_text("utf-8") for path in project.site.glob("*.html")}
    assert again == without
    assert not (project.site / "sitemap.xml").exists()
