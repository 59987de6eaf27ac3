import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import Dataset, NNBookError, Tensor
from strategies import seeds

counts = st.integers(1, 12)


class Numbered(Dataset):
    """Samples that hold their own number; the label of a sample says whether it is odd."""

    def __init__(self, train=6, test=3, *args, **kwargs):
        self.lengths = {"train": train, "test": test}
        self.loads = 0
        super().__init__(*args, **kwargs)

    def load(self):
        self.loads += 1
        for half, length in self.lengths.items():
            numbers = np.arange(float(length))
            setattr(self, f"{half}_features", numbers.reshape(-1, 1, 1))
            setattr(self, f"{half}_labels", np.eye(2)[(numbers % 2).astype(int)])


def numbers_of(batches):
    """The numbers of all samples, in order, once each label has been seen to fit."""
    numbers = []
    for features, labels in batches:
        assert np.array_equal(labels.data.argmax(axis=1), features.data.ravel() % 2)
        numbers += features.data.ravel().tolist()
    return numbers


# The two halves


def test_a_fresh_data_set_is_loaded_once_and_in_training_mode():
    dataset = Numbered()
    assert dataset.training is True
    for show in dataset.eval, dataset.train:
        show()
        list(dataset)
    assert dataset.loads == 1


def test_defaults():
    dataset = Numbered()
    assert (dataset.batch_size, dataset.drop_last, dataset.shuffle) == (1, True, False)


def test_train_and_eval_choose_the_half_that_everything_shows():
    dataset = Numbered(train=6, test=4, batch_size=2)
    dataset.test_labels = np.zeros((4, 2))
    for show, half, training in (
        (dataset.eval, "test", False),
        (dataset.train, "train", True),
    ):
        show()
        features = getattr(dataset, f"{half}_features")
        labels = getattr(dataset, f"{half}_labels")
        assert dataset.training is training
        assert dataset.features is features
        assert dataset.labels is labels
        assert len(dataset) == len(features) / 2
        assert np.array_equal(dataset.items()[0].data, features)
        assert np.array_equal(dataset.items()[1].data, labels)
        assert np.array_equal(dataset[1][0].data, features[2:4])
        assert np.array_equal(dataset[1][1].data, labels[2:4])


def test_shape_gives_values_per_feature_and_per_label():
    dataset = Numbered()
    assert dataset.shape() == (1, 2)
    dataset.train_features = np.zeros((6, 1, 28, 28))
    assert dataset.shape() == (784, 2)
    dataset.eval()
    assert dataset.shape() == (1, 2)


# Batches


