"""The environment that results come from: as it is installed, and as chapters get it."""

import os
import platform
import sys
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

logger = logging.getLogger(__name__)

THREADS = tuple(f"{each}_NUM_THREADS" for each in ("OPENBLAS", "MKL", "OMP", "VECLIB_MAXIMUM"))
HANDED_DOWN = (*THREADS, "PYTHONPATH", "JUPYTER_PREFER_ENV_PATH", "IPYTHONDIR")


def installed() -> dict[str, str]:
    """The version of every installed package, from the names of their folders.

    That takes a tenth of the time of reading what is in them.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        for path in sorted(Path(folder).glob("*.dist-info")):
            name, _, version = path.stem.rpartition("-")
            found.setdefault(canonicalize_name(name), version)
    return found


def described() -> str:
    """Python, processor type and every installed package, as they are."""
    packages = [f"{name}=={version}" for name, version in sorted(installed().items())]
    return "\n".join([platform.python_version(), sys.platform, platform.machine(), *packages])


def differences(lock: str, here: dict[str, str]) -> list[str]:
    r"""Where installed packages differ from the lock, in words.

    Args:
        lock: the text of the lock, in the form of a requirements file.
        here: the versions that are there instead, by canonical name.

    Example:
        >>> differences("numpy==2.0 \\\n    --hash=…\nfuro==1", {"numpy": "1.9"})
        ['numpy is 1.9, the lock has ==2.0', 'furo is missing, the lock has ==1']
    """
    found = []
    for line in lock.splitlines():
        if not line or line[0] in " #-":
            continue
        try:
            wanted = Requirement(line.rstrip(" \\"))
        except InvalidRequirement:
            continue
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        version = here.get(canonicalize_name(wanted.name))
        if version is None:
            found.append(f"{wanted.name} is missing, the lock has {wanted.specifier}")
        elif not wanted.specifier.contains(version, prereleases=True):
            found.append(f"{wanted.name} is {version}, the lock has {wanted.specifier}")
    return found


def refuse_another(app: Sphinx, config: Config) -> None:
    """End the build where other packages are installed than the locked ones, unless told."""
    if not config.book_lock:
        logger.info("no lock is set: the book is built with the packages that are installed")
        return
    if os.environ.get("BOOK_ANY_ENVIRONMENT"):
        return
    lock = Path(app.srcdir, config.book_lock)
    if not lock.is_file():
        raise SystemExit(f"The lock {lock} is missing: restore it, or set book_lock to ''.")
    if found := differences(lock.read_text(encoding="utf-8"), installed()):
        raise SystemExit(
            "The installed packages are not the locked ones:\n  "
            + "\n  ".join(found)
            + f"\nInstall those of {config.book_lock}, or set BOOK_ANY_ENVIRONMENT=1 to build with "
            "what is there."
        )


def say_draft(app: Sphinx, config: Config) -> None:
    """Let every page say that it is a draft, if this build makes one."""
    name, _, value = config.book_draft.partition("=")
    is_draft = bool(name) and os.environ.get(name) == value
    config.html_context = {**config.html_context, "draft": is_draft}
    if is_draft:
        logger.info("a draft is built, which says so on every page and is not to be published")


def package(app: Sphinx) -> Path | None:
    """The folder of the package that the book shows: the one that is set, or the one in src."""
    if app.config.book_package:
        return Path(app.srcdir, app.config.book_package)
    found = [path.parent for path in Path(app.srcdir).glob("src/*/__init__.py")]
    return found[0] if len(found) == 1 else None


def hand_down(app: Sphinx, config: Config) -> None:
    """Set what the processes of chapters and runs inherit."""
    # BLAS adds up in another order with another number of threads. NumPy reads these when
    # it is loaded, which no build does before this.
    os.environ |= dict.fromkeys(THREADS, "1")
    # They start in other folders than this process.
    own = [str(Path(__file__).parents[2])]  # where `bookext.state.cells` is found
    if folder := package(app):
        own.insert(0, str(folder.parent))
    paths = [*own, *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    sys.path += [path for path in own if path not in sys.path]
    # Kernels of this environment, without the start-up files of whoever builds.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    os.environ["IPYTHONDIR"] = str(Path(config.nb_execution_cache_path).with_name("ipython"))
