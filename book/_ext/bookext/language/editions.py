"""The editions in other languages: each built beside the book, from the same sources and runs.

``_build/editions/<language>`` holds the project's sources with other words, and is built there as
any book is, while this build goes on. At the end its site becomes the folder ``<language>`` of this
site, so that both are published at one stroke; if either fails, neither is.
"""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

from bookext.language import catalogues, switch
from bookext.language.documents import section_names, translated
from bookext.state.staging import at_work, build_folder

logger = logging.getLogger(__name__)

FOLDER = "editions"
# What an edition is made from, besides what pages and results are.
FURTHER = (
    *("book/*.md", "book/_ext/**/*", "images/*", "pyproject.toml"),
    *("README.md", "LICENSE*", "CITATION.cff", "CHANGELOG.md"),
)
# What each edition has published stands beside its catalogues, and in its sources where the book
# has its own.
OWN = ("published.txt", "releases/*.json")
SHOWN = 20  # complaints at a time
BESIDE = "BOOK_BESIDE"  # the build of an edition is told that the book's waits for it
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def languages(root: Path, asked: str = "") -> dict[str, str]:
    """The further languages of a book, each with its name in itself.

    They are those of ``book_languages`` in ``_config.yml`` but for the first, its own.

    Args:
        root: of the project.
        asked: which of them, as ``BOOK_LANGUAGES`` says it; all if empty.
    """
    every = _settings(root).get("book_languages", {})
    return {language: every[language] for language in chosen(every, asked)[1:]}


