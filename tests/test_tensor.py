import gc
import re
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import NNBookError, Tensor, gradcheck
from strategies import (
    arrays,
    axes_of,
    dtypes,
    graphs,
    pairs_for_matmul,
    pairs_that_broadcast,
    shapes,
    tensors,
)

BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}
binary = pytest.mark.parametrize("operation", BINARY.values(), ids=BINARY)
either = pytest.mark.parametrize("method", ["sum", "mean"])


# What a tensor is made of


@pytest.mark.parametrize(
    "data", [3, 3.5, True, [1, 2], [[True]], np.int8([1]), np.uint8([2]), np.float16([0.5])]
)
def test_data_that_is_no_float_yet_becomes_float64(data):
    assert Tensor(data).dtype == np.float64
    assert np.array_equal(Tensor(data).data, data)


@given(st.data(), dtypes)
def test_an_array_of_floats_is_used_as_it_is(data, dtype):
    array = data.draw(arrays(data.draw(shapes), dtype))
    assert Tensor(array).data is array
    assert Tensor(array).dtype == dtype


def test_a_single_float32_stays_one():
    assert Tensor(np.float32(0.5)).dtype == np.float32


@pytest.mark.parametrize(
    ("data", "received"),
    [
        ("text", r"str \(dtype <U4\)"),
        (1j, r"complex \(dtype complex128\)"),
        (np.complex64([1j]), r"ndarray \(dtype complex64\)"),
        (None, r"NoneType \(dtype object\)"),
        ([1, None], r"list \(dtype object\)"),
        (np.array([1, "a"], dtype=object), r"ndarray \(dtype object\)"),
        ([[1, 2], [3]], r"list \(.*inhomogeneous shape.*\)"),
        (Tensor(1.0), r"Tensor \(dtype object\)"),
    ],
)
def test_what_is_not_made_of_numbers_is_refused(data, received):
    message = (
        rf"^a Tensor holds real numbers in a regular shape, got {received}; "
        r"pass nested lists of numbers of equal length, or an array$"
    )
    with pytest.raises(NNBookError, match=message):
        Tensor(data)


@pytest.mark.parametrize(
    ("data", "shown"),
    [([[1, 2]], "Tensor([[1. 2.]])"), (2.5, "Tensor(2.5)"), ([], "Tensor([])")],
)
def test_the_repr_shows_the_data(data, shown):
    assert repr(Tensor(data)) == shown


@pytest.mark.parametrize(
    ("shape", "size"), [((), 1), ((5,), 1), ((5, 3), 3), ((2, 1, 28, 28), 784), ((0, 4), 4)]
)
def test_size_is_the_number_of_values_per_sample(shape, size):
    assert Tensor(np.zeros(shape)).size == size


def test_assigned_data_takes_over_the_dtype():
    x = Tensor(np.float32([1.0]))
    x.data = [2.5]
    assert x.data.dtype == np.float32
    assert x.data == 2.5


def test_data_changed_in_place_stays_the_same_array():
    array = np.array([1.0, 2.0])
    x = Tensor(array)
    x.data -= 1
    assert x.data is array
    assert array.tolist() == [0, 1]


# The gradient and its slot


@given(st.data(), dtypes)
def test_a_fresh_gradient_is_zeros_like_the_data(data, dtype):
    x = Tensor(data.draw(arrays(data.draw(shapes), dtype)))
    assert x.grad.dtype == dtype
    assert np.array_equal(x.grad, np.zeros(x.shape))


def test_an_assigned_gradient_is_a_copy_in_the_dtype_of_the_data():
    x, gradient = Tensor(np.float32([1.0])), np.array([2.0])
    x.grad = gradient
    gradient[0] = 7
    assert x.grad == 2
    assert x.grad.dtype == np.float32


def test_an_assigned_gradient_of_another_shape_is_refused():
    with pytest.raises(NNBookError, match=r"shape of its data \(2,\), got \(1, 2\); add"):
        Tensor([1.0, 2.0]).grad = [[1.0, 2.0]]


