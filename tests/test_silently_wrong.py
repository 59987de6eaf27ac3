"""Small programs of readers that once got a wrong result without a word."""

import copy
import functools
import itertools
import pickle
import re

import numpy as np
import pytest

from nnbook import (
    CrossEntropyLoss,
    Dataset,
    Dropout,
    Layer,
    Linear,
    MSELoss,
    NNBookError,
    NNModel,
    Parameter,
    ReLU,
    Sequential,
    SGDOptimizer,
    Tensor,
    gradcheck,
)
from nnbook.tensor import reshape


class Points(Dataset):
    def load(self):
        rng = np.random.default_rng(0)
        self.train_features, self.train_labels = rng.random((8, 2)), np.eye(2)[[0, 1] * 4]
        self.test_features, self.test_labels = 9 + rng.random((4, 2)), np.eye(2)[[0, 1] * 2]


# One layer used twice, weights that are tied


def test_a_layer_that_is_used_twice_takes_one_step():
    layer, x = Linear(2, 2, rng=0), Tensor([[1.0, 2.0]])
    network = Sequential([layer, Sequential([layer]), layer])
    assert network.parameters == [layer.weight, layer.bias]
    network(x).sum().backward()
    before, gradient = layer.weight.data.copy(), layer.weight.grad.copy()
    SGDOptimizer(network.parameters, lr=0.1).step()
    assert np.allclose(layer.weight.data, before - 0.1 * gradient, rtol=1e-14)


def test_tied_weights_take_one_step_and_a_parameter_named_twice_too():
    first, second = Linear(2, 2, rng=0), Linear(2, 2, rng=1)
    second.weight = first.weight
    assert Sequential([first, second]).parameters == [first.weight, first.bias, second.bias]
    optimizer = SGDOptimizer(first.parameters + second.parameters, lr=1.0)
    assert optimizer.parameters == [first.weight, first.bias, second.bias]


# What is kept for the way back


def test_a_buffer_may_be_refilled_before_the_gradients_are_computed():
    layer, buffer = Linear(1, 1, rng=0), np.array([[1.0]])
    for value in (1.0, 10.0):
        buffer[:] = value
        layer(Tensor(buffer, constant=True)).backward()
    assert layer.weight.grad == 11
    one, ten = (layer(Tensor(np.full((1, 1), value))) for value in (1.0, 10.0))
    layer.weight.clear_gradient()
    (one + ten).backward()
    assert layer.weight.grad == 11


def linear(x, w):
    layer = Linear(2, 2, rng=0)
    layer.weight = w
    return layer(x)


