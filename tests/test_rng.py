import re

import numpy as np
import pytest

from nnbook import Dropout, Linear, NNBookError, Tensor
from nnbook.rng import as_rng


@pytest.mark.parametrize("rng", [np.random.default_rng(1), np.random.RandomState(1)])
def test_a_generator_is_used_as_it_is(rng):
    assert as_rng(rng, "Linear") is rng


@pytest.mark.parametrize("seed", [0, 7, np.int64(7), np.uint8(7), 2**40])
def test_an_integer_gives_each_kind_a_stream_of_its_own(seed):
    kinds = ("Linear", "Dropout", "Dataset", "Linea")
    draws = [as_rng(seed, kind).random(5) for kind in kinds]
    assert np.array_equal(draws[0], as_rng(int(seed), "Linear").random(5))
    plain = np.random.default_rng(int(seed)).random(5)
    assert len({tuple(drawn) for drawn in (plain, *draws)}) == 5


@pytest.mark.parametrize("seed", range(5))
def test_a_mask_and_weights_of_one_seed_have_nothing_to_do_with_each_other(seed):
    weight = Linear(100, 100, init="he", rng=seed).weight.data
    layer = Dropout(0.5, rng=seed)
    layer(Tensor(np.ones((100, 100))))
    assert abs(np.corrcoef(weight.ravel(), layer.mask.ravel())[0, 1]) < 0.05


def test_none_draws_anew_each_time():
    assert not np.array_equal(as_rng(None, "Linear").random(5), as_rng(None, "Linear").random(5))


def test_global_state_is_neither_read_nor_changed():
    before = np.random.get_state()[1].copy()
    as_rng(None, "Linear").random(5)
    as_rng(3, "Linear").random(5)
    assert np.array_equal(np.random.get_state()[1], before)


def test_a_negative_seed_is_refused():
    with pytest.raises(NNBookError, match=r"0 or greater, got rng=-3; write rng=3$"):
        as_rng(-3, "Linear")


@pytest.mark.parametrize("rng", ["99", 1.0, True, [1, 2], np.random])
def test_anything_else_is_refused(rng):
    message = (
        "rng must be a seed, a numpy.random.Generator, a numpy.random.RandomState or None, "
        f"got {rng!r}; write for example rng=99"
    )
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        as_rng(rng, "Linear")
