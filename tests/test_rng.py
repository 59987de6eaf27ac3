import re

import numpy as np
import pytest

from nnbook import NNBookError
from nnbook.rng import as_rng


@pytest.mark.parametrize("rng", [np.random.default_rng(1), np.random.RandomState(1)])
def test_a_generator_is_used_as_it_is(rng):
    assert as_rng(rng) is rng


@pytest.mark.parametrize("seed", [0, 7, np.int64(7), np.uint8(7)])
def test_an_integer_seeds_default_rng(seed):
    expected = np.random.default_rng(int(seed)).random(5)
    assert np.array_equal(as_rng(seed).random(5), expected)


def test_none_draws_anew_each_time():
    assert not np.array_equal(as_rng(None).random(5), as_rng(None).random(5))


def test_global_state_is_neither_read_nor_changed():
    before = np.random.get_state()[1].copy()
    as_rng(None).random(5)
    as_rng(3).random(5)
    assert np.array_equal(np.random.get_state()[1], before)


def test_a_negative_seed_is_refused():
    with pytest.raises(NNBookError, match=r"0 or greater, got rng=-3; write rng=3$"):
        as_rng(-3)


@pytest.mark.parametrize("rng", ["99", 1.0, True, [1, 2], np.random])
def test_anything_else_is_refused(rng):
    message = (
        "rng must be a seed, a numpy.random.Generator, a numpy.random.RandomState or None, "
        f"got {rng!r}; write for example rng=99"
    )
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        as_rng(rng)
