"""What is published is what the code does now.

The fingerprint of results is (a) a setting that re-reads every chapter when it changes
and (b) a part of the path of the cache of executed chapters, so that a change cannot find
the old results there. The fingerprint of the presentation is (a) and not (b): all pages
are made anew, from cached chapters, and nothing is executed.
"""

import os
import py_compile
import shutil
from importlib.util import cache_from_source
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from bookext.state import fingerprints
from bookext.state.seals import break_seal, is_sealed, set_seal
from bookext.state.staging import build_folder

logger = logging.getLogger(__name__)

CACHED_STATES = 8
CHAPTERS = "chapters/**/*"
BY_CONTENTS = b"\x03\x00\x00\x00"  # the flags of a .pyc, see PEP 552


def take_fingerprints(app: Sphinx, config: Config) -> None:
    """Take the fingerprints that this build is made from."""
    config.book_results, config.book_presentation = fingerprints.now(app)


def choose_cache(app: Sphinx, config: Config) -> None:
    """Give each fingerprint of results a cache of its own, and drop the oldest."""
    cache = _cache(app, config)
    cache.mkdir(parents=True, exist_ok=True)
    os.utime(cache)
    by_age = sorted(cache.parent.iterdir(), key=lambda folder: folder.stat().st_mtime)
    for old in by_age[:-CACHED_STATES]:
        shutil.rmtree(old, ignore_errors=True)
    if not is_sealed(cache, CHAPTERS):  # damaged, or of a build that was killed
        shutil.rmtree(cache / "chapters", ignore_errors=True)
    break_seal(cache)
    config.nb_execution_cache_path = str(cache / "chapters")
    if config.nb_execution_mode == "auto":  # it forgets what it executed for an earlier state
        config.nb_execution_mode = "cache"


def distrust_clocks(app: Sphinx, config: Config) -> None:
    """Let Python compare the contents of our code with its compiled form.

    By itself it looks at whole seconds and sizes, which a quick change of ``>`` to
    ``<`` escapes. A compiled file that goes by contents stays of that kind.
    """
    files = [
        path for pattern in config.book_results_from for path in Path(app.srcdir).glob(pattern)
    ]
    for path in (*files, *fingerprints.EXTENSION.glob("**/*.py")):
        if path.suffix != ".py":
            continue
        compiled = Path(cache_from_source(str(path)))
        if not compiled.is_file() or compiled.read_bytes()[4:8] != BY_CONTENTS:
            mode = py_compile.PycInvalidationMode.CHECKED_HASH
            py_compile.compile(str(path), invalidation_mode=mode, quiet=2)


def with_another_text(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Chapters whose text is another: Sphinx itself looks at the times of files only."""
    texts, known = _texts(app, env), getattr(env, "book_texts", {})
    env.book_texts = texts  # type: ignore[attr-defined]
    return [name for name, text in texts.items() if known.get(name) != text]


def forget_translations(app: Sphinx, exception: Exception | None) -> None:
    """Sphinx compiles a translation anew if its time says so; without a result it always does."""
    for folder in app.config.locale_dirs:
        for source in Path(app.srcdir, folder).glob("**/*.po"):
            source.with_suffix(".mo").unlink(missing_ok=True)


def seal_cache(app: Sphinx, exception: Exception | None) -> None:
    """Keep what was executed, unless a source has changed since the fingerprints were taken."""
    config = app.config
    results, presentation = fingerprints.now(app)
    if results == config.book_results:
        set_seal(_cache(app, config), CHAPTERS)
    same_texts = _texts(app, app.env) == app.env.book_texts  # type: ignore[attr-defined]
    taken = config.book_results, config.book_presentation
    if (results, presentation) != taken or not same_texts:
        logger.warning("a source was changed while the book was being built: build it again")


def _cache(app: Sphinx, config: Config) -> Path:
    return build_folder(app) / "cache" / str(config.book_results)


def _texts(app: Sphinx, env: BuildEnvironment) -> dict[str, str]:
    return {name: fingerprints.of_text(Path(app.srcdir), name) for name in env.found_docs}
