from dataclasses import fields, replace

import numpy as np
import pytest

from nnbook import Dropout, MSELoss
from nnbook.lab import experiments
from nnbook.lab.digits import DATA, Digits
from nnbook.lab.experiments import build, run
from nnbook.lab.probes import PROBES, SINCE_BEGINNING, learned
from nnbook.lab.rivals import RestrainedSGD
from nnbook.lab.runs import LOSSES, Run
from nnbook.lab.traces import FIRST

SHORT = Run(epochs=2, training_images=100)
USUAL = Run(
    epochs=2,
    batch_size=10,
    lr=0.1,
    shuffle=True,
    width=12,
    init="he",
    loss="cross-entropy",
    input_rate=0.2,
    rate=0.5,
    inverted=True,
    training_images=100,
    validation_images=10,
    wrong_labels=0.2,
    dtype="float32",
    probes=(*PROBES, *SINCE_BEGINNING),
)


# One description, one result


@pytest.mark.parametrize("described", [SHORT, USUAL], ids=["published", "usual"])
def test_the_same_description_gives_the_same_result(small, described):
    assert run(described, small) == run(replace(described), small)


OTHER = {
    "seed": 98,
    "epochs": 1,
    "batch_size": 5,
    "lr": 0.02,
    "shuffle": False,
    "width": 11,
    "init": "glorot",
    "loss": "mse",
    "input_rate": 0.0,
    "input_block": 3,
    "rate": 0.4,
    "inverted": False,
    "dropout_from": 2,
    "dropout_until": 1,
    "gaussian": 0.3,
    "dropconnect": 0.3,
    "weight_decay": 0.1,
    "max_norm": 0.5,
    "resplit": True,
    "training_images": 90,
    "validation_images": 9,
    "images": "clothes",
    "marked": True,
    "wrong_labels": 0.0,
    "dtype": "float64",
    "rng": "default_rng",
    "curves": ("test",),
    "probes": (),
}


@pytest.mark.parametrize("setting", [field.name for field in fields(Run)])
def test_every_setting_counts(small, setting):
    described = USUAL if setting == "probes" else replace(USUAL, probes=())
    other = replace(described, **{setting: OTHER[setting]})
    assert other != described
    assert run(other, small) != run(described, small)


def test_the_defaults_are_the_published_run():
    published = Run()
    network = build(published, np.random.RandomState(99))
    assert repr(network) == (
        "Flatten[]\nLinear[weight(64, 784); bias(64,)]\nReLU[]\n"
        "Dropout[rate=0.2]\nLinear[weight(10, 64); bias(10,)]"
    )
    assert (published.seed, published.batch_size, published.lr, published.epochs) == (
        99,
        2,
        0.01,
        10,
    )
    assert (published.loss, published.init, published.dtype) == ("mse", "uniform", "float64")
    assert not published.shuffle
    assert len(Digits(published)) == 2000


def test_a_run_is_the_plain_training_done_by_hand():
    """No class of the library, and every draw from one RandomState(99), in program order."""
    with np.load(DATA) as file:
        x_train, y_train = file["x_train"].reshape(-1, 784)[:200] / 255, file["y_train"][:200]
        x_test, y_test = file["x_test"].reshape(-1, 784) / 255, file["y_test"]
    rng = np.random.RandomState(99)
    w1, b1 = rng.random((64, 784)) / 784, rng.random(64)
    w2, b2 = rng.random((10, 64)) / 64, rng.random(10)

    def measure(x, y):
        p = np.maximum(x @ w1.T + b1, 0) @ w2.T + b2
        return np.mean(p.argmax(axis=1) == y), np.mean(((p - np.eye(10)[y]) ** 2).sum(axis=1))

    train, test = [], []
    for _ in range(3):
        for start in range(0, 200, 2):
            x, y = x_train[start : start + 2], np.eye(10)[y_train[start : start + 2]]
            hidden = x @ w1.T + b1
            mask = rng.random(hidden.shape) > 0.2
            dropped = np.maximum(hidden, 0) * mask
            slope = 2 * (dropped @ w2.T + b2 - y) / 2
            hidden_slope = (slope @ w2) * mask * (hidden > 0)
            w1 -= 0.01 * hidden_slope.T @ x
            b1 -= 0.01 * hidden_slope.sum(axis=0)
            w2 -= 0.01 * slope.T @ dropped
            b2 -= 0.01 * slope.sum(axis=0)
        train.append(measure(x_train, y_train))
        test.append(measure(x_test, y_test))

    result = run(Run(epochs=3, training_images=200))
    for found, by_hand in (
        (zip(result.train_accuracies, result.train_losses, strict=True), train),
        (zip(result.test_accuracies.to_draw(), result.test_losses.to_draw(), strict=True), test),
    ):
        assert np.allclose(list(found), by_hand, rtol=0, atol=1e-9)
    assert (result.accuracy, result.loss) == (result.test_accuracies[-1], result.test_losses[-1])
    assert result.accuracy > 0.3  # it has learned something in so short a time


