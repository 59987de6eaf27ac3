import contextlib
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import DataFileError, MNISTDataset, NNBookError
from strategies import seeds

TINYMNIST = Path(__file__).parents[1] / "data" / "tinymnist.npz"
DAMAGED = (
    r"; it may be cut off, damaged or pickled \(pickled files are never opened\): "
    r"fetch it again or make it anew$"
)


def digits(**changes):
    """Three images of each half with their labels, as they stand in a file, and any changes."""
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(0, 256, (3, 28, 28), dtype=np.uint8),
        "y_train": np.array([0, 9, 4], np.uint8),
        "x_test": rng.integers(0, 256, (3, 28, 28), dtype=np.uint8),
        "y_test": np.array([5, 5, 0], np.uint8),
    }
    return {key: array for key, array in (arrays | changes).items() if array is not None}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "digits.npz"


def assert_refused(path, message):
    """Reading the file fails with the library's own error, which names the file."""
    with pytest.raises(DataFileError, match=f"^{re.escape(str(path))}: {message}"):
        MNISTDataset(path)


# What is read


def test_the_four_arrays_are_read_and_normalized(path):
    arrays = digits()
    np.savez(path, **arrays)
    dataset = MNISTDataset(path)
    for half in ("train", "test"):
        features, labels = MNISTDataset.normalize(arrays[f"x_{half}"], arrays[f"y_{half}"])
        assert np.array_equal(getattr(dataset, f"{half}_features"), features)
        assert np.array_equal(getattr(dataset, f"{half}_labels"), labels)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("name", [str, Path], ids=["text", "path"])
def test_files_packed_or_not_are_read_by_name_or_path(path, save, name):
    save(path, **digits(more=np.zeros(2)))
    dataset = MNISTDataset(name(path))
    assert dataset.shape() == (784, 10)
    assert dataset.filename == name(path)


def test_the_arguments_of_every_data_set_are_passed_on(path):
    np.savez(path, **digits())
    rng = np.random.default_rng(0)
    dataset = MNISTDataset(path, 2, drop_last=False, shuffle=True, rng=rng)
    assert (dataset.batch_size, dataset.drop_last, dataset.shuffle) == (2, False, True)
    assert dataset.rng is rng
    plain = MNISTDataset(path)
    assert (plain.batch_size, plain.drop_last, plain.shuffle) == (1, True, False)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_all_four_arrays_have_the_dtype_asked_for(path, dtype):
    np.savez(path, **digits())
    dataset = MNISTDataset(path, dtype=dtype)
    assert dataset.dtype == dtype
    for show in dataset.train, dataset.eval:
        show()
        assert dataset.features.dtype == dataset.labels.dtype == dtype
    assert MNISTDataset(path).features.dtype == np.float64


def test_a_dtype_that_the_library_cannot_compute_in_is_refused(path):
    with pytest.raises(NNBookError, match=r"^dtype must be"):
        MNISTDataset(path, dtype=np.uint8)


def test_the_digits_of_the_book():
    dataset = MNISTDataset(TINYMNIST, batch_size=2)
    assert (len(dataset), dataset.shape()) == (2000, (784, 10))
    assert dataset.labels.sum(axis=0).tolist() == [400] * 10
    dataset.eval()
    assert (len(dataset), dataset.shape()) == (500, (784, 10))
    assert dataset.labels.sum(axis=0).tolist() == [100] * 10


# normalize


@given(st.integers(1, 4), seeds)
def test_normalize_scales_the_pixels_adds_a_channel_and_makes_labels_one_hot(n, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8), rng.integers(0, 10, n)
    features, labels = MNISTDataset.normalize(x, y)
    assert features.shape == (n, 1, 28, 28)
    assert np.array_equal(features[:, 0], x / 255)
    assert labels.shape == (n, 10)
    assert np.array_equal(labels.argmax(axis=1), y)
    assert np.array_equal(np.sort(labels, axis=1), [[0] * 9 + [1]] * n)


def test_normalize_takes_the_ends_of_both_ranges():
    x = np.stack([np.zeros((28, 28), int), np.full((28, 28), 255)])
    features, labels = MNISTDataset.normalize(x, [0, 9])
    assert (features.min(), features.max()) == (0, 1)
    assert labels[[0, 1], [0, 9]].tolist() == [1, 1]


