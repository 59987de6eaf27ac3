import gc
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from nnbook import (
    CrossEntropyLoss,
    Dataset,
    DivergenceError,
    Dropout,
    Flatten,
    History,
    Linear,
    MNISTDataset,
    Model,
    MSELoss,
    NNBookError,
    NNModel,
    ReLU,
    Sequential,
    SGDOptimizer,
    Tensor,
)

TINYMNIST = Path(__file__).parents[1] / "data" / "tinymnist.npz"


class Clusters(Dataset):
    """Two clouds of points around (1, 1) and (-1, -1)."""

    def __init__(self, batch_size=4, *, train=20, dtype=np.float64, **kwargs):
        self.train_length = train
        self.dtype = dtype
        super().__init__(batch_size, **kwargs)

    def load(self):
        rng = np.random.default_rng(1)
        for half, length in (("train", self.train_length), ("test", 10)):
            classes = np.arange(length) % 2
            points = rng.normal(1 - 2 * classes[:, np.newaxis], 0.3, (length, 2))
            setattr(self, f"{half}_features", points.astype(self.dtype))
            setattr(self, f"{half}_labels", np.eye(2, dtype=self.dtype)[classes])


def model_of(*, lr=0.05, loss_fn=None, dtype=np.float64):
    network = Sequential(
        [
            Linear(2, 8, init="he", rng=0, dtype=dtype),
            ReLU(),
            Sequential([Dropout(0.3, rng=1)]),
            Linear(8, 2, rng=2, dtype=dtype),
        ]
    )
    return NNModel(network, loss_fn or MSELoss(), SGDOptimizer(network.parameters, lr=lr))


def parameters_of(model):
    return [parameter.data.copy() for parameter in model.layer.parameters]


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


class Spy:
    """Remembers the modes of a model's network and data set at every forward pass."""

    def __init__(self, model, dataset):
        self.seen = []
        forward = model.layer.forward

        def spying_forward(x):
            dropout = model.layer.layers[2].layers[0]
            self.seen.append((model.layer.training, dropout.training, dataset.training))
            return forward(x)

        model.layer.forward = spying_forward


def test_training_takes_one_step_a_batch_from_a_clean_gradient():
    model, plain, dataset = model_of(), model_of(), Clusters()
    model.train(dataset, epochs=2)
    for _ in range(2):
        for features, labels in dataset:
            loss = plain.loss_fn(plain.layer(features), labels)
            for parameter in plain.layer.parameters:
                parameter.clear_gradient()
            loss.backward()
            for parameter in plain.layer.parameters:
                parameter.data = parameter.data - 0.05 * parameter.grad
    for ours, by_hand in zip(parameters_of(model), parameters_of(plain), strict=True):
        assert np.allclose(ours, by_hand, rtol=1e-12)


def test_a_model_keeps_its_parts_and_learns():
    model, dataset = model_of(loss_fn=CrossEntropyLoss()), Clusters()
    assert isinstance(model.loss_fn, CrossEntropyLoss)
    assert model.optimizer.parameters == model.layer.parameters
    model.train(dataset, epochs=30)
    predictions, loss = model.test(dataset)
    assert dataset.estimate(predictions) == 1
    assert loss.data < 0.3


def test_training_and_testing_put_network_and_data_set_into_their_modes():
    model, dataset = model_of(), Clusters()
    spy = Spy(model, dataset)
    model.layer.eval()
    dataset.eval()
    model.train(dataset, epochs=1)
    assert set(spy.seen) == {(True, True, True)}
    spy.seen.clear()
    model.test(dataset)
    assert spy.seen == [(False, False, False)]


def test_evaluation_between_epochs_does_not_leak_into_training():
    model, dataset = model_of(), Clusters()
    spy = Spy(model, dataset)
    model.train(dataset, epochs=2, evaluate=True)
    training, on_train, on_test = (True, True, True), (False, False, True), (False, False, False)
    assert spy.seen == 2 * [*5 * [training], on_train, on_test]


