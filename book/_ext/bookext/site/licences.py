"""The licences of all that a site ships, on a page of it.

Whose a file is, is looked up: our own sources by their place, files of packages by their digests
in ``RECORD``, what was fetched by its name in the locks. A file that nobody owns fails the build,
and so does an owner without a licence in its own files. For those that carry none, the text is in
the folder ``licences`` here, for one version alone: a new one fails until somebody has looked.
"""

import base64
import hashlib
import html
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple

from sphinx.application import Sphinx
from sphinx.util import logging

from bookext.site import editor, offline, redirects, runtime, search, take_away
from bookext.site.fetching import kept
from bookext.whole import edition
from bookext.words import _

logger = logging.getLogger(__name__)

PAGE = "licences"
KEPT = Path(__file__).parent / "licences"
PLACE = re.compile(r"(<!-- owners -->).*(<!-- /owners -->)", re.DOTALL)
FILE = re.compile(r"(?:^|[/._-])(?:licen[cs]es?|copying|notice)(?![a-z]|[^/.]*\.py)", re.IGNORECASE)
# A package or a module, where a line of ``RECORD`` begins with it.
BROUGHT = re.compile(r"^(\w+)(?:/|\.py,)", re.MULTILINE)
# A comment in which a file names authors of parts of it, as bundlers leave it in.
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SAYS = re.compile(r"licen[cs]e|copyright|©", re.IGNORECASE)
SCRIPTS = {".css", ".js", ".mjs", ".txt"}
# What Sphinx and the extension write besides pages, and no folder of theirs holds.
MADE = offline.LEFT_OUT | {".buildinfo", "search.html", f"{PAGE}.html"}
MADE_FOLDERS = ("_images", take_away.FOLDER)  # each build drops what is not its own there


class Owner(NamedTuple):
    """Whose a file is; what has no version is no package.

    Attributes:
        name: as its makers write it.
        version: of what is shipped.
    """

    name: str
    version: str = ""

    @property
    def file(self) -> Path:
        """Where its licence is, if its own files have none."""
        return KEPT / ("-".join(part for part in self if part).lower() + ".txt")


OURS, DIGITS, CLOTHES, FONTS = map(Owner, ("nnbook", "MNIST", "Fashion-MNIST", "Noto CJK, DejaVu"))


def give_page(app: Sphinx) -> Iterable[tuple[str, dict[str, Any], str]]:
    """Give Sphinx the page; who stands on it is known when all files are there."""
    description = _("Whose work this site takes along, and the full text of each licence.")
    yield PAGE, {"title": _("Licences"), "description": description}, f"{PAGE}.html"


def write(app: Sphinx, exception: Exception | None) -> None:
    """Put the owners of all files into the page; name a file and an owner without a licence."""
    site = Path(app.outdir)
    page = site / f"{PAGE}.html"
    if exception is not None or app.builder.name != "html" or not page.is_file():
        return
    shipped, parts, owned = by_owner(app), [], Licences(app)
    for name in shipped.get(None, []):
        logger.warning("%s is in the site, and nobody is known to own it", name, location=PAGE)
    known = [(owner, names) for owner, names in shipped.items() if owner is not None]
    for owner, names in sorted(known, key=lambda each: str(each[0]).lower()):
        texts = owned.of(owner)
        if not texts:
            words = "%s is in the site, and no licence is in the files of its owner, %s"
            logger.warning(f"{words}: put it into %s", names[0], " ".join(owner), owner.file.name)
        if owner != OURS:
            said = ((name, notices(site / name)) for name in names)
            texts |= {name: text for name, text in said if text}
        parts.append(_part(owner, texts))
    text = PLACE.sub(lambda found: "\n".join([found[1], *parts, found[2]]), page.read_text("utf-8"))
    page.write_text(text, encoding="utf-8", newline="\n")


