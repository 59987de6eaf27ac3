import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nnbook import ReLU, Tensor, gradcheck
from strategies import arrays, arrays_away_from_zero, dtypes, shapes


@given(st.data(), dtypes)
def test_relu_keeps_what_is_positive_in_its_dtype(data, dtype):
    x = Tensor(data.draw(arrays(data.draw(shapes), dtype)))
    y = ReLU()(x)
    assert y.data.flatten().tolist() == [max(0, value) for value in x.data.flat]
    assert y.shape == x.shape
    y.backward(np.ones(x.shape))
    assert y.dtype == x.grad.dtype == dtype


@given(st.data())
def test_relu_has_the_right_gradient(data):
    gradcheck(ReLU(), [Tensor(data.draw(shapes.flatmap(arrays_away_from_zero)))])


def test_the_slope_at_exactly_zero_is_zero():
    x = Tensor([-0.0, 0.0, 1e-300])
    ReLU()(x).backward([5.0, 5.0, 5.0])
    assert x.grad.tolist() == [0, 0, 5]


def test_relu_leaves_its_input_alone():
    x = Tensor([[-1.0, 2.0]])
    ReLU()(x)
    assert x.data.tolist() == [[-1, 2]]


def test_relu_has_no_parameters_and_a_repr():
    assert ReLU().parameters == []
    assert repr(ReLU()) == "ReLU[]"