WRONG_ARRAYS = [
    pytest.param(
        {"x_train": np.zeros((3, 784), np.uint8)},
        r"train: images must have the shape \(n, 28, 28\), got \(3, 784\)"
        r"; write x\.reshape\(-1, 28, 28\)$",
        id="flat images",
    ),
    pytest.param(
        {"x_test": np.zeros((3, 28, 27), np.uint8)},
        r"test: images must have the shape \(n, 28, 28\), got \(3, 28, 27\)"
        r"; write x of that shape$",
        id="narrow images",
    ),
    pytest.param(
        {"x_test": np.zeros((3, 1, 28, 28), np.uint8)},
        r"test: images must have the shape \(n, 28, 28\), got \(3, 1, 28, 28\)"
        r"; write x\.reshape\(-1, 28, 28\)$",
        id="images with a channel",
    ),
    pytest.param(
        {"y_train": np.zeros(2, np.uint8)},
        r"train: labels must have the shape \(3,\), one for each image, got \(2,\)"
        r"; write y\.argmax\(axis=1\) if they are one-hot$",
        id="too few labels",
    ),
    pytest.param(
        {"y_test": np.eye(10, dtype=np.uint8)[:3]},
        r"test: labels must have the shape \(3,\), one for each image, got \(3, 10\)"
        r"; write y\.argmax\(axis=1\) if they are one-hot$",
        id="labels that are one-hot already",
    ),
    pytest.param(
        {"x_test": np.zeros((0, 28, 28), np.uint8), "y_test": np.zeros(0, np.uint8)},
        r"test: there are no images; give at least one$",
        id="no images",
    ),
    pytest.param(
        {"y_train": np.array([0, 10, 1])},
        r"train: labels must lie in 0 to 9, got 0 to 10$",
        id="a label too large",
    ),
    pytest.param(
        {"y_test": np.array([-1, 5, 1])},
        r"test: labels must lie in 0 to 9, got -1 to 5$",
        id="a label too small",
    ),
    pytest.param(
        {"x_train": np.full((3, 28, 28), 256)},
        r"train: pixels must lie in 0 to 255, got 256 to 256$",
        id="a pixel too large",
    ),
    pytest.param(
        {"x_train": np.full((3, 28, 28), -1)},
        r"train: pixels must lie in 0 to 255, got -1 to -1$",
        id="a pixel too small",
    ),
    pytest.param(
        {"x_train": np.full((3, 28, 28), np.nan)},
        r"train: pixels must be whole numbers, got dtype float64"
        r"; write \(x \* 255\)\.round\(\)\.astype\(int\) if they lie in 0 to 1$",
        id="pixels that are fractions",
    ),
    pytest.param(
        {"y_test": np.array(["0", "1", "2"])},
        r"test: labels must be whole numbers, got dtype <U1; write y\.astype\(int\)$",
        id="labels that are text",
    ),
    pytest.param(
        {"x_train": np.zeros((28, 28, 3), np.uint8)},
        r"train: .* got \(28, 28, 3\); write numpy\.moveaxis\(x, -1, 0\)$",
        id="images along the last axis",
    ),
    pytest.param(
        {"x_train": np.zeros((3, 28, 28, 1), np.uint8)},
        r"train: .* got \(3, 28, 28, 1\); write x\.reshape\(-1, 28, 28\)$",
        id="images with a channel at the end",
    ),
    pytest.param(
        {"y_train": np.zeros(3)},
        r"train: labels must be whole numbers, got dtype float64; write y\.astype\(int\)$",
        id="labels that are floats",
    ),
]


def test_an_archive_that_unpacks_to_gigabytes_is_not_unpacked(path):
    np.savez_compressed(path, **digits(x_train=np.zeros((2**19 + 1, 32, 32), np.uint8)))
    assert path.stat().st_size < 2**20
    assert_refused(
        path,
        r"unpacks to 536,\d\d\d,\d\d\d bytes, at most 536,870,912 are read; all of MNIST takes "
        r"a tenth of that: keep the images as numpy\.uint8$",
    )


@pytest.mark.parametrize(("changes", "message"), WRONG_ARRAYS)
def test_wrong_arrays_are_refused_by_file_and_half(path, changes, message):
    np.savez(path, **digits(**changes))
    assert_refused(path, message)


def test_normalize_refuses_without_a_file_too():
    with pytest.raises(NNBookError, match=r"^labels must lie in 0 to 9, got 10 to 10$"):
        MNISTDataset.normalize(np.zeros((1, 28, 28), int), [10])


# Files that are something else


@pytest.mark.parametrize(
    ("missing", "present"),
    [
        (["y_test"], "x_train, y_train, x_test"),
        (["x_train", "y_test"], "y_train, x_test"),
        (["x_train", "y_train", "x_test", "y_test"], "nothing"),
    ],
)
def test_missing_keys_are_named(path, missing, present):
    np.savez(path, **digits(**dict.fromkeys(missing)))
    keys = "x_train, y_train, x_test, y_test"
    assert_refused(
        path, f"{', '.join(missing)} missing; the file must hold {keys}, it has {present}$"
    )


