"""A stack gives each of its networks what it would have had alone, to the last bit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import (
    CrossEntropyLoss,
    Dataset,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MSELoss,
    NNBookError,
    NNModel,
    ReLU,
    Sequential,
    SGDOptimizer,
)
from nnbook.lab.experiments import run, run_stack
from nnbook.lab.runs import Run
from nnbook.lab.stacks import StackedDataset, StackedLoss, Streams, stack
from nnbook.lab.studies import STUDIES


def shrunk(described):
    held = min(described.validation_images, 24)
    return replace(described, epochs=2, training_images=96, validation_images=held)


KINDS = {
    f"{study}-{arm}": shrunk(described)
    for study, found in STUDIES.items()
    for arm, described in found.arms.items()
}


@pytest.fixture(autouse=True)
def few_digits(small, monkeypatch):
    monkeypatch.setenv("NNBOOK_DATA", str(small))
    monkeypatch.setattr("nnbook.model.SLICE", 25)  # or all of them would be one


def seeds(described, count):
    return [replace(described, seed=seed) for seed in range(count)]


@pytest.mark.parametrize("described", KINDS.values(), ids=KINDS)
def test_every_study_is_the_same_in_a_stack_and_alone(described):
    runs = seeds(described, 3)
    assert run_stack(runs) == [run(each) for each in runs]


@pytest.mark.parametrize("length", [1, 2, 7])
def test_the_length_of_a_stack_changes_nothing(length):
    runs = seeds(replace(KINDS["usual-with"], probes=("deletion", "activations")), length)
    assert run_stack(runs) == [run(each) for each in runs]


def test_the_seeds_of_a_stack_may_be_any_in_any_order():
    runs = [replace(KINDS["noisy-with"], seed=seed) for seed in (99, 3, 41)]
    assert run_stack(runs) == [run(each) for each in runs]


class Points(Dataset):
    """A few points with their classes, drawn by a seed."""

    def __init__(self, seed, sizes, shuffle, dtype):
        self.seed, self.sizes, self.dtype = seed, sizes, dtype
        super().__init__(sizes[1], shuffle=shuffle, rng=seed)

    def load(self):
        samples, _, values, classes = self.sizes
        rng = np.random.default_rng(self.seed)
        self.train_features = rng.normal(size=(samples, 1, values)).astype(self.dtype)
        self.train_labels = np.eye(classes, dtype=self.dtype)[rng.integers(classes, size=samples)]
        self.test_features, self.test_labels = self.train_features, self.train_labels


sizes = st.tuples(st.integers(8, 40), st.integers(1, 8), st.integers(1, 70), st.integers(2, 12))


@given(
    count=st.integers(1, 5),
    sizes=sizes,
    width=st.integers(1, 70),
    rate=st.sampled_from([0.0, 0.3, 0.8]),
    loss_fn=st.sampled_from([MSELoss(), MSELoss(reduction="mean"), CrossEntropyLoss()]),
    shuffle=st.booleans(),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_networks_of_any_shape_learn_the_same_bits_in_a_stack(
    count, sizes, width, rate, loss_fn, shuffle, dtype
):
    def made(seed):
        rng = np.random.default_rng(seed)
        layers = [Flatten(), Linear(sizes[2], width, rng=rng, dtype=dtype), ReLU()]
        layers += [Dropout(rate, inverted=True, rng=rng)] if rate else []
        layers += [Linear(width, sizes[3], init="he", rng=rng, dtype=dtype)]
        return Sequential(layers), Points(seed, sizes, shuffle, dtype)

    def train(network, loss_fn, dataset):
        NNModel(network, loss_fn, SGDOptimizer(network.parameters, lr=0.001)).train(dataset, 2)

    alone, together = ([made(seed) for seed in range(count)] for _ in range(2))
    for network, dataset in alone:
        train(network, loss_fn, dataset)
    networks, datasets = zip(*together, strict=True)
    train(stack(networks), StackedLoss(loss_fn, count), StackedDataset(datasets))
    for (network, _), stacked in zip(alone, networks, strict=True):
        for one, other in zip(network.parameters, stacked.parameters, strict=True):
            assert one.data.dtype == other.data.dtype == np.dtype(dtype)
            assert np.array_equal(one.data, other.data)


# What cannot be stacked


@pytest.mark.parametrize("setting", [{"rate": 0.4}, {"epochs": 3}, {"curves": ()}])
def test_runs_that_differ_in_more_than_their_seeds_are_refused(setting):
    described = KINDS["usual-with"]
    with pytest.raises(NNBookError, match="differ in nothing but their seeds"):
        run_stack([described, replace(described, **setting)])


def test_a_stack_of_nothing_is_refused():
    with pytest.raises(NNBookError, match="differ in nothing but their seeds"):
        run_stack([])


def test_a_layer_that_no_stack_knows_is_refused():
    class Double(Layer):
        def forward(self, x):
            return x * 2.0

    with pytest.raises(
        NNBookError, match=r"BlockDropout, GaussianNoise and DropConnect layers, got Double\[\]"
    ):
        stack([Sequential([Double()])] * 2)


def test_data_sets_of_different_length_are_refused():
    with pytest.raises(NNBookError, match="batches of one number and size"):
        StackedDataset([Points(0, (8, 2, 3, 2), False, "f8"), Points(0, (6, 2, 3, 2), False, "f8")])


def test_each_part_of_a_draw_comes_from_a_generator_of_its_own():
    streams = Streams([np.random.RandomState(5), np.random.RandomState(6)])
    alone = [np.random.RandomState(5), np.random.RandomState(6)]
    for shape in ((2, 3), (2, 4, 1)):
        expected = [rng.random(shape[1:]) for rng in alone]
        assert np.array_equal(streams.random(shape), expected)


def test_a_default_run_can_be_stacked():
    runs = seeds(Run(epochs=1, training_images=10), 2)
    assert run_stack(runs) == [run(each) for each in runs]
