"""What the extension knows of a language: two files for each.

``<language>.toml`` tells what a sentence, a typed number and a comparison look like in it, see
`bookext.truth.prose`; ``<language>.po`` what the extension itself says on pages. English needs
no catalogue: its words are those that stand in the code.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sphinx import locale
from sphinx.application import Sphinx
from sphinx.locale import get_translation, get_translator

CATALOG = "bookext"
HERE = Path(__file__).parent
HTML = re.compile(r"<[A-Za-z/!?][^<>]*>?")
_ = get_translation(CATALOG)


@contextmanager
def compiled(language: str) -> Iterator[str]:
    """A folder for gettext, which reads it once, with the catalogue of a language, if any."""
    with tempfile.TemporaryDirectory() as folder:
        source = HERE / f"{language}.po"
        if source.is_file():
            target = Path(folder, language, "LC_MESSAGES", f"{CATALOG}.mo")
            target.parent.mkdir(parents=True)
            with source.open("rb") as words, target.open("wb") as file:
                write_mo(file, _texts(source, read_po(words, abort_invalid=True)))
        yield folder


def _texts(source: Path, catalogue: Catalog) -> Catalog:
    """A catalogue, which templates put into pages as it is: no message brings HTML of its own."""
    for each in catalogue:
        if each.id and each.string and HTML.findall(str(each.id)) != HTML.findall(str(each.string)):
            raise SystemExit(
                f"{source.name}: the translation of “{each.id}” is “{each.string}”, with other "
                "HTML: a message is text, and has the tags of its source alone"
            )
    return catalogue


def speak(language: str) -> None:
    """Speak a language where no Sphinx runs, and no more the one before."""
    locale.translators.pop(("general", CATALOG), None)
    with compiled(language) as folder:
        locale.init([folder], language, CATALOG)


def setup(app: Sphinx) -> None:
    """Have the extension speak the language of the book."""
    with compiled(app.config.language) as folder:
        app.add_message_catalog(CATALOG, folder)
    # Templates ask Sphinx's own catalogue, and this one for what is not there.
    app.translator.add_fallback(get_translator(CATALOG))
