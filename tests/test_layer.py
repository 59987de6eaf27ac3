import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import (
    Dropout,
    Flatten,
    Layer,
    Linear,
    NNBookError,
    Parameter,
    ReLU,
    Sequential,
    SGDOptimizer,
    Tensor,
    gradcheck,
)
from nnbook.rng import as_rng
from strategies import dtypes, seeds, shapes, tensors

lengths = st.integers(1, 4)


class Recorder(Layer):
    """Adds its name to a list that several may share, and hands its input on."""

    def __init__(self, name, calls):
        self.name = name
        self.calls = calls

    def forward(self, x):
        self.calls.append(self.name)
        return x


# Layer


def test_a_layer_without_forward_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        Layer()


def test_calling_a_layer_calls_forward():
    calls, x = [], Tensor([1.0])
    assert Recorder("a", calls)(x) is x
    assert calls == ["a"]


def test_a_layer_refuses_what_is_no_tensor():
    with pytest.raises(TypeError, match=r"^ReLU takes a Tensor, got list; write Tensor\(x\)$"):
        ReLU()([1.0])


def test_a_fresh_layer_is_in_training_mode():
    layer = ReLU()
    assert layer.training is True
    layer.eval()
    assert layer.training is False
    layer.train()
    assert layer.training is True


def test_parameters_are_an_empty_list_of_the_layers_own():
    first, second = Recorder("a", []), Recorder("b", [])
    first.parameters.append("weight")
    assert first.parameters == ["weight"]
    assert second.parameters == []


def test_a_layer_of_ones_own_may_assign_its_parameters():
    layer, weight = Recorder("a", []), Tensor([1.0])
    layer.parameters = [weight]
    assert layer.parameters == [weight]


def test_the_repr_of_a_layer_of_ones_own_is_its_name():
    assert repr(Recorder("a", [])) == "Recorder[]"


# Flatten


@given(st.data())
def test_flatten_makes_one_row_of_each_sample(data):
    x = data.draw(tensors(data.draw(shapes)))
    y = Flatten()(x)
    assert y.shape == (x.shape[0], x.size)
    assert np.array_equal(y.data.ravel(), x.data.ravel())


@given(st.data())
def test_flatten_has_the_right_gradient(data):
    gradcheck(Flatten(), [data.draw(tensors(data.draw(shapes)))])


def test_flatten_keeps_an_empty_batch():
    assert Flatten()(Tensor(np.zeros((0, 2, 3)))).shape == (0, 6)


def test_flatten_never_shares_the_gradient_that_it_hands_on():
    x = Tensor([[[1.0, 2.0]]])
    y = Flatten()(x)
    y.backward([[1.0, 1.0]])
    x.grad += 100
    assert y.grad.tolist() == [[1, 1]]


def test_flatten_hands_back_what_has_rows_already():
    x = Tensor([[1.0, 2.0]])
    assert Flatten()(x) is x


def test_flatten_refuses_a_bare_number():
    message = (
        "Flatten needs samples along the first axis, got a bare number; "
        "write Tensor([[value]]) for one sample of one value"
    )
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        Flatten()(Tensor(1.0))


def test_flatten_has_no_parameters_and_a_repr():
    assert Flatten().parameters == []
    assert repr(Flatten()) == "Flatten[]"


# Linear


def test_a_weight_lies_column_by_column_in_memory():
    assert Linear(3, 2, rng=0).weight.data.flags.f_contiguous
    assert not Linear(3, 2, rng=0).weight.data.flags.c_contiguous


def test_linear_multiplies_by_the_weight_and_adds_the_bias():
    layer = Linear(2, 3)
    layer.weight.data = [[1, 2], [3, 4], [5, 6]]
    layer.bias.data = [10, 20, 30]
    assert layer(Tensor([[1.0, 1.0], [0.0, 2.0]])).data.tolist() == [[13, 27, 41], [14, 28, 42]]


@given(st.data(), lengths, lengths)
def test_linear_takes_any_number_of_axes_before_the_last(data, in_size, out_size):
    layer = Linear(in_size, out_size, rng=0)
    samples = data.draw(st.lists(lengths, max_size=3))
    x = data.draw(tensors((*samples, in_size)))
    y = layer(x)
    assert y.shape == (*samples, out_size)
    assert np.allclose(y.data, x.data @ layer.weight.data.T + layer.bias.data, rtol=1e-14)


