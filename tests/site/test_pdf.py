"""A PDF of small pages, made by the real browser with the real fonts."""

from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest
from bookext import words
from bookext.whole import fonts, pdf
from bookext.whole.edition import CannotMakeError, written
from browser import find_browser
from sphinx import locale
from tests.book import smallsite
from tests.book.smallsite import MADE

pytestmark = pytest.mark.site


def make(*arguments):
    """Make a PDF in Chinese, in a thread of its own: Playwright allows one browser a thread."""
    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(1) as alone:
        patched.setattr(locale, "translators", {})
        words.speak("zh_CN")
        alone.submit(pdf.make, *arguments).result()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = smallsite.write(tmp_path_factory.mktemp("small"))
    make(folder, MADE, folder / "one.pdf", find_browser())
    return folder


def test_it_has_a_page_for_each_chapter_and_its_outline_leads_there(small):
    with pikepdf.open(small / "one.pdf") as opened:
        numbers = {page.objgen: number for number, page in enumerate(opened.pages, 1)}
        with opened.open_outline() as outline:
            found = {entry.title: numbers[entry.destination[0].objgen] for entry in outline.root}
        assert list(found) == ["关于这个版本", "目录", "引言", "一", "题", "练习解答"]
        assert found["关于这个版本"] == 2
        assert sorted(set(found.values())) == list(found.values())
        assert opened.Root.PageMode == "/UseOutlines"


def test_the_same_pages_make_the_same_bytes(small):
    make(small, MADE, small / "again.pdf", find_browser())
    assert (small / "again.pdf").read_bytes() == (small / "one.pdf").read_bytes()


def test_it_says_of_itself_what_the_edition_says(small):
    with pikepdf.open(small / "one.pdf") as opened:
        assert opened.docinfo["/Title"] == MADE.title
        assert opened.docinfo["/CreationDate"] == "D:20260102000000Z"
        with opened.open_metadata() as said:
            assert said["xmp:ModifyDate"] == "2026-01-02T00:00:00Z"


def test_without_the_fonts_it_says_which_to_install(tmp_path):
    with pytest.raises(
        CannotMakeError, match=r"Noto Serif CJK SC .*apt-get install fonts-noto-cjk"
    ):
        fonts.cut({fonts.SERIF: "丢弃"}, tmp_path, installed=[])


def test_a_sign_that_no_font_has_is_named(tmp_path):
    with pytest.raises(CannotMakeError, match=r"🙂 \(U\+1F642\)"):
        fonts.cut({fonts.SERIF: "好🙂"}, tmp_path)


def test_a_browser_that_cannot_print_is_named_and_the_good_file_stays(small):
    good = small / "kept.pdf"
    good.write_bytes(b"good")
    with pytest.raises(CannotMakeError, match="/bin/false cannot print"), written(good) as beside:
        make(small, MADE, beside, "/bin/false")
    assert good.read_bytes() == b"good"
    assert not list(small.glob(".kept*"))
