"""Put all that a release consists of into ``dist/<version>``, with ``SHA256SUMS``.

Run ``make artefacts``: the site, the wheel and the sdist, and in each language of the book the
whole of it as PDF and as EPUB, the notebooks and the ledger, of this checkout as it is. Made twice
from one commit, they are the same bytes: times in them are those of the commit, or
``SOURCE_DATE_EPOCH``.

What cannot be made is named with the reason, the others are made, and the exit code is 1; then
they stand in ``dist/<version>-incomplete``, and a folder that is whole stays as it was.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import check_site

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from bookext.language import editions  # noqa: E402
from bookext.whole.edition import FOLDER as WHOLE  # noqa: E402
from bookext.whole.edition import KINDS, VERSION, language  # noqa: E402

SUMS = "SHA256SUMS"
DATA = ("data/tinymnist.npz", "data/tinyfashion.npz")
HOOKS = "import sys; from flit_core import buildapi; getattr(buildapi, sys.argv[1])(sys.argv[2])"
Maker = Callable[[Path], object]


class CannotMakeError(RuntimeError):
    """An artefact cannot be made: the message says why, and what to do."""


def version(root: Path) -> str:
    """The version of a checkout."""
    found = VERSION.search((root / "src/nnbook/__init__.py").read_text(encoding="utf-8"))
    if found is None:
        raise CannotMakeError("src/nnbook/__init__.py sets no __version__")
    return found[1]


def time_of(root: Path) -> int:
    """Seconds since 1970: ``SOURCE_DATE_EPOCH``, or when the commit was made."""
    if said := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(said)
    command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CannotMakeError(
            "nothing says from when the sources are: make them in a clone of the repository, or "
            f"set SOURCE_DATE_EPOCH to the seconds since 1970 (git: {done.stderr.strip()})"
        )
    return int(done.stdout)


def pack(files: Iterable[tuple[str, Path]], path: Path, seconds: int) -> None:
    """Write a zip file whose bytes depend on names, contents and that time alone.

    Args:
        files: the name of each in the archive, and where it is.
        path: of the archive.
        seconds: the time that each gets, since 1970.
    """
    time = datetime.fromtimestamp(max(seconds, 315532800), UTC)  # no zip file knows an earlier one
    with zipfile.ZipFile(path, "w") as archive:
        for name, file in sorted(files):
            entry = zipfile.ZipInfo(name, time.timetuple()[:6])
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3  # wherever it is made
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def below(folder: Path, name: str) -> list[tuple[str, Path]]:
    """All files of a folder, named as if it stood in a folder of that name."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [(f"{name}/{path.relative_to(folder).as_posix()}", path) for path in files]


def makers(root: Path, seconds: int, reasons: list[str]) -> dict[str, Maker]:
    """What writes each artefact, by its name, to a path.

    Args:
        root: of the project, whose site has been built.
        seconds: the time of all that is in them.
        reasons: what the build has said of what it could not make.
    """
    built, name = root / "_build" / "html", f"nnbook-{version(root)}"
    wheel = f"{name}-py3-none-any.whl"

    fresh = check_site.main(str(built)) == 0

    def of_site(path: Path, folder: str = "") -> Path:
        if not fresh:
            raise CannotMakeError(f"{path.name} would be of another state: `make book` failed")
        if not (built / folder).is_dir():
            raise CannotMakeError(f"the site has no edition in {folder}: unset BOOK_LANGUAGES")
        return built / folder

    def copy(folder: str, part: str, code: str = "") -> Maker:
        def copied(path: Path) -> None:
            file = of_site(path, folder) / part
            if not file.is_file():
                said = [each for each in reasons if f"{file.name} ({code})" in each]
                raise CannotMakeError(
                    "; ".join(said or reasons) or f"`make whole` made no {file.name}"
                )
            shutil.copyfile(file, path)

        return copied

    def notebooks(folder: str) -> Maker:
        def packed(path: Path) -> None:
            files = below(of_site(path, folder) / "notebooks", path.stem)
            made = path.with_name(wheel)
            if not made.is_file():
                raise CannotMakeError("they need the wheel, which was not made")
            # Beside them, so that the first cell of each needs no network.
            beside = [made, *(root / name for name in DATA)]
            files += [(f"{path.stem}/{file.name}", file) for file in beside]
            pack(files, path, seconds)

        return packed

    def package(hook: str) -> Maker:
        def build(path: Path) -> None:
            command = [sys.executable, "-c", HOOKS, hook, str(path.parent)]
            done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
            if done.returncode:
                raise CannotMakeError(done.stderr.strip() or f"{hook} failed")

        return build

    found: dict[str, Maker] = {
        wheel: package("build_wheel"),
        f"{name}.tar.gz": package("build_sdist"),
        f"{name}-site.zip": lambda path: pack(below(of_site(path), path.stem), path, seconds),
    }
    folders = {language(root): ""} | {
        each.replace("_", "-"): each for each in editions.languages(root)
    }
    for code, folder in folders.items():
        own = f"{name}-{code}"
        found |= {
            f"{own}-notebooks.zip": notebooks(folder),
            f"{own}.pdf": copy(folder, f"{WHOLE}/{KINDS['PDF']}", code),
            f"{own}.epub": copy(folder, f"{WHOLE}/{KINDS['EPUB']}", code),
            f"{own}-ledger.json": copy(folder, "ledger.json"),
        }
    return found


def make(made_by: dict[str, Maker], folder: Path) -> list[str]:
    """Write what can be made into a folder, with its digests; give what cannot, and why."""
    failed, lines = [], []
    for name, maker in made_by.items():
        try:
            maker(folder / name)
            content = (folder / name).read_bytes()
        except (CannotMakeError, OSError) as error:
            failed.append(f"{name}: {error}")
            continue
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        print(f"{name} ({len(content) / 1e6:.1f} MB)", flush=True)
    (folder / SUMS).write_text("".join(sorted(lines, key=lambda line: line[66:])), encoding="utf-8")
    return failed


def build_site(root: Path) -> list[str]:
    """Build the site with all that it links to; give what could not be made."""
    done = subprocess.run(
        ["make", "--no-print-directory", "whole"],  # noqa: S607
        cwd=root,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(done.stderr, end="", file=sys.stderr, flush=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    return [line.removeprefix("error: ").removeprefix("not made: ") for line in lines]


def main(root: Path = ROOT) -> int:
    """Make everything, and put it where it belongs."""
    try:
        seconds, number = time_of(root), version(root)
    except (CannotMakeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    os.environ["SOURCE_DATE_EPOCH"] = str(seconds)
    reasons = build_site(root)
    dist = root / "dist"
    dist.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=dist) as work:
        folder = Path(work, "made")
        folder.mkdir()
        failed = make(makers(root, seconds, reasons), folder)
        into = dist / (f"{number}-incomplete" if failed else number)
        shutil.rmtree(into, ignore_errors=True)
        folder.replace(into)
    for reason in failed:
        print(f"error: not made: {reason}", file=sys.stderr)
    print(f"{into.relative_to(root)}: {len(list(into.iterdir()))} files")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
