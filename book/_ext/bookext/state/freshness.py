"""What is published is what the code does now.

A chapter is executed again when something on its record has changed, see `records`. The
fingerprints of results and of the presentation are settings that re-read every chapter when
they change: all pages are made anew, from what was executed where that is still right.
"""

import py_compile
from importlib.util import cache_from_source
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from bookext.state import fingerprints, records, watch
from bookext.state.reading import CHANGED
from bookext.state.staging import build_folder

logger = logging.getLogger(__name__)


def take_fingerprints(app: Sphinx, config: Config) -> None:
    """Take the fingerprints that this build is made from."""
    config.book_results, config.book_presentation = fingerprints.now(app)


def choose_cache(app: Sphinx, config: Config) -> None:
    """Say where executed chapters are kept: see `records`."""
    config.nb_execution_cache_path = str(build_folder(app) / "cache" / "chapters")
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
        if not compiled.is_file() or compiled.read_bytes()[4:8] != watch.BY_CONTENTS:
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


def ask_again(app: Sphinx, exception: Exception | None) -> None:
    """Refuse a site of which a source has changed since it was read."""
    taken = app.config.book_results, app.config.book_presentation
    read = app.env.book_texts  # type: ignore[attr-defined]
    others = [name for name, text in _texts(app, app.env).items() if read.get(name) != text]
    others += records.outdated(app, app.env)
    others += ["a source"] if fingerprints.now(app) != taken else []
    for name in others[:1]:
        logger.warning(CHANGED, name)


def _texts(app: Sphinx, env: BuildEnvironment) -> dict[str, str]:
    return {name: fingerprints.of_text(Path(app.srcdir), name) for name in env.found_docs}
