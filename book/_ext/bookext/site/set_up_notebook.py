"""The first cell of every notebook; `take_away.set_up` fills in the empty names."""

# Set-up: takes the code and the data of the book into a folder beside this; your Python stays.
import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import types
import urllib.request
import zipfile
from io import BytesIO
from pathlib import Path

STATE = ""  # made from the contents of code and data: only these will do
WHEEL = ""  # the file that holds the code
ADDRESS = ""  # where to take them from; if empty, from beside this notebook
PACKAGES = ""  # the versions that the book was made with: what is missing is installed

here = Path.cwd()
if here.parent.name == f"nnbook-{STATE}":  # this cell has been run before
    here = here.parents[1]
project = here / f"nnbook-{STATE}"


# Takes a file from beside this, from a downloaded website or from the web.
def take(name: str) -> bytes:
    for folder in (here, here / "runtime/library", here.parent / "runtime/library"):
        if (folder / name).is_file():
            return (folder / name).read_bytes()
    if ADDRESS:
        with urllib.request.urlopen(ADDRESS + name) as answer:  # noqa: S310
            return bytes(answer.read())
    raise FileNotFoundError(f"{name} is missing: take it to {here}, from runtime/library/")


# Which code and data this folder holds.
def state() -> str:
    files = [*sorted(project.glob("src/nnbook/**/*.py")), project / "data/tinymnist.npz"]
    lines = [
        f"{path.relative_to(project).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
        for path in files
        if path.is_file()
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


if STATE:
    # One thread, as when the book was made: rounding is the same.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")

    versions = dict(package.split("==") for package in PACKAGES.split())
    needed = [name for name in versions if not importlib.util.find_spec(name)]
    if needed:
        wanted = [f"{name}=={versions[name]}" for name in needed]
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *wanted], check=True)  # noqa: S603
    for name, version in versions.items():
        if (yours := importlib.metadata.version(name)) != version:
            print(f"your {name} is {yours}, the book has {version}: last digits may differ")

    if state() != STATE:
        shutil.rmtree(project, ignore_errors=True)
        with zipfile.ZipFile(BytesIO(take(WHEEL))) as wheel:
            wheel.extractall(project / "src")
        (project / "data").mkdir()
        (project / "data/tinymnist.npz").write_bytes(take("tinymnist.npz"))
        try:
            (project / "data/tinyfashion.npz").write_bytes(take("tinyfashion.npz"))
        except OSError:
            print("tinyfashion.npz is missing: the cells that look at clothes cannot run")
        try:
            packed = take("evidence.zip")
        except OSError:
            print("evidence.zip is missing: cells that compare many networks train all of them")
        else:
            with zipfile.ZipFile(BytesIO(packed)) as kept:
                kept.extractall(project / "data/evidence")
        if state() != STATE:
            raise RuntimeError(f"the library is at state {state()}, and must be at {STATE}")

    if "nnbook" in sys.modules and str(project) not in str(sys.modules["nnbook"].__file__):
        raise RuntimeError("this kernel has loaded another nnbook: restart it and begin here")
    sys.path.insert(0, str(project / "src"))
    (project / "book").mkdir(exist_ok=True)
    os.chdir(project / "book")  # where ../data of the text is

    # In the book, glue hands numbers to the text; here, it prints them.
    stub = types.ModuleType("myst_nb")
    stub.glue = lambda name, value, display=True: print(f"{name} = {value}")  # type: ignore[attr-defined]
    sys.modules["myst_nb"] = stub

    # While it trains, say how much is left.
    from nnbook.lab import evidence
    from nnbook.lab.schedule import Progress

    def tell(progress: Progress) -> None:
        left = "" if progress.seconds is None else f", about {progress.seconds:.0f} s left"
        said = f"trained {progress.done} networks of {progress.total}{left}"
        print(f"\r{said:<40}", end="", file=sys.stderr, flush=True)

    evidence.watcher = tell
