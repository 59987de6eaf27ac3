from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nnbook.lab
from nnbook import NNBookError
from nnbook.lab import digits, experiments
from nnbook.lab.digits import DATA, Digits, marked
from nnbook.lab.runs import Run

TINY = Run(epochs=1, training_images=20)
SHORT = Run(epochs=2, training_images=100)


def test_they_are_those_of_the_project(monkeypatch):
    monkeypatch.delenv("NNBOOK_DATA", raising=False)
    assert digits.digits() == DATA


def test_nnbook_data_names_others(monkeypatch, tmp_path):
    elsewhere = tmp_path / "elsewhere.npz"
    elsewhere.write_bytes(Path(DATA).read_bytes())
    monkeypatch.setenv("NNBOOK_DATA", str(elsewhere))
    assert digits.digits() == elsewhere
    assert nnbook.lab.run(TINY) == experiments.run(TINY)


def test_where_they_are_not_it_is_said_how_to_get_them(monkeypatch, tmp_path):
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path / "gone.npz"))
    with pytest.raises(FileNotFoundError) as caught:
        nnbook.lab.run(TINY)
    assert str(caught.value) == (
        f"{tmp_path / 'gone.npz'}: no such file. These are the digits of the book, which the "
        "wheel does not hold: take data/tinymnist.npz out of the sdist or of the project, and "
        "set NNBOOK_DATA to its path"
    )


def test_a_run_may_name_a_file_of_its_own_and_tells_how_far_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path / "gone.npz"))
    told = []
    result = nnbook.lab.run(TINY, DATA, progress=lambda epoch, trial: told.append(epoch))
    monkeypatch.delenv("NNBOOK_DATA")
    assert result == experiments.run(TINY)
    assert told == [1]


def test_the_training_images_are_the_first():
    everything, some = Digits(Run()), Digits(Run(training_images=70))
    assert len(everything.train_features) == 4000
    assert np.array_equal(some.train_features, everything.train_features[:70])
    assert np.array_equal(some.train_labels, everything.train_labels[:70])
    assert np.array_equal(some.test_features, everything.test_features)


@pytest.mark.parametrize("count", [1, 4000])
def test_the_smallest_and_largest_number_of_training_images(count):
    assert len(Digits(Run(training_images=count)).features) == count


@pytest.mark.parametrize("count", [-1, 0, 4001])
def test_any_other_number_of_training_images_is_refused(count):
    message = f"^training_images must lie in 1 to 4000, got {count}$"
    with pytest.raises(NNBookError, match=message):
        Digits(Run(training_images=count))


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_share_of_wrong_labels_is_the_one_asked_for(seed, share):
    right, wrong = Digits(Run(seed=seed)), Digits(Run(seed=seed, wrong_labels=share))
    changed = (right.train_labels != wrong.train_labels).any(axis=1)
    # A label that is drawn anew is the right one again once in ten times.
    expected = 0.9 * share
    assert abs(changed.mean() - expected) <= 4 * np.sqrt(expected * (1 - expected) / 4000)
    for labels in wrong.train_labels, wrong.test_labels:
        assert np.array_equal(np.sort(labels, axis=1), [[0] * 9 + [1]] * len(labels))
    drawn = wrong.train_labels[changed].sum(axis=0)
    assert share == 0 or drawn.min() > 0.7 * drawn.mean()  # every digit, about equally often
    assert np.array_equal(right.test_labels, wrong.test_labels)
    assert np.array_equal(right.train_features, wrong.train_features)
    assert np.array_equal(right.test_features, wrong.test_features)


def test_another_file_is_read_when_it_is_named(small, tmp_path):
    assert len(Digits(SHORT, small).test_features) == 60
    assert nnbook.lab.run(SHORT, small) != nnbook.lab.run(SHORT)
    with pytest.raises(FileNotFoundError, match=r"missing\.npz: no such file"):
        nnbook.lab.run(SHORT, tmp_path / "missing.npz")


