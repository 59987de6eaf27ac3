"""The whole book as EPUB 3: a zip of the chapters as XHTML, with its contents and its metadata.

Written with the standard library: what there is to write is a list of files and a dozen lines
of metadata, and the kept libraries stamp the time of day into them.
"""

import mimetypes
import re
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from bs4 import Tag
from pygments.formatters import HtmlFormatter

from bookext.site.sharing import PICTURE
from bookext.site.take_away import licence
from bookext.whole import cover
from bookext.whole.chapters import ABOUT, Chapter, about, chapters, places
from bookext.whole.edition import Edition
from bookext.words import _

STYLE = Path(__file__).with_name("epub.css")
LIGHT, DARK = "a11y-high-contrast-light", "a11y-high-contrast-dark"  # as on the site
COVER = "cover.png"
# Colours that follow the site's theme; here, what the figures say they are without one.
THEMED = re.compile(r"var\(--[\w-]+,\s*([^()]*)\)")
# What a chapter is called by programs, if it is more than a chapter.
KNOWN = {"glossary": "glossary", "references": "bibliography"}
COLUMNS = 3  # as many as fit into a narrow window
NAMESPACES = (
    'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"'
)
ACCESSIBILITY = (
    ("accessMode", ("textual", "visual")),
    ("accessModeSufficient", ("textual,visual", "textual")),
    (
        "accessibilityFeature",
        (
            *("alternativeText", "MathML", "structuralNavigation", "tableOfContents"),
            *("readingOrder", "displayTransformability"),
        ),
    ),
    ("accessibilityHazard", ("none",)),
)
CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles>
<rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>
"""


def make(site: Path, made: Edition, path: Path) -> None:
    """Write the EPUB of a site.

    Args:
        site: the folder of the built site.
        made: the edition.
        path: of the file.
    """
    found = [about(made), *chapters(site)]
    pictures = _take_pictures(found, site)
    homes = places(found)
    pages = {f"{chapter.name}.xhtml": _chapter(chapter, made, homes) for chapter in found}
    pages = {"cover.xhtml": _cover_page(made), "contents.xhtml": _contents(found, made)} | pages
    files: dict[str, str | bytes] = {
        **pages,
        "book.css": _style(),
        COVER: cover.drawn(site / PICTURE),
        **pictures,
    }
    with zipfile.ZipFile(path, "w") as archive:
        _add(archive, "mimetype", "application/epub+zip", made, zipfile.ZIP_STORED)
        _add(archive, "META-INF/container.xml", CONTAINER, made)
        _add(archive, "book/package.opf", _package(made, files, list(pages)), made)
        for name, content in files.items():
            _add(archive, f"book/{name}", content, made)


def _add(
    archive: zipfile.ZipFile,
    name: str,
    content: str | bytes,
    made: Edition,
    how: int = zipfile.ZIP_DEFLATED,
) -> None:
    first = (1980, 1, 1, 0, 0, 0)  # a zip knows no earlier time
    entry = zipfile.ZipInfo(name, max(made.date.timetuple()[:6], first))
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # the same on every system
    archive.writestr(entry, content, compress_type=how)


def _take_pictures(found: Sequence[Chapter], site: Path) -> dict[str, bytes]:
    """Give the pictures that stand in files of their own, and let the text refer to them."""
    taken = {}
    for chapter in found:
        for picture in chapter.body.select('img[src]:not([src^="data:"])'):
            source = site / str(picture["src"])
            picture["src"] = f"pictures/{source.name}"
            taken[str(picture["src"])] = source.read_bytes()
    return taken


def _document(title: str, body: str, made: Edition, kind: str) -> str:
    name = title if title == made.title else f"{title} - {made.title}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        f'<html {NAMESPACES} lang="{made.language}" xml:lang="{made.language}">\n'
        f'<head>\n<meta charset="UTF-8"/>\n<title>{escape(name)}</title>\n'
        '<link rel="stylesheet" type="text/css" href="book.css"/>\n</head>\n'
        f'<body epub:type="{kind}">\n{body}\n</body>\n</html>\n'
    )


def _chapter(chapter: Chapter, made: Edition, homes: Mapping[str, str]) -> str:
    for link in chapter.body.select('a[href^="#"]'):
        home = homes[str(link["href"])[1:]]
        if home != chapter.name:
            link["href"] = f"{home}.xhtml{link['href']}"
    body = chapter.body
    body.name = "section"
    kind = KNOWN.get(chapter.name, "chapter")
    body["epub:type"], body["role"] = kind, f"doc-{kind}"
    for formula in body.select("div.math"):
        formula["tabindex"] = "0"  # a long one is scrolled, also with the keyboard
    for table in body.select("table"):
        _name_cells(table)
    body["aria-label"] = chapter.title
    return _document(chapter.title, THEMED.sub(r"\1", str(body)), made, "bodymatter")


def _name_cells(table: Tag) -> None:
    """Let each cell of a wide table say what it is: in a narrow window, rows become lists."""
    names = [cell.get_text(" ", strip=True) for cell in table.select("thead th, thead td")]
    if len(names) <= COLUMNS:
        return
    table["class"] = f"{table.get('class', '')} wide".strip()
    for row in table.select("tbody tr"):
        for name, cell in zip(names, row.select("th, td"), strict=False):
            cell["data-name"] = name


def _cover_page(made: Edition) -> str:
    alt = _(
        "Cover: on the left the whole network, on the right the same one, in which the neurons "
        "that are dropped are crossed out"
    )
    body = (
        f'<section epub:type="cover" class="cover">'
        f'<img role="doc-cover" src="{COVER}" alt="{alt}"/></section>'
    )
    return _document(made.title, body, made, "frontmatter")


def _contents(found: Sequence[Chapter], made: Edition) -> str:
    """The contents by part, chapter and section, and where programs lead their readers."""
    lines, part = [], ""
    for chapter in found:
        if chapter.part != part:
            lines += ["</ol></li>"] if part else []
            part = chapter.part
            lines += [f"<li><span>{escape(part)}</span><ol>"] if part else []
        lines.append(_entry(chapter))
    lines += ["</ol></li>"] if part else []
    first = next(chapter.name for chapter in found if chapter.name != ABOUT)
    marks = [
        ("cover", "cover", _("Cover")),
        ("toc", "contents", _("Contents")),
        ("bodymatter", first, _("Text")),
    ]
    marks += [
        (KNOWN[chapter.name], chapter.name, chapter.title)
        for chapter in found
        if chapter.name in KNOWN
    ]
    landmarks = "".join(
        f'<li><a epub:type="{kind}" href="{name}.xhtml">{escape(title)}</a></li>'
        for kind, name, title in marks
    )
    contents, guide = str(_("Contents")), f'hidden="hidden" aria-label="{_("Guide")}"'
    body = (
        f'<nav epub:type="toc" role="doc-toc" aria-labelledby="toc"><h1 id="toc">{contents}</h1>'
        f"<ol>{''.join(lines)}</ol></nav>\n"
        f'<nav epub:type="landmarks" {guide}><ol>{landmarks}</ol></nav>'
    )
    return _document(contents, body, made, "frontmatter")


def _entry(chapter: Chapter) -> str:
    page = f"{chapter.name}.xhtml"
    sections = "".join(
        f'<li><a href="{page}#{section["id"]}">{escape(heading.get_text())}</a></li>'
        for section in chapter.body.select("section[id]")
        if isinstance(heading := section.find("h2", recursive=False), Tag)
    )
    inner = f"<ol>{sections}</ol>" if sections else ""
    return f'<li><a href="{page}">{escape(chapter.title)}</a>{inner}</li>'


def _package(made: Edition, files: Mapping[str, str | bytes], spine: Sequence[str]) -> str:
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{made.author} {made.title} {made.version}")
    summary = _(
        "Each picture has an alternative text, and most have a table of their numbers; formulas "
        "are MathML; code is text; chapters, pictures and tables can be reached from the contents "
        "or by links. There is no sound, no video and no flashing."
    )
    described = _("Version {version}, fingerprint {fingerprint}").format(
        version=escape(made.version), fingerprint=made.fingerprint
    )
    said = "".join(
        f'<meta property="schema:{name}">{escape(value)}</meta>\n'
        for name, values in (*ACCESSIBILITY, ("accessibilitySummary", (str(summary),)))
        for value in values
    )
    items = "".join(_item(name, content) for name, content in files.items())
    order = "".join(f'<itemref idref="{_identity(name)}"/>\n' for name in spine)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        f'xml:lang="{made.language}" '
        'unique-identifier="identity">\n'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<dc:identifier id="identity">urn:uuid:{identity}</dc:identifier>\n'
        f"<dc:title>{escape(made.title)}</dc:title>\n"
        f"<dc:creator>{escape(made.author)}</dc:creator>\n"
        f"<dc:language>{made.language}</dc:language>\n"
        f"<dc:date>{made.date:%Y-%m-%d}</dc:date>\n"
        f"<dc:description>{described}</dc:description>\n"
        f"<dc:rights>{licence()}</dc:rights>\n"
        f'<meta property="dcterms:modified">{made.date:%Y-%m-%dT%H:%M:%SZ}</meta>\n'
        '<link rel="dcterms:license" href="https://creativecommons.org/licenses/by-sa/4.0/"/>\n'
        f'<meta name="cover" content="{_identity(COVER)}"/>\n'
        f"{said}</metadata>\n<manifest>\n{items}</manifest>\n<spine>\n{order}</spine>\n</package>\n"
    )


def _item(name: str, content: str | bytes) -> str:
    properties = []
    if isinstance(content, str):
        properties += ["svg"] if "<svg" in content else []
        properties += ["mathml"] if "<math" in content else []
    properties += ["nav"] if name == "contents.xhtml" else []
    properties += ["cover-image"] if name == COVER else []
    said = f' properties="{" ".join(properties)}"' if properties else ""
    kind = "application/xhtml+xml" if name.endswith(".xhtml") else mimetypes.guess_type(name)[0]
    return f'<item id="{_identity(name)}" href="{name}" media-type="{kind}"{said}/>\n'


def _identity(name: str) -> str:
    return "file-" + re.sub(r"[^\w.-]", "-", name)


def _style() -> str:
    """The book's own style, and the colours of code by day and by night."""
    light, dark = (HtmlFormatter(style=name).get_style_defs(".highlight") for name in (LIGHT, DARK))
    night = f"@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
    return f"{STYLE.read_text(encoding='utf-8')}{light}\n{night}"
