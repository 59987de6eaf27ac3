import re

import numpy as np
import pytest

from nnbook import NNBookError
from nnbook.arrays import (
    LONG,
    LONGEST,
    as_dtype,
    as_floats,
    dot,
    frozen,
    inner,
    total,
    unbroadcast,
)


@pytest.mark.parametrize("dtype", [np.float64, "float32", float, np.dtype("f4")])
def test_as_dtype_takes_the_two_float_types_under_all_their_names(dtype):
    assert as_dtype(dtype) == np.dtype(dtype)


@pytest.mark.parametrize("dtype", ["int64", np.float16, bool, object])
def test_as_dtype_refuses_every_other(dtype):
    message = f"dtype must be float64 or float32, got {np.dtype(dtype)}; write np.float64"
    with pytest.raises(NNBookError, match=f"^{message}$"):
        as_dtype(dtype)


def test_floats_are_used_as_they_are_and_a_subclass_becomes_a_plain_array():
    array = np.ones(3, np.float32)
    assert as_floats(array) is array
    assert type(as_floats(np.ones(1).view(np.recarray))) is np.ndarray
    assert as_floats(np.float32(2)).dtype == np.float32


def test_a_masked_array_is_refused_since_its_mask_would_be_lost():
    message = (
        "a masked array has places without a number, and what stands there would be taken "
        "for one; write data.filled(0), or leave those samples out"
    )
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        as_floats(np.ma.array([1.0, 2.0], mask=[0, 1]))


# What may be kept


def test_what_nobody_can_write_to_is_kept_as_it_is():
    owner = np.arange(6.0)
    owner.flags.writeable = False
    for array in (owner, owner[1:3], owner.reshape(2, 3).T):
        assert frozen(array) is array


@pytest.mark.parametrize("view", [lambda a: a, lambda a: a[1:], lambda a: a.reshape(2, 3).T])
@pytest.mark.parametrize("read_only", [False, True])
def test_what_somebody_can_write_to_is_copied_even_behind_a_view(view, read_only):
    owner = np.arange(6.0)
    array = view(owner)
    if read_only and array is not owner:
        array.flags.writeable = False
    kept, before = frozen(array), array.copy()
    owner[:] = 0
    assert np.array_equal(kept, before)
    assert not kept.flags.writeable
    assert kept.strides == array.copy("K").strides


def test_memory_that_is_no_arrays_is_copied():
    memory = bytearray(np.ones(2).tobytes())
    array = np.frombuffer(memory)
    array.flags.writeable = False
    kept = frozen(array)
    memory[:] = bytes(16)
    assert kept.tolist() == [1, 1]


# Sums


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_total_adds_up_like_numpy(axis, keepdims, dtype):
    values = np.arange(6, dtype=dtype).reshape(2, 3)
    result = total(values, axis, keepdims=keepdims)
    assert result.dtype == dtype
    assert np.array_equal(result, values.sum(axis=axis, keepdims=keepdims))


@pytest.mark.parametrize("shape", [(2**25, 1), (LONG + 1, 3)])
def test_a_long_sum_of_float32_is_that_of_float64(shape):
    values = np.random.default_rng(0).random(shape, np.float32)
    for axis in (0, None):
        exact = values.sum(axis=axis, dtype=np.float64).astype(np.float32)
        if values.size > LONG * exact.size:
            assert np.array_equal(total(values, axis), exact)


def test_a_short_sum_keeps_the_bits_that_numpy_gives():
    values = np.random.default_rng(0).random((LONG, 3), np.float32)
    assert np.array_equal(total(values, 0), np.add.reduce(values, 0))


@pytest.mark.parametrize(("size", "dtype"), [(LONGEST, np.float32), (LONGEST + 1, np.float64)])
def test_only_a_product_that_is_too_long_for_float32_is_computed_in_float64(size, dtype):
    values = np.random.default_rng(0).random(size, np.float32)
    product = inner(values, values)
    assert product.dtype == dtype
    assert product == np.vdot(values.astype(dtype), values.astype(dtype))


def test_unbroadcast_adds_up_what_was_stretched():
    ones = np.ones((2, 3))
    assert unbroadcast(ones, (2, 3)) is ones
    assert unbroadcast(ones, (3,)).tolist() == [2, 2, 2]
    assert unbroadcast(ones, (2, 1)).tolist() == [[3], [3]]
    assert unbroadcast(ones, ()).tolist() == 6


def test_dot_multiplies_matrices_and_stacks_of_them():
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 3, 4)), rng.random((2, 4, 5))
    assert np.allclose(dot(a, b), a @ b)
    assert np.allclose(dot(a[0], b[0]), a[0] @ b[0])
