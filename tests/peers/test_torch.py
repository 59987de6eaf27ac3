"""What the chapter on history says of PyTorch, asked of the real PyTorch."""

import numpy as np
import pytest

from nnbook import Dropout, NNBookError, Tensor

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
