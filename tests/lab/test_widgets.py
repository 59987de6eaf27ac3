import base64
import json
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from nnbook import Dropout, MNISTDataset, NNBookError, Tensor
from nnbook.lab import Estimate, browser, figures, formats, run, widgets
from nnbook.lab.diagrams import LAYERS, dropout_diagram
from nnbook.lab.digits import DATA
from nnbook.lab.drawing import Figure
from nnbook.lab.exercises import EXERCISES
from nnbook.lab.statistics import Sample
from nnbook.lab.studies import PUBLISHED, published
from nnbook.lab.widgets import (
    MASKS,
    RATES,
    SUBNETWORKS,
    Widget,
    diagram_widget,
    exercise_widget,
    mask_widget,
    run_widget,
    seeds_widget,
)

PIXELS = 28 * 28


def test_a_widget_is_its_still_picture_and_carries_what_its_script_needs():
    still = Figure("<svg></svg>", "a picture")
    settings = {"rate": 0.2, "说": 'a "word" & <b>'}
    html = Widget("mask", still, settings, bytes(range(256)))._repr_html_()
    assert still._repr_html_() in html
    assert json.loads(unescape(re.search('data-settings="([^"]*)"', html)[1])) == settings
    assert base64.b64decode(re.search('data-packed="([^"]*)"', html)[1]) == bytes(range(256))


def test_a_widget_may_be_text_and_says_what_its_picture_says():
    assert "<p>text</p></div>" in Widget("run", "<p>text</p>")._repr_html_()
    assert repr(Widget("mask", Figure("<svg></svg>", "a picture"))) == "a picture"


def unpacked(widget):
    """The digits and the masks of a mask widget, as its script reads them."""
    content = np.frombuffer(widget.packed, dtype=np.uint8)
    digits, bits = content[: 10 * PIXELS], content[10 * PIXELS :]
    masks = np.unpackbits(bits).reshape(len(RATES), MASKS, 28, 28)
    return digits.reshape(10, 28, 28), masks.astype(bool)


def test_every_packed_mask_is_what_a_layer_with_that_rate_and_seed_draws():
    for seed in (PUBLISHED.seed, 3):
        _, masks = unpacked(mask_widget(seed=seed))
        for rate, found in zip(RATES, masks, strict=True):
            layer = Dropout(rate, rng=seed)
            for mask in found:
                layer(Tensor(np.ones((1, 1, 28, 28))))
                assert np.array_equal(mask, layer.mask[0, 0])
    assert not np.array_equal(masks, unpacked(mask_widget())[1])


def test_the_packed_rates_run_from_nothing_to_nearly_all_and_the_masks_keep_to_them():
    assert list(RATES) == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    _, masks = unpacked(mask_widget())
    kept = masks.mean(axis=(2, 3))
    assert kept[0].min() == 1.0
    spread = np.sqrt(np.multiply(RATES, np.subtract(1, RATES)) / PIXELS)
    assert (abs(kept.T - np.subtract(1, RATES)) <= 4 * spread).all()
    assert (abs(kept.mean(axis=1) - np.subtract(1, RATES)) <= 4 * spread / np.sqrt(MASKS)).all()
    assert len(np.unique(masks[1:].reshape(-1, PIXELS), axis=0)) == 9 * MASKS
    assert (masks[1:] <= masks[:-1]).all()  # a higher rate covers more, and nothing less


def test_the_packed_digits_are_the_first_of_each_label():
    digits, _ = unpacked(mask_widget())
    data = MNISTDataset(DATA)
    labels = data.train_labels.argmax(axis=1)
    for label, digit in enumerate(digits):
        image = data.train_features[np.flatnonzero(labels == label)[0], 0]
        assert np.array_equal(digit / 255, image)


def test_what_the_page_opens_with_is_what_its_cell_says():
    still = Figure("<svg></svg>", "a picture")
    shown = mask_widget(
        still, digit=3, rate=0.5, inverted=True, training=False, controls=["mode", "draw"]
    )
    assert shown.settings == {
        "digit": 3,
        "rates": RATES,
        "rate": 0.5,
        "masks": MASKS,
        "inverted": True,
        "mode": "eval",
        "controls": ["mode", "draw"],
        "keep": True,
    }
    assert shown.still is still
    assert mask_widget().settings["mode"] == "train"


def test_the_still_picture_shows_the_first_masks_that_the_reader_meets():
    widget = mask_widget(digit=4, rate=0.7)
    digits, masks = unpacked(widget)
    expected = figures.masks(digits[4] / 255, masks[7, :5], name="mask-widget", rate=0.7)
    assert widget.still == expected
    assert widget.settings["keep"] is False