PROGRAMS = {
    "linear": linear,
    "relu": lambda x, w: ReLU()(x),
    "times itself": lambda x, w: x * x,
    "product": lambda x, w: x * w,
    "matrix product": lambda x, w: x @ w,
    "weighted sum": lambda x, w: (x * w).sum(axis=0),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_input_that_is_written_to_in_between_changes_no_gradient(name):
    values = np.random.default_rng(0).normal(size=(2, 2))

    def gradients(meanwhile):
        x, w = Tensor(values.copy()), Parameter(values + 1)
        y = PROGRAMS[name](x, w)
        meanwhile(x, y)
        y.backward(np.ones(y.shape))
        return x.grad, w.grad

    def spoil(x, y):
        x.data[:] = 7
        y.data[...] = -7

    assert np.array_equal(gradients(spoil), gradients(lambda x, y: None))


def test_labels_that_are_written_to_in_between_change_no_gradient():
    for loss_fn in (MSELoss(), CrossEntropyLoss()):
        p, labels = Tensor([[1.0, 2.0]]), np.array([[0.0, 1.0]])
        loss = loss_fn(p, Tensor(labels, constant=True))
        labels[:] = 100
        loss.backward()
        seen = p.grad.copy()
        p.clear_gradient()
        loss_fn(p, Tensor([[0.0, 1.0]])).backward()
        assert np.array_equal(seen, p.grad)


def test_a_gradient_written_to_after_the_walk_changes_no_other():
    layer, x = Linear(2, 1, rng=0), Tensor([[1.0, 2.0]])
    y = layer(x)
    y.backward()
    y.grad[:] = 0
    assert layer.weight.grad.tolist() == [[1, 2]]


def test_a_gradient_handed_to_two_parents_is_not_shared():
    a, b = Tensor([1.0]), Tensor([1.0])

    def gradient_fn(gradient):
        a.receive(gradient)
        b.receive(gradient)
        a.receive(gradient)

    Tensor(a.data + b.data, (a, b), gradient_fn).backward()
    assert (a.grad, b.grad) == (2, 1)


def test_a_buffer_of_gradients_may_be_filled_again():
    buffer, xs = np.empty(1), [Tensor([1.0]), Tensor([1.0])]
    for factor, x in enumerate(xs, 1):

        def gradient_fn(gradient, x=x, factor=factor):
            x.receive(np.multiply(gradient, factor, out=buffer))

        Tensor(x.data * factor, (x,), gradient_fn).backward()
    assert [float(x.grad[0]) for x in xs] == [1, 2]


def test_a_gradient_fn_that_changes_what_it_was_given_is_told_so():
    x = Tensor([1.0])

    def gradient_fn(gradient):
        gradient *= 2
        x.receive(gradient)

    message = "; make a new one: write gradient * mask, not gradient *= mask"
    with pytest.raises(NNBookError, match=f"{re.escape(message)}$"):
        Tensor(x.data * 2, (x,), gradient_fn).backward()


def test_a_gradient_of_another_shape_is_told_so():
    x = Tensor([1.0, 2.0])
    y = Tensor(3.0, (x,), lambda gradient: x.receive(gradient))
    with pytest.raises(NNBookError, match=r"shape of its data \(2,\), got \(\)"):
        y.backward()


def test_whoever_writes_to_a_reshaped_tensor_does_not_write_to_the_first():
    x = Tensor([[1.0, 2.0]])
    y = reshape(x, (2, 1))
    y.data[:] = 7
    assert x.data.tolist() == [[1, 2]]
    fortran = Tensor(np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]))
    assert reshape(fortran, (4,)).data.tolist() == [1, 2, 3, 4]


def test_what_nobody_can_write_to_is_reshaped_without_a_copy():
    batch = np.ones((2, 3))
    batch.flags.writeable = False
    assert np.shares_memory(reshape(Tensor(batch), (6,)).data, batch)


def test_a_single_parent_is_told_how_it_is_written():
    message = "parents are several tensors, got Tensor; write (x,) for one"
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        Tensor([1.0], Tensor([1.0]))


def test_another_error_of_a_gradient_fn_is_left_as_it_is():
    def gradient_fn():
        raise ValueError("of its own")

    y = Tensor(1.0)
    y.gradient_fn = gradient_fn
    with pytest.raises(ValueError, match=r"^of its own$"):
        y.backward()


# A parameter that changes between two walks


def change_by_step(layer):
    SGDOptimizer(layer.parameters, lr=0.1).step()


def change_by_assignment(layer):
    layer.weight.data = np.zeros(layer.weight.shape)


def change_in_place(layer):
    layer.weight.data += 1


@pytest.mark.parametrize("change", [change_by_step, change_by_assignment, change_in_place])
@pytest.mark.parametrize("walks", [0, 1])
def test_a_parameter_that_was_changed_is_named(change, walks):
    layer = Linear(2, 3, rng=0)
    loss = (layer(Tensor([[1.0, 2.0]])) * 2.0).sum()
    for _ in range(walks):
        loss.backward()
    change(layer)
    message = (
        "the parameter weight of Linear(2, 3) of shape (3, 2) has been changed since the result "
        "was computed from it, so that the gradient would be that of neither value; "
        "compute the result anew, then call backward()"
    )
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        loss.backward()


def test_a_tensor_that_was_changed_is_told_by_its_shape():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    x.data -= 1
    with pytest.raises(NNBookError, match=r"^a tensor of shape \(2,\) has been changed"):
        y.backward()


