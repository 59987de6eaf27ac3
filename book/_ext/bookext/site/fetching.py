"""Files of others that the site takes along: each has a digest, and counts only with it.

They are kept by their digests, so a file that is there is the right one. What is missing
comes from its makers' own address or, where that can't be reached, out of a package of a
registry that carries the same file. Nothing of such a package is installed or run.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 20  # without an answer


@dataclass(frozen=True)
class Wanted:
    """A file of others.

    Attributes:
        name: where it goes in the site.
        sha256: of its contents.
        address: where its makers publish it.
        package: a package that carries it, such as ``pypi:name==1.0`` or ``npm:name@1.0``.
        member: its path in there.
    """

    name: str
    sha256: str
    address: str
    package: str
    member: str


class AnotherFileError(Exception):
    """A file is not what its digest says."""


def fetch(
    wanted: Iterable[Wanted], cache: Path, say: Callable[[str], None] = lambda words: None
) -> list[str]:
    """Bring what is missing into the cache; give the reasons why some of it is not there.

    Args:
        wanted: the files.
        cache: a folder; see `kept`.
        say: told what is being fetched, since it takes a while.
    """
    cache.mkdir(parents=True, exist_ok=True)
    missing = [file for file in wanted if not kept(file, cache).is_file()]
    reasons = []
    for get in (_from_makers, _from_packages):
        if not missing:
            break
        say(f"fetching {', '.join(file.name for file in missing)}")
        try:
            for file, contents in get(missing):
                _keep(file, contents, cache)
        except (OSError, subprocess.CalledProcessError, AnotherFileError, KeyError) as error:
            reasons.append(str(error))
        missing = [file for file in missing if not kept(file, cache).is_file()]
    return reasons if missing else []


def kept(file: Wanted, cache: Path) -> Path:
    """Where a file is in the cache, once it is there: under its digest."""
    return cache / file.sha256


def _keep(file: Wanted, contents: bytes, cache: Path) -> None:
    found = hashlib.sha256(contents).hexdigest()
    if found != file.sha256:
        raise AnotherFileError(f"{file.name} has the sha256 {found} and not {file.sha256}")
    written = kept(file, cache).with_suffix(".part")
    written.write_bytes(contents)
    written.replace(kept(file, cache))


def _from_makers(missing: Sequence[Wanted]) -> Iterator[tuple[Wanted, bytes]]:
    for file in missing:
        if not file.address.startswith(("https://", "file://")):
            raise OSError(f"{file.address}: not an address that is safe to fetch from")
        with urllib.request.urlopen(file.address, timeout=SECONDS) as answer:  # noqa: S310
            yield file, answer.read()


def _from_packages(missing: Sequence[Wanted]) -> Iterator[tuple[Wanted, bytes]]:
    for package in dict.fromkeys(file.package for file in missing):
        registry, _, name = package.partition(":")
        with tempfile.TemporaryDirectory() as folder:
            archive = {"pypi": _wheel, "npm": _tarball}[registry](name, Path(folder))
            for file in missing:
                if file.package == package:
                    yield file, archive(file.member)


def _wheel(name: str, folder: Path) -> Callable[[str], bytes]:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    _run([*command, "--only-binary", ":all:", "--dest", str(folder), name])
    return zipfile.ZipFile(next(folder.glob("*.whl"))).read


def _tarball(name: str, folder: Path) -> Callable[[str], bytes]:
    npm = shutil.which("npm")
    if npm is None:
        raise OSError(f"npm:{name}: npm is not installed here")
    _run([npm, "pack", "--silent", "--pack-destination", str(folder), name])
    archive = tarfile.open(next(folder.glob("*.tgz")))  # noqa: SIM115 - as long as it is read

    def read(member: str) -> bytes:
        found = archive.extractfile(f"package/{member}")
        if found is None:
            raise KeyError(f"{member} is no file of {name}")
        return found.read()

    return read


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
        raise OSError(f"{Path(command[0]).name} {command[-1]}: {last}")