@given(counts, counts)
def test_full_batches_hold_the_samples_in_order_without_the_remainder(n, batch_size):
    dataset = Numbered(n, 1, batch_size)
    assert len(dataset) == n // batch_size
    assert all(len(features.data) == batch_size for features, _ in dataset)
    assert numbers_of(dataset) == list(range(n // batch_size * batch_size))


@given(counts, counts)
def test_the_remainder_may_be_kept(n, batch_size):
    dataset = Numbered(n, 1, batch_size, drop_last=False)
    assert len(dataset) == -(-n // batch_size)
    assert numbers_of(dataset) == list(range(n))


@pytest.mark.parametrize("index", [3, 4, -4, 100])
def test_beyond_the_last_batch_is_an_index_error(index):
    with pytest.raises(IndexError, match=f"^batch {index} of 3; write 0 to 2$"):
        Numbered(train=7, batch_size=2)[index]


def test_negative_numbers_count_from_the_end():
    dataset = Numbered(train=7, batch_size=2)
    assert numbers_of([dataset[-1]]) == [4, 5]
    assert numbers_of([dataset[-3]]) == [0, 1]


def test_a_data_set_can_be_gone_through_again_and_again():
    dataset = Numbered(train=4, batch_size=2)
    assert numbers_of(dataset) == numbers_of(dataset) == [0, 1, 2, 3]


def test_batches_and_halves_are_constant_and_copy_nothing():
    dataset = Numbered(train=4, batch_size=2)
    for features, labels in (dataset[1], dataset.items()):
        assert features.constant
        assert labels.constant
        assert np.shares_memory(features.data, dataset.train_features)
        assert np.shares_memory(labels.data, dataset.train_labels)


# Shuffling


@given(counts, seeds)
def test_shuffling_keeps_every_sample_and_its_label(n, seed):
    dataset = Numbered(n, 1, 1, shuffle=True, rng=seed)
    assert sorted(numbers_of(dataset)) == list(range(n))


def test_each_epoch_has_an_order_of_its_own():
    dataset = Numbered(train=50, batch_size=5, shuffle=True, rng=0)
    epochs = [numbers_of(dataset) for _ in range(10)]
    assert len(set(map(tuple, epochs))) == 10


def test_each_sample_is_left_over_at_times():
    dataset = Numbered(train=5, batch_size=2, shuffle=True, rng=0)
    left_over = {frozenset(range(5)) - set(numbers_of(dataset)) for _ in range(100)}
    assert left_over == {frozenset([number]) for number in range(5)}


def test_the_order_comes_from_the_draws_of_the_given_generator():
    dataset = Numbered(train=8, shuffle=True, rng=np.random.RandomState(5))
    draws = np.random.RandomState(5)
    for _ in range(3):
        assert numbers_of(dataset) == np.argsort(draws.random(8)).tolist()


def test_the_test_half_keeps_its_order_and_draws_nothing():
    dataset = Numbered(train=8, test=8, shuffle=True, rng=np.random.RandomState(5))
    list(dataset)
    dataset.eval()
    assert numbers_of(dataset) == list(range(8))
    dataset.train()
    draws = np.random.RandomState(5)
    draws.random(8)
    assert numbers_of(dataset) == np.argsort(draws.random(8)).tolist()


def test_the_whole_half_keeps_its_order_when_batches_are_shuffled():
    dataset = Numbered(train=8, shuffle=True, rng=0)
    list(dataset)
    assert numbers_of([dataset.items()]) == list(range(8))


def test_without_shuffling_nothing_is_drawn():
    dataset = Numbered(train=8, rng=np.random.RandomState(5))
    list(dataset)
    assert dataset.rng.random() == np.random.RandomState(5).random()


def test_data_sets_without_a_seed_are_shuffled_differently():
    first, second = (Numbered(train=100, shuffle=True) for _ in range(2))
    assert numbers_of(first) != numbers_of(second)


# estimate


@pytest.mark.parametrize(
    ("predictions", "accuracy"),
    [
        ([[0.9, 0.1], [0.2, 0.8], [5.0, -1.0]], 1),
        ([[0.9, 0.1], [0.2, 0.8], [-5.0, -1.0]], 2 / 3),
        ([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6]], 0),
    ],
)
def test_estimate_is_the_share_of_right_answers(predictions, accuracy):
    dataset = Numbered(train=6, test=3)
    dataset.eval()
    estimate = dataset.estimate(Tensor(predictions))
    assert estimate == pytest.approx(accuracy)
    assert type(estimate) is float


def test_predictions_for_the_other_half_are_refused():
    message = (
        "predictions (3, 2) must be shaped like the labels in view (6, 2); "
        "call train() or eval() on the data set first"
    )
    with pytest.raises(NNBookError, match=f"^{re.escape(message)}$"):
        Numbered(train=6, test=3).estimate(Tensor(np.ones((3, 2))))


# Refused


@pytest.mark.parametrize("batch_size", [0, -2])
def test_a_batch_size_below_one_is_refused(batch_size):
    message = f"^batch_size must be 1 or more, got {batch_size}; write batch_size=2$"
    with pytest.raises(NNBookError, match=message):
        Numbered(batch_size=batch_size)


@pytest.mark.parametrize(("half", "lengths"), [("train", (0, 3)), ("test", (3, 0))])
def test_an_empty_half_is_refused(half, lengths):
    message = rf"^the {half} half is empty; load\(\) must set at least one sample$"
    with pytest.raises(NNBookError, match=message):
        Numbered(*lengths)


@pytest.mark.parametrize("half", ["train", "test"])
def test_labels_that_do_not_match_the_features_are_refused(half):
    class OneLabelShort(Numbered):
        def load(self):
            super().load()
            setattr(self, f"{half}_labels", getattr(self, f"{half}_labels")[:2])

    message = (
        rf"^{half}_features has 3 samples and {half}_labels 2; "
        r"load\(\) must set one label for each sample$"
    )
    with pytest.raises(NNBookError, match=message):
        OneLabelShort(train=3, test=3)


def test_a_data_set_without_load_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        Dataset()