@given(lengths, lengths, seeds)
def test_linear_draws_the_weight_first_and_the_bias_second(in_size, out_size, seed):
    layer = Linear(in_size, out_size, rng=np.random.RandomState(seed))
    plain = np.random.RandomState(seed)
    assert np.array_equal(layer.weight.data, plain.random((out_size, in_size)) / in_size)
    assert np.array_equal(layer.bias.data, plain.random(out_size))


def test_a_seed_gives_the_stream_of_this_kind_so_that_weights_stay_what_they_are():
    plain = as_rng(7, "Linear").random((3, 2)) / 2
    assert np.array_equal(Linear(2, 3, rng=7).weight.data, plain)


@pytest.mark.parametrize(("init", "fan"), [("he", 5), ("glorot", 5 + 7)])
def test_other_initialisations_are_uniform_within_their_limit_without_a_bias(init, fan):
    layer = Linear(5, 7, init=init, rng=np.random.default_rng(3))
    from_minus_1_to_1 = 2 * np.random.default_rng(3).random((7, 5)) - 1
    assert np.allclose(layer.weight.data, from_minus_1_to_1 * np.sqrt(6 / fan), rtol=1e-15)
    assert layer.bias.data.tolist() == [0] * 7


def test_linear_keeps_its_arguments_readable():
    rng = np.random.default_rng(0)
    layer = Linear(5, 7, init="he", rng=rng, dtype="float32")
    assert (layer.in_size, layer.out_size, layer.init, layer.dtype) == (5, 7, "he", np.float32)
    assert layer.rng is rng
    assert Linear(5, 7).init == "uniform"


def test_the_parameters_of_linear_are_weight_and_bias():
    layer = Linear(5, 7)
    assert layer.parameters == [layer.weight, layer.bias]
    assert (layer.weight.shape, layer.bias.shape) == ((7, 5), (7,))
    assert repr(layer) == "Linear[weight(7, 5); bias(7,)]"
    names = ["weight of Linear(5, 7)", "bias of Linear(5, 7)"]
    assert [parameter.name for parameter in layer.parameters] == names


@given(st.data(), lengths, lengths, st.sampled_from([(), (3,), (2, 3)]))
def test_linear_has_the_right_gradients(data, in_size, out_size, samples):
    layer = Linear(in_size, out_size, rng=0)
    x = data.draw(tensors((*samples, in_size)))
    gradcheck(lambda *_: layer(x), [x, *layer.parameters])


def test_linear_used_twice_adds_up_the_gradients_of_its_parameters():
    layer, x = Linear(2, 2, rng=0), Tensor([[0.5, -1.0]])
    gradcheck(lambda *_: layer(layer(x)), [x, *layer.parameters])


def test_a_weight_may_itself_be_calculated():
    layer, base, x = Linear(2, 3, rng=0), Tensor([[1.0, 2.0]]), Tensor([[0.5, -1.0]])

    def with_weight_from_base(*_):
        layer.weight = base * [[1.0], [2.0], [3.0]]
        return layer(x)

    gradcheck(with_weight_from_base, [base, x, layer.bias])


def test_a_bias_may_be_a_row():
    layer, x = Linear(2, 3, rng=0), Tensor([[0.5, -1.0], [2.0, 1.0]])
    layer.bias = Parameter([[1.0, 2.0, 3.0]])
    gradcheck(lambda *_: layer(x), [x, *layer.parameters])


def test_a_constant_weight_and_bias_are_never_trained():
    layer, x = Linear(2, 1, rng=0), Tensor([[1.0, 2.0]])
    layer.weight.constant = layer.bias.constant = True
    before = [parameter.data.copy() for parameter in layer.parameters]
    layer(x).backward()
    SGDOptimizer(layer.parameters, lr=1.0).step()
    for parameter, data in zip(layer.parameters, before, strict=True):
        assert np.array_equal(parameter.grad, np.zeros(parameter.shape))
        assert np.array_equal(parameter.data, data)
    assert np.array_equal(x.grad, before[0])


