"""The cover is upright and shows the diagram; the same diagram makes the same cover."""

from io import BytesIO

import numpy as np
from bookext.whole import cover
from PIL import Image
from project import ROOT


def test_it_is_upright_and_shows_the_diagram():
    path = ROOT / "images" / "dropout.png"
    made = cover.drawn(path)
    assert cover.drawn(path) == made
    picture = Image.open(BytesIO(made)).convert("RGB")
    assert picture.size == (cover.WIDTH, cover.HEIGHT)
    box = (cover.MARGIN, cover.BAND + 1, cover.WIDTH - cover.MARGIN, cover.HEIGHT - cover.FOOT)
    middle = np.asarray(picture.crop(box)).astype(int)
    assert 0.01 < (middle[..., 2] > middle[..., 0] + 60).mean() < 0.3  # the rings of the neurons
    assert (middle.max(axis=-1) < 140).sum() > 1000  # the lines between them