def _settings(root: Path) -> dict[str, Any]:
    text = (root / "_config.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["sphinx"]["config"]  # type: ignore[no-any-return]


def sources(root: Path) -> dict[str, Path]:
    """Where the sources of each edition are that was built, by its language.

    Args:
        root: of the project.
    """
    folders = {language: root / "_build" / FOLDER / language for language in languages(root)}
    return {
        language: folder
        for language, folder in folders.items()
        if (folder / "_build" / "html" / "index.html").is_file()
    }


def choose(app: Sphinx, config: Config) -> None:
    """Which editions are built and linked: all, or those that ``BOOK_LANGUAGES`` names."""
    config.book_editions = chosen(config.book_languages, os.environ.get("BOOK_LANGUAGES", ""))


def chosen(every: Mapping[str, str], asked: str) -> list[str]:
    """The languages of a book that are asked for, and its own, the first, in any case.

    Example:
        >>> chosen({"zh_CN": "中文", "en": "English", "fr": "Français"}, "zh, fr")
        ['zh_CN', 'fr']
        >>> chosen({"zh_CN": "中文", "en": "English"}, "")
        ['zh_CN', 'en']

    Raises:
        SystemExit: it names a language that the book does not have.
    """
    wanted = [each.strip() for each in asked.split(",") if each.strip()]
    known = {name.partition("_")[0]: name for name in every} | {name: name for name in every}
    for each in wanted:
        if each not in known:
            raise SystemExit(
                f"BOOK_LANGUAGES is {asked!r}, and the languages of this book are "
                f"{', '.join(every)}: name some of them, with commas between them"
            )
    kept = {*list(every)[:1], *(known[each] for each in wanted)} if wanted else set(every)
    return [name for name in every if name in kept]


def begin(app: Sphinx) -> None:
    """Put the other editions into their languages and start to build them."""
    app.book_edition_builds = {}  # type: ignore[attr-defined]
    config = app.config
    if app.builder.name != "html" or config.language != switch.own_language(config):
        return  # an edition makes no further ones
    root = Path(app.srcdir)
    for language in config.book_languages:  # of the last build: what follows sees this book alone
        shutil.rmtree(Path(app.outdir, language), ignore_errors=True)
    for language in config.book_editions[1:]:
        folder = build_folder(app) / FOLDER / language
        try:
            found = list(catalogues.complaints(root, language))
            if not found:
                with at_work(folder / "_build"):  # one whose book was just killed may still be
                    write(root, language, folder)
        except catalogues.DamagedCatalogueError as error:
            found = [str(error)]
        for complaint in found[:SHOWN]:
            logger.warning("%s", complaint)
        if found:
            more = f"; {len(found) - SHOWN} more are not shown" if len(found) > SHOWN else ""
            logger.warning("run `make translate`, and translate what is open%s", more)
            continue
        app.book_edition_builds[language] = _start(app, language, folder)  # type: ignore[attr-defined]
        logger.info("building the edition in %s beside this one", config.book_languages[language])


def write(root: Path, language: str, folder: Path) -> None:
    """Write the sources of an edition; those that stay the same are not touched.

    Args:
        root: of the project.
        language: of the edition.
        folder: that gets them; what else is in it, but for ``_build``, goes.
    """
    words: dict[str, dict[str, str]] = {}
    for name, sources in catalogues.by_catalogue(root).items():
        known = catalogues.read(catalogues.path_of(root, language, name), language)
        for source in sources:
            words[source] = catalogues.translations(known)
    config = _settings(root)
    patterns = (*config["book_results_from"], *config["book_presentation_from"], *FURTHER)
    names = {
        path.relative_to(root).as_posix()
        for pattern in patterns
        for path in root.glob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }
    names = {name for name in names if not name.startswith("book/releases/")}  # see OWN
    for name in sorted(names):
        content = (root / name).read_bytes()
        if name in words:
            content = _translated(name, content.decode("utf-8"), words[name]).encode("utf-8")
        if name == "_config.yml":
            content = re.sub(rb"(\n\s+language: )\S+", rb"\g<1>" + language.encode(), content)
        _put(folder / name, content)
    for name in [each for each in names if each.endswith(".md") and each.startswith("book/")]:
        titles = "\n".join(section_names((root / name).read_text(encoding="utf-8")))
        sections = f"{switch.SECTIONS}/{Path(name).with_suffix('.txt')}"
        names.add(sections)
        _put(folder / sections, f"{titles}\n".encode())
    beside = root / catalogues.FOLDER / language
    for path in [found for pattern in OWN for found in beside.glob(pattern)]:
        own = f"book/{path.relative_to(beside).as_posix()}"
        names.add(own)
        _put(folder / own, path.read_bytes())
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        generated = inside.parts[0] in {"_build", "images"} or "__pycache__" in inside.parts
        if path.is_file() and not generated and inside.as_posix() not in names:
            path.unlink()


def _translated(name: str, text: str, words: dict[str, str]) -> str:
    return translated(name, text, lambda message, line: words[message])


def _put(path: Path, content: bytes) -> None:
    if path.parts[-2] == "images" and path.is_file():
        return  # an edition draws its own
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _start(app: Sphinx, language: str, folder: Path) -> "subprocess.Popen[str]":
    common = build_folder(app)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(folder / "src"), str(folder / "book" / "_ext")]),
        "NNBOOK_RUNS": os.environ.get("NNBOOK_RUNS", str(common / "runs")),
        "BOOK_RUNTIME": os.environ.get("BOOK_RUNTIME") or str(common / "runtime"),
        "BOOK_LANGUAGES": ",".join(app.config.book_editions),
        "NO_COLOR": "1",
        BESIDE: "1",
    }
    if app.config.html_baseurl:
        environment["BOOK_BASE_URL"] = f"{app.config.html_baseurl}{language}/"
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", "."]
    log = (folder / "_build.log").open("w+", encoding="utf-8")
    return subprocess.Popen(  # noqa: S603
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,  # which ends with this process, see `_end_with_the_book`
        stdout=log,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _end_with_the_book() -> None:
    """End this build when the one that waits for it is gone, however that one was ended."""

    def wait() -> None:
        os.read(0, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Wait for the editions, and take their sites into this one."""
    site = Path(app.outdir)
    for language, process in app.book_edition_builds.items():  # type: ignore[attr-defined]
        with process:  # closes the pipe to it, too
            if exception is not None:
                process.terminate()
            code = process.wait()
        folder = build_folder(app) / FOLDER / language
        if exception is not None:
            continue
        if code:
            said = COLOUR.sub("", (folder / "_build.log").read_text(encoding="utf-8"))
            said = said.replace(f"{folder}/", "")  # lines are those of the sources
            faults = [line for line in said.splitlines() if re.search("WARNING|ERROR|Error", line)]
            shown = "\n  ".join(faults or said.splitlines()[-SHOWN:])
            logger.warning("the edition in %s could not be built:\n  %s", language, shown)
            continue
        shutil.copytree((folder / "_build" / "html").resolve(), site / language)


def setup(app: Sphinx) -> None:
    """Register the settings."""
    if os.environ.get(BESIDE):
        _end_with_the_book()
    app.add_config_value("book_languages", {}, rebuild="html", types=dict)
    app.add_config_value("book_editions", [], rebuild="html", types=list)