@given(dtypes, dtypes)
def test_parameters_and_their_gradients_keep_the_dtype_of_the_layer(dtype, dtype_of_input):
    layer = Linear(3, 2, rng=0, dtype=dtype)
    x = Tensor(np.ones((2, 3), dtype_of_input))
    y = layer(x)
    y.backward(np.ones(y.shape))
    assert y.dtype == np.result_type(dtype, dtype_of_input)
    assert x.grad.dtype == dtype_of_input
    SGDOptimizer(layer.parameters, lr=0.1).step()
    for parameter in layer.parameters:
        assert parameter.grad.dtype == parameter.dtype == dtype


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0, 3), "in_size must be 1 or more, got 0; a layer has values"),
        ((3, -1), "out_size must be 1 or more, got -1; a layer has values"),
    ],
)
def test_linear_refuses_sizes_below_one(sizes, message):
    with pytest.raises(NNBookError, match=f"^{message}$"):
        Linear(*sizes)


def test_linear_refuses_an_unknown_initialisation():
    message = 'init must be "uniform", "he" or "glorot", got \'xavier\''
    with pytest.raises(NNBookError, match=f"^{message}$"):
        Linear(2, 2, init="xavier")


@pytest.mark.parametrize(("shape", "size"), [((2, 1, 28, 28), 784), ((2, 5), 5), ((), 1)])
def test_linear_refuses_an_input_of_another_size(shape, size):
    message = (
        f"Linear(4, 3) takes 4 values per sample, got shape {shape}; put Flatten() before it "
        f"or build it with Linear({size}, 3)"
    )
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        Linear(4, 3)(Tensor(np.ones(shape)))


# Sequential


def nested():
    """A network within a network, and all its layers from the outermost inwards."""
    dropout, relu = Dropout(0.5, rng=0), ReLU()
    inner = Sequential([relu, Sequential([dropout])])
    outer = Sequential([Linear(2, 2, rng=0), inner])
    return outer, [outer, outer.layers[0], inner, relu, inner.layers[1], dropout]


def test_sequential_feeds_its_layers_in_order():
    calls, x = [], Tensor([1.0])
    assert Sequential([Recorder(name, calls) for name in "abc"])(x) is x
    assert calls == ["a", "b", "c"]


def test_modes_reach_every_layer_however_deep():
    network, layers = nested()
    assert all(layer.training for layer in layers)
    network.eval()
    assert not any(layer.training for layer in layers)
    network.train()
    assert all(layer.training for layer in layers)


def test_a_nested_dropout_rests_in_eval_mode():
    network, _ = nested()
    x = Tensor(np.ones((1, 2)))
    network.eval()
    assert np.array_equal(network(x).data, network.layers[0](x).data)


def test_the_parameters_of_sequential_are_those_of_all_layers_in_order():
    first, second, third = Linear(2, 3), Linear(3, 4), Linear(4, 5)
    network = Sequential([first, ReLU(), Sequential([second, ReLU()]), third])
    expected = [*first.parameters, *second.parameters, *third.parameters]
    assert network.parameters == expected


def test_the_repr_of_sequential_has_one_line_a_layer():
    network = Sequential([Flatten(), Sequential([Linear(4, 2), ReLU()]), Dropout(0.2)])
    assert repr(network) == ("Flatten[]\nLinear[weight(2, 4); bias(2,)]\nReLU[]\nDropout[rate=0.2]")


def test_sequential_keeps_a_list_of_its_own():
    layers = [ReLU()]
    network = Sequential(layers)
    layers.append(Flatten())
    assert len(network.layers) == 1


@given(seeds)
def test_a_whole_network_has_the_right_gradients(seed):
    rng = np.random.default_rng(seed)
    x = Tensor(rng.uniform(0.5, 1.5, (2, 2, 2)))
    network = Sequential(
        [
            Flatten(),
            Linear(4, 3, init="uniform", rng=rng),
            ReLU(),
            Dropout(0.3, inverted=True),
            Linear(3, 2, init="he", rng=rng),
        ]
    )

    def fresh_masks_from_a_fixed_seed(*_):
        network.layers[3].rng = np.random.default_rng(seed)
        return network(x)

    gradcheck(fresh_masks_from_a_fixed_seed, [x, *network.parameters])


def test_linear_refuses_a_dtype_that_it_cannot_compute_in():
    with pytest.raises(NNBookError, match=r"^dtype must be"):
        Linear(2, 2, dtype=np.float16)