def test_evaluation_changes_nothing():
    with_evaluation, without = model_of(), model_of()
    first = with_evaluation.train(Clusters(shuffle=True, rng=0), epochs=3, evaluate=True)
    second = without.train(Clusters(shuffle=True, rng=0), epochs=3)
    assert first.losses == second.losses
    assert same(parameters_of(with_evaluation), parameters_of(without))


def test_the_history_holds_the_mean_loss_of_each_epochs_batches():
    model, dataset, losses = model_of(), Clusters(), []
    loss_of = model.loss_fn.loss

    def remembering_loss(p, y):
        losses.append(loss_of(p, y))
        return losses[-1]

    model.loss_fn.loss = remembering_loss
    history = model.train(dataset, epochs=2)
    means = [float(np.mean([loss.data for loss in losses[k : k + 5]])) for k in (0, 5)]
    assert history.losses == pytest.approx(means, rel=1e-14)
    assert {type(loss) for loss in history.losses} == {float}


def test_the_history_holds_accuracies_and_losses_of_both_halves_where_asked_for():
    model, dataset = model_of(), Clusters()
    history = model.train(dataset, epochs=3, evaluate=True)
    predictions, loss = model.test(dataset)
    assert history.test_accuracies[-1] == dataset.estimate(predictions)
    assert history.test_losses[-1] == loss.data
    dataset.train()
    features, labels = dataset.items()
    predictions = model.layer(features)
    assert history.train_accuracies[-1] == dataset.estimate(predictions)
    assert history.train_losses[-1] == model.loss_fn(predictions, labels).data
    for entries in vars(history).values():
        assert len(entries) == 3


def test_the_history_is_short_unless_more_is_asked_for():
    history = model_of().train(Clusters(), epochs=2)
    assert history == History(losses=history.losses)
    assert len(history.losses) == 2


def test_progress_is_reported_after_each_epoch():
    reports = []
    history = model_of().train(
        Clusters(), epochs=3, progress=lambda epoch, loss: reports.append((epoch, loss))
    )
    assert reports == list(enumerate(history.losses, start=1))


def test_zero_epochs_change_nothing():
    model = model_of()
    before = parameters_of(model)
    assert model.train(Clusters(), epochs=0) == History()
    assert same(parameters_of(model), before)


def test_training_goes_on_where_it_stopped():
    in_one, in_two, dataset = model_of(), model_of(), Clusters()
    in_one.train(dataset, epochs=4)
    in_two.train(dataset, epochs=1)
    in_two.test(dataset)
    in_two.train(dataset, epochs=3)
    assert same(parameters_of(in_one), parameters_of(in_two))


def test_testing_predicts_the_test_half_without_dropout():
    model, dataset = model_of(), Clusters()
    predictions, loss = model.test(dataset)
    hidden, _, _, out = model.layer.layers
    active = np.maximum(dataset.test_features @ hidden.weight.data.T + hidden.bias.data, 0)
    expected = active @ out.weight.data.T + out.bias.data
    assert np.allclose(predictions.data, expected, rtol=1e-14)
    squares = (expected - dataset.test_labels) ** 2
    assert loss.data == pytest.approx(squares.sum() / 10)


@pytest.mark.parametrize("loss_fn", [MSELoss(), CrossEntropyLoss()])
def test_float32_stays_float32_from_data_to_weights(loss_fn):
    model, dataset = model_of(loss_fn=loss_fn, dtype=np.float32), Clusters(dtype=np.float32)
    model.train(dataset, epochs=1)
    for parameter in model.layer.parameters:
        assert parameter.dtype == parameter.grad.dtype == np.float32
    predictions, loss = model.test(dataset)
    assert predictions.dtype == loss.dtype == np.float32


def peak_memory(action):
    """The most bytes that were in use at once while ``action`` ran, beyond those before."""
    gc.collect()
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def wide_model(width):
    layer = Sequential([Linear(2, width, rng=0), ReLU(), Linear(width, 2, rng=1)])
    return NNModel(layer, MSELoss(), SGDOptimizer(layer.parameters, lr=0.01))


