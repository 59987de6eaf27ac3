import io
import re
import runpy
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnbook import Dropout, Tensor
from nnbook.lab import diagrams
from nnbook.lab.diagrams import IMAGES, LAYERS, autograd_graph, dropout_diagram, write_images
from nnbook.lab.studies import PUBLISHED
from pictures import SVG, assert_sound, drawn_elsewhere, fingerprints, group, parsed, texts


def diamond():
    """Two ways from x to y."""
    x = Tensor([2.0])
    a, b = x * x, x.sum()
    y = a + b
    names = {id(x): "x", id(a): "a", id(b): "b", id(y): "y"}
    return autograd_graph(y, names, name="diamond")


def residual(short_way_first=False):
    """A short way and a long way from x to y, and a weight that is used twice."""
    x, w = Tensor([[1.0, 2.0]]), Tensor([[3.0, 1.0]])
    h = x * w
    y = x + h * w if short_way_first else h * w + x
    names = {id(x): "x", id(w): "w", id(h): "h", id(y): "y"}
    return autograd_graph(y, names, name="residual")


SAMPLES = {"dropout": dropout_diagram, "diamond": diamond, "residual": residual}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_diagram_is_sound(name):
    assert_sound(SAMPLES[name](), name)


def test_another_process_draws_the_same_bytes():
    here = fingerprints(SAMPLES)
    assert fingerprints(SAMPLES) == here
    assert drawn_elsewhere("test_diagrams", 1) == here


def test_parents_in_a_set_are_drawn_in_the_order_of_their_names():
    def by_hand(swapped):
        leaves = [Tensor([1.0]) for _ in range(8)]
        y = Tensor([8.0])
        y.gradient_fn, y.parents = (lambda: None), set(leaves)
        letters = "hgfedcba" if swapped else "abcdefgh"
        names = {id(leaf): name for leaf, name in zip(leaves, letters, strict=True)}
        return autograd_graph(y, {**names, id(y): "y"}, name="set")

    assert "y 由 a、b、c、d、e、f、g、h 得到" in by_hand(False).alt
    assert by_hand(True) == by_hand(False)


# Dropout


def drawn_masks(rate, rng):
    """What the layer strikes out: its first two masks that strike out anything."""
    twin, found = Dropout(rate, rng=rng), []
    while len(found) < 2:
        twin(Tensor(np.ones((1, LAYERS[1]))))
        if not twin.mask.all() or rate == 0:
            found.append(twin.mask[0])
    return found


def told(figure):
    """The neurons that the description says are struck out, by layer."""
    places = re.findall(
        r"第 (\d) 个隐藏层(?:划掉第 ([\d、]+) 个神经元|这一次一个也没有划掉)", figure.alt
    )
    assert [number for number, _ in places] == ["1", "2"]
    return [[int(place) for place in found.split("、") if place] for _, found in places]


def network(figure, side):
    """Of one side (0 or 1): lines between each two layers, neurons, and strokes through them."""
    axes = group(figure, f"axes_{side + 1}")
    groups = axes.findall(f"{SVG}g")
    lines = [len(list(g)) for g in groups if "LineCollection" in g.get("id")]
    neurons = [g[0].get("style") for g in groups if "patch" in g.get("id")]
    strokes = [g[0].get("style") for g in groups if "line2d" in g.get("id")]
    assert all("--fig-red" in style for style in strokes)
    return lines, neurons, len(strokes)


@pytest.mark.parametrize(
    ("rate", "rng"), [(0.2, 99), (0.2, 0), (0.2, 1), (0.5, 1), (0.9, 1), (0.05, 3), (0.0, 1)]
)
def test_what_is_struck_out_are_the_zeros_of_the_masks(rate, rng):
    figure = dropout_diagram(Dropout(rate, rng=rng))
    masks = drawn_masks(rate, rng)
    assert told(figure) == [[i + 1 for i in np.flatnonzero(~mask)] for mask in masks]
    kept = [LAYERS[0], *(int(mask.sum()) for mask in masks), LAYERS[-1]]
    lines, neurons, strokes = network(figure, 1)
    assert lines == [before * after for before, after in pairwise(kept)]
    alive = [True] * LAYERS[0] + [*masks[0], *masks[1]] + [True] * LAYERS[-1]
    assert ["--fig-blue" in style for style in neurons] == alive
    assert ["--fig-red" not in style and "dasharray" not in style for style in neurons] == alive
    assert strokes == 2 * alive.count(False)
    assert f"丢弃率 {100 * rate:g}% 的一次真实掩码" in figure.alt
    assert f"有丢弃层，丢弃率 {100 * rate:g}%" in texts(figure)