def test_a_gradient_added_to_in_place_stays_the_same_array():
    x = Tensor([1.0])
    before = x.grad
    x.grad += 3
    assert x.grad is before
    assert before == 3


@pytest.mark.parametrize("gradient", [2.0, np.float64(2)])
def test_a_single_number_that_flows_in_becomes_an_array(gradient):
    x = Tensor(1.0)
    x.receive(gradient)
    assert type(x.grad) is np.ndarray
    assert x.grad == 2


def test_what_flows_in_is_kept_row_by_row_so_that_its_sums_round_alike():
    x = Tensor(np.zeros((2, 3)))
    x.receive(np.broadcast_to([1.0, 2.0, 3.0], (2, 3)))
    assert x.grad.flags.c_contiguous
    x.clear_gradient()
    x.receive(np.asfortranarray(np.ones((2, 3))))
    assert x.grad.flags.c_contiguous


def test_clear_gradient_makes_it_zero():
    x = Tensor([2.0])
    (x * x).sum().backward()
    x.clear_gradient()
    assert x.grad == 0


def test_a_leaf_has_no_gradient_fn_and_no_parents():
    x = Tensor([1.0])
    assert x.gradient_fn is None
    assert list(x.parents) == []


def test_gradient_fn_pushes_the_gradient_to_the_parents():
    x = Tensor([1.0])
    y = x * 3
    y.gradient_fn(np.array([2.0]))
    assert x.grad == 6


def test_a_gradient_fn_that_is_taken_away_makes_a_leaf():
    x = Tensor([1.0])
    y = x * 3
    y.gradient_fn = None
    assert y.gradient_fn is None
    y.backward()
    assert x.grad == 0


# Operations


@binary
@given(pairs_that_broadcast())
def test_elementwise_operations_compute_what_numpy_computes(operation, pair):
    a, b = pair
    assert np.array_equal(operation(a, b).data, operation(a.data, b.data))


@binary
@given(pairs_that_broadcast())
def test_elementwise_operations_have_the_right_gradients(operation, pair):
    gradcheck(operation, pair)


@binary
@pytest.mark.parametrize("other", [2, 2.5, [1, 2], np.array([[1.0], [2.0]]), np.float64(3)])
def test_numbers_lists_and_arrays_may_stand_on_both_sides(operation, other):
    x, array = Tensor([3.0, 4.0]), np.array([3.0, 4.0])
    assert np.array_equal(operation(x, other).data, operation(array, np.asarray(other)))
    assert np.array_equal(operation(other, x).data, operation(np.asarray(other), array))
    gradcheck(lambda x: operation(x, other), [x])
    gradcheck(lambda x: operation(other, x), [x])


def test_minus_a_tensor():
    x = Tensor([3.0, -4.0])
    assert (-x).data.tolist() == [-3, 4]
    gradcheck(lambda x: -x, [x])


@pytest.mark.parametrize("name", ["add", "subtract", "multiply"])
def test_elementwise_operations_refuse_shapes_that_do_not_fit(name):
    operation = dict(zip(["add", "subtract", "multiply"], BINARY.values(), strict=True))[name]
    message = (
        rf"^shapes \(2, 3\) and \(2,\) do not fit for {name}: counted from the last axis, "
        r"lengths must be equal or 1; reshape one of them$"
    )
    with pytest.raises(NNBookError, match=message):
        operation(Tensor(np.ones((2, 3))), Tensor(np.ones(2)))


@given(pairs_for_matmul())
def test_matmul_computes_what_numpy_computes(pair):
    a, b = pair
    expected = a.data @ b.data
    assert np.array_equal((a @ b).data, expected)
    assert np.array_equal((a @ b.data).data, expected)
    assert np.array_equal((a.data @ b).data, expected)


@given(pairs_for_matmul())
def test_matmul_has_the_right_gradients(pair):
    gradcheck(lambda a, b: a @ b, pair)