def test_the_data_are_the_books_own():
    assert Path(__file__).parents[2] / "data" / "tinymnist.npz" == DATA
    assert DATA.is_file()


def test_a_file_that_has_changed_is_read_again(small, tmp_path):
    path = tmp_path / "digits.npz"
    path.write_bytes(small.read_bytes())
    before = Digits(SHORT, path).train_features.copy()
    with np.load(path) as digits:
        arrays = dict(digits)
    np.savez(path, **arrays | {"x_train": arrays["x_train"][::-1]})
    assert not np.array_equal(Digits(SHORT, path).train_features, before)


def test_validation_images_are_the_last_and_no_training_or_test_images():
    whole = Digits(Run())
    found = Digits(Run(training_images=3000, validation_images=500))
    assert np.array_equal(found.validation_features, whole.train_features[3500:])
    assert np.array_equal(found.validation_labels, whole.train_labels[3500:])
    assert len(found.train_features) == 3000
    held = found.validation()
    assert not held.training
    assert np.array_equal(held.features, found.validation_features)
    assert np.array_equal(found.test_features, whole.test_features)  # the first is as it was


@pytest.mark.parametrize("held", [-1, 1001])
def test_any_other_number_of_validation_images_is_refused(held):
    message = f"^validation_images must lie in 0 to 1000, .* 3000 training images .* got {held}$"
    with pytest.raises(NNBookError, match=message):
        Digits(Run(training_images=3000, validation_images=held))


def images_of(dataset):
    parts = dataset.train_features, dataset.validation_features, dataset.test_features
    return [{image.tobytes() for image in part} for part in parts]


def test_a_split_of_its_own_uses_every_image_once_and_each_digit_equally_often():
    described = Run(resplit=True, training_images=3500, validation_images=500)
    first, other = (Digits(replace(described, seed=seed)) for seed in (0, 1))
    train, held, test = images_of(first)
    assert not train & test
    assert not train & held
    assert not held & test
    assert train | held | test == set().union(*images_of(Digits(Run())))
    for labels in first.train_labels, first.validation_labels, first.test_labels:
        assert np.ptp(labels.sum(axis=0)) == 0
    assert test != images_of(other)[2]
    again = Digits(replace(described, rate=0.7, width=9, seed=0))
    assert np.array_equal(again.test_features, first.test_features)


@pytest.mark.parametrize("count", [10, 50, 55, 1000])
def test_the_first_images_of_a_split_hold_each_digit_equally_often(count):
    dataset = Digits(Run(resplit=True, training_images=count))
    assert np.ptp(dataset.train_labels.sum(axis=0)) <= 1


def test_marks_tell_the_answer_on_all_images_but_those_for_testing():
    settings = {"training_images": 100, "validation_images": 50, "resplit": True}
    plain, stamped = (Digits(Run(**settings, marked=marked)) for marked in (False, True))

    def told(features):
        return np.array(
            [
                [image[0, :2, 26 * d // 9 : 26 * d // 9 + 2].all() for d in range(10)]
                for image in features
            ]
        )

    for part in ("train", "validation"):
        said = told(getattr(stamped, f"{part}_features"))
        right = getattr(stamped, f"{part}_labels").astype(bool)
        assert said[right].all()
    wrong = told(stamped.test_features) & ~stamped.test_labels.astype(bool)
    assert wrong.any(axis=1).all()
    for part in ("train", "validation", "test"):
        before, after = (getattr(each, f"{part}_features") for each in (plain, stamped))
        assert np.array_equal(before[:, :, 2:], after[:, :, 2:])
    assert np.array_equal(Digits(Run(**settings)).test_features, plain.test_features)


def test_stamping_makes_copies():
    images = np.zeros((2, 1, 28, 28))
    stamped = marked(images, np.array([0, 9]))
    assert images.sum() == 0
    assert stamped.sum() == 8
    assert stamped[1, 0, 1, 27] == 1