def test_a_parameter_that_was_set_before_or_stayed_as_it_was_is_fine():
    layer = Linear(1, 1, rng=0)
    layer.weight.data, layer.bias.data = [[3.0]], [0.0]
    y = layer(Tensor([[2.0]]))
    y.backward()
    y.backward()
    assert layer.weight.grad == 4


# Iterations


def switch(points):
    points.eval()


def model_tests(points):
    layer = Linear(2, 2, rng=0)
    NNModel(layer, MSELoss(), SGDOptimizer(layer.parameters, lr=0.1)).test(points)


def iterate_inside(points):
    list(points)


def write(points):
    points.train_features[:] = -1


def replace(points):
    points.train_features, points.train_labels = np.zeros((2, 2)), np.zeros((2, 2))


def resize(points):
    points.batch_size = 4


@pytest.mark.parametrize("happens", [switch, model_tests, iterate_inside, write, replace, resize])
@pytest.mark.parametrize("shuffle", [False, True])
def test_an_iteration_goes_on_as_it_began(happens, shuffle):
    undisturbed, points = (Points(2, shuffle=shuffle, rng=3) for _ in range(2))
    expected = [(x.data.copy(), y.data.copy()) for x, y in undisturbed]
    found = []
    for x, y in points:
        found.append((x.data.copy(), y.data.copy()))
        happens(points)
    assert len(found) == 4
    assert all(np.array_equal(*pair) for pair in zip(expected, found, strict=True))


def test_a_batch_is_read_only_and_a_wrong_index_says_what_to_write():
    points = Points(2)
    for x, _ in (points[0], next(iter(points)), points.items()):
        with pytest.raises(ValueError, match="read-only"):
            x.data[:] = 0
    for wrong in (slice(2), 1.0, "0", None):
        with pytest.raises(TypeError, match=r"write dataset\[0\] for"):
            points[wrong]
    assert len(list(itertools.islice(points, 2))) == 2


# Layers and parameters that a layer holds


class Block(Layer):
    def __init__(self):
        self.drop, self.linear = Dropout(0.5, rng=0), Linear(2, 2, rng=0)
        self.more = {"all": [Linear(2, 2, rng=1), (ReLU(),)]}
        self.scale, self.fixed = Tensor([2.0]), Tensor([3.0], constant=True)

    def forward(self, x):
        return self.linear(self.drop(x)) * self.scale * self.fixed


def test_layers_and_parameters_in_attributes_are_found_and_switched():
    block = Block()
    network = Sequential([block])
    inner = block.more["all"][0]
    expected = [block.scale, *block.linear.parameters, *inner.parameters]
    assert block.parameters == network.parameters == expected
    network.eval()
    switched = (block, block.drop, block.linear, inner, block.more["all"][1][0])
    assert not any(layer.training for layer in switched)
    network.train()
    assert block.drop.training


def test_parameters_that_come_later_or_are_replaced_are_found():
    block = Block()
    assert len(block.parameters) == 5
    block.linear = None
    block.late = Parameter([1.0])
    assert block.parameters == [block.scale, block.late, *block.more["all"][0].parameters]


def test_what_is_appended_stays_beside_what_is_found():
    block, extra = Block(), Tensor([1.0])
    block.parameters.append(extra)
    for _ in range(3):
        assert block.parameters.count(extra) == 1
        assert len(Sequential([block]).parameters) == 6


def test_what_was_computed_is_no_parameter():
    block = Block()
    block.last = block.scale * 2.0
    assert block.last not in block.parameters
    with pytest.raises(NNBookError, match="was computed from others"):
        SGDOptimizer([block.last], lr=0.1)


def test_a_layer_with_its_own_way_keeps_it():
    class AlwaysOn(Layer):
        def __init__(self):
            self.linear = Linear(1, 1)
            self.parameters = []

        def forward(self, x):
            return x

        def eval(self):
            pass

    layer = AlwaysOn()
    network = Sequential([layer])
    network.eval()
    assert layer.training
    assert layer.linear.training
    assert network.parameters == []


# What is no number


