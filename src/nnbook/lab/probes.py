"""Probes: what is asked of a trained network, beyond its accuracy.

Each takes a trained network whose data set shows the test half, and a generator;
each gives a list of numbers. One that runs the network leaves it in eval mode.
"""

from collections.abc import Callable

import numpy as np

from nnbook.activation import ReLU
from nnbook.dataset import Dataset
from nnbook.dropout import Dropout
from nnbook.errors import NNBookError
from nnbook.layer import Layer, Linear, Sequential
from nnbook.tensor import Array, Tensor

Probe = Callable[[Sequential, Dataset, np.random.Generator], list[float]]
ProbeSinceBeginning = Callable[[Sequential, Sequential], list[float]]

PASSES = 50
DELETED_SHARES = tuple(share / 10 for share in range(10))
DELETIONS = 10
ACTIVATION_EDGES = np.linspace(0, 5, 26)
SIDE, RIM = 28, 4  # pixels; the rim is blank in nearly all images, so nothing is learned there
FILTERS = 16
ANGLES = tuple(range(0, 91, 15))  # degrees
TURNED_IMAGES, TURNED_VALUES = 400, 9
AVERAGED, CHOICES = (1, 2, 5, 20, 100), 20
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

    Gives that of what the neurons hand on, then that of what goes into their `ReLU`. Neurons that
    give the same for all images have none and are left out; where fewer than two are left over,
    it is 0.
    """
    hidden, _ = hidden_activations(network, dataset)
    found = []
    for values in (hidden, before_relu(network, dataset)):
        varying = values[:, values.std(axis=0) > 0].astype(float)
        sizes = np.abs(np.corrcoef(varying.T)) if varying.shape[1] > 1 else np.zeros((2, 2))
        found.append(float(sizes[np.triu_indices(len(sizes), 1)].mean()))
    return found


def smoothness(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """How alike the weights of neighbouring pixels are, as a correlation, mean over neurons."""
    return [_alike(first_weights(network))]


def learned(network: Sequential, begun: Sequential) -> list[float]:
    """What training has added to the weights of the first layer, apart from what they began as.

    Gives how alike the additions of neighbouring pixels are, as `smoothness` does for the
    weights, and the length of all additions as a share of that of the weights at the beginning.

    Args:
        network: the trained one.
        begun: the same one before its training.
    """
    start = first_weights(begun)
    added = first_weights(network) - start
    return [_alike(added), float(np.linalg.norm(added) / np.linalg.norm(start))]


def _alike(pictures: Array) -> float:
    """The correlation of neighbouring pixels within the rim, mean over pictures and directions.

    Pictures of one single value have none and are left out; where no others are, it is 0.
    """
    weights = pictures[:, RIM:-RIM, RIM:-RIM]
    weights = weights[np.ptp(weights, axis=(1, 2)) > 0]
    if not len(weights):
        return 0.0
    across = weights[:, :, :-1], weights[:, :, 1:]
    down = weights[:, :-1, :], weights[:, 1:, :]
    alike = [
        np.corrcoef(one.ravel(), other.ravel())[0, 1]
        for pair in (across, down)
        for one, other in zip(*pair, strict=True)
    ]
    return float(np.mean(alike))


def filters(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """The weights of the first 16 hidden neurons, one picture of 28×28 after another."""
    return [float(f"{value:.4g}") for value in first_weights(network)[:FILTERS].ravel()]


def turned(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """Ask about test images that are turned, from 0° to 90°, by 50 passes with masks on.

    Gives `TURNED_VALUES` for each angle: the accuracy in eval mode, the mean confidence there and
    that of the averaged probabilities, the mutual information of answer and masks in nats, which
    is how much the passes disagree, and the accuracy of the averaged probabilities. Then what one
    can tell by it, each as `told_apart`: the errors of eval mode among its answers, by its lack of
    confidence and by the disagreement, and these images among upright ones, by the same two.

    Source:
        Gal and Ghahramani, ICML 2016; for the mutual information Houlsby, Huszár, Ghahramani
        and Lengyel, arXiv:1112.5745, 2011.
    """
    dataset.eval()
    images, labels = dataset.items()
    chosen = rng.permutation(len(images.data))[:TURNED_IMAGES]
    right = labels.data[chosen].argmax(axis=1)
    found: list[float] = []
    upright: list[Array] = []
    for degrees in ANGLES:
        x = Tensor(turn(images.data[chosen, 0], degrees)[:, np.newaxis])
        network.train()
        passes = np.array([softmax(network(x).data.astype(float)) for _ in range(PASSES)])
        network.eval()
        single = softmax(network(x).data.astype(float))
        average = passes.mean(axis=0)
        doubts = [1 - single.max(axis=1), entropy(average) - entropy(passes).mean(axis=0)]
        upright = upright or doubts
        wrong = single.argmax(axis=1) != right
        found += [
            float(np.mean(~wrong)),
            float(single.max(axis=1).mean()),
            float(average.max(axis=1).mean()),
            float(doubts[1].mean()),
            float(np.mean(average.argmax(axis=1) == right)),
            *(told_apart(doubt[wrong], doubt[~wrong]) for doubt in doubts),
            *(told_apart(doubt, before) for doubt, before in zip(doubts, upright, strict=True)),
        ]
    return found


def told_apart(some: Array, others: Array) -> float:
    """How often one drawn from ``some`` is the larger of a pair with one drawn from ``others``.

    A tie counts half. 1 tells them apart without fail, 0.5 is guessing, and what is given where
    there are none of a kind. It is the area under the ROC curve.

    Example:
        >>> told_apart(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
        0.875

    Source:
        Hanley and McNeil, "The meaning and use of the area under a receiver operating
        characteristic (ROC) curve", Radiology 143, 1982.
    """
    if not len(some) or not len(others):
        return 0.5
    ordered = np.sort(others)
    below = np.searchsorted(ordered, some, "left") + np.searchsorted(ordered, some, "right")
    return float(below.mean() / (2 * len(others)))


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


def averages(network: Sequential, dataset: Dataset, rng: np.random.Generator) -> list[float]:
    """Average the answers of some sub-networks: 1, 2, 5 … of them, each drawn by its mask.

    Gives the accuracy of the average of their probabilities for each number of `AVERAGED`, mean
    over 20 choices.
    """
    hidden, last = hidden_activations(network, dataset)
    dropout = network.layers[-2]
    if not isinstance(dropout, Dropout) or not dropout.inverted:
        raise NNBookError(f"an inverted Dropout is needed before the last layer, got {dropout!r}")
    weight, bias, rate = last.weight.data, last.bias.data, dropout.dropout_rate
    found = []
    for count in AVERAGED:
        accuracies = []
        for _ in range(CHOICES):
            masks = rng.random((count, 1, hidden.shape[1])) >= rate
            answers = (hidden * (masks / (1 - rate))) @ weight.T + bias
            given = softmax(answers.reshape(-1, answers.shape[-1])).reshape(answers.shape)
            accuracies.append(dataset.estimate(Tensor(given.mean(axis=0))))
        found.append(float(np.mean(accuracies)))
    return found


def first_weights(network: Sequential) -> Array:
    """The weights of the first `Linear`, a picture of 28×28 for each of its neurons."""
    first = next(layer for layer in network.layers if isinstance(layer, Linear))
    return first.weight.data.reshape(-1, SIDE, SIDE).astype(float)


def before_relu(network: Sequential, dataset: Dataset) -> Array:
    """What goes into the first `ReLU` in eval mode, ``(n, width)``."""
    network.eval()
    dataset.eval()
    x, _ = dataset.items()
    for layer in flat(network):
        if isinstance(layer, ReLU):
            return x.data
        x = layer(x)
    raise NNBookError(f"a network with a ReLU is needed, got {network!r}")


def flat(network: Sequential) -> list[Layer]:
    """The layers one after another, also those of sequences within the sequence."""
    found: list[Layer] = []
    for layer in network.layers:
        found += flat(layer) if isinstance(layer, Sequential) else [layer]
    return found


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
    "averages": averages,
}
# These hold a trained network against what it began as.
SINCE_BEGINNING: dict[str, ProbeSinceBeginning] = {"learned": learned}
