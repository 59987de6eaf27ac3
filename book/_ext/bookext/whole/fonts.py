"""The typefaces of the printed book, cut from installed ones to the signs that it uses.

Chromium puts fonts of the OpenType kind that Noto CJK is (outlines of cubic curves) into a PDF
as loose drawings, one font for every 256 glyphs, which viewers show badly. Of the TrueType kind
(quadratic curves) they become real fonts. So the signs that the book uses are cut out and
redrawn, to half a thousandth of their size, which nobody can see.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable
from matplotlib.font_manager import findSystemFonts

from bookext.whole.edition import CannotMakeError

INSTALL = "On Debian: apt-get install fonts-noto-cjk fonts-dejavu-extra"
TOLERANCE = 0.5  # of a thousandth of the size
# Beside what every text needs: half-width punctuation where two marks meet, and in English.
FEATURES = ["halt", "chws", "pwid"]
logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every table
FILES = re.compile(r"Noto\w+CJK|DejaVuMath")


@dataclass(frozen=True)
class Face:
    """One weight of one family.

    Attributes:
        family: what the style sheet calls it.
        source: the family to cut it from.
        style: of that family.
    """

    family: str
    source: str
    style: str

    @property
    def weight(self) -> int:
        """As CSS writes it."""
        return {"Regular": 400, "Bold": 700}[self.style]


SERIF = Face("Book Serif", "Noto Serif CJK SC", "Regular")
SANS, SANS_BOLD = (Face("Book Sans", "Noto Sans CJK SC", style) for style in ("Regular", "Bold"))
MONO = Face("Book Mono", "Noto Sans Mono CJK SC", "Regular")
# It knows how formulas are set, and has letters that the others have not.
FORMULA = Face("Book Formula", "DejaVu Math TeX Gyre", "Regular")


def cut(signs: Mapping[Face, str], folder: Path, installed: Iterable[str] | None = None) -> str:
    """Write the faces into a folder, and give the rules of CSS that name them.

    Args:
        signs: by face, all that is written in it.
        folder: for the files.
        installed: the files of the installed fonts; found by itself.

    Raises:
        CannotMakeError: if a family is not installed, or has not all the signs.
    """
    files = findSystemFonts() if installed is None else installed
    places = dict(_places(files))
    missing = [face for face in (*signs, FORMULA) if (face.source, face.style) not in places]
    if missing:
        names = sorted({face.source for face in missing})
        raise CannotMakeError(f"no font {' and no font '.join(names)} here. {INSTALL}")
    file, _ = places[FORMULA.source, FORMULA.style]
    rules = [_rule(FORMULA, Path(file).as_uri())]
    with TTFont(file, lazy=True) as font:
        for_all = set(font.getBestCmap())
    for face, text in signs.items():
        file, number = places[face.source, face.style]
        path = folder / f"{face.source} {face.style}.ttf".replace(" ", "-")
        with TTFont(file, fontNumber=number, lazy=True) as font:
            _refuse_unknown(text, for_all | set(font.getBestCmap()), face)
            _keep(font, text)
            _redraw(font)
            font.save(path)
        rules.append(_rule(face, path.name))
    return "\n".join(rules)


def _rule(face: Face, address: str) -> str:
    return (
        f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; '
        f'src: url("{address}"); }}'
    )


def _refuse_unknown(text: str, known: set[int], face: Face) -> None:
    """Another machine would show another font's sign, or none."""
    unknown = sorted(sign for sign in set(text) if sign.isprintable() and ord(sign) not in known)
    if unknown:
        listed = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in unknown)
        raise CannotMakeError(f"{face.source} has no {listed}: write it in another way")


def _places(files: Iterable[str]) -> Iterable[tuple[tuple[str, str], tuple[str, int]]]:
    """Of every face that might be one of ours, the file and its number there."""
    for path in sorted(file for file in files if FILES.match(Path(file).name)):
        opened = (TTCollection if path.endswith(".ttc") else TTFont)(path, lazy=True)
        with opened:
            for number, font in enumerate(getattr(opened, "fonts", [opened])):
                names = font["name"]
                yield (names.getBestFamilyName(), names.getBestSubFamilyName()), (path, number)


def _keep(font: TTFont, text: str) -> None:
    options = Options()
    options.layout_features += FEATURES
    options.notdef_outline = True
    options.drop_tables += ["VORG", "vhea", "vmtx", "BASE"]
    subsetter = Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)


def _redraw(font: TTFont) -> None:
    names, drawn = font.getGlyphOrder(), font.getGlyphSet()
    glyphs = {}
    for name in names:
        pen = TTGlyphPen(None)
        drawn[name].draw(Cu2QuPen(pen, TOLERANCE, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = names, glyphs
    del font["CFF "]
    font["post"].formatType = 3.0  # no names of glyphs
    font["maxp"].tableVersion = 0x00010000
    for limit in ("Points", "Contours", "CompositePoints", "CompositeContours", "Zones"):
        setattr(font["maxp"], f"max{limit}", 0)
    for limit in ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs"):
        setattr(font["maxp"], f"max{limit}", 0)
    for limit in ("StackElements", "SizeOfInstructions", "ComponentElements", "ComponentDepth"):
        setattr(font["maxp"], f"max{limit}", 0)
    font.sfntVersion = "\x00\x01\x00\x00"
    font.recalcTimestamp = False
