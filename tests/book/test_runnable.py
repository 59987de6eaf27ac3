"""Which cells of a chapter run in the page: what they use must be there."""

import pytest
from bookext.site.runnable import reasons

DRAWS = "from nnbook.lab import figures, formats"
ASKS = "from nnbook.lab import outcomes\nfound = outcomes(study)"


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["import numpy as np\nfrom nnbook import Dropout", "np.ones(3)"], [None, None]),
        (["from nnbook.lab import run, paired"], [None]),
        (["import matplotlib.pyplot as plt", "plt.plot()"], ["figure", "figure"]),
        (["from matplotlib import pyplot"], ["figure"]),
        ([DRAWS, "formats.accuracy(1)"], ["figure", "figure"]),
        ([ASKS, "found['with']", "other = 1"], ["runs", "runs", None]),
        # What is made anew above is no longer the one that could not be made.
        ([ASKS, "found = 1", "found"], ["runs", None, None]),
        ([ASKS, "found = 1\nfound"], ["runs", None]),
        ([ASKS, "found += 1"], ["runs", "runs"]),
        ([ASKS, "found = found + 1"], ["runs", "runs"]),
        ([ASKS, "for found in (1, 2):\n    print(found)"], ["runs", None]),
        ([ASKS, "def f(found):\n    return found"], ["runs", None]),
        ([ASKS, "def f():\n    return found"], ["runs", "runs"]),
        ([ASKS, "def f(found):\n    return found", "found"], ["runs", None, "runs"]),
        ([ASKS, "class A:\n    found = 1", "found"], ["runs", None, "runs"]),
        (["from myst_nb import glue"], ["build"]),
    ],
)
def test_a_cell_runs_where_all_that_it_uses_is_there(cells, found):
    assert reasons([(cell, False) for cell in cells]) == found


def test_a_hidden_cell_is_not_run_and_what_it_made_is_not_there():
    assert reasons([("a = 1", True), ("a", False), ("b = 1", False)]) == ["build", "build", None]


def test_of_several_reasons_the_same_one_is_told_in_every_build():
    cells = [(f"from myst_nb import glue\n{DRAWS}\n{ASKS}", True)]
    assert reasons([*cells, ("figures.curves(outcomes(study), glue)", False)])[1] == "figure"
    assert reasons([*cells, ("outcomes(study), glue", False)])[1] == "runs"


def test_what_a_hidden_cell_imports_has_the_reason_of_its_own():
    cells = [(f"from myst_nb import glue\n{ASKS}", True), ("outcomes(study)", False)]
    assert reasons(cells) == ["build", "runs"]
