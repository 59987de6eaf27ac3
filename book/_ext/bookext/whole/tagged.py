"""What Chromium leaves out of a PDF, put in: so that it can be read aloud, and is the same twice.

The rules are those of PDF/UA-1 (ISO 14289-1), as far as a program can check them.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, String

from bookext.site.take_away import licence
from bookext.whole.edition import Edition
from bookext.words import _

FORMULA = "formula: "  # a picture whose description begins so is a formula, and the rest is it
# What Chromium writes and PDF 1.7 does not know, and what it comes nearest to.
ROLES = {"/Strong": "/Span", "/Em": "/Span"}
PAINTS_PATH = {"f", "F", "f*", "B", "B*", "b", "b*", "S", "s"}
PAINTS = {"Do", "sh", "INLINE IMAGE"}
LICENCE_PAGE = "https://creativecommons.org/licenses/by-sa/4.0/"
PDF_UA = "http://www.aiim.org/pdfua/ns/id/"


def places(raw: bytes) -> tuple[dict[str, int], int]:
    """By place that something in a PDF leads to, the number of the page; and of how many.

    Args:
        raw: the PDF, as Chromium printed it.
    """
    with pikepdf.open(BytesIO(raw)) as pdf:
        return _places(pdf), len(pdf.pages)


def finish(raw: bytes, path: Path, made: Edition, subject: str) -> None:
    """Write the PDF with all that Chromium leaves out.

    Args:
        raw: the PDF, as Chromium printed it.
        path: of the file.
        made: the edition.
        subject: what it is about, in a sentence.
    """
    with pikepdf.open(BytesIO(raw)) as pdf:
        _say_what_it_is(pdf, made, subject)
        _mend_structure(pdf)
        _describe_links(pdf)
        for page in pdf.pages:
            page.Contents = pdf.make_stream(_with_artifacts(page))
        pdf.Root.PageMode = Name.UseOutlines
        for chapter in _siblings(pdf.Root.Outlines):
            if "/Count" in chapter:
                chapter.Count = -abs(chapter.Count)  # closed, until somebody opens it
        pdf.remove_unreferenced_resources()
        pdf.save(
            path,
            min_version="1.7",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=True,
        )


def _places(pdf: pikepdf.Pdf) -> dict[str, int]:
    numbers: dict[Any, int] = {page.objgen: number for number, page in enumerate(pdf.pages, 1)}
    return {
        unquote(key.removeprefix("/")): numbers[place[0].objgen]
        for key, place in pdf.Root.Dests.items()
    }


def _siblings(outlines: Any) -> Iterator[Any]:
    entry = outlines.get("/First")
    while entry is not None:
        yield entry
        entry = entry.get("/Next")


def _say_what_it_is(pdf: pikepdf.Pdf, made: Edition, subject: str) -> None:
    date = f"{made.date:%Y-%m-%dT%H:%M:%SZ}"
    with pdf.open_metadata(set_pikepdf_as_editor=False) as said:
        said.register_xml_namespace(PDF_UA, "pdfuaid")
        said["dc:title"] = made.title
        said["dc:creator"] = [made.author]
        said["dc:description"] = subject
        said["dc:language"] = {made.language}
        said["dc:rights"] = licence()
        said["xmpRights:WebStatement"] = LICENCE_PAGE
        said["xmp:CreateDate"] = said["xmp:ModifyDate"] = said["xmp:MetadataDate"] = date
        said["xmp:CreatorTool"] = f"nnbook {made.version}"
        said[f"{{{PDF_UA}}}part"] = "1"
    stamp = f"D:{made.date:%Y%m%d%H%M%S}Z"
    pdf.docinfo[Name.CreationDate] = pdf.docinfo[Name.ModDate] = String(stamp)


def _mend_structure(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root.StructTreeRoot
    root.RoleMap = Dictionary({name: Name(near) for name, near in ROLES.items()})
    for element in _elements(root):
        kind = element.S
        if kind == Name.LI:
            _give_body(pdf, element)
        elif kind == Name.Figure and str(element.get("/Alt", "")).startswith(FORMULA):
            element.S = Name.Formula
            element.Alt = String(str(element.Alt).removeprefix(FORMULA))


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K", [])
    return list(kids) if isinstance(kids, Array) else [kids]


def _elements(root: Any) -> Iterator[Any]:
    waiting = [root]
    while waiting:
        below = [kid for kid in _kids(waiting.pop()) if isinstance(kid, Dictionary) and "/S" in kid]
        yield from below
        waiting += below


def _give_body(pdf: pikepdf.Pdf, item: Any) -> None:
    """An item of a list is its label and its body, and nothing beside them."""
    kids = _kids(item)
    inner = [kid for kid in kids if not (isinstance(kid, Dictionary) and kid.get("/S") == "/Lbl")]
    body = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.LBody, P=item, K=Array(inner)))
    for kid in inner:
        if isinstance(kid, Dictionary) and "/S" in kid:
            kid.P = body
    item.K = Array([kid for kid in kids if kid not in inner] + [body])


def _describe_links(pdf: pikepdf.Pdf) -> None:
    places = _places(pdf)
    for page in pdf.pages:
        for link in page.get("/Annots", []):
            if "/Dest" in link:
                number = places[unquote(str(link.Dest)[1:])]
                link.Contents = String(_("To page {number}").format(number=number))
            elif "/A" in link and "/URI" in link.A:
                link.Contents = String(str(link.A.URI))


def _with_artifacts(page: pikepdf.Page) -> bytes:
    """The page's drawing, with all that is not text or figure (heads, lines, tints) marked so."""
    done: list[Any] = []
    depth, start = 0, 0
    for step in pikepdf.parse_content_stream(page):
        name = str(step.operator)
        done.append(step)
        if name in ("BDC", "BMC", "EMC"):
            depth += -1 if name == "EMC" else 1
            continue
        if depth:
            continue
        if name in ("re", "m", "BT") and not start:
            start = len(done)
        elif name in PAINTS_PATH or name in PAINTS or name == "ET":
            first = (start or len(done)) - 1
            done.insert(first, ([Name.Artifact], Operator("BMC")))
            done.append(([], Operator("EMC")))
            start = 0
        elif name == "n":
            start = 0
    return pikepdf.unparse_content_stream(done)
