import json

import numpy as np
import pytest

from nnbook import NNBookError
from nnbook.lab.experiments import run
from nnbook.lab.result import Result, TestCurve
from nnbook.lab.runs import Run

SHORT = Run(epochs=2, training_images=100)


@pytest.mark.parametrize(
    "choose",
    [max, min, sorted, list, tuple, sum, np.array, np.argmax, np.max, enumerate],
    ids=lambda function: function.__name__,
)
def test_a_curve_over_test_images_shows_no_best_epoch(choose):
    curve = TestCurve((0.5, 0.7, 0.6))
    with pytest.raises(NNBookError, match="no best epoch: name the epoch beforehand, or choose it"):
        choose(curve)
    with pytest.raises(NNBookError, match="no best epoch"):
        choose(curve[1:])
    with pytest.raises(NNBookError, match="no best epoch"):
        np.array([curve, curve])


def test_an_epoch_that_is_named_can_be_read():
    curve = TestCurve((0.5, 0.7, 0.6))
    assert (curve[0], curve[-1], len(curve)) == (0.5, 0.6, 3)
    assert curve[1:] == TestCurve((0.7, 0.6))
    assert curve.to_draw() == [0.5, 0.7, 0.6]


def test_a_result_from_the_store_guards_its_curves_too():
    result = run(SHORT)
    again = Result(**json.loads(json.dumps(result.to_store())))
    assert again == result
    assert type(again.test_accuracies) is type(again.test_losses) is TestCurve