def test_nan_in_the_data_is_not_blamed_on_the_learning_rate():
    for name in ("features", "labels"):
        points, layer = Points(2), Linear(2, 2, rng=0)
        getattr(points, f"train_{name}")[5] = np.nan
        model = NNModel(layer, MSELoss(), SGDOptimizer(layer.parameters, lr=0.1))
        with pytest.raises(NNBookError, match=rf"^the {name} of epoch 1, batch 3 hold NaN"):
            model.train(points, epochs=1)


def test_nan_in_a_parameter_from_the_beginning_is_not_blamed_on_the_learning_rate():
    layer = Linear(2, 2, rng=0)
    layer.weight.data[0, 0] = np.nan
    model = NNModel(layer, MSELoss(), SGDOptimizer(layer.parameters, lr=0.1))
    with pytest.raises(NNBookError, match=r"^a parameter holds NaN or infinite values before"):
        model.train(Points(2), epochs=1)


def test_predictions_that_are_no_numbers_have_no_accuracy():
    with pytest.raises(NNBookError, match=r"not a number \(NaN\)"):
        Points().estimate(Tensor(np.full((8, 2), np.nan)))


def test_nothing_to_check_is_no_success():
    for inputs in ([], [Tensor(np.zeros((0, 2)))]):
        with pytest.raises(NNBookError, match="gradcheck needs values to move"):
            gradcheck(lambda *_: Tensor(1.0), inputs)
    frozen = np.ones(1)
    frozen.flags.writeable = False
    for x in (Tensor([1.0], constant=True), Tensor(frozen)):
        with pytest.raises(NNBookError, match=r"^input 0 is constant or read-only"):
            gradcheck(lambda x: x * x, [x])
    with pytest.raises(NNBookError, match=r"^the function's result is not finite"):
        gradcheck(lambda x: x * np.nan, [Tensor([1.0])])


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_logit_of_minus_infinity_is_right_where_the_label_is_zero():
    # Two samples, so that the mean over the batch is not their sum.
    p = Tensor([[0.0, -np.inf, 0.0]] * 2)
    loss = CrossEntropyLoss()(p, Tensor([[1.0, 0.0, 0.0]] * 2, constant=True))
    assert loss.data == pytest.approx(np.log(2))
    loss.backward()
    assert p.grad.tolist() == [[-0.25, 0.0, 0.25]] * 2
    assert CrossEntropyLoss()(p, Tensor([[0.0, 1.0, 0.0]] * 2)).data == np.inf


# Long sums of float32


@pytest.mark.parametrize("loss_fn", [MSELoss(), MSELoss(reduction="mean")])
def test_a_loss_over_many_samples_is_that_of_float64(loss_fn):
    rng = np.random.default_rng(0)
    p, y = rng.random((200_000, 10)).astype(np.float32), np.eye(10)[rng.integers(10, size=200_000)]
    ours = float(loss_fn(Tensor(p), Tensor(y.astype(np.float32))).data)
    assert ours == pytest.approx(float(loss_fn(Tensor(p.astype(float)), Tensor(y)).data), rel=1e-6)


def test_sums_and_gradients_over_many_samples_are_those_of_float64():
    values = np.full((200_000, 3), 0.1, np.float32)
    expected = pytest.approx(values.sum(axis=0, dtype=float), rel=1e-6)
    x = Tensor(values)
    assert x.sum(axis=0).data == expected
    assert x.mean(axis=0).data * len(values) == expected
    bias = Tensor(np.zeros(3, np.float32))
    (x + bias).backward(values)
    assert bias.grad == expected
    layer = Linear(3, 3, rng=0, dtype="float32")
    layer(x).backward(values)
    assert layer.bias.grad == expected


# Copies


def copies(value):
    return copy.deepcopy(value), pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


def test_a_copy_of_a_model_learns_by_itself():
    block = Block()
    model = NNModel(block, MSELoss(), SGDOptimizer(block.parameters, lr=1e-4))
    model.train(Points(2), epochs=1)
    before = [parameter.data.copy() for parameter in block.parameters]
    for other in copies(model):
        assert other.optimizer.parameters == other.layer.parameters
        other.train(Points(2), epochs=1)
        model_parameters = zip(before, block.parameters, strict=True)
        assert all(np.array_equal(old, now.data) for old, now in model_parameters)
        assert not np.array_equal(other.layer.scale.data, block.scale.data)


