"""Formulas as they are read aloud."""

import pytest
from bookext.whole.spoken import spoken
from bs4 import BeautifulSoup
from latex2mathml.converter import convert


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        ("x", "x"),
        ("1/(1-p)", "1 / ( 1 − p )"),
        (r"\frac{x}{1-p}", "x/(1 − p)"),
        ("w_i x_i^2", "w_i x_i^2"),
        ("W^{T}", "W^T"),
        (r"e^{z_m}", "e^(z_m)"),
        (r"\sqrt{np(1-p)}", "√(n p ( 1 − p ))"),
        (r"m \odot h", "m ⊙ h"),
    ],
)
def test_what_stands_above_or_below_is_said_in_a_line(latex, words):
    assert spoken(BeautifulSoup(convert(latex), "html.parser").math) == words


def test_a_sum_says_over_what():
    formula = BeautifulSoup(convert(r"\sum_i w_i", display="block"), "html.parser").math
    assert spoken(formula) == "∑_i w_i"