def by_owner(app: Sphinx) -> dict[Owner | None, list[str]]:
    """The files of a site for each owner; under ``None``, those that nobody owns.

    Args:
        app: a build that has written all files but those of `editions` and of `offline`.
    """
    site, builder = Path(app.outdir), _builder(app)
    pages = {Path(builder.get_outfilename(each)).name for each in app.env.found_docs}
    pages |= {old.partition("#")[0] for old in redirects.of(app)}
    themes = [_owner(each) for each in _of_packages(_theme_packages(builder))]
    known: dict[str, list[Owner]] = dict(_fetched()) if app.config.book_runtime else {}
    if (library := site / runtime.FOLDER / "library" / "library.json").is_file():
        wheel = json.loads(library.read_text(encoding="utf-8"))["wheel"]
        known[f"{runtime.FOLDER}/library/{wheel}"] = [OURS]
    known["_static/pygments.css"] = [_owner(each) for each in _of_packages(_styles(app))]
    digests, named = _recorded(app)
    found: dict[Owner | None, list[str]] = {}
    for path in sorted(each for each in site.rglob("*") if each.is_file()):
        name = path.relative_to(site).as_posix()
        folder, _mark, rest = name.partition("/")
        if folder in app.config.book_editions[1:]:
            continue  # it has a page of its own
        owners: list[Owner | None] = [None]
        if name in known:
            owners = [*known[name]]
        elif name in MADE or name in pages:  # made with the templates of the theme
            owners = [OURS, *themes] if name.endswith(".html") else [OURS]
        elif folder in MADE_FOLDERS:
            owners = [OURS]
        elif folder == search.FOLDER:
            owners = [_owner("pagefind-bin-extended")]
        elif folder == edition.FOLDER and path.name in edition.KINDS.values():
            owners = [OURS, FONTS] if path.suffix == ".pdf" else [OURS]
        elif any((Path(app.srcdir, each) / rest).is_file() for each in app.config.html_static_path):
            owners = [OURS]
        elif (digest := _digest(path)) in digests:
            owners = [digests[digest]]
        else:  # rendered from a template, or empty as so many files are
            names = [
                f"{path.name}_t",
                f"{path.name}.jinja",
                *([path.name] * (not path.stat().st_size)),
            ]
            owners = [*(named[each] for each in names if each in named)] or [None]
        for owner in owners:
            found.setdefault(owner, []).append(name)
    return found


def _builder(app: Sphinx) -> Any:
    return app.builder


def _digest(path: Path) -> str:
    """As ``RECORD`` writes it."""
    return base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")


def _recorded(app: Sphinx) -> tuple[dict[str, Owner], dict[str, Owner]]:
    """The owners of the files of the theme and the extensions, by digest and by name."""
    packages = {*(each.partition(".")[0] for each in app.extensions), *_theme_packages(app.builder)}
    digests: dict[str, Owner] = {}
    names: dict[str, Owner] = {}
    for each in _of_packages(packages):
        owner = _owner(each)  # once, since it reads all that is said of a package
        for file in distribution(each).files or ():
            names.setdefault(file.name, owner)
            if file.hash is not None and file.size:
                digests.setdefault(file.hash.value, owner)
    return digests, names


@cache
def _installed() -> list[tuple[Distribution, set[str]]]:
    """Each distribution with the packages and modules that it brings.

    Python's own ``packages_distributions`` looks for every file that is installed, in every build.
    """
    records = [(each, each.read_text("RECORD") or "") for each in distributions()]
    return [(each, {*BROUGHT.findall(text)}) for each, text in records]


def _of_packages(packages: Iterable[str]) -> list[str]:
    """The distributions that bring some packages; ours is none."""
    wanted = {*packages}
    found = {each.metadata["Name"] for each, brought in _installed() if brought & wanted}
    return sorted(found - {OURS.name})


def _theme_packages(builder: Any) -> set[str]:
    """The packages that the theme is in, and those it builds upon."""
    found = (Path(each).parts for each in builder.theme.get_theme_dirs())
    return {parts[parts.index("site-packages") + 1] for parts in found if "site-packages" in parts}


