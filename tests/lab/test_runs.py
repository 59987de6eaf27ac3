import json
from dataclasses import fields, replace

import numpy as np
import pytest

from nnbook import NNBookError
from nnbook.lab.probes import PROBES
from nnbook.lab.runs import Run

OTHER = Run(
    rate=0.3,
    loss="cross-entropy",
    curves=(),
    probes=tuple(PROBES),
    validation_images=5,
    marked=True,
)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"loss": "hinge"}, r"^loss must be one of mse, cross-entropy, got 'hinge'$"),
        (
            {"probes": ("deletion", "deletions")},
            r"^probes must be among forgotten_eval, .*, got \('deletion', 'deletions'\)$",
        ),
        ({"images": "shoes"}, r"^images must be one of digits, clothes, got 'shoes'$"),
        ({"input_block": 0}, r"^input_block must be 1 or more, got 0$"),
        ({"dropout_from": 0}, r"^dropout_from must be 1 or more, got 0$"),
        ({"dropout_until": -1}, r"^dropout_until must be 0 or more, got -1$"),
        ({"rng": "seed"}, r"^rng must be RandomState or default_rng, got 'seed'$"),
        (
            {"curves": ("test", "validity")},
            r"^curves must be among train, validation, test, got \('test', 'validity'\)$",
        ),
        (
            {"curves": ("test", "validation")},
            r"^a validation curve needs images: write validation_images=500$",
        ),
        ({"wrong_labels": 1.01}, r"^wrong_labels must lie in 0 to 1, got 1\.01$"),
        ({"wrong_labels": -0.1}, r"^wrong_labels must lie in 0 to 1, got -0\.1$"),
        ({"wrong_labels": float("nan")}, r"^wrong_labels must lie in 0 to 1, got nan$"),
    ],
)
def test_what_is_not_there_is_refused_before_anything_is_trained(setting, message):
    with pytest.raises(NNBookError, match=message):
        Run(**setting)


def test_a_whole_number_and_the_same_number_with_a_point_are_one_run():
    assert repr(Run(rate=0, lr=1, input_rate=np.float64(0))) == repr(Run(rate=0.0, lr=1.0))


@pytest.mark.parametrize("described", [Run(), OTHER], ids=["published", "other"])
def test_a_run_comes_back_from_the_store_as_it_was(described):
    kept = json.loads(json.dumps(described.to_store()))
    assert Run.from_store(kept) == described
    assert hash(Run.from_store(kept)) == hash(described)


def test_the_store_is_told_what_differs_from_the_published_run():
    assert Run().to_store() == {}
    default = {each.name: each.default for each in fields(Run)}
    told = OTHER.to_store()
    assert set(told) == {"rate", "loss", "curves", "probes", "validation_images", "marked"}
    assert all(value != default[name] for name, value in told.items())
    assert replace(OTHER, rate=0.2).to_store() == {k: v for k, v in told.items() if k != "rate"}


def test_a_run_that_was_kept_is_held_to_the_same_limits():
    with pytest.raises(NNBookError, match=r"^loss must be one of"):
        Run.from_store({"loss": "hinge"})
