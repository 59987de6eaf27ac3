"""The picture that stands for the whole book on a shelf."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, BAND, FOOT, MARGIN = 1200, 1800, 480, 120, 60
BLUE = "#0757ba"


def drawn(diagram: Path) -> bytes:
    """Give the book's own diagram, upright and under the name of what it shows, as PNG.

    The name is in Latin letters: a machine that builds the book need not have Chinese ones.
    """
    cover = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(cover)
    draw.rectangle((0, 0, WIDTH, BAND), fill=BLUE)
    draw.rectangle((0, HEIGHT - FOOT, WIDTH, HEIGHT), fill=BLUE)
    font = ImageFont.load_default(210)
    draw.text((WIDTH // 2, BAND // 2), "dropout", fill="white", font=font, anchor="mm")
    with Image.open(diagram) as picture:
        shown = picture.convert("RGB")
    width = WIDTH - 2 * MARGIN
    shown = shown.resize((width, round(width * shown.height / shown.width)))
    middle = (BAND + HEIGHT - FOOT) // 2
    cover.paste(shown, (MARGIN, middle - shown.height // 2))
    written = BytesIO()
    cover.quantize(64).save(written, format="png", optimize=True)
    return written.getvalue()
