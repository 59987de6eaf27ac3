import numpy as np
import pytest

from nnbook import Dropout, Linear, NNBookError, SGDOptimizer, Tensor, gradcheck
from nnbook.lab.rivals import BlockDropout, DropConnect, GaussianNoise, RestrainedSGD

RNG = np.random.default_rng(0)

# Gaussian noise


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_gaussian_noise_has_the_mean_and_variance_of_inverted_dropout(rate):
    ones = Tensor(np.ones((400, 500)))
    noise = GaussianNoise(rate, rng=0)(ones).data
    dropped = Dropout(rate, inverted=True, rng=0)(ones).data
    assert noise.mean() == pytest.approx(dropped.mean(), abs=0.02)
    assert noise.var() == pytest.approx(dropped.var(), rel=0.02)
    assert len(np.unique(noise)) > 100_000  # and it is no mask


def test_the_gradient_of_gaussian_noise_goes_the_way_the_values_went():
    x = Tensor(RNG.normal(size=(3, 4)))
    assert gradcheck(lambda x: GaussianNoise(0.5, rng=1)(x), [x]) < 1e-6


def test_each_call_draws_anew_and_eval_mode_draws_nothing():
    layer, x = GaussianNoise(0.5, rng=0), Tensor(np.ones((2, 3)))
    assert not np.array_equal(layer(x).data, layer(x).data)
    layer.eval()
    assert layer(x) is x
    assert layer.parameters == []
    assert repr(layer) == "GaussianNoise[rate=0.5]"


# Blocks


@pytest.mark.parametrize(("rate", "size"), [(0.2, 8), (0.5, 3), (0.3, 1)])
def test_blocks_cover_as_many_pixels_as_dropout_does_and_scale_the_rest(rate, size):
    layer = BlockDropout(rate, size, rng=0)
    given = layer(Tensor(np.ones((4000, 100)))).data
    assert set(np.unique(given)) == {0, 1 / (1 - rate)}
    assert (given == 0).mean() == pytest.approx(rate, abs=0.02)
    # Every pixel as often as any other, at the rim and in the middle.
    assert np.allclose((given == 0).mean(axis=0), rate, atol=0.05)


def test_a_square_is_covered_as_a_whole_wherever_the_grid_lies():
    covered = BlockDropout(0.5, 4, rng=1)(Tensor(np.ones((200, 144)))).data.reshape(-1, 12, 12) == 0
    shifts = set()
    for image in covered:
        fitting = [
            (down, right)
            for down in range(4)
            for right in range(4)
            if all(
                len(np.unique(square)) == 1
                for rows in np.split(image, range(4 - down, 12, 4))
                for square in np.split(rows, range(4 - right, 12, 4), axis=1)
                if square.size
            )
        ]
        assert fitting
        shifts.update(fitting if len(fitting) == 1 else [])
    assert len(shifts) == 16


def test_a_square_of_one_pixel_is_a_pixel_by_itself():
    covered = BlockDropout(0.5, 1, rng=0)(Tensor(np.ones((3000, 16)))).data == 0
    assert np.abs(np.corrcoef(covered.T) - np.eye(16)).max() < 0.1


def test_the_gradient_of_blocks_goes_the_way_the_values_went():
    x = Tensor(RNG.normal(size=(3, 16)))
    assert gradcheck(lambda x: BlockDropout(0.5, 2, rng=1)(x), [x]) < 1e-6


def test_blocks_are_drawn_anew_and_eval_mode_draws_nothing():
    layer, x = BlockDropout(0.5, 2, rng=0), Tensor(np.ones((2, 16), dtype=np.float32))
    assert not np.array_equal(layer(x).data, layer(x).data)
    assert layer(x).data.dtype == np.float32
    layer.eval()
    assert layer(x) is x
    assert repr(layer) == "BlockDropout[rate=0.5; size=2]"


def test_blocks_need_square_images_and_a_side():
    with pytest.raises(NNBookError, match=r"^rows of square images are needed, got \(2, 10\)$"):
        BlockDropout(0.5, 2)(Tensor(np.ones((2, 10))))
    with pytest.raises(NNBookError, match=r"^a square has a side of 1 pixel or more, got 0$"):
        BlockDropout(0.5, 0)


# DropConnect


def made(rate=0.5):
    return DropConnect(Linear(5, 3, rng=0), rate, rng=1)


def test_dropconnect_strikes_out_weights_and_scales_the_rest():
    layer = made()
    x = Tensor(np.eye(5))
    weights = (layer(x).data - layer.linear.bias.data).T
    left = weights != 0
    assert 0 < left.sum() < left.size
    assert np.allclose(weights[left], 2 * layer.linear.weight.data[left])


def test_the_mean_over_many_masks_is_the_layer_itself():
    layer, x = made(0.3), Tensor(RNG.normal(size=(2, 5)))
    mean = np.mean([layer(x).data for _ in range(20_000)], axis=0)
    assert np.allclose(mean, layer.linear(x).data, atol=0.02)


def test_the_gradients_of_dropconnect_go_through_its_mask():
    linear = Linear(5, 3, rng=0)
    x = Tensor(RNG.normal(size=(4, 5)))
    tensors = [x, *linear.parameters]
    assert gradcheck(lambda *_: DropConnect(linear, 0.5, rng=1)(x), tensors) < 1e-6


def test_dropconnect_in_eval_mode_is_the_layer_itself():
    layer, x = made(), Tensor(RNG.normal(size=(2, 5)))
    layer.eval()
    assert np.array_equal(layer(x).data, layer.linear(x).data)
    assert layer.parameters == layer.linear.parameters


@pytest.mark.parametrize("rate", [-0.1, 1, float("nan")])
def test_a_rate_outside_its_range_is_refused(rate):
    for build in (
        GaussianNoise,
        lambda rate: BlockDropout(rate, 2),
        lambda rate: DropConnect(Linear(2, 2), rate),
    ):
        with pytest.raises(NNBookError, match=r"^a rate must lie in \[0, 1\), got .*; write 0\.5$"):
            build(rate)


# Restraints


def step(weight, bias, **settings):
    parameters = [Tensor(weight), Tensor(bias)]
    for parameter in parameters:
        parameter.grad += 1.0
    RestrainedSGD(parameters, 0.1, **settings).step()
    return [parameter.data for parameter in parameters]


def test_without_restraints_it_is_gradient_descent():
    parameters = [Tensor([[3.0, 4.0]]), Tensor([1.0])]
    for parameter in parameters:
        parameter.grad += 1.0
    SGDOptimizer(parameters, 0.1).step()
    for found, expected in zip(step([[3.0, 4.0]], [1.0]), parameters, strict=True):
        assert np.array_equal(found, expected.data)


def test_weight_decay_shrinks_weights_and_leaves_biases_be():
    weight, bias = step([[3.0, 4.0]], [1.0], weight_decay=0.5)
    assert np.allclose(weight, np.array([[2.9, 3.9]]) * 0.95)
    assert np.allclose(bias, [0.9])


def test_max_norm_scales_back_only_the_rows_that_are_too_long():
    weight, bias = step([[3.1, 4.1], [0.3, 0.3], [0.1, 0.1]], [9.0], max_norm=1.0)
    assert np.allclose(weight, [[0.6, 0.8], [0.2, 0.2], [0, 0]])
    assert np.allclose(bias, [8.9])


@pytest.mark.parametrize("settings", [{"weight_decay": -1.0}, {"max_norm": -1.0}])
def test_restraints_below_zero_are_refused(settings):
    with pytest.raises(NNBookError, match="weight_decay and max_norm must be 0 or more"):
        step([[1.0]], [1.0], **settings)