# Pairs: with and without dropout, all else is the same


@pytest.mark.parametrize("described", [SHORT, USUAL], ids=["published", "usual"])
@pytest.mark.parametrize("seed", [0, 1, 99])
def test_with_and_without_dropout_start_from_the_same_weights_and_see_the_same_batches(
    monkeypatch, small, described, seed
):
    def watched(one):
        """Weights before the first step, and the features and labels of every batch."""
        weights, batches = [], []

        class Optimizer(RestrainedSGD):
            def __init__(self, parameters, lr, **settings):
                super().__init__(parameters, lr, **settings)
                weights.extend(parameter.data.copy() for parameter in self.parameters)

        class Watched(Digits):
            def __getitem__(self, index):
                features, labels = super().__getitem__(index)
                batches.append((features.data.copy(), labels.data.copy()))
                return features, labels

        monkeypatch.setattr(experiments, "RestrainedSGD", Optimizer)
        monkeypatch.setattr(experiments, "Digits", Watched)
        return run(one, small), weights, batches

    arms = [
        replace(described, seed=seed, probes=(), input_rate=0.0, rate=0.0),
        replace(described, seed=seed, probes=(), input_rate=0.0, rate=0.5),
        replace(described, seed=seed, probes=(), input_rate=0.3, rate=0.5, inverted=True),
    ]
    (first, weights, batches), *others = map(watched, arms)
    assert len(weights) == 4
    assert len(batches) == described.epochs * (100 // described.batch_size)
    for result, other_weights, other_batches in others:
        assert result != first  # the masks do something
        assert all(map(np.array_equal, weights, other_weights))
        assert len(other_batches) == len(batches)
        for (features, labels), (other_features, other_labels) in zip(
            batches, other_batches, strict=True
        ):
            assert np.array_equal(features, other_features)
            assert np.array_equal(labels, other_labels)


def test_other_seeds_have_other_weights_batches_and_wrong_labels():
    one, two = (replace(USUAL, seed=seed) for seed in (0, 1))
    weights = [build(r, np.random.RandomState(r.seed)).parameters[0].data for r in (one, two)]
    assert not np.array_equal(*weights)
    first, second = Digits(one), Digits(two)
    assert not np.array_equal(first.train_labels, second.train_labels)
    assert not np.array_equal(next(iter(first))[0].data, next(iter(second))[0].data)


def test_a_rate_of_zero_leaves_the_layer_out():
    def layers(**rates):
        network = build(replace(USUAL, **rates), np.random.RandomState(0))
        return [layer.details() for layer in network.layers if isinstance(layer, Dropout)]

    assert layers(input_rate=0.0, rate=0.0) == []
    assert layers(input_rate=0.0, rate=0.5) == ["rate=0.5; inverted"]
    assert layers(input_rate=0.2, rate=0.0) == ["rate=0.2; inverted"]
    assert layers(input_rate=0.2, rate=0.5) == ["rate=0.2; inverted", "rate=0.5; inverted"]
    assert layers(input_rate=0.2, rate=0.5, inverted=False) == ["rate=0.2", "rate=0.5"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run_computes_in_its_dtype(dtype):
    described = replace(USUAL, dtype=dtype)
    dataset = Digits(described)
    features, labels = dataset[0]
    predictions = build(described, np.random.RandomState(0))(features)
    assert {t.data.dtype for t in (features, labels, predictions)} == {np.dtype(dtype)}


# What is measured


@pytest.mark.parametrize("epochs", [0, 1, 3])
def test_everything_is_measured_after_each_epoch(small, epochs):
    result = run(replace(SHORT, epochs=epochs), small)
    for measured in (
        result.train_accuracies,
        result.train_losses,
        result.test_accuracies.to_draw(),
        result.test_losses.to_draw(),
    ):
        assert len(measured) == epochs
        assert all(type(value) is float for value in measured)
    assert 0 <= result.accuracy <= 1
    assert result.loss > 0


@pytest.mark.parametrize("curves", [(), ("train",), ("test",), ("test", "train")])
def test_a_half_without_a_curve_is_measured_once_at_the_end(small, curves):
    everything = run(replace(SHORT, epochs=3), small)
    result = run(replace(SHORT, epochs=3, curves=curves), small)
    for half in "train", "test":
        for what in "accuracies", "losses":
            whole, found = (getattr(each, f"{half}_{what}") for each in (everything, result))
            assert found == (whole if half in curves else whole[-1:])
    assert (result.accuracy, result.loss) == (everything.accuracy, everything.loss)


def test_a_run_draws_from_the_generator_that_it_names():
    for name, rng in ("RandomState", np.random.RandomState), ("default_rng", np.random.default_rng):
        trial = experiments.Trial(replace(SHORT, rng=name, seed=5), DATA)
        expected = build(SHORT, rng(5)).parameters
        for found, wanted in zip(trial.network.parameters, expected, strict=True):
            assert np.array_equal(found.data, wanted.data)


def test_the_probes_that_are_asked_for_are_measured(small):
    assert run(SHORT, small).probes == {}
    everything = run(USUAL, small).probes
    assert tuple(everything) == USUAL.probes
    assert all(type(value) is float for values in everything.values() for value in values)


@pytest.mark.parametrize("probe", sorted({**PROBES, **SINCE_BEGINNING}))
def test_a_probe_does_not_change_the_training(small, probe):
    plain, probed = (run(replace(USUAL, probes=probes), small) for probes in ((), (probe,)))
    assert replace(probed, probes={}) == plain


def test_what_was_learned_is_held_against_the_network_as_it_began(small):
    trial = experiments.Trial(USUAL, small)
    begun = build(USUAL, np.random.RandomState(USUAL.seed))
    trial.model.train(trial.dataset, USUAL.epochs)
    assert run(USUAL, small).probes["learned"] == learned(trial.network, begun)


def test_dropout_covers_in_the_epochs_that_have_it(small):
    described = replace(USUAL, probes=(), epochs=4, dropout_from=2, dropout_until=3)
    trial = experiments.Trial(described, small)
    begin = experiments.beginnings(trial.network, described)
    layers = [layer for layer in trial.network.layers if isinstance(layer, Dropout)]
    seen = []
    for epoch in range(1, 6):
        begin(epoch)
        seen.append([layer.dropout_rate for layer in layers])
    assert seen == [[0, 0], [0.2, 0.5], [0.2, 0.5], [0, 0], [0.2, 0.5]]  # and for the probes
    # To the end, where no last epoch is named; and all the time is what it was.
    begin = experiments.beginnings(trial.network, replace(described, dropout_until=0))
    assert run(replace(described, dropout_from=1, dropout_until=4), small) == run(
        replace(described, dropout_from=1, dropout_until=0), small
    )


def test_what_a_probe_draws_depends_on_the_seed_alone(small):
    # Striking out neurons draws from a stream of its own: the other probes do not move it.
    alone = run(replace(USUAL, probes=("deletion",)), small)
    last = run(replace(USUAL, probes=("monte_carlo", "forgotten_eval", "deletion")), small)
    assert alone.probes["deletion"] == last.probes["deletion"]


@pytest.mark.parametrize(
    ("name", "loss"), [("mse", "MSELoss"), ("cross-entropy", "CrossEntropyLoss")]
)
def test_the_loss_is_the_one_that_is_named(small, name, loss):
    assert LOSSES[name].__name__ == loss
    seen = []

    class Watched(MSELoss):
        def loss(self, p, y):
            seen.append(p.shape)
            return super().loss(p, y)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LOSSES, name, Watched)
        run(replace(SHORT, loss=name, epochs=1), small)
    assert seen.count((2, 10)) == 50 + FIRST  # those are noted one network at a time


def test_validation_images_are_measured_and_change_nothing_else():
    described = replace(SHORT, epochs=3, training_images=100)
    held = replace(described, validation_images=50, curves=("train", "validation", "test"))
    plain, found = run(described), run(held)
    assert len(found.validation_accuracies) == len(found.validation_losses) == 3
    assert plain.validation_accuracies == []
    assert replace(found, validation_accuracies=[], validation_losses=[]) == plain
    trial = experiments.Trial(held, DATA)
    trial.model.train(trial.dataset, 3)
    accuracy, loss = trial.model.measure(trial.dataset.validation())
    assert (found.validation_accuracies[-1], found.validation_losses[-1]) == (accuracy, loss)