@pytest.mark.parametrize("waiting", [False, True])
def test_a_copy_of_a_parameter_is_one_with_its_gradient(waiting):
    parameter = Parameter(np.zeros((1, 2)), name="weight")
    parameter.receive_product(np.array([[2.0]]), np.array([[3.0, 4.0]]))
    if not waiting:
        assert parameter.grad.any()
    for other in copies(parameter):
        other.data += 1
        assert (other.name, other.grad.tolist()) == ("weight", [[6, 8]])
        assert not parameter.data.any()


def test_copies_of_data_sets_results_and_a_thousand_layers_are_right():
    layer = Linear(2, 2, rng=0)
    model = NNModel(layer, MSELoss(), SGDOptimizer(layer.parameters, lr=0.1))
    points = Points(2, shuffle=True, rng=0)
    history, tested = model.train(points, epochs=1), model.test(points)
    for other in copies((history, tested)):
        assert other[0] == history
        for found, expected in zip(other[1], tested, strict=True):
            assert np.array_equal(found.data, expected.data)
    points.train()
    assert len({tuple(x.data.ravel()) for other in copies(points) for x, _ in other}) == 4
    deep = Sequential([Linear(1, 1, rng=seed) for seed in range(1000)])
    for other in copies(deep):
        assert np.array_equal(other(Tensor([[1.0]])).data, deep(Tensor([[1.0]])).data)


@pytest.mark.parametrize("copy_it", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("deep", [1, 1000])
def test_what_was_computed_is_not_copied_since_its_gradient_would_go_elsewhere(copy_it, deep):
    y = Tensor([1.0])
    for _ in range(deep):
        y = y * 2.0
    message = (
        "a tensor that was computed, here of shape (1,), can't be copied or pickled: its way back "
        "leads to the tensors that it was made from, and not to copies of them; "
        "write Tensor(y.data) for its values alone"
    )
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        copy_it(y)


def test_a_read_only_parameter_is_told_what_to_write():
    values = np.ones(2)
    values.flags.writeable = False
    with pytest.raises(NNBookError, match=r"read-only.*write Tensor\(array\.copy\(\)\)"):
        SGDOptimizer([Tensor(values)], lr=0.1)


# A gradient_fn of either form


class Callable:
    def __init__(self, x):
        self.x = x

    def __call__(self, gradient):
        self.x.receive(gradient * 2)


def forms(x, p):
    def with_default(gradient, factor=2):
        x.receive(gradient * factor)

    def looks_it_up():
        x.grad += p.grad * 2

    def looks_it_up_with_default(factor=2):
        x.grad += p.grad * factor

    def takes_all(*gradients):
        x.receive(gradients[0] * 2)

    return {
        "default": with_default,
        "none": looks_it_up,
        "none, default": looks_it_up_with_default,
        "object": Callable(x),
        "method": Callable(x).__call__,
    }


@pytest.mark.parametrize("form", ["default", "none", "none, default", "object", "method"])
def test_a_gradient_fn_may_take_the_gradient_or_look_it_up(form):
    x = Tensor([1.0])
    p = Tensor(x.data * 2)
    p.gradient_fn, p.parents = forms(x, p)[form], {x}
    p.backward([3.0])
    assert x.grad == 6


def takes_it(function):
    @functools.wraps(function)
    def wrapper(gradient):
        function()

    return wrapper


def takes_nothing(function):
    @functools.wraps(function)
    def wrapper():
        function(np.array([3.0]))

    return wrapper


def takes_what_the_other_takes(function):
    @functools.wraps(function)
    def wrapper(*given):
        function(*given)

    return wrapper


@pytest.mark.parametrize("decorate", [takes_it, takes_nothing, takes_what_the_other_takes])
def test_a_decorated_gradient_fn_gets_what_it_takes_itself(decorate):
    x = Tensor([1.0])
    function = (lambda: x.receive([6.0])) if decorate is takes_it else (lambda g: x.receive(g * 2))
    Tensor([2.0], (x,), decorate(function)).backward([3.0])
    assert x.grad == 6