def test_evaluation_goes_through_a_half_in_slices_with_the_same_result():
    model, dataset = wide_model(400), Clusters(train=10_001)
    features, labels = dataset.items()
    whole = model.layer(features)
    history = History()
    hidden_values = 10_001 * 400 * 8
    assert peak_memory(lambda: model._evaluate(dataset, history)) < hidden_values / 5
    assert history.train_losses[0] == pytest.approx(float(MSELoss()(whole, labels).data))
    dataset.train()
    assert history.train_accuracies == [dataset.estimate(whole)]


def test_a_training_needs_little_memory_beside_the_data():
    def train(epochs):
        rng = np.random.RandomState(0)
        layers = [Flatten(), Linear(784, 64, rng=rng), ReLU(), Dropout(rng=rng)]
        layer = Sequential([*layers, Linear(64, 10, rng=rng)])
        model = NNModel(layer, MSELoss(), SGDOptimizer(layer.parameters, lr=0.01))
        return model.train(dataset, epochs, evaluate=True)

    dataset = MNISTDataset(TINYMNIST, batch_size=256)
    gc.disable()
    try:
        short, long = (peak_memory(lambda epochs=epochs: train(epochs)) for epochs in (1, 3))
    finally:
        gc.enable()
    assert short < 15e6
    assert long < short + 1e5  # what a history takes, and no more


@pytest.mark.parametrize("evaluate", [False, True])
def test_training_leaves_no_tensors_behind_for_the_garbage_collector(evaluate):
    def alive():
        return sum(type(item) is Tensor for item in gc.get_objects())

    model, dataset = model_of(), Clusters()
    gc.collect()
    gc.disable()
    try:
        before = alive()
        model.train(dataset, epochs=2, evaluate=evaluate)
        assert alive() == before
    finally:
        gc.enable()


# Refused


def test_a_negative_number_of_epochs_is_refused():
    with pytest.raises(NNBookError, match=r"^epochs must be 0 or more, got -1; write epochs=10$"):
        model_of().train(Clusters(), epochs=-1)


def test_a_half_that_fills_no_batch_is_refused():
    model, dataset = model_of(), Clusters(batch_size=21)
    message = (
        r"^the 20 training samples do not fill one batch of 21; "
        r"make batch_size smaller or write drop_last=False$"
    )
    with pytest.raises(NNBookError, match=message):
        model.train(dataset, epochs=1)
    assert len(model.train(Clusters(batch_size=21, drop_last=False), epochs=1).losses) == 1


@pytest.mark.parametrize(("spoil", "batch"), [(np.nan, 3), (np.inf, 3)])
def test_training_on_values_that_are_not_finite_names_epoch_and_batch(spoil, batch):
    dataset = Clusters()
    dataset.train_features[4 * batch - 1] = spoil
    message = (
        rf"^the features of epoch 1, batch {batch} hold NaN or infinite values; "
        r"clean the data: numpy\.isfinite finds them$"
    )
    with pytest.raises(NNBookError, match=message):
        model_of().train(dataset, epochs=1)


def test_training_that_diverges_is_stopped_with_a_single_message():
    # Overflows on the way would be warnings, and these are errors in this test run.
    with pytest.raises(DivergenceError) as caught:
        model_of(lr=1e6).train(Clusters(), epochs=100)
    found = re.fullmatch(
        r"the loss became (nan|inf) in epoch (\d+), batch (\d+), at lr=1000000\.0; "
        r"make lr ten times smaller",
        str(caught.value),
    )
    assert 1 <= int(found[2]) <= 100
    assert 1 <= int(found[3]) <= 5


def test_a_model_without_train_and_test_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        Model(ReLU(), MSELoss(), SGDOptimizer([Tensor([1.0])], lr=0.1))


def test_a_last_step_that_diverges_is_not_handed_back():
    """Its loss is finite, and no further batch would show what it did to the parameters."""
    message = r"a parameter is no longer finite in epoch 1, batch 1, at lr=1\.7e\+308; make lr"
    with pytest.raises(DivergenceError, match=message):
        model_of(lr=1.7e308).train(Clusters(20), 1)
