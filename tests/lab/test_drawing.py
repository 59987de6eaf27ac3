import io
import re
import runpy
import sys
from html import escape
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from nnbook.lab import diagrams, drawing, figures
from nnbook.lab.drawing import COLOURS, Figure
from nnbook.lab.tables import Table
from pictures import SVG, assert_sound, drawn_elsewhere, fingerprints, parsed, texts

ALT = '一条线，从 <0> 到 "1" & 更远 > 0。'


def sketch():
    """A bit of everything: lines, text, a clipped band, an image, a marker."""
    picture = drawing.canvas(4, 3)
    with mpl.rc_context(drawing.STYLE):
        axes = picture.subplots()
    axes.plot([0, 1, 2], [1, 3, 2], "o--", color=drawing.BLUE, label="线 <1>")
    axes.fill_between([0, 1, 2], [0, 2, 1], [2, 4, 3], color=drawing.ORANGE, alpha=0.2)
    axes.imshow(np.eye(3), extent=(0, 2, 1, 3))
    axes.set_title("标题 & more", fontweight="bold", style="italic", color=drawing.INK)
    axes.set_ylabel("纵轴")
    axes.grid()
    axes.legend(frameon=False, labelcolor=drawing.INK)
    return picture


def plain(name="sketch"):
    return drawing.finish(sketch(), name, ALT)


SAMPLES = {"sketch": plain}


def test_a_drawing_is_sound():
    assert_sound(plain(), "sketch")


def test_text_stays_text():
    figure = plain()
    assert {"标题 & more", "纵轴", "线 <1>"} <= set(texts(figure))
    (title,) = (t for t in parsed(figure.svg).iter(f"{SVG}text") if t.text == "标题 & more")
    assert {"font-weight: 700", "font-style: italic", "text-anchor: middle"} <= set(
        title.get("style").split("; ")
    )
    assert re.search(r"font-size: \d+(\.\d+)?px", title.get("style"))


def test_the_alternative_text_is_escaped():
    figure = plain()
    assert figure.alt == ALT
    assert f'aria-label="{escape(ALT)}"' in figure.svg
    assert parsed(figure.svg).get("aria-label") == ALT


@pytest.mark.parametrize("colour", COLOURS)
def test_a_colour_becomes_a_variable_of_that_name(colour):
    light, _ = COLOURS[colour]
    picture = drawing.canvas(1, 1)
    picture.subplots().plot([0, 1], color=light)
    style = f"stroke: var(--fig-{colour}, {light})"
    assert style in drawing.finish(picture, "line", "一条线").svg


def test_every_colour_is_another_in_light_and_in_dark():
    for theme in (0, 1):
        values = [pair[theme] for pair in COLOURS.values()]
        assert len(set(values)) == len(values)
        assert all(re.fullmatch(r"#[0-9a-f]{6}", value) for value in values)


def test_pictures_on_one_page_share_no_id():
    first, second = (set(re.findall(r'\bid="([^"]+)"', plain(name).svg)) for name in ("a", "b"))
    assert first
    assert not first & second


def test_nothing_global_changes(caplog, capsys):
    # What matplotlib is told is told for one drawing; the reader's own plots stay as they were.
    with mpl.rc_context():
        mpl.rcdefaults()
        before = dict(mpl.rcParams)
        plain()
        drawing.png(drawing.canvas(1, 1))
        assert dict(mpl.rcParams) == before
    assert not caplog.records  # no word about glyphs that matplotlib's font does not have
    assert capsys.readouterr() == ("", "")


def test_the_size_is_in_inches():
    picture = drawing.canvas(5.5, 2.25)
    assert tuple(picture.get_size_inches()) == (5.5, 2.25)
    root = parsed(drawing.finish(picture, "empty", "空").svg)
    assert root.get("viewBox") == "0 0 396 162"  # 72 to an inch
    assert (root.get("width"), root.get("height")) == ("396", "162")


def test_the_background_is_the_pages():
    root = parsed(plain().svg)
    background = next(root.iter(f"{SVG}path"))
    assert background.get("style") == "fill: none"


def test_two_drawings_of_the_same_are_the_same_bytes():
    assert plain() == plain()


def test_another_process_draws_the_same_bytes():
    assert drawn_elsewhere("test_drawing", 1) == fingerprints(SAMPLES)


def test_another_drawing_is_other_bytes():
    picture = sketch()
    picture.axes[0].lines[0].set_ydata([1, 3, 2.5])
    assert drawing.finish(picture, "sketch", ALT).svg != plain().svg


def test_a_page_shows_the_drawing_and_a_terminal_its_description():
    figure = plain()
    assert figure._repr_html_() == f'<div class="figure-drawing">{figure.svg}</div>'
    assert repr(figure) == ALT


def test_the_numbers_of_a_drawing_fold_out_below_it():
    numbers = Table(["x", "y"], [["1", "2"]])
    html = drawing.finish(sketch(), "sketch", ALT, numbers)._repr_html_()
    assert html.startswith(plain()._repr_html_())
    fold = html.removeprefix(plain()._repr_html_())
    assert fold == (
        '<details class="numbers" data-pagefind-ignore><summary>图中的数</summary>'
        f"{numbers._repr_html_()}</details>"
    )


# Files


def test_a_file_of_its_own_is_light_or_dark_as_the_viewer_prefers():
    figure = plain()
    content = figure.standalone()
    root = parsed(content)
    style = root.find(f"{SVG}style").text
    light, dark = style.split("@media(prefers-color-scheme:dark)")
    for name, values in COLOURS.items():
        for said, value in zip((light, dark), values, strict=True):
            assert re.search(rf"svg{{[^}}]*--fig-{name}:{value}[;}}]", said)
    assert "font-family:sans-serif" in light
    assert content.endswith("</svg>\n")
    assert content.replace(f"<style>{style}</style>", "") == f"{figure.svg}\n"


def test_a_sign_in_the_description_does_not_end_the_head_of_a_file():
    figure = Figure(plain().svg, ALT)
    assert ">" in ALT
    root = parsed(figure.standalone())
    assert root.get("aria-label") == ALT
    assert root[0].tag == f"{SVG}style"


def test_a_png_is_a_small_picture_on_white():
    def draw():
        picture = drawing.canvas(2, 1)
        with mpl.rc_context(drawing.STYLE):
            picture.subplots().plot([0, 1], [0, 1], color=drawing.RED, linewidth=5)
        return drawing.png(picture)

    content = draw()
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("PNG", (260, 130))
    colours = image.convert("RGB").getcolors(33)  # None if there are more
    red, white = 255 * np.array(mpl.colors.to_rgb(drawing.RED)), np.full(3, 255)
    for tone in red, (red + white) / 2:  # the line, and its edges, which fade into the paper
        assert min(np.abs(np.array(found) - tone).max() for _, found in colours) < 40
    assert image.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)
    assert draw() == content


def test_the_page_has_the_colours_that_drawings_are_made_with():
    """The style sheet says them again, once for each theme; a drawing alone has its own."""
    css = (Path(__file__).parents[2] / "book/_static/book.css").read_text(encoding="utf-8")
    for name, (light, dark) in drawing.COLOURS.items():
        assert re.findall(rf"--fig-{name}: (#\w+);", css) == [light, dark, dark], name


@pytest.mark.parametrize("module", [drawing, figures, diagrams])
def test_without_matplotlib_it_is_said_what_to_install(monkeypatch, module):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "nnbook.lab.drawing")
    with pytest.raises(ModuleNotFoundError, match=r"Matplotlib.*pip install 'nnbook\[lab\]'$"):
        runpy.run_path(module.__file__)
