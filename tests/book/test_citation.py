"""What is offered for citing a page names the page, its book and its state."""

import html
import re

from bookext.site.citation import citations

FACTS = {
    "title": "甲 & 乙",
    "book": "一本书",
    "author": "nnbook contributors",
    "year": "2026",
    "version": "0.1.0",
    "fingerprint": "0123456789abcdef",
}


def test_a_page_is_cited_as_a_part_of_its_book():
    words, bibtex = citations("masks", url="https://example.org/masks.html", **FACTS)
    assert words == (
        "nnbook contributors（2026）。《甲 & 乙》，见《一本书》，第 0.1.0 版，"
        "指纹 0123456789abcdef。https://example.org/masks.html"
    )
    assert bibtex == (
        "@incollection{nnbook-masks,\n"
        "  author = {{nnbook contributors}},\n"
        "  title = {甲 \\& 乙},\n"
        "  booktitle = {一本书},\n"
        "  year = {2026},\n"
        "  edition = {0.1.0},\n"
        "  note = {指纹 0123456789abcdef},\n"
        "  url = {https://example.org/masks.html}\n"
        "}"
    )


def test_the_cover_is_cited_as_the_book_and_an_unknown_address_not_at_all():
    words, bibtex = citations("", url="", **FACTS)
    assert words == "nnbook contributors（2026）。《一本书》，第 0.1.0 版，指纹 0123456789abcdef。"
    assert bibtex.startswith("@book{nnbook,\n")
    assert "title = {一本书}" in bibtex
    assert "甲" not in bibtex
    assert "url" not in bibtex


def offered(page):
    block = page[page.index('<details class="citation">') :]
    assert "</article>" not in block  # nor does the search find it
    found = re.findall(r'<div class="highlight"><pre tabindex="0">(.*?)</pre>', block, re.S)
    return [html.unescape(text) for text in found]


def test_each_page_offers_its_own(project):
    code, output = project.build(BOOK_BASE_URL="https://example.org/")
    assert code == 0, output
    for name, title in (("index", "丢弃层：一本会自己计算的书"), ("other", "另一章")):
        page = project.page(name)
        words, bibtex = offered(page)
        fingerprint = re.search(r'<code class="fingerprint">(.*?)</code>', page)[1]
        for text in (words, bibtex):
            assert title in text
            assert f"指纹 {fingerprint}" in text
            assert ("other.html" in text) == (name == "other")
            assert "https://example.org/" in text
    for name in ("search", "404"):
        assert "<details" not in project.page(name)
