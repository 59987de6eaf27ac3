"""Probes: what is asked of a trained network, beyond its accuracy.

Each takes a trained network whose data set shows the test half, and a generator;
each gives a list of numbers. The network is left in eval mode.
"""

from collections.abc import Callable

import numpy as np

from nnbook.dataset import Dataset
from nnbook.errors import NNBookError
from nnbook.layer import Linear, Sequential
from nnbook.tensor import Array, Tensor

Probe = Callable[[Sequential, Dataset, np.random.Generator], list[float]]

PASSES = 50
DELETED_SHARES = tuple(share / 10 for share in range(10))
DELETIONS = 10
ACTIVATION_EDGES = np.linspace(0, 5, 26)


def softmax(logits: Array) -> Array:
    """Turn each row of ``logits`` into probabilities.

    Example:
        >>> softmax(np.array([[0.0, 0.0]]))
        array([[0.5, 0.5]])
    """
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def negative_log_likelihood(probabilities: Array, labels: Array) -> float:
    """The mean of ``-log`` of the probability that each right answer was given.

    Example:
        >>> negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]]))
        0.0
    """
    given = (probabilities * labels).sum(axis=1)
    return float(-np.log(np.maximum(given, np.finfo(float).tiny)).mean() + 0.0)


def forgotten_eval(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """Test ten times with the network left in training mode: the ten accuracies."""
    features, _ = dataset.items()
    network.train()
    accuracies = [dataset.estimate(network(features)) for _ in range(10)]
    network.eval()
    return accuracies


def monte_carlo(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """Average the probabilities of 50 passes with masks on.

    Gives accuracy and negative log-likelihood of the average, then of eval mode.
    """
    features, labels = dataset.items()
    network.train()
    average = np.mean([softmax(network(features).data) for _ in range(PASSES)], axis=0)
    network.eval()
    single = softmax(network(features).data)
    return [
        value
        for probabilities in (average, single)
        for value in (
            dataset.estimate(Tensor(probabilities)),
            negative_log_likelihood(probabilities, labels.data),
        )
    ]


def deletion(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """Strike out a share of the hidden neurons of the trained network for good.

    Gives the mean accuracy over ten random choices for each share 0, 0.1 … 0.9.
    """
    hidden, last = hidden_activations(network, dataset)
    accuracies = []
    for share in DELETED_SHARES:
        found = []
        for _ in range(DELETIONS):
            kept = np.ones(hidden.shape[1])
            kept[rng.permutation(len(kept))[: round(share * len(kept))]] = 0
            found.append(dataset.estimate(last(Tensor(hidden * kept))))
        accuracies.append(float(np.mean(found)))
    return accuracies


def activations(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """How strongly hidden neurons answer to the test images.

    Gives the mean, the share that is exactly zero, then the shares in 25 bins
    from 0 to 5 (what is above counts in the last one).
    """
    hidden, _ = hidden_activations(network, dataset)
    counts, _ = np.histogram(np.minimum(hidden, ACTIVATION_EDGES[-1]), ACTIVATION_EDGES)
    return [float(hidden.mean()), float((hidden == 0).mean()), *(counts / hidden.size).tolist()]


def hidden_activations(network: Sequential, dataset: Dataset) -> tuple[Array, Linear]:
    """What goes into the last layer in eval mode, and that layer.

    Returns:
        An array ``(n, width)`` and the last `Linear`.

    Raises:
        NNBookError: the network does not end with a `Linear`.
    """
    *before, last = network.layers
    if not isinstance(last, Linear):
        raise NNBookError(f"the last layer must be a Linear, got {last!r}")
    network.eval()
    dataset.eval()
    x, _ = dataset.items()
    for layer in before:
        x = layer(x)
    return x.data, last


PROBES: dict[str, Probe] = {
    "forgotten_eval": forgotten_eval,
    "monte_carlo": monte_carlo,
    "deletion": deletion,
    "activations": activations,
}
