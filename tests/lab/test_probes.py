import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import Dataset, Dropout, Flatten, Linear, NNBookError, ReLU, Sequential, Tensor
from nnbook.lab import probes
from nnbook.lab.probes import (
    ACTIVATION_EDGES,
    ANGLES,
    AVERAGED,
    DELETED_SHARES,
    DELETIONS,
    PASSES,
    PROBES,
    SINCE_BEGINNING,
    TURNED_VALUES,
    activations,
    averages,
    before_relu,
    correlation,
    deletion,
    entropy,
    filters,
    forgotten_eval,
    hidden_activations,
    learned,
    monte_carlo,
    negative_log_likelihood,
    smoothness,
    softmax,
    subnetworks,
    told_apart,
    turn,
    turned,
)
from strategies import seeds

SAMPLES, WIDTH = 40, 14
STRUCK = [0, 1, 3, 4, 6, 7, 8, 10, 11, 13]  # of so many neurons, for each of the shares


class Points(Dataset):
    """Points in the plane; their class says whether they lie right of the middle."""

    def load(self):
        rng = np.random.default_rng(5)
        self.train_features = np.zeros((1, 2))
        self.train_labels = np.array([[1.0, 0.0]])
        self.test_features = rng.uniform(-1, 1, (SAMPLES, 2))
        self.test_labels = np.eye(2)[(self.test_features[:, 0] > 0).astype(int)]


def trained(rate, rng=3):
    """A network that knows a little: the same weights whatever the rate."""
    weights = np.random.default_rng(2)
    network = Sequential(
        [
            Flatten(),
            Sequential([Linear(2, WIDTH, init="he", rng=weights), ReLU()]),
            Dropout(rate, rng=rng),
            Linear(WIDTH, 2, init="he", rng=weights),
        ]
    )
    network.parameters[2].data[1] += np.sign(network.parameters[0].data[:, 0])
    return network


@pytest.fixture
def dataset():
    points = Points()
    points.eval()
    return points


def modes(layer):
    inner = [mode for part in getattr(layer, "layers", []) for mode in modes(part)]
    return [layer.training, *inner]


def accuracy_in_eval_mode(network, dataset):
    network.eval()
    return dataset.estimate(network(dataset.items()[0]))


LENGTHS = {
    "forgotten_eval": 10,
    "monte_carlo": 4,
    "deletion": 10,
    "activations": 27,
    "correlation": 2,
    "smoothness": 1,
    "filters": 784 * 4,
    "averages": len(AVERAGED),
    "turned": TURNED_VALUES * len(ANGLES),
    "subnetworks": 4 + 2**4,
}


OF_WEIGHTS = {"smoothness", "filters"}


class Pictures(Points):
    """Pictures of noise; their class says which half is darker."""

    def load(self):
        rng = np.random.default_rng(5)
        self.train_features = np.zeros((1, 1, 28, 28))
        self.train_labels = np.array([[1.0, 0.0]])
        self.test_features = rng.random((30, 1, 28, 28))
        left, right = (half.sum(axis=(1, 2, 3)) for half in np.split(self.test_features, 2, axis=3))
        self.test_labels = np.eye(2)[(left > right).astype(int)]


def seeing(neurons=4, rate=0.5, inverted=True, rng=3):
    """A network that takes pictures."""
    weights = np.random.default_rng(2)
    return Sequential(
        [
            Flatten(),
            Linear(784, neurons, init="he", rng=weights),
            ReLU(),
            Dropout(rate, inverted=inverted, rng=rng),
            Linear(neurons, 2, init="he", rng=weights),
        ]
    )


@pytest.fixture
def pictures():
    made = Pictures()
    made.eval()
    return made


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("name", PROBES)
def test_every_probe_leaves_eval_mode_and_the_weights_behind(pictures, name, mode):
    network, dataset = seeing(), pictures
    getattr(network, mode)()
    given = modes(network)
    before = [parameter.data.copy() for parameter in network.parameters]
    measured = PROBES[name](network, dataset, np.random.default_rng(0))
    # Weights are looked at as they are, in whatever mode.
    assert modes(network) == given if name in OF_WEIGHTS else not any(modes(network))
    assert not dataset.training
    assert all(map(np.array_equal, before, (p.data for p in network.parameters)))
    assert len(measured) == LENGTHS[name]
    assert all(type(value) is float for value in measured)


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_measures_the_same_on_the_same_network(pictures, name):
    first, second = (PROBES[name](seeing(), pictures, np.random.default_rng(0)) for _ in range(2))
    assert first == second


