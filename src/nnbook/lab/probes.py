"""Probes: what is asked of a trained network, beyond its accuracy.

Each takes a trained network whose data set shows the test half, and a generator;
each gives a list of numbers. One that runs the network leaves it in eval mode.
"""

from collections.abc import Callable

import numpy as np

from nnbook.dataset import Dataset
from nnbook.dropout import Dropout
from nnbook.errors import NNBookError
from nnbook.layer import Linear, Sequential
from nnbook.tensor import Array, Tensor

Probe = Callable[[Sequential, Dataset, np.random.Generator], list[float]]

PASSES = 50
DELETED_SHARES = tuple(share / 10 for share in range(10))
DELETIONS = 10
ACTIVATION_EDGES = np.linspace(0, 5, 26)
SIDE, RIM = 28, 4  # pixels; the rim is blank in nearly all images, so nothing is learned there
FILTERS = 16
ANGLES = tuple(range(0, 91, 15))  # degrees
TURNED_IMAGES = 200
MOST_SUBNETWORKS = 2**12


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


def correlation(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """The mean size of the correlation between two hidden neurons over the test images.

    Neurons that give the same for all images have none and are left out; where fewer than
    two are left over, it is 0.
    """
    hidden, _ = hidden_activations(network, dataset)
    varying = hidden[:, hidden.std(axis=0) > 0].astype(float)
    if varying.shape[1] < 2:
        return [0.0]
    sizes = np.abs(np.corrcoef(varying.T))
    return [float(sizes[np.triu_indices(len(sizes), 1)].mean())]


def smoothness(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """How alike the weights of neighbouring pixels are, as a correlation, mean over neurons."""
    weights = first_weights(network)[:, RIM:-RIM, RIM:-RIM]
    across = weights[:, :, :-1], weights[:, :, 1:]
    down = weights[:, :-1, :], weights[:, 1:, :]
    alike = [
        np.corrcoef(one.ravel(), other.ravel())[0, 1]
        for pair in (across, down)
        for one, other in zip(*pair, strict=True)
    ]
    return [float(np.mean(alike))]


def filters(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """The weights of the first 16 hidden neurons, one picture of 28×28 after another."""
    return [float(f"{value:.4g}") for value in first_weights(network)[:FILTERS].ravel()]


def turned(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """Ask about test images that are turned, from 0° to 90°, by 50 passes with masks on.

    Gives five values for each angle: the accuracy in eval mode, the mean confidence there and
    that of the averaged probabilities, the mutual information of answer and masks in nats, which
    is how much the passes disagree, and the accuracy of the averaged probabilities.

    Source:
        Gal and Ghahramani, ICML 2016; for the mutual information Houlsby, Huszár, Ghahramani
        and Lengyel, arXiv:1112.5745, 2011.
    """
    dataset.eval()
    images, labels = dataset.items()
    chosen = rng.permutation(len(images.data))[:TURNED_IMAGES]
    right = labels.data[chosen].argmax(axis=1)
    found = []
    for degrees in ANGLES:
        x = Tensor(turn(images.data[chosen, 0], degrees)[:, np.newaxis])
        network.train()
        passes = np.array([softmax(network(x).data.astype(float)) for _ in range(PASSES)])
        network.eval()
        single = softmax(network(x).data.astype(float))
        average = passes.mean(axis=0)
        disagreement = entropy(average) - entropy(passes).mean(axis=0)
        found += [
            float(np.mean(single.argmax(axis=1) == right)),
            float(single.max(axis=1).mean()),
            float(average.max(axis=1).mean()),
            float(disagreement.mean()),
            float(np.mean(average.argmax(axis=1) == right)),
        ]
    return found


def turn(images: Array, degrees: float) -> Array:
    """Turn square images anticlockwise about their middle; what comes in from outside is 0.

    Args:
        images: ``(n, side, side)``.
        degrees: any angle.

    Example:
        >>> turn(np.array([[[0.0, 1.0], [0.0, 0.0]]]), 90)[0].round(6) + 0.0
        array([[1., 0.],
               [0., 0.]])
    """
    side = images.shape[-1]
    middle = (side - 1) / 2
    down, right = np.mgrid[:side, :side] - middle
    angle = np.deg2rad(degrees)
    from_row = np.cos(angle) * down + np.sin(angle) * right + middle
    from_column = np.cos(angle) * right - np.sin(angle) * down + middle
    # Each pixel is mixed from the four around the point that it comes from.
    row, column = np.floor(from_row).astype(int), np.floor(from_column).astype(int)
    low, left = from_row - row, from_column - column
    padded = np.pad(images, ((0, 0), (side, side), (side, side)))
    return np.asarray(
        sum(
            share * padded[:, side + row + below, side + column + beside]
            for below, beside, share in (
                (0, 0, (1 - low) * (1 - left)),
                (0, 1, (1 - low) * left),
                (1, 0, low * (1 - left)),
                (1, 1, low * left),
            )
        ),
        dtype=images.dtype,
    )


def entropy(probabilities: Array) -> Array:
    """The entropy of each distribution along the last axis, in nats.

    Example:
        >>> entropy(np.array([1.0, 0.0]))
        array(0.)
    """
    logs = np.log(np.maximum(probabilities, np.finfo(float).tiny))
    return np.asarray(-(probabilities * logs).sum(axis=-1) + 0.0)


def subnetworks(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """Ask every network that the dropout layer before the last layer can leave over.

    Gives the accuracy of the full network, that of the normalised geometric mean of all
    sub-networks' probabilities (each weighted by how likely its mask is), the largest
    difference of any probability of those two, the accuracy of the arithmetic mean; then the
    accuracy of each sub-network, by its mask read as a binary number.

    Raises:
        NNBookError: the network does not end with an inverted `Dropout` and a `Linear`, or
            has too many sub-networks to ask them all.
    """
    hidden, last = hidden_activations(network, dataset)
    dropout = network.layers[-2]
    width = hidden.shape[1]
    if not isinstance(dropout, Dropout) or not dropout.inverted or 2**width > MOST_SUBNETWORKS:
        raise NNBookError(
            "sub-networks are counted where an inverted Dropout stands before the last layer, "
            f"over at most {MOST_SUBNETWORKS.bit_length() - 1} neurons, got {width} and {dropout!r}"
        )
    weight, bias = last.weight.data, last.bias.data
    full = softmax(hidden @ weight.T + bias)
    rate = dropout.dropout_rate
    logarithms, arithmetic = np.zeros_like(full), np.zeros_like(full)
    accuracies = []
    for number in range(2**width):
        mask = (number >> np.arange(width)) & 1
        likely = np.prod(np.where(mask, 1 - rate, rate))
        given = softmax(hidden * (mask / (1 - rate)) @ weight.T + bias)
        logarithms += likely * np.log(given)
        arithmetic += likely * given
        accuracies.append(dataset.estimate(Tensor(given)))
    geometric = softmax(logarithms)
    return [
        dataset.estimate(Tensor(full)),
        dataset.estimate(Tensor(geometric)),
        float(np.abs(full - geometric).max()),
        dataset.estimate(Tensor(arithmetic)),
        *accuracies,
    ]


def first_weights(network: Sequential) -> Array:
    """The weights of the first `Linear`, a picture of 28×28 for each of its neurons."""
    first = next(layer for layer in network.layers if isinstance(layer, Linear))
    return first.weight.data.reshape(-1, SIDE, SIDE).astype(float)


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
    "correlation": correlation,
    "smoothness": smoothness,
    "filters": filters,
    "turned": turned,
    "subnetworks": subnetworks,
}
