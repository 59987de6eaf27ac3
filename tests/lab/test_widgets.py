import base64
import json
import re
from html import unescape

from nnbook.lab.drawing import Figure
from nnbook.lab.widgets import Widget


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