def test_a_missing_file_is_named_with_what_to_read_instead(path):
    message = rf"^{re.escape(str(path))}: no such file; the digits of the book are data/tinymnist"
    with pytest.raises(FileNotFoundError, match=message):
        MNISTDataset(path)


def test_a_folder_is_refused(tmp_path):
    assert_refused(tmp_path, rf"not a readable .npz file \(.*\){DAMAGED}")


def test_an_array_file_that_is_no_archive_is_refused(path):
    with path.open("wb") as file:
        np.save(file, np.zeros((3, 28, 28)))
    assert_refused(path, rf"not a readable .npz file \(File is not a zip file\){DAMAGED}")


@pytest.mark.parametrize("content", [b"", b"PK", b"x_train,y_train\n", bytes(1000)])
def test_a_file_that_is_empty_or_no_archive_is_refused(path, content):
    path.write_bytes(content)
    assert_refused(path, rf"not a readable .npz file \(File is not a zip file\){DAMAGED}")


def test_a_member_that_is_no_array_is_refused(path):
    np.savez(path, **digits(x_train=None))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x_train.npy", b"not an array")
    assert_refused(
        path, r"train: images must have the shape \(n, 28, 28\), got \(\); write x of that shape$"
    )


# Damaged files


def packed(save=np.savez_compressed):
    file = io.BytesIO()
    save(file, **digits())
    return file.getvalue()


@pytest.mark.parametrize("share", [0.01, 0.25, 0.5, 0.75, 0.99])
def test_a_file_that_is_cut_off_is_refused(path, share):
    whole = packed()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert_refused(path, rf"not a readable .npz file \(.*\){DAMAGED}")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_changed_pixel_is_noticed(path, save):
    content = bytearray(packed(save))
    content[content.index(b"PK\x03\x04") + 1500] ^= 1
    path.write_bytes(content)
    assert_refused(path, rf"not a readable .npz file \(.*\){DAMAGED}")


@pytest.mark.parametrize(
    ("offset", "value", "reason"),
    [
        pytest.param(6, 0x01, "encrypted", id="encrypted"),
        pytest.param(8, 99, "compression method", id="unknown compression"),
        pytest.param(4, 200, "version", id="version of the future"),
    ],
)
def test_an_archive_that_python_cannot_unpack_is_refused(path, offset, value, reason):
    content = bytearray(packed())
    # The same field stands in the header before the member and in the table at the end.
    content[offset] = value
    content[content.index(b"PK\x01\x02") + offset + 2] = value
    path.write_bytes(content)
    assert_refused(path, rf"not a readable .npz file \(.*{reason}.*\){DAMAGED}")


@given(st.data())
def test_whatever_bytes_are_wrong_the_error_is_the_librarys_own(tmp_path_factory, data):
    content = bytearray(packed(data.draw(st.sampled_from([np.savez, np.savez_compressed]))))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    path.write_bytes(content)
    with contextlib.suppress(DataFileError):  # not all are noticed: nobody reads the dates
        MNISTDataset(path)


# Pickles


class LeavesATrace:
    """An object that makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __reduce__(self):
        return Path.mkdir, (Path(self.folder),)


@pytest.mark.parametrize("key", ["x_train", "y_train", "x_test", "y_test"])
def test_object_arrays_are_never_unpickled(path, key):
    trace = path.with_name("trace")
    np.savez(path, **digits(**{key: np.array([LeavesATrace(trace)], dtype=object)}))
    assert_refused(path, rf"not a readable .npz file \(Object arrays cannot be loaded.*\){DAMAGED}")
    assert not trace.exists()
    with np.load(path, allow_pickle=True) as archive:
        archive[key]
    assert trace.exists()  # it would have been made


def test_a_file_that_is_a_pickle_is_never_unpickled(path):
    trace = path.with_name("trace")
    np.array([LeavesATrace(trace)], dtype=object).dump(path)
    assert_refused(path, rf"not a readable .npz file \(.*\){DAMAGED}")
    assert not trace.exists()
    np.load(path, allow_pickle=True)
    assert trace.exists()


@pytest.mark.parametrize(
    "content", [b"", packed()[:100], packed()], ids=["empty", "cut off", "good"]
)
def test_the_file_is_closed_again(path, monkeypatch, content):
    path.write_bytes(content)
    opened, original = [], open

    def spy(*args):
        opened.append(original(*args))
        return opened[-1]

    monkeypatch.setattr("builtins.open", spy)
    with contextlib.suppress(DataFileError):
        MNISTDataset(path)
    assert [file.closed for file in opened] == [True]