def test_the_network_without_dropout_is_whole():
    for figure in dropout_diagram(), dropout_diagram(Dropout(0.9, rng=1)):
        lines, neurons, strokes = network(figure, 0)
        assert lines == [before * after for before, after in pairwise(LAYERS)]
        assert len(neurons) == sum(LAYERS)
        assert all("--fig-blue" in style for style in neurons)
        assert strokes == 0
    assert "左图每个神经元都与下一层相连" in figure.alt
    assert "各有 5 个输入、两个隐藏层各 8 个神经元和 3 个输出" in figure.alt


def test_the_published_diagram_has_the_published_rate_and_seed():
    figure = dropout_diagram()
    assert figure == dropout_diagram(Dropout(0.2, rng=99))
    masks = drawn_masks(PUBLISHED.rate, PUBLISHED.seed)
    assert told(figure) == [[i + 1 for i in np.flatnonzero(~mask)] for mask in masks]
    assert texts(figure) == [
        *("输入", "隐藏层", "隐藏层", "输出", "没有丢弃层"),
        *("输入", "隐藏层", "隐藏层", "输出", "有丢弃层，丢弃率 20%"),
    ]


def test_no_mask_is_drawn_that_spares_everything():
    masks = [diagrams._mask(Dropout(0.05, rng=seed), 8) for seed in range(40)]
    assert not any(mask.all() for mask in masks)


def test_another_rate_is_another_picture():
    few, many = (dropout_diagram(Dropout(rate, rng=99)) for rate in (0.2, 0.5))
    assert few.svg != many.svg
    assert few.alt != many.alt
    assert sum(map(len, told(few))) < sum(map(len, told(many)))


class Otherwise(Dropout):
    """Strikes out what `Dropout` keeps."""

    def forward(self, x):
        super().forward(x)
        self.mask = ~self.mask
        return x * self.mask.astype(float)


def test_another_rule_for_masks_is_another_picture():
    usual = dropout_diagram(Dropout(0.5, rng=1))
    other = dropout_diagram(Otherwise(0.5, rng=1))
    assert usual.svg != other.svg
    for struck, kept in zip(told(usual), told(other), strict=True):
        assert sorted(struck + kept) == list(range(1, 9))


def test_a_layer_in_eval_mode_is_asked_for_a_mask_all_the_same():
    layer = Dropout(0.5, rng=1)
    layer.eval()
    assert dropout_diagram(layer) == dropout_diagram(Dropout(0.5, rng=1))


# Graphs


def arrows(figure):
    """How many arrows are drawn: they alone have a group with a line and a head."""
    axes = group(figure, "axes_1")
    return sum(len(g.findall(f"{SVG}path")) == 2 for g in axes.findall(f"{SVG}g"))


def boxes(figure):
    """What stands in each box, with its place and the colour of its frame."""
    found = {}
    for g in parsed(figure.svg).iter(f"{SVG}g"):
        text = g.find(f"{SVG}text")
        if text is not None:
            style = g.find(f"{SVG}g/{SVG}path").get("style")
            frame = re.search(r"stroke: var\(--fig-(\w+)", style)[1]
            found[text.text] = (float(text.get("x")), float(text.get("y")), frame)
    return found