def test_the_chapter_on_masks_shows_in_its_cell_what_the_reader_then_draws():
    layer = Dropout(0.2, rng=99)
    data = MNISTDataset(DATA)
    digits, masks = unpacked(mask_widget())
    assert np.array_equal(digits[6] / 255, data.features[0, 0])
    for mask in masks[2]:
        layer(Tensor(data.features[:1]))
        assert np.array_equal(mask, layer.mask[0, 0])


def test_a_rate_for_which_no_masks_are_packed_is_refused():
    with pytest.raises(NNBookError, match=r"one of \(0.0, 0.1, .*, got 0.25; no masks"):
        mask_widget(rate=0.25)


def test_the_mask_widget_is_small():
    assert len(mask_widget().packed) == 10 * PIXELS + len(RATES) * MASKS * PIXELS // 8 < 20_000


def test_the_diagram_opens_with_the_masks_of_its_still_picture():
    widget = diagram_widget()
    assert widget.still == dropout_diagram()
    masks = np.unpackbits(np.frombuffer(widget.packed, dtype=np.uint8)).reshape(SUBNETWORKS, 16)
    for number, part in enumerate(np.split(masks[0], 2), start=1):
        places = "、".join(str(1 + place) for place in np.flatnonzero(part == 0))
        assert f"第 {number} 个隐藏层划掉第 {places} 个神经元" in widget.still.alt
    assert widget.settings == {
        "layers": LAYERS,
        "rate": "20%",
        "masks": SUBNETWORKS,
        "controls": ("draw", "mode"),
    }
    assert diagram_widget(controls=["draw"]).settings["controls"] == ["draw"]


def test_every_mask_of_the_diagram_is_what_the_published_layer_draws_next():
    packed = diagram_widget().packed
    assert len(packed) == 2 * SUBNETWORKS
    masks = np.unpackbits(np.frombuffer(packed, dtype=np.uint8)).reshape(SUBNETWORKS, 16)
    layer = Dropout(PUBLISHED.rate, rng=PUBLISHED.seed)
    for width in LAYERS[1:-1]:  # the still picture waits for a mask that strikes something out
        while True:
            layer(Tensor(np.ones((1, width))))
            if not layer.mask.all():
                break
    for mask in masks[1:]:
        layer(Tensor(np.ones((1, 16))))
        assert np.array_equal(mask, layer.mask[0])
    spread = np.sqrt(PUBLISHED.rate * (1 - PUBLISHED.rate) / masks.size)
    assert abs(masks.mean() - (1 - PUBLISHED.rate)) <= 4 * spread
    assert (masks[1:] == 1).all(axis=1).any()  # chance may strike nothing out, and is not helped


@pytest.mark.parametrize("identity", EXERCISES)
def test_an_exercise_shows_its_starting_code_to_those_without_scripts(identity):
    widget = exercise_widget(identity)
    code = re.search(r"<pre [^>]*>(.*)</pre>", widget.still, flags=re.DOTALL)[1]
    assert unescape(code) == widget.settings["start"] == EXERCISES[identity].start
    assert "solution" not in widget.settings


def test_the_run_is_the_published_one_with_its_limits(monkeypatch):
    quick = replace(PUBLISHED, epochs=2, training_images=20)
    monkeypatch.setattr(widgets, "PUBLISHED", quick)
    widget = run_widget()
    result = run(quick)
    assert widget.settings["published"] == {
        **browser.shown(result.accuracy, result.loss),
        "curve": result.test_accuracies.to_draw(),
    }
    assert widget.settings["defaults"] == {"seed": 99, "epochs": 2, "width": 64, "rate": 0.2}
    assert widget.settings["limits"]["rate"] == ["float", 0, 0.95]
    assert widget.settings["limits"].keys() == browser.LIMITS.keys()
    assert "本书发布的" in repr(widget)


def test_the_pairs_are_as_many_as_the_study_has():
    still = Figure("<svg></svg>", "pairs")
    sample = Sample([-0.01, 0.0, 0.002], "种子")
    found = Estimate(-0.005, -0.0075, -0.0025, 0.01, 24, 4, comparisons=2, ties=1)
    widget = seeds_widget(still, sample, found)
    assert widget.still is still
    assert widget.settings == {
        "most": published.seeds,
        "comparisons": 2,
        "differences": [-1.0, 0.0, 0.2],
        "points": formats.points(found),
        "every": "24 个种子里，19 个低，1 个打平，4 个高",
    }
