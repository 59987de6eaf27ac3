"""The whole book as a PDF, printed by Chromium.

It knows no page before it has printed: so it prints once, reads from the PDF where everything
stands, fills the numbers in, and prints again, until all of them hold.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bs4 import BeautifulSoup
from pygments.formatters import HtmlFormatter

from bookext.whole import fonts, sheets, tagged
from bookext.whole.chapters import about, chapters
from bookext.whole.edition import CannotMakeError, Edition

STYLE = Path(__file__).with_name("print.css")
CODE = "a11y-high-contrast-light"  # as on the site
# Page numbers and the marks of lists come from the style, not from the text.
ALWAYS = "0123456789.•◦▪ "
MOST_PRINTS = 5


def make(site: Path, made: Edition, path: Path, browser: str) -> None:
    """Write the PDF of a site.

    Args:
        site: the folder of the built site.
        made: the edition.
        path: of the file.
        browser: path of Chromium or Chrome.

    Raises:
        CannotMakeError: if a font is missing, or the browser cannot print.
    """
    start = time.monotonic()

    def say(words: str) -> None:
        print(f"PDF: {words} ({time.monotonic() - start:.0f} s)", flush=True)

    colours = HtmlFormatter(style=CODE).get_style_defs(".highlight")
    found = [about(made), *chapters(site)]
    text = sheets.document(found, made, f"{colours}\n{STYLE.read_text(encoding='utf-8')}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rules = fonts.cut(_signs(text), folder)
        text = text.replace("<style>", f"<style>{rules}\n", 1)
        say("the typefaces are cut")
        with _printer(browser, folder) as printed:
            places: dict[str, int] = {}
            for _ in range(MOST_PRINTS):
                raw = printed(sheets.with_pages(text, places))
                before = places
                places, count = tagged.places(raw)
                say(f"{count} pages are printed")
                if lost := sheets.named(text) - set(places):
                    raise CannotMakeError(f"the print has no place {', '.join(sorted(lost))}")
                if places == before:
                    break
            else:
                raise CannotMakeError(f"page numbers still change after {MOST_PRINTS} prints")
    tagged.finish(raw, path, made, _subject(site))
    say("tagged and put away")


def _subject(site: Path) -> str:
    """What the cover says of the book, to those who only see a link to it."""
    cover = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    said = cover.select_one('meta[name="description"]')
    return str(said["content"]) if said else ""


def _signs(text: str) -> dict[fonts.Face, str]:
    """By face, what is written in it: more than needed, rather than less."""
    page = BeautifulSoup(text, "html.parser")
    for style in page.select("style"):
        style.decompose()
    everything = page.get_text() + ALWAYS
    code = "".join(tag.get_text() for tag in page.select("pre, code, .sig"))
    return {
        fonts.SERIF: everything,
        fonts.SANS: everything,
        fonts.SANS_BOLD: everything,  # a style sheet may make anything bold
        fonts.MONO: code,
    }


@contextmanager
def _printer(browser: str, folder: Path) -> Iterator[Callable[[str], bytes]]:
    from playwright.sync_api import Error, sync_playwright

    arguments = ["--no-first-run", "--disable-background-networking"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments += ["--no-sandbox", "--disable-dev-shm-usage"]
    source = folder / "book.html"
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=arguments)

            def printed(text: str) -> bytes:
                source.write_text(text, encoding="utf-8")
                page = chromium.new_page(java_script_enabled=False)
                page.goto(source.as_uri())
                raw = page.pdf(
                    prefer_css_page_size=True, print_background=True, tagged=True, outline=True
                )
                page.close()
                return raw

            yield printed
            chromium.close()
    except Error as error:
        raise CannotMakeError(f"{browser} cannot print: {error.message}") from error
