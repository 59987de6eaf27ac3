"""The published experiment, once as a plain script and once with the library."""

from pathlib import Path

import numpy as np
import pytest

from nnbook import (
    Dropout,
    Flatten,
    Linear,
    MNISTDataset,
    MSELoss,
    NNModel,
    ReLU,
    Sequential,
    SGDOptimizer,
)

TINYMNIST = Path(__file__).parents[1] / "data" / "tinymnist.npz"
SEED, BATCH, LR, EPOCHS, RATE = 99, 2, 0.01, 10, 0.2


def plain_script():
    """No classes, and every draw from NumPy's global state, in the order of the program."""
    with np.load(TINYMNIST) as file:
        x_train, y_train = file["x_train"].reshape(-1, 784) / 255, np.eye(10)[file["y_train"]]
        x_test, y_test = file["x_test"].reshape(-1, 784) / 255, file["y_test"]
    np.random.seed(SEED)
    w1 = np.random.random((64, 784)) / 784
    b1 = np.random.random(64)
    w2 = np.random.random((10, 64)) / 64
    b2 = np.random.random(10)
    for _ in range(EPOCHS):
        for start in range(0, len(x_train), BATCH):
            x, y = x_train[start : start + BATCH], y_train[start : start + BATCH]
            hidden = x @ w1.T + b1
            mask = np.random.random(hidden.shape) > RATE
            dropped = np.maximum(hidden, 0) * mask
            p = dropped @ w2.T + b2
            p_slope = 2 * (p - y) / len(x)
            hidden_slope = (p_slope @ w2) * mask * (hidden > 0)
            w1 -= LR * hidden_slope.T @ x
            b1 -= LR * hidden_slope.sum(axis=0)
            w2 -= LR * p_slope.T @ dropped
            b2 -= LR * p_slope.sum(axis=0)
    p = np.maximum(x_test @ w1.T + b1, 0) @ w2.T + b2
    return [w1, b1, w2, b2], p, float(np.mean(p.argmax(axis=1) == y_test))


def with_the_library():
    rng = np.random.RandomState(SEED)
    network = Sequential(
        [
            Flatten(),
            Linear(784, 64, rng=rng),
            ReLU(),
            Dropout(RATE, rng=rng),
            Linear(64, 10, rng=rng),
        ]
    )
    dataset = MNISTDataset(TINYMNIST, batch_size=BATCH)
    model = NNModel(network, MSELoss(), SGDOptimizer(network.parameters, lr=LR))
    model.train(dataset, EPOCHS)
    predictions, _ = model.test(dataset)
    weights = [parameter.data for parameter in network.parameters]
    return weights, predictions.data, dataset.estimate(predictions)


@pytest.fixture
def _global_random_state_is_put_back():
    state = np.random.get_state()
    yield
    np.random.set_state(state)


@pytest.mark.usefixtures("_global_random_state_is_put_back")
def test_the_published_run_is_the_same_with_the_library_as_in_a_plain_script():
    weights_of_script, predictions_of_script, accuracy_of_script = plain_script()
    weights, predictions, accuracy = with_the_library()
    for ours, plain in zip(weights, weights_of_script, strict=True):
        assert np.allclose(ours, plain, rtol=0, atol=1e-9)
    assert np.allclose(predictions, predictions_of_script, rtol=0, atol=1e-9)
    assert accuracy == accuracy_of_script
    assert accuracy > 0.9  # it has learned: two runs that fail alike would be equal too
