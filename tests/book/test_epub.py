"""The EPUB: a zip in the order that readers expect, of files that all are what they say."""

import re
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
import smallsite
from bookext.whole import epub
from PIL import Image
from smallsite import MADE

NAMES = {"opf": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/"}
WIDE = (
    "<table><thead><tr><th>甲</th><th>乙</th><th>丙</th><th>丁</th></tr></thead>"
    "<tbody><tr><th>1</th><td>2</td><td>3</td><td>4</td></tr></tbody></table>"
)


@pytest.fixture
def site(tmp_path):
    return smallsite.write(tmp_path)


@pytest.fixture
def made(site):
    """Makes the EPUB of the small site, and gives what is in it."""
    for name, size in (("cover.png", (80, 50)), ("_images/a.png", (1, 1))):
        (site / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", size).save(site / name)

    def make(edition=MADE):
        epub.make(site, edition, site / "book.epub")
        with zipfile.ZipFile(site / "book.epub") as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    return make


def add(site, text):
    one = site / "one.html"
    one.write_text(one.read_text(encoding="utf-8").replace("<math>", text + "<math>"), "utf-8")


def test_its_kind_comes_first_and_is_not_compressed(made, site):
    assert made()["mimetype"] == b"application/epub+zip"
    with zipfile.ZipFile(site / "book.epub") as archive:
        first = archive.infolist()[0]
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", 0, b"")


def test_the_same_edition_is_the_same_bytes_and_another_is_not(made, site):
    made()
    first = (site / "book.epub").read_bytes()
    made()
    assert (site / "book.epub").read_bytes() == first
    made(replace(MADE, date=MADE.date + timedelta(days=1)))
    assert (site / "book.epub").read_bytes() != first


def test_the_package_lists_every_file_once_with_its_kind(made):
    files = made()
    package = ET.fromstring(files["book/package.opf"])  # noqa: S314
    items = {item.get("href"): item for item in package.iterfind(".//opf:item", NAMES)}
    assert {f"book/{name}" for name in items} | {
        "mimetype",
        "META-INF/container.xml",
        "book/package.opf",
    } == set(files)
    said = {name: set((item.get("properties") or "").split()) for name, item in items.items()}
    assert said["one.xhtml"] == {"svg", "mathml"}
    assert said["tasks.xhtml"] == set()
    assert said["contents.xhtml"] == {"nav"}
    assert said["cover.png"] == {"cover-image"}
    order = [item.get("idref") for item in package.iterfind(".//opf:itemref", NAMES)]
    names = ["cover", "contents", "about", "index", "one", "tasks", "solutions"]
    assert order == [f"file-{name}.xhtml" for name in names]
    assert package.find(".//dc:title", NAMES).text == MADE.title
    assert b"2026-01-02T00:00:00Z" in files["book/package.opf"]


def test_every_document_is_xml_with_a_title_of_its_own(made):
    documents = {name: text for name, text in made().items() if name.endswith(".xhtml")}
    titles = set()
    for text in documents.values():
        assert ET.fromstring(text).attrib["lang"] == "zh-CN"  # noqa: S314
        titles.add(re.search("<title>(.*)</title>", text.decode())[1])
    assert len(titles) == len(documents)


def test_links_lead_into_the_file_where_their_goal_stands(made):
    files = {name: text.decode() for name, text in made().items() if name.endswith(".xhtml")}
    assert 'href="tasks.xhtml#tasks--fig"' in files["book/one.xhtml"]
    assert 'href="#one--一"' in files["book/one.xhtml"]
    assert 'href="solutions.xhtml#tasks--book/tasks-solution-1"' in files["book/tasks.xhtml"]
    assert 'href="tasks.xhtml#tasks--ex-a"' in files["book/solutions.xhtml"]


def test_the_contents_have_parts_chapters_and_sections(made, site):
    add(site, '<section id="s"><h2>一节</h2></section>')
    contents = made()["book/contents.xhtml"].decode()
    assert (
        '<li><span>第一部分</span><ol><li><a href="one.xhtml">一</a>'
        '<ol><li><a href="one.xhtml#one--s">一节</a></li></ol></li></ol></li>'
    ) in contents
    assert '<a epub:type="bodymatter" href="index.xhtml">' in contents


def test_colours_of_the_theme_become_plain_and_pictures_come_along(made, site):
    add(site, '<p style="fill: var(--fig-ink, #123456)"></p><img src="_images/a.png" alt="一点">')
    files = made()
    text = files["book/one.xhtml"].decode()
    assert 'style="fill: #123456"' in text
    assert 'src="pictures/a.png"' in text
    assert files["book/pictures/a.png"] == (site / "_images/a.png").read_bytes()


def test_only_a_wide_table_names_its_cells(made, site):
    add(site, WIDE + WIDE.replace("<th>丁</th>", "").replace("<td>4</td>", ""))
    text = made()["book/one.xhtml"].decode()
    assert re.findall('data-name="(.)">(.)<', text) == [*zip("甲乙丙丁", "1234", strict=True)]
    assert text.count('class="wide"') == 1


def test_a_formula_can_be_scrolled_with_the_keyboard(made, site):
    add(site, '<div class="math" tabindex="0"></div>')
    assert '<div class="math" tabindex="0">' in made()["book/one.xhtml"].decode()
