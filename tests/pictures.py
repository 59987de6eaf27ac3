"""What the tests of drawings share: how a picture is read, and what holds for every picture."""

import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
ELSEWHERE = """
import json, sys
sys.path[:0] = sys.argv[1:]
from {module} import SAMPLES
from pictures import fingerprints
print(json.dumps(fingerprints(SAMPLES)))
"""


def parsed(svg):
    """The drawing as a tree; fails if it is not well formed."""
    return ElementTree.fromstring(svg)  # noqa: S314 (our own text)


def texts(figure):
    """What is written in a figure."""
    return ["".join(text.itertext()) for text in parsed(figure.svg).iter(f"{SVG}text")]


def group(figure, end):
    """The part of a figure whose id ends like this."""
    (found,) = (g for g in parsed(figure.svg).iter(f"{SVG}g") if g.get("id", "").endswith(end))
    return found


def pixels(figure, size=28):
    """The images in a figure, one colour for each of its size × size pixels."""
    found = []
    for image in parsed(figure.svg).iter(f"{SVG}image"):
        content = base64.b64decode(image.get(LINK).removeprefix("data:image/png;base64,"))
        colours = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
        if "scale(1 -1)" in image.get("transform", ""):
            colours = colours[::-1]
        rows, columns = (
            ((np.arange(size) + 0.5) * n / size).astype(int) for n in colours.shape[:2]
        )
        found.append(colours[rows][:, columns])
    return found


def assert_sound(figure, name):
    """What holds for every figure that goes into a page."""
    root = parsed(figure.svg)
    assert root.tag == f"{SVG}svg"
    assert figure.alt.strip()
    assert (root.get("role"), root.get("aria-label")) == ("img", figure.alt)
    width, height = map(float, root.get("viewBox").removeprefix("0 0 ").split())
    assert (int(root.get("width")), int(root.get("height"))) == (round(width), round(height))

    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert ids
    assert len(set(ids)) == len(ids)
    assert all(found.startswith(f"{name}-") for found in ids)
    used = re.findall(r"url\(#([^)]+)\)", figure.svg)
    used += [link[1:] for e in root.iter() if (link := e.get(LINK, "")).startswith("#")]
    assert set(used) <= set(ids)

    # What is global to the page is the page's own.
    assert not list(root.iter(f"{SVG}style"))
    assert not re.search(r"<metadata|<\?xml|<!DOCTYPE|font-family|font:|DejaVu", figure.svg)
    assert not re.search(r"\d{4}-\d\d-\d\dT", figure.svg)
    themed = re.sub(r"var\(--fig-[a-z]+, #[0-9a-f]{6}\)", "", figure.svg)
    colours = [e.get(key, "") for e in parsed(themed).iter() for key in ("style", "fill", "stroke")]
    assert not re.search(r"#[0-9a-fA-F]{3}|rgb|black|white", " ".join(colours))


def fingerprints(samples):
    """The sha256 of every sample, drawn now."""
    return {
        name: hashlib.sha256(f"{figure.svg}{figure.alt}{figure.standalone()}".encode()).hexdigest()
        for name, draw in samples.items()
        for figure in [draw()]
    }


def drawn_elsewhere(module, hash_seed):
    """The fingerprints of a test module's samples, drawn by another process."""
    tests = Path(__file__).parent
    done = subprocess.run(  # noqa: S603 (our own code)
        [sys.executable, "-c", ELSEWHERE.format(module=module), tests, tests / "lab"],
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)
