"""What the chapter on history says of PyTorch, asked of the real PyTorch."""

import re
from pathlib import Path

import numpy as np
import pytest

from nnbook import (
    Dropout,
    Flatten,
    Linear,
    MSELoss,
    NNBookError,
    ReLU,
    Sequential,
    SGDOptimizer,
    Tensor,
)

pytestmark = pytest.mark.peers
RATE = 0.3


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="make test-peers installs it")


def ours(values, mask):
    """Our layer's output and gradient, for a mask that PyTorch drew."""
    layer = Dropout(RATE, inverted=True)

    class Drawn:
        def random(self, shape):
            assert shape == mask.shape
            return np.where(mask, 1.0, 0.0)

    layer.rng = Drawn()
    x = Tensor(values)
    y = layer(x)
    (y * y).sum().backward()
    return y.data, x.grad


def theirs(torch, values):
    torch.manual_seed(0)
    x = torch.tensor(values, requires_grad=True)
    y = torch.nn.Dropout(p=RATE)(x)
    (y * y).sum().backward()
    return y.detach().numpy(), x.grad.numpy()


def test_p_is_the_probability_to_drop_and_what_is_left_is_always_scaled(torch):
    values = np.ones((1000, 100))
    found, _ = theirs(torch, values)
    assert abs((found == 0).mean() - RATE) < 0.01
    assert np.allclose(found[found != 0], 1 / (1 - RATE))


def test_forward_and_backward_are_the_same_for_the_same_mask(torch):
    values = np.random.default_rng(0).normal(size=(50, 20))
    their_output, their_gradient = theirs(torch, values)
    output, gradient = ours(values, their_output != 0)
    assert np.allclose(output, their_output, rtol=1e-12)
    assert np.allclose(gradient, their_gradient, rtol=1e-12)


def test_eval_mode_gives_the_input_back(torch):
    values = np.ones((2, 3))
    layer = torch.nn.Dropout(p=RATE)
    layer.eval()
    assert np.array_equal(layer(torch.tensor(values)).numpy(), values)


def test_a_rate_of_one_is_accepted_there_and_refused_here(torch):
    assert not torch.nn.Dropout(p=1)(torch.ones(5)).any()
    with pytest.raises(NNBookError):
        Dropout(1)


def test_the_masks_come_from_one_generator_and_are_not_shown(torch):
    torch.manual_seed(1)
    first = torch.nn.Dropout(p=RATE)(torch.ones(100))
    torch.manual_seed(1)
    layer = torch.nn.Dropout(p=RATE)
    assert torch.equal(layer(torch.ones(100)), first)
    assert not hasattr(layer, "mask")


def test_train_and_eval_switch_the_layer_on_and_off_again(torch):
    layer, x = torch.nn.Dropout(p=RATE), torch.ones(1000)
    layer.eval()
    assert torch.equal(layer(x), x)
    layer.train()
    assert (layer(x) == 0).any()


def written():
    """The program of the chapter on history."""
    chapter = Path(__file__).parents[2] / "book" / "history.md"
    (program,) = re.findall(r"```python\n(import torch\n.*?)```", chapter.read_text("utf-8"), re.S)
    return program


def test_the_program_of_the_chapter_trains_and_then_predicts_without_gradients(torch):
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    features = torch.tensor(rng.random((40, 1, 28, 28)), dtype=torch.float32)
    labels = torch.eye(10)[torch.arange(40) % 10]
    batches = [(features[at : at + 2], labels[at : at + 2]) for at in range(0, 40, 2)] * 20
    found = {"batches": batches, "images": features}
    exec(written(), found)  # noqa: S102 - the book's own words
    assert found["predictions"].shape == (40, 10)
    assert not found["predictions"].requires_grad
    assert not found["network"].training
    # It learned: random predictions of these labels are off by more than saying 0.1 always.
    assert torch.nn.functional.mse_loss(found["predictions"], labels) < 0.09


def test_the_loss_of_the_program_and_its_step_are_ours(torch):
    rng = np.random.default_rng(1)
    features, labels = rng.random((2, 1, 28, 28)), np.eye(10)[[3, 7]]
    program = written().replace("p=0.2", "p=0.0")  # whose masks are no concern here
    found = {
        "batches": [(torch.tensor(features), torch.tensor(labels))],
        "images": torch.tensor(features),
    }
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    try:
        # The weights as they are before the step.
        start, rest = program.split("network.train()")
        exec(start, found)  # noqa: S102 - the book's own words
        before = [parameter.detach().clone() for parameter in found["network"].parameters()]
        exec("network.train()" + rest, found)  # noqa: S102
    finally:
        torch.set_default_dtype(torch.float32)
    first, last = Linear(784, 64), Linear(64, 10)
    network = Sequential([Flatten(), first, ReLU(), last])
    for parameter, value in zip(network.parameters, before, strict=True):
        parameter.data[:] = value.numpy().reshape(parameter.shape)
    optimizer = SGDOptimizer(network.parameters, lr=0.01)
    loss = MSELoss()(network(Tensor(features)), Tensor(labels))
    optimizer.reset()
    loss.backward()
    optimizer.step()
    assert float(loss.data) == pytest.approx(found["loss"].item())
    for ours, theirs in zip(network.parameters, found["network"].parameters(), strict=True):
        assert np.allclose(ours.data.ravel(), theirs.detach().numpy().ravel())
