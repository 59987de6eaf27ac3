"""What a training is recognised by when it is done again."""

from dataclasses import replace

import numpy as np
import pytest

from nnbook import CrossEntropyLoss, Linear, MSELoss, Sequential, Tensor
from nnbook.lab.experiments import run, run_stack
from nnbook.lab.runs import Run
from nnbook.lab.traces import EARLY, FIRST, FirstLosses, digest

TINY = Run(epochs=1, training_images=20, width=4)
LONG = replace(TINY, epochs=EARLY + 2)


@pytest.mark.parametrize("loss_fn", [MSELoss(), CrossEntropyLoss()], ids=["mse", "cross-entropy"])
def test_the_loss_of_each_network_is_noted_to_eight_digits(loss_fn):
    rng = np.random.default_rng(0)
    p, y = rng.random((6, 10)), np.eye(10)[rng.integers(10, size=6)]
    first = FirstLosses(loss_fn, networks=3)
    assert first(Tensor(p), Tensor(y)).data == loss_fn(Tensor(p), Tensor(y)).data
    for number, noted in enumerate(first.noted):
        part = slice(2 * number, 2 * number + 2)
        exact = float(loss_fn(Tensor(p[part]), Tensor(y[part])).data)
        assert noted == [pytest.approx(exact, rel=1e-7)]
        assert noted == [float(f"{noted[0]:.8g}")] != [exact]


def test_no_more_than_the_first_batches_are_noted(small):
    found = run(replace(TINY, training_images=100), small)
    assert len(found.first_losses) == FIRST
    assert run(replace(TINY, training_images=100, epochs=3), small).first_losses == (
        found.first_losses
    )
    assert len(run(TINY, small).first_losses) == 10  # all there are


def test_noting_changes_no_gradient():
    p, plain = (Tensor(np.array([[1.0, 3.0]])) for _ in range(2))
    y = Tensor(np.array([[0.0, 1.0]]))
    FirstLosses(MSELoss())(p, y).backward()
    MSELoss()(plain, y).backward()
    assert np.array_equal(p.grad, plain.grad)


def test_a_network_of_a_stack_has_the_traces_that_it_has_alone(small):
    stack = [replace(LONG, seed=seed) for seed in range(3)]
    assert run_stack(stack, small) == (alone := [run(each, small) for each in stack])
    for name in ("first_losses", "early_weights", "weights"):
        assert len({str(getattr(each, name)) for each in alone}) == 3


def test_a_digest_is_of_every_bit_of_every_parameter():
    def digest_with(place, value):
        network = Sequential([Linear(3, 2, rng=0), Linear(2, 1, rng=0)])
        if place is not None:
            network.parameters[place].data[-1] += value
        return digest(network)

    changed = [digest_with(place, 1e-15) for place in range(4)]
    assert len({digest_with(None, 0), *changed}) == 5
    assert digest_with(None, 0) == digest_with(0, 0)


def test_it_does_not_depend_on_how_weights_lie_in_memory():
    network = Sequential([Linear(3, 2, rng=0)])
    before = digest(network)
    network.parameters[0].data = np.ascontiguousarray(network.parameters[0].data)
    other = digest(network)
    network.parameters[0].data = np.asfortranarray(network.parameters[0].data)
    assert before == other == digest(network)


def test_early_weights_are_those_of_a_run_that_ends_there(small):
    long, short = run(LONG, small), run(replace(LONG, epochs=EARLY), small)
    assert long.early_weights == short.early_weights == short.weights != long.weights
    assert run(replace(LONG, epochs=EARLY - 1), small).early_weights == ""
    assert long.test_accuracies[:EARLY] == short.test_accuracies