def test_the_graph_of_a_diamond_names_every_edge():
    figure = diamond()
    assert figure.alt == "计算图，箭头从输入指向结果：y 由 a、b 得到；b 由 x 得到；a 由 x、x 得到。"
    assert arrows(figure) == 4
    places = boxes(figure)
    assert set(places) == {"x", "a", "b", "y"}
    assert places["x"][0] < places["a"][0] == places["b"][0] < places["y"][0]
    assert places["a"][1] < places["x"][1] == places["y"][1] < places["b"][1]
    assert {name: frame for name, (_, _, frame) in places.items()} == {
        "x": "muted",
        "a": "blue",
        "b": "blue",
        "y": "blue",
    }


@pytest.mark.parametrize("short_way_first", [False, True])
def test_a_tensor_stands_before_everything_that_is_made_from_it(short_way_first):
    figure = residual(short_way_first)
    assert "h 由 x、w 得到" in figure.alt
    assert " 由 h、w 得到" in figure.alt
    assert arrows(figure) == 6
    places = boxes(figure)
    assert set(places) == {"x", "w", "h", "y", "(1, 2)"}  # without a name: its shape
    assert places["x"][0] == places["w"][0] < places["h"][0]
    assert places["h"][0] < places["(1, 2)"][0] < places["y"][0]


def test_another_graph_is_another_picture():
    x = Tensor([2.0])
    once, twice = (
        autograd_graph(y, {id(x): "x", id(y): "y"}, name="graph") for y in (x.sum(), x.sum().sum())
    )
    assert once.alt == "计算图，箭头从输入指向结果：y 由 x 得到。"
    assert once.svg != twice.svg
    assert once.alt != twice.alt


# Files


@pytest.fixture
def folder(tmp_path):
    write_images(tmp_path / "images")
    return tmp_path / "images"


def test_images_are_written_only_when_they_differ(folder):
    names = ["dropout.svg", "dropout.png"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert write_images(folder) == []
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    contents = {name: (folder / name).read_bytes() for name in names}
    (folder / "dropout.svg").unlink()
    (folder / "dropout.png").write_bytes(b"")
    assert write_images(folder) == [folder / name for name in names]
    (folder / "dropout.svg").write_bytes(contents["dropout.svg"] + b"\n")
    assert write_images(folder) == [folder / "dropout.svg"]
    assert {name: (folder / name).read_bytes() for name in names} == contents


def test_the_images_of_the_project_are_what_the_code_draws(folder):
    assert Path(__file__).parents[2] / "images" == IMAGES
    assert sorted(path.name for path in IMAGES.iterdir()) == ["dropout.png", "dropout.svg"]
    drawn, kept = ((where / "dropout.svg").read_text("utf-8") for where in (folder, IMAGES))
    assert kept == drawn == dropout_diagram().standalone()
    drawn, kept = (np.asarray(Image.open(where / "dropout.png")) for where in (folder, IMAGES))
    assert np.array_equal(kept, drawn)


def test_the_png_is_in_english_and_shows_the_same_masks(folder):
    picture, masks, rate = diagrams._draw_dropout(None, "en")
    said = [text.get_text() for axes in picture.axes for text in [*axes.texts, axes.title]]
    assert all(text.isascii() for text in said)
    assert said[-1] == "with dropout, rate 20%"
    assert rate == PUBLISHED.rate
    published = drawn_masks(PUBLISHED.rate, PUBLISHED.seed)
    assert all(map(np.array_equal, masks, published))
    image = Image.open(io.BytesIO((folder / "dropout.png").read_bytes()))
    assert image.size == tuple(int(130 * inches) for inches in picture.get_size_inches())


def test_run_as_a_program_it_writes_the_images_of_the_project(monkeypatch, capsys):
    written = {}
    monkeypatch.setattr(Path, "write_bytes", lambda path, content: written.update({path: content}))
    monkeypatch.setattr(Path, "read_bytes", lambda path: b"something else")
    monkeypatch.delitem(sys.modules, "nnbook.lab.diagrams")
    runpy.run_module("nnbook.lab.diagrams", run_name="__main__")
    assert list(written) == [IMAGES / "dropout.svg", IMAGES / "dropout.png"]
    assert written[IMAGES / "dropout.svg"] == dropout_diagram().standalone().encode()
    assert capsys.readouterr().out == "images/dropout.svg\nimages/dropout.png\n"