def _styles(app: Sphinx) -> list[str]:
    """The packages that the colours of code come from; Pygments writes them down."""
    names = (app.config.pygments_style, getattr(app.config, "pygments_dark_style", None))
    styles = [_builder(app).highlighter.get_style(name) for name in names if name]
    return ["pygments", *(style.__module__.partition(".")[0] for style in styles)]


def _owner(name: str) -> Owner:
    found = distribution(name)
    return Owner(found.metadata["Name"], found.version)


def _fetched() -> Iterator[tuple[str, list[Owner]]]:
    """The owners of what is in the folder of the runtime, by name."""
    about = json.loads(runtime.LOCK.read_text(encoding="utf-8"))["info"]
    python = [Owner("Pyodide", about["version"]), Owner("CPython", about["python"])]
    for file in runtime.wanted():
        name, version, *_rest = [*Path(file.name).name.split("-"), ""]
        yield file.name, [Owner(name, version)] if file.name.endswith(".whl") else python
    packages = [Owner(name, each["version"]) for name, each in editor.LOCK["packages"].items()]
    for file, owner in zip(editor.wanted(), packages, strict=True):
        yield file.name, [owner]
    yield f"{editor.FOLDER}/LICENSE", packages
    library = f"{runtime.FOLDER}/library"
    yield f"{library}/{Path(runtime.DATA).name}", [DIGITS]
    yield f"{library}/{Path(runtime.CLOTHES).name}", [CLOTHES]
    own = (
        runtime.ROOM,
        f"python/{runtime.LOCK.name}",
        "library/library.json",
        f"library/{runtime.EVIDENCE}",
    )
    for name in (*own, f"editor/{editor.OWN}"):
        yield f"{runtime.FOLDER}/{name}", [OURS]


class Licences:
    """The texts of the licences.

    Args:
        app: a build.
    """

    def __init__(self, app: Sphinx) -> None:
        self._root, self._cache = Path(app.srcdir), Path(app.config.book_runtime)
        self._wheels = {
            owner: file
            for file in runtime.wanted()
            for owner in dict(_fetched()).get(file.name, [])
            if file.name.endswith(".whl")
        }
        self._editor = editor.licences()

    def of(self, owner: Owner) -> dict[str, str]:
        """The texts of an owner's licences, by the names of their files; none if there is none."""
        if owner == OURS:
            files = sorted(self._root.glob("LICENSE*"))
            return {path.name: path.read_text(encoding="utf-8") for path in files}
        if owner in self._wheels:
            with zipfile.ZipFile(kept(self._wheels[owner], self._cache)) as wheel:
                names = [name for name in sorted(wheel.namelist()) if FILE.search(name)]
                return {name: wheel.read(name).decode() for name in names}
        if owner.name in self._editor:
            path = kept(self._editor[owner.name], self._cache)
            return {"LICENSE": path.read_text(encoding="utf-8")} if path.is_file() else {}
        if owner.file.is_file():
            return {owner.file.name: owner.file.read_text(encoding="utf-8")}
        return _of_distribution(owner)


def _of_distribution(owner: Owner) -> dict[str, str]:
    try:
        files = distribution(owner.name).files or ()
    except PackageNotFoundError:
        return {}
    found = {str(file): Path(str(file.locate())) for file in files if FILE.search(str(file))}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def notices(path: Path) -> str:
    """The comments of a script or a style sheet that name a licence."""
    if path.suffix not in SCRIPTS:
        return ""
    text = path.read_text(encoding="utf-8")
    return "\n\n".join(each for each in COMMENT.findall(text) if SAYS.search(each))


def _part(owner: Owner, texts: dict[str, str]) -> str:
    folded = "\n".join(
        f'<details><summary translate="no">{html.escape(name)}</summary>'
        f'<pre lang="en" tabindex="0">{html.escape(text.strip())}</pre></details>'
        for name, text in texts.items()
    )
    return f"<section><h2>{html.escape(' '.join(owner).strip())}</h2>\n{folded}</section>"
