import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import Parameter, Tensor
from nnbook.parameter import scaled_gradient
from strategies import arrays, dtypes

LEFT, RIGHT = np.array([[1.0], [2.0]]), np.array([[3.0, 4.0, 5.0]])
PRODUCT = LEFT @ RIGHT


def waiting():
    parameter = Parameter(np.zeros((2, 3)))
    parameter.receive_product(LEFT, RIGHT)
    return parameter


def test_a_parameter_is_a_tensor_with_a_name():
    parameter = Parameter([[1, 2]], name="weight")
    assert isinstance(parameter, Tensor)
    assert (parameter.name, parameter.shape, parameter.dtype) == ("weight", (1, 2), np.float64)
    assert repr(parameter) == "Parameter([[1. 2.]])"
    assert Parameter(1.0).name == "parameter"


def test_a_product_waits_until_somebody_asks_for_it():
    parameter = waiting()
    assert np.array_equal(parameter.factors[0], LEFT)
    assert np.array_equal(parameter.factors[1], RIGHT)
    assert np.array_equal(parameter.grad, PRODUCT)
    assert parameter.factors is None
    assert np.array_equal(parameter.grad, PRODUCT)


def test_the_factors_belong_to_nobody_else():
    parameter = Parameter(np.zeros((2, 3)))
    left, right = LEFT.copy(), RIGHT.copy()
    parameter.receive_product(left, right)
    left[:], right[:] = 7, 7
    assert np.array_equal(parameter.grad, PRODUCT)


@pytest.mark.parametrize("second", ["product", "gradient"])
def test_what_comes_second_is_added(second):
    parameter = waiting()
    if second == "product":
        parameter.receive_product(LEFT, 2 * RIGHT)
    else:
        parameter.receive(2 * PRODUCT)
    assert parameter.factors is None
    assert np.array_equal(parameter.grad, 3 * PRODUCT)


def test_a_product_may_come_second():
    parameter = Parameter(np.zeros((2, 3)))
    parameter.receive(PRODUCT)
    parameter.receive_product(LEFT, RIGHT)
    assert np.array_equal(parameter.grad, 2 * PRODUCT)


def test_a_waiting_product_can_be_added_to_replaced_and_cleared():
    parameter = waiting()
    parameter.grad += 1
    assert np.array_equal(parameter.grad, PRODUCT + 1)
    parameter = waiting()
    parameter.grad = np.ones((2, 3))
    assert np.array_equal(parameter.grad, np.ones((2, 3)))
    parameter = waiting()
    parameter.clear_gradient()
    assert parameter.factors is None
    assert not parameter.grad.any()


def test_a_constant_takes_no_product():
    parameter = Parameter(np.zeros((2, 3)), constant=True)
    parameter.receive_product(LEFT, RIGHT)
    assert parameter.factors is None
    assert not parameter.grad.any()


def test_a_product_takes_the_dtype_of_its_parameter():
    parameter = Parameter(np.zeros((2, 3), np.float32))
    parameter.receive_product(LEFT, RIGHT)
    assert parameter.grad.dtype == np.float32


@given(st.data(), dtypes)
def test_the_scaled_gradient_is_the_same_of_factors_and_of_their_product(data, dtype):
    left, right = data.draw(arrays((3, 2), dtype)), data.draw(arrays((2, 4), dtype))
    parameter, tensor = (kind(np.zeros((3, 4), dtype)) for kind in (Parameter, Tensor))
    parameter.receive_product(left, right)
    tensor.grad = left @ right
    ours, theirs = (np.empty((3, 4), dtype) for _ in range(2))
    assert scaled_gradient(parameter, 0.5, ours) is ours
    assert parameter.factors is not None
    assert scaled_gradient(tensor, 0.5, theirs) is theirs
    assert np.allclose(ours, theirs, rtol=1e-6, atol=1e-6)
