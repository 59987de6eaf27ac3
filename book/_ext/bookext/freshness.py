"""What is published is what the code does now.

The fingerprint of everything that can change a result is (a) a setting that
re-reads every chapter when it changes and (b) a part of the path of the cache
of executed chapters, so that a change cannot find the old results there. What
only changes how pages look, the frame, is (a) and not (b): nothing is executed.
Each page shows the fingerprint of all that it was made from.
"""

import hashlib
import os
import platform
import py_compile
import shutil
import sys
from importlib.util import cache_from_source
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)

# BLAS adds up in another order with another number of threads. NumPy must not be
# loaded before this; chapters and runs inherit it.
for _library in ("OPENBLAS", "MKL", "OMP", "VECLIB_MAXIMUM"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"

CACHED_STATES = 8
SEAL = "seal"
FRAME = (
    "_config.yml",
    "_toc.yml",
    "benchmarks/results.json",
    "book/prose.toml",
    "book/references.bib",
    "book/_locale/**/*.po",
    "book/_static/**/*",
    "book/_templates/**/*",
)
CODE = ("src/**/*.py", "book/_ext/**/*.py")
SOURCES = (*CODE, "book/_ext/**/*.js", "data/*.npz", "requirements.lock")
BY_CONTENTS = b"\x03\x00\x00\x00"  # the flags of a .pyc, see PEP 552


def setup(app: Sphinx) -> None:
    """Take the fingerprint and let chapters and cache depend on it."""
    app.add_config_value("book_fingerprint", "", rebuild="env", types=str)
    app.add_config_value("book_frame", "", rebuild="env", types=str)
    app.connect("config-inited", _config_inited, priority=10)
    app.connect("env-get-outdated", _outdated)
    app.connect("build-finished", _forget_translations)


def fingerprint(root: Path) -> str:
    """The fingerprint of sources, data, lock and installed environment."""
    return _shortened(_contents(root, SOURCES) + environment())


def frame(root: Path) -> str:
    """The fingerprint of what changes how pages look, and no result."""
    return _shortened(_contents(root, FRAME))


def page_fingerprint(root: Path, docname: str, *, book: str, looks: str) -> str:
    """The fingerprint of all that the page of a chapter is made from.

    Args:
        root: of the project.
        docname: of the chapter, such as ``book/dropout``.
        book: its `fingerprint`.
        looks: its `frame`.
    """
    return _shortened(f"{book} {looks} {_contents(root, (f'{docname}.md',))}")


def _shortened(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _contents(root: Path, patterns: tuple[str, ...]) -> str:
    files = [path for pattern in patterns for path in sorted(root.glob(pattern)) if path.is_file()]
    return "".join(
        f"{path.relative_to(root).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
        for path in files
    )


def _outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Chapters whose text is another: Sphinx itself looks at the times of files only."""
    root = Path(app.srcdir)
    texts = {name: _contents(root, (f"{name}.md",)) for name in env.found_docs}
    known = getattr(env, "book_texts", {})
    env.book_texts = texts  # type: ignore[attr-defined]
    return [name for name, text in texts.items() if known.get(name) != text]


def _forget_translations(app: Sphinx, exception: Exception | None) -> None:
    """Sphinx compiles a translation anew if its time says so; without a result it always does."""
    for compiled in Path(app.srcdir).glob("book/_locale/**/*.mo"):
        compiled.unlink(missing_ok=True)


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


def environment() -> str:
    """Python, processor type and every installed package, as they are."""
    packages = [f"{name}=={version}" for name, version in sorted(installed().items())]
    return "\n".join([platform.python_version(), sys.platform, platform.machine(), *packages])


def differences(lock: str) -> list[str]:
    """Where the installed packages differ from the lock, in words."""
    found, here = [], installed()
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


def _compile(root: Path) -> None:
    """Let Python compare the contents of our code with its compiled form.

    By itself it looks at whole seconds and sizes, which a quick change of ``>`` to
    ``<`` escapes. A compiled file that goes by contents stays of that kind.
    """
    for pattern in CODE:
        for path in root.glob(pattern):
            compiled = Path(cache_from_source(str(path)))
            if not compiled.is_file() or compiled.read_bytes()[4:8] != BY_CONTENTS:
                mode = py_compile.PycInvalidationMode.CHECKED_HASH
                py_compile.compile(str(path), invalidation_mode=mode, quiet=2)


def is_sealed(folder: Path, contents: str, state: str = "") -> bool:
    """Whether a folder holds what it held when it was sealed, in that state."""
    seal = folder / SEAL
    return seal.is_file() and seal.read_text(encoding="ascii") == _seal(folder, contents, state)


def set_seal(folder: Path, contents: str, state: str = "") -> None:
    """Note what the files hold that the pattern ``contents`` finds in a folder."""
    (folder / SEAL).write_text(_seal(folder, contents, state), encoding="ascii")


def _seal(folder: Path, contents: str, state: str) -> str:
    return f"{state} {_shortened(_contents(folder, (contents,)))}"


def build_folder(app: Sphinx) -> Path:
    """``_build``, wherever in it this build writes."""
    output = Path(app.outdir)
    return output.parents[2] if output.parents[1].name == "sites" else output.parent


def _config_inited(app: Sphinx, config: Config) -> None:
    root = Path(app.srcdir)
    if not os.environ.get("BOOK_ANY_ENVIRONMENT"):
        found = differences((root / "requirements.lock").read_text(encoding="utf-8"))
        if found:
            raise SystemExit(
                "The installed packages are not the locked ones:\n  "
                + "\n  ".join(found)
                + "\nRun `make book`, or set BOOK_ANY_ENVIRONMENT=1 to build with what is there."
            )
    config.book_fingerprint = fingerprint(root)
    config.book_frame = frame(root)
    caches = build_folder(app) / "cache"
    cache = caches / config.book_fingerprint
    cache.mkdir(parents=True, exist_ok=True)
    os.utime(cache)
    by_age = sorted(caches.iterdir(), key=lambda folder: folder.stat().st_mtime)
    for old in by_age[:-CACHED_STATES]:
        shutil.rmtree(old, ignore_errors=True)
    chapters = cache / "chapters"
    if not is_sealed(cache, "chapters/**/*"):  # damaged, or of a build that was killed
        shutil.rmtree(chapters, ignore_errors=True)
    (cache / SEAL).unlink(missing_ok=True)

    def finish(app: Sphinx, exception: Exception | None) -> None:
        changed = fingerprint(root) != config.book_fingerprint
        if not changed:
            set_seal(cache, "chapters/**/*")
        texts = {name: _contents(root, (f"{name}.md",)) for name in app.env.found_docs}
        if changed or frame(root) != config.book_frame or texts != app.env.book_texts:  # type: ignore[attr-defined]
            logger.warning("a source was changed while the book was being built: build it again")

    app.connect("build-finished", finish, priority=7_000)
    config.nb_execution_cache_path = str(chapters)
    _compile(root)
    # Chapters and workers start in other folders than this process.
    paths = [str(root / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    # Kernels of this environment, without the start-up files of whoever builds.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    os.environ["IPYTHONDIR"] = str(cache / "ipython")