@pytest.mark.parametrize(
    ("left", "right"), [((2, 3), (2, 3)), ((3,), (2,)), ((2, 2, 2), (3, 2, 2)), ((), (2,))]
)
def test_matmul_refuses_shapes_that_do_not_fit(left, right):
    message = (
        f"shapes {left} and {right} do not fit for @: the last axis of the first must be as long "
        "as the last but one of the second; transpose or reshape one of them"
    )
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        Tensor(np.ones(left)) @ Tensor(np.ones(right))


@either
@given(st.data(), st.booleans())
def test_sum_and_mean_compute_what_numpy_computes(method, data, keepdims):
    x = data.draw(tensors(data.draw(shapes)))
    axis = data.draw(axes_of(x.shape))
    ours = getattr(x, method)(axis=axis, keepdims=keepdims)
    numpys = getattr(x.data, method)(axis=axis, keepdims=keepdims)
    assert ours.shape == numpys.shape
    assert np.allclose(ours.data, numpys, rtol=1e-14, atol=1e-14)


@either
@given(st.data(), st.booleans())
def test_sum_and_mean_have_the_right_gradients(method, data, keepdims):
    x = data.draw(tensors(data.draw(shapes)))
    axis = data.draw(axes_of(x.shape))
    gradcheck(lambda x: getattr(x, method)(axis=axis, keepdims=keepdims), [x])


@either
def test_sum_and_mean_reduce_everything_to_a_bare_number_by_default(method):
    result = getattr(Tensor(np.ones((2, 3))), method)()
    assert result.shape == ()
    assert isinstance(result.data, np.ndarray)


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_the_mean_of_nothing_is_refused(axis):
    message = r"^a mean needs at least one value, got shape \(0, 3\)$"
    with pytest.raises(NNBookError, match=message):
        Tensor(np.zeros((0, 3))).mean(axis=axis)


@pytest.mark.parametrize(
    "operation",
    [
        *BINARY.values(),
        lambda a, b: a @ b,
        lambda a, b: -a,
        lambda a, b: a + 2.5,
        lambda a, b: 2.5 * a - np.float64(1),
        lambda a, b: np.float64(1) - a,
        lambda a, b: a @ [[1.5, 0.5], [2.5, 3.5]],
        lambda a, b: [[1.5, 0.5], [2.5, 3.5]] @ a,
        lambda a, b: a.sum(axis=0),
        lambda a, b: a.mean(),
    ],
)
def test_float32_stays_float32(operation):
    a, b = Tensor(np.ones((2, 2), np.float32)), Tensor(np.ones((2, 2), np.float32))
    result = operation(a, b)
    assert result.dtype == np.float32
    result.backward(np.ones(result.shape))
    assert result.grad.dtype == a.grad.dtype == np.float32


def test_each_gradient_has_the_dtype_of_its_own_tensor():
    a, b = Tensor(np.float32([3.0])), Tensor(np.float64([5.0]))
    (a * b).backward()
    assert (a.grad.dtype, b.grad.dtype) == (np.float32, np.float64)
    assert (a.grad, b.grad) == (5, 3)


# The walk back


def test_a_node_used_twice_gets_both_gradients_and_passes_their_sum_on_once():
    x = Tensor(1.0)
    h = 2 * x
    (3 * h + 5 * h).backward()
    assert h.grad == 8
    assert x.grad == 16


def test_a_node_waits_for_a_gradient_that_comes_by_a_longer_way():
    x = Tensor(1.0)
    h = 2 * x
    (h + ((h * 3) * 5) * 7).backward()
    assert x.grad == 2 * (1 + 3 * 5 * 7)


def test_a_tensor_times_itself():
    x = Tensor([3.0])
    (x * x).backward()
    assert x.grad == 6


@given(graphs())
def test_gradients_are_right_on_every_graph(graph):
    gradcheck(graph.build, graph.leaves, atol=1e-6)


