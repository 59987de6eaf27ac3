"""The wheel is whole: installed beside NumPy alone, it runs the README's example and the lab."""

import os
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import numpy as np
import pytest

from test_readme import blocks

ROOT = Path(__file__).parents[1]
HOOK = (
    "import sys; from flit_core import buildapi; print(getattr(buildapi, sys.argv[1])(sys.argv[2]))"
)
# Not needed by those who take the sdist: it is of no repository.
LEFT_OUT = (".github/", ".gitignore")


def build(hook: str, folder: Path, epoch: str = "1700000000") -> Path:
    """Have flit make the wheel or the sdist, as pip does."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", HOOK, hook, str(folder)],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": epoch},
        capture_output=True,
        check=True,
        text=True,
    )
    return folder / done.stdout.strip()


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has NumPy and this wheel, and nothing else: not even pip."""
    work = tmp_path_factory.mktemp("wheel")
    venv.create(work / "venv", symlinks=True)
    python = work / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    numpy = work / "numpy"
    numpy.mkdir()
    for part in Path(np.__file__).parents[1].glob("numpy*"):
        (numpy / part.name).symlink_to(part)
    (packages,) = (work / "venv").rglob("site-packages")
    (packages / "numpy.pth").write_text(f"{numpy}\n", encoding="utf-8")
    wheel = build("build_wheel", work)
    subprocess.run(  # noqa: S603
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "install",
            "--quiet",
            "--no-index",
            wheel,
        ],
        check=True,
    )
    return python


def said(python: Path, code: str, folder: Path, **more: str) -> tuple[str, str]:
    """What a program prints, and what it says went wrong."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(  # noqa: S603
        [python, "-W", "error", "-c", code],
        cwd=folder,
        env={**environment, **more},
        capture_output=True,
        check=False,
        text=True,
    )
    return done.stdout, done.stderr


def test_the_example_of_the_readme_runs_beside_numpy_alone(python: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tinymnist.npz").symlink_to(ROOT / "data" / "tinymnist.npz")
    (example,), (output,) = blocks("README.md", "python"), blocks("README.md", "text")
    assert said(python, example, tmp_path) == (output, "")
    others = "import importlib.metadata as m; print(sorted(d.name for d in m.distributions()))"
    assert said(python, others, tmp_path) == ("['nnbook', 'numpy']\n", "")


RUN = "from nnbook.lab import Run, run; run(Run(epochs=1, training_images=20))"
RESULTS = "from nnbook.lab import Run, results; results([Run(epochs=1, training_images=20)])"


def test_the_lab_says_where_its_digits_come_from(python: Path, tmp_path: Path) -> None:
    assert said(python, "import nnbook.lab", tmp_path) == ("", "")
    printed, fault = said(python, RUN, tmp_path)
    assert printed == ""
    assert fault.endswith("of the project, and set NNBOOK_DATA to its path\n"), fault
    digits = str(ROOT / "data" / "tinymnist.npz")
    assert said(python, RUN, tmp_path, NNBOOK_DATA=digits) == ("", "")


@pytest.mark.parametrize(
    "code", [RESULTS, "import nnbook.lab.figures", "import nnbook.lab.widgets"]
)
def test_the_lab_says_what_else_to_install(python: Path, tmp_path: Path, code: str) -> None:
    cache = str(tmp_path / "cache")
    printed, fault = said(python, code, tmp_path, NNBOOK_RUNS=cache)
    assert printed == ""
    assert fault.endswith("which is not installed: pip install 'nnbook[lab]'\n"), fault


def test_the_sdist_holds_what_the_repository_does(tmp_path: Path) -> None:
    with tarfile.open(build("build_sdist", tmp_path)) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    listed = subprocess.run(  # noqa: S603
        ["git", "-C", str(ROOT), "ls-files"],  # noqa: S607
        capture_output=True,
        check=True,
        text=True,
    ).stdout.splitlines()
    assert {name for name in listed if not name.startswith(LEFT_OUT)} - inside == set()


def test_the_wheel_of_the_sdist_is_that_of_the_repository(tmp_path: Path) -> None:
    with tarfile.open(build("build_sdist", tmp_path)) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = (path for path in tmp_path.iterdir() if path.is_dir())
    subprocess.run(  # noqa: S603
        [sys.executable, "-c", HOOK, "build_wheel", str(tmp_path)],
        cwd=unpacked,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (theirs,) = tmp_path.glob("*.whl")
    assert theirs.read_bytes() == build("build_wheel", tmp_path / "ours").read_bytes()
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_dropout.py"],
        cwd=unpacked,
        env={**os.environ, "PYTHONPATH": str(unpacked / "src")},
        check=True,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("hook", ["build_wheel", "build_sdist"])
def test_it_is_the_same_bytes_twice(tmp_path: Path, hook: str) -> None:
    one, two = (build(hook, tmp_path / name).read_bytes() for name in ("one", "two"))
    assert one == two
    assert build(hook, tmp_path / "later", "1800000000").read_bytes() != one