# Probabilities


@given(st.integers(1, 5), st.integers(1, 5), seeds, st.floats(-1000, 1000))
def test_softmax_gives_probabilities_that_only_differences_decide(n, classes, seed, shift):
    logits = np.random.default_rng(seed).normal(size=(n, classes)) * 10
    probabilities = softmax(logits)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (probabilities >= 0).all()
    assert np.allclose(softmax(logits + shift), probabilities)
    ratio = np.log(probabilities[:, :1] / probabilities)
    assert np.allclose(ratio, logits[:, :1] - logits, rtol=1e-6, atol=1e-6)


def test_softmax_of_huge_values_stays_finite():
    assert softmax(np.array([[1e5, 0.0], [-1e5, -1e5]])).tolist() == [[1, 0], [0.5, 0.5]]


def test_negative_log_likelihood_by_hand():
    probabilities, labels = np.array([[0.5, 0.5], [0.1, 0.9]]), np.array([[1.0, 0], [0, 1]])
    expected = -(np.log(0.5) + np.log(0.9)) / 2
    assert negative_log_likelihood(probabilities, labels) == pytest.approx(expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_right_answer_that_got_no_chance_is_bad_but_finite(dtype):
    probabilities, labels = np.eye(2, dtype=dtype), np.eye(2, dtype=dtype)[::-1]
    assert negative_log_likelihood(probabilities, labels) == pytest.approx(
        -np.log(np.finfo(float).tiny)
    )


# eval() forgotten


def test_without_masks_nothing_is_forgotten(dataset):
    network = trained(0.0)
    expected = accuracy_in_eval_mode(network, dataset)
    assert 0.6 < expected < 1
    assert forgotten_eval(network, dataset, np.random.default_rng(0)) == [expected] * 10


def test_forgotten_eval_is_the_accuracy_with_masks_on_again_and_again(dataset):
    twin = trained(0.5)
    twin.train()
    expected = [dataset.estimate(twin(dataset.items()[0])) for _ in range(10)]
    assert forgotten_eval(trained(0.5), dataset, np.random.default_rng(0)) == expected
    assert len(set(expected)) > 1


# Monte Carlo


def test_monte_carlo_averages_probabilities_over_masks_beside_eval_mode(dataset):
    features, labels = dataset.items()
    twin = trained(0.5)
    twin.train()
    passes = [softmax(twin(features).data) for _ in range(PASSES)]
    twin.eval()
    expected = []
    for probabilities in sum(passes) / PASSES, softmax(twin(features).data):
        right = probabilities[np.arange(SAMPLES), labels.data.argmax(axis=1)]
        hits = probabilities.argmax(axis=1) == labels.data.argmax(axis=1)
        expected += [hits.mean(), -np.log(right).mean()]
    found = monte_carlo(trained(0.5), dataset, np.random.default_rng(0))
    assert found == pytest.approx(expected)
    assert found[1] != pytest.approx(found[3])  # masks do something


def test_without_masks_the_average_is_eval_mode(dataset):
    found = monte_carlo(trained(0.0), dataset, np.random.default_rng(0))
    assert found[:2] == pytest.approx(found[2:])
    assert found[2] == accuracy_in_eval_mode(trained(0.0), dataset)


# Deletion


class Orders:
    """Stands in for a generator: gives one order after the other, again and again."""

    def __init__(self, *orders):
        self.orders, self.calls = orders, 0

    def permutation(self, count):
        order = self.orders[self.calls % len(self.orders)]
        assert len(order) == count
        self.calls += 1
        return np.array(order)


def without(struck, dataset):
    """The accuracy of the trained network with the weights of some hidden neurons set to 0."""
    network = trained(0.5)
    network.parameters[2].data[:, list(struck)] = 0
    return accuracy_in_eval_mode(network, dataset)


def test_deletion_strikes_out_hidden_neurons_for_good(dataset):
    assert DELETED_SHARES == (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    order = np.random.default_rng(8).permutation(WIDTH)
    expected = [without(order[:struck], dataset) for struck in STRUCK]
    assert len(set(expected)) > 3
    rng = Orders(order)
    assert deletion(trained(0.5), dataset, rng) == pytest.approx(expected)
    assert rng.calls == 10 * DELETIONS


def test_deletion_gives_the_mean_over_the_choices(dataset):
    forward, backward = np.arange(WIDTH), np.arange(WIDTH)[::-1]
    expected = [
        (without(forward[:struck], dataset) + without(backward[:struck], dataset)) / 2
        for struck in STRUCK
    ]
    found = deletion(trained(0.5), dataset, Orders(forward, backward))
    assert found == pytest.approx(expected)


def test_nothing_struck_out_is_eval_mode(dataset):
    found = deletion(trained(0.5), dataset, np.random.default_rng(0))
    assert found[0] == pytest.approx(accuracy_in_eval_mode(trained(0.5), dataset))


# Activations


def fixed(hidden, rate=0.0):
    """A network whose hidden neurons give these values for any input."""
    first, last = Linear(2, len(hidden), rng=0), Linear(len(hidden), 2, rng=0)
    first.weight.data[:] = 0
    first.bias.data[:] = hidden
    return Sequential([first, ReLU(), Dropout(rate, inverted=True, rng=0), last])


def test_activations_are_the_mean_the_silent_share_and_a_histogram(dataset):
    mean, silent, *shares = activations(
        fixed([-1, 0, 0.1, 0.3, 0.3, 4.9, 5, 100], rate=0.5), dataset, np.random.default_rng(0)
    )
    assert mean == pytest.approx((0.1 + 0.3 + 0.3 + 4.9 + 5 + 100) / 8)
    assert silent == 2 / 8
    assert len(shares) == len(ACTIVATION_EDGES) - 1 == 25
    expected = np.zeros(25)
    expected[[0, 1, 24]] = 3 / 8, 2 / 8, 3 / 8
    assert shares == expected.tolist()
    assert (ACTIVATION_EDGES[0], ACTIVATION_EDGES[-1]) == (0, 5)


def test_activations_look_at_every_image_and_neuron(dataset):
    network = trained(0.5)
    hidden, _ = hidden_activations(network, dataset)
    mean, silent, *shares = activations(network, dataset, np.random.default_rng(0))
    assert (mean, silent) == (float(hidden.mean()), float(np.mean(hidden == 0)))
    assert 0 < silent < 1
    assert sum(shares) == pytest.approx(1)


def test_hidden_activations_are_what_the_last_layer_gets_in_eval_mode():
    network, points = trained(0.5), Points()
    network.train()
    hidden, last = hidden_activations(network, points)
    assert hidden.shape == (SAMPLES, WIDTH)
    assert last is network.layers[-1]
    points.eval()
    network.eval()
    assert np.array_equal(last(Tensor(hidden)).data, network(points.items()[0]).data)


def test_a_network_that_does_not_end_with_a_linear_layer_is_refused(dataset):
    network = Sequential([Linear(2, 2, rng=0), ReLU()])
    for probe in deletion, activations:
        with pytest.raises(NNBookError, match=r"^the last layer must be a Linear, got ReLU\[\]$"):
            probe(network, dataset, np.random.default_rng(0))


def test_the_probes_go_by_the_names_of_their_functions():
    known = PROBES | SINCE_BEGINNING
    assert all(getattr(probes, name) is probe for name, probe in known.items())


# Hidden neurons


def test_the_correlation_is_that_of_all_pairs_but_of_neurons_that_never_vary(pictures):
    network = seeing(neurons=5)
    network.parameters[0].data[2] = -1.0  # never above zero
    hidden, _ = hidden_activations(network, pictures)
    varying = [column for column in hidden.T if column.std() > 0]
    assert len(varying) < 5
    expected = [
        abs(np.corrcoef(varying[i], varying[j])[0, 1])
        for i in range(len(varying))
        for j in range(i)
    ]
    assert correlation(network, pictures, None)[0] == pytest.approx(np.mean(expected))


def test_the_second_correlation_is_that_before_the_relu(pictures):
    network = seeing(neurons=5)
    first = network.layers[1]
    before = first(network.layers[0](pictures.items()[0])).data
    assert np.array_equal(before_relu(network, pictures), before)
    assert (before < 0).any()
    sizes = np.abs(np.corrcoef(before.T))
    expected = sizes[np.triu_indices(5, 1)].mean()
    assert correlation(network, pictures, None)[1] == pytest.approx(expected)


def test_a_network_without_a_relu_has_nothing_before_it(dataset):
    with pytest.raises(NNBookError, match=r"^a network with a ReLU is needed, got "):
        before_relu(Sequential([Linear(2, 2, rng=0)]), dataset)


def test_neurons_of_which_only_one_varies_have_no_correlation(pictures):
    network = seeing(neurons=2)
    network.parameters[0].data[1] = -1.0
    assert correlation(network, pictures, None)[0] == 0.0


def test_twins_are_wholly_correlated(pictures):
    network = seeing(neurons=2)
    network.parameters[0].data[:] = np.abs(network.parameters[0].data[0])
    assert correlation(network, pictures, None)[0] == pytest.approx(1)


def test_weights_that_change_slowly_are_smooth_and_noise_is_not(pictures):
    network = seeing()
    rough = smoothness(network, pictures, None)[0]
    down, right = np.mgrid[:28, :28]
    network.parameters[0].data[:] = np.sin(down / 6).ravel() + np.cos(right / 6).ravel()
    assert abs(rough) < 0.1
    assert smoothness(network, pictures, None)[0] > 0.9


def test_what_was_learned_is_what_the_weights_have_become_without_what_they_began_as():
    begun, network = seeing(neurons=4), seeing(neurons=4)
    down, right = np.mgrid[:28, :28]
    added = (np.sin(down / 6) + np.cos(right / 6)).ravel()
    network.parameters[0].data[:] += added
    alike, further = learned(network, begun)
    assert alike > 0.9
    assert learned(begun, begun) == [0.0, 0.0]
    length = np.linalg.norm(begun.parameters[0].data)
    assert further == pytest.approx(np.linalg.norm(np.tile(added, (4, 1))) / length)


def test_filters_are_the_weights_of_the_first_neurons(pictures):
    network = seeing(neurons=20)
    found = np.reshape(filters(network, pictures, None), (-1, 784))
    assert found.shape == (16, 784)
    assert np.allclose(found, network.parameters[0].data[:16], rtol=1e-3)


# Turned pictures


def test_a_quarter_turn_is_the_one_of_numpy_and_none_changes_nothing():
    images = np.random.default_rng(0).random((3, 28, 28))
    assert np.allclose(turn(images, 0), images)
    assert np.allclose(turn(images, 90), np.rot90(images, axes=(1, 2)))
    assert np.allclose(turn(images, 360), images)


def test_a_turn_keeps_the_ink_of_what_stays_inside():
    image = np.zeros((1, 28, 28))
    image[0, 10:18, 9:15] = 1
    for degrees in (15, 30, 45):
        turned_image = turn(image, degrees)
        assert turned_image.sum() == pytest.approx(image.sum(), rel=0.03)
        assert not np.allclose(turned_image, image)


def test_the_entropy_of_equal_chances_is_the_largest():
    assert entropy(np.full(8, 1 / 8)) == pytest.approx(np.log(8))
    assert entropy(np.array([0.9, 0.1])) < entropy(np.array([0.5, 0.5]))


def test_passes_that_agree_have_no_mutual_information(pictures):
    sure = turned(seeing(rate=0.0), pictures, np.random.default_rng(0))
    unsure = turned(seeing(rate=0.5), pictures, np.random.default_rng(0))
    sure, unsure = (np.reshape(found, (-1, TURNED_VALUES)) for found in (sure, unsure))
    assert np.allclose(sure[:, 3], 0, atol=1e-12)
    assert np.allclose(sure[:, 1], sure[:, 2])  # one confidence: nothing is averaged away
    assert np.array_equal(sure[:, 0], sure[:, 4])  # and one accuracy
    assert unsure[:, 3].min() > 0.001


def test_one_is_told_apart_from_another_by_how_often_it_is_the_larger():
    rng = np.random.default_rng(0)
    some, others = rng.integers(0, 9, 30), rng.integers(2, 11, 20)
    pairs = [(one > other) + (one == other) / 2 for one in some for other in others]
    assert told_apart(some, others) == pytest.approx(np.mean(pairs))
    assert told_apart(some, others) == pytest.approx(1 - told_apart(others, some))
    assert told_apart(some, some) == 0.5
    assert told_apart(np.array([]), others) == told_apart(some, np.array([])) == 0.5


def test_what_is_wrong_is_told_by_a_lack_of_confidence_and_by_disagreement(pictures):
    found = np.reshape(
        turned(seeing(rate=0.5), pictures, np.random.default_rng(0)), (-1, TURNED_VALUES)
    )
    features, labels = pictures.items()
    network = seeing(rate=0.5)
    network.eval()
    single = softmax(network(features).data)
    doubt = 1 - single.max(axis=1)
    wrong = single.argmax(axis=1) != labels.data.argmax(axis=1)
    assert 0 < wrong.sum() < len(wrong)
    assert found[0, 5] == pytest.approx(told_apart(doubt[wrong], doubt[~wrong]))
    # Upright images cannot be told from themselves.
    assert found[0, 7:].tolist() == [0.5, 0.5]
    assert ((found >= 0) & (found <= 5)).all()
    assert not np.allclose(found[:, 5], found[:, 6])


def test_a_turned_picture_is_answered_by_eval_mode_and_by_the_average_of_the_passes(pictures):
    found = turned(seeing(rate=0.5), pictures, np.random.default_rng(0))
    features, labels = pictures.items()
    right, network = labels.data.argmax(axis=1), seeing(rate=0.5)
    network.train()
    average = np.mean([softmax(network(features).data) for _ in range(PASSES)], axis=0)
    network.eval()
    single = softmax(network(features).data)
    # At 0° the pictures are those of the data set, in another order.
    assert found[0] == np.mean(single.argmax(axis=1) == right)
    assert found[1] == pytest.approx(single.max(axis=1).mean())
    assert 0 <= found[4] <= 1
    assert found[2] == pytest.approx(average.max(axis=1).mean(), abs=0.02)
    assert abs(found[4] - np.mean(average.argmax(axis=1) == right)) < 0.2


# Sub-networks


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_the_full_network_is_the_normalised_geometric_mean_of_all(pictures, rate):
    network = seeing(neurons=6, rate=rate)
    full, geometric, apart, _, *alone = subnetworks(network, pictures, None)
    assert full == geometric == accuracy_in_eval_mode(network, pictures)
    assert apart < 1e-13
    assert len(alone) == 2**6


def test_each_sub_network_is_the_one_that_its_mask_leaves_over(pictures):
    network = seeing(neurons=3)
    alone = subnetworks(network, pictures, None)[4:]
    hidden, last = hidden_activations(network, pictures)
    for number, accuracy in enumerate(alone):
        mask = np.array([number & 1, number >> 1 & 1, number >> 2 & 1])
        expected = pictures.estimate(last(Tensor(hidden * mask * 2)))
        assert accuracy == expected


def test_an_average_of_one_is_a_sub_network_and_one_of_many_is_the_arithmetic_mean(pictures):
    network = seeing(neurons=3)
    _, _, _, arithmetic, *alone = subnetworks(network, pictures, None)
    found = averages(network, pictures, np.random.default_rng(0))
    assert len(found) == len(AVERAGED)
    assert min(alone) <= found[0] <= max(alone)
    assert found[-1] == pytest.approx(arithmetic, abs=0.1)
    with pytest.raises(NNBookError, match="an inverted Dropout is needed before the last layer"):
        averages(seeing(inverted=False), pictures, np.random.default_rng(0))


@pytest.mark.parametrize(
    "network",
    [seeing(inverted=False), seeing(neurons=13), trained(0.5)],
    ids=["plain", "large", "x"],
)
def test_sub_networks_that_cannot_be_counted_are_refused(network, pictures, dataset):
    points = dataset if len(network.parameters[0].data[0]) == 2 else pictures
    with pytest.raises(NNBookError, match="sub-networks are counted where an inverted Dropout"):
        subnetworks(network, points, None)