@given(graphs(), st.integers(2, 4))
def test_gradients_of_repeated_calls_add_up_in_the_leaves(graph, calls):
    result = graph.build(*graph.leaves)
    gradient = np.ones(result.shape)
    result.backward(gradient)
    once = [leaf.grad.copy() for leaf in graph.leaves]
    for _ in range(calls - 1):
        result.backward(gradient)
    for leaf, expected in zip(graph.leaves, once, strict=True):
        assert np.allclose(leaf.grad, calls * expected, rtol=1e-12, atol=1e-12)
    if result not in graph.leaves:
        assert np.array_equal(result.grad, gradient)


def test_gradients_of_several_graphs_add_up_in_a_shared_leaf():
    x = Tensor([2.0])
    (x * 3).backward()
    (x * 5).backward()
    assert x.grad == 8


def test_a_tensor_in_between_shows_the_gradient_of_the_last_call():
    x = Tensor([1.0])
    h = x * 2
    y = h * 3
    y.backward()
    y.backward([10.0])
    assert (h.grad, y.grad) == (30, 10)
    assert x.grad == 6 + 60


def test_a_deep_chain_overflows_no_stack():
    x = y = Tensor(1.0)
    for _ in range(10_000):
        y = y + 1.0
    y.backward()
    assert x.grad == 1


def test_a_deep_chain_of_diamonds_is_walked_once():
    # Walking each of the 2**1000 ways would never end.
    x = y = Tensor(1.0)
    for _ in range(1000):
        y = 0.25 * y + 0.75 * y
    y.backward()
    assert x.grad == pytest.approx(1)


def test_the_leaf_itself_may_be_the_end():
    x = Tensor(4.0)
    x.backward()
    x.backward(2.0)
    assert x.grad == 3


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_single_number_needs_no_gradient(shape):
    x = Tensor(np.ones(shape))
    (x * 3).backward()
    assert np.array_equal(x.grad, np.full(shape, 3))


@pytest.mark.parametrize("shape", [(2,), (1, 2), (0,)])
def test_several_values_need_a_gradient(shape):
    message = (
        f"backward() without a gradient needs a single number, got shape {shape}; "
        "call .sum().backward() or .backward(gradient) with a gradient of that shape"
    )
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        (Tensor(np.ones(shape)) * 2).backward()


def test_a_gradient_of_another_shape_is_refused():
    message = (
        "the gradient of a tensor of shape (2,) has that shape, got (1, 2); "
        "pass one value for each value of the tensor"
    )
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        Tensor([1.0, 2.0]).backward([[1.0, 1.0]])


def test_the_gradient_passed_in_is_left_alone():
    x, gradient = Tensor([1.0]), np.array([5.0])
    x.backward(gradient)
    x.backward(gradient)
    assert gradient == 5
    assert x.grad == 10


def test_parents_never_share_the_array_of_a_gradient():
    a, b = Tensor([1.0]), Tensor([1.0])
    for y in (a + b, a - b, a.sum() + b.sum(), -a - -b):
        y.backward()
    a_before = a.grad.copy()
    b.grad += 100
    assert np.array_equal(a.grad, a_before)


# Constants


def test_a_constant_gets_no_gradient():
    x, c = Tensor([2.0]), Tensor([3.0], constant=True)
    (x * c + c).backward()
    assert x.grad == 3
    assert c.grad == 0


def test_what_is_made_of_constants_is_constant():
    x, c = Tensor([2.0]), Tensor([3.0], constant=True)
    assert (c * c).constant
    assert (c * c).gradient_fn is None
    assert (c * 2.0).constant
    assert (c * x).constant is (x * c).constant is False


# Memory


def test_a_graph_dies_with_its_last_reference():
    x = Tensor([[1.0, 2.0]])
    gc.disable()
    try:
        h = x * x
        y = (h @ h.data.T).sum() - h.mean()
        y.backward()
        nodes = [weakref.ref(h), weakref.ref(y)]
        del h, y
        assert [node() for node in nodes] == [None, None]
    finally:
        gc.enable()


def test_a_gradient_fn_that_takes_whatever_comes_is_called_with_nothing():
    x, got = Tensor([1.0]), []
    y = Tensor([2.0], (x,), lambda *given: got.append(given))
    y.backward()
    assert got == [()]
