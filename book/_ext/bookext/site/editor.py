"""The editor in which readers write: CodeMirror, as its makers publish it, without a bundler.

Its modules import one another by the names of their packages, which a browser does not know.
Each package is one file here, so it is enough to write the files' addresses instead.
"""

import re
import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bookext.site.fetching import Wanted

HERE = Path(__file__).parent
LOCK = tomllib.loads((HERE / "editor.toml").read_text(encoding="utf-8"))
FOLDER = "runtime/editor"  # in the site
OWN = "editor.js"  # the only file that is ours: what of CodeMirror the exercises use, and how
# An import or export at the beginning of a line, up to an address that does not begin with a dot.
IMPORT = re.compile(
    r"""^((?:import|export)\b(?:[\w\s{},*$]*\bfrom)?\s*)(["'])([^"'.][^"']*)\2""", re.MULTILINE
)


def wanted() -> list[Wanted]:
    """The files of CodeMirror, as `editor.toml` names them."""
    return [
        Wanted(
            name=f"{FOLDER}/{file_name(package)}",
            sha256=each["sha256"],
            address=f"{LOCK['distribution']}{package}@{each['version']}/{each['member']}",
            package=f"npm:{package}@{each['version']}",
            member=each["member"],
        )
        for package, each in LOCK["packages"].items()
    ]


def licences() -> dict[str, Wanted]:
    """The licence of each package, out of the package itself."""
    return {
        file.package.removeprefix("npm:").rpartition("@")[0]: replace(
            file,
            name=f"{file.name}.LICENSE",
            sha256=each["licence"],
            address=file.address.removesuffix(file.member) + "LICENSE",
            member="LICENSE",
        )
        for file, each in zip(wanted(), LOCK["packages"].values(), strict=True)
    }


def file_name(package: str) -> str:
    """Where the module of a package stands, beside the others; another version is another file.

    Example:
        >>> file_name("crelt")
        'crelt-1.0.7.js'
    """
    plain = package.removeprefix("@").replace("/", "-")
    return f"{plain}-{LOCK['packages'][package]['version']}.js"


def rewritten(text: str, places: Mapping[str, str]) -> str:
    """A module that imports from addresses instead of names of packages.

    Args:
        text: of the module.
        places: the address for each package.

    Raises:
        KeyError: it imports a package that has no place.

    Example:
        >>> rewritten('import elt from "crelt";', {"crelt": "./crelt.js"})
        'import elt from "./crelt.js";'
    """
    return IMPORT.sub(lambda found: f"{found[1]}{found[2]}{places[found[3]]}{found[2]}", text)


def files(read: Callable[[Wanted], bytes]) -> dict[str, str]:
    """The files of the editor in the site, by name.

    Args:
        read: gives the contents of a file that `wanted` names.
    """
    places = {package: f"./{file_name(package)}" for package in LOCK["packages"]}
    modules = {file.name: read(file).decode() for file in wanted()}
    modules[f"{FOLDER}/{OWN}"] = (HERE / OWN).read_text(encoding="utf-8")
    made = {name: rewritten(text, places) for name, text in modules.items()}
    return {**made, f"{FOLDER}/LICENSE": LOCK["licence"].lstrip()}


def publish(site: Path, read: Callable[[Wanted], bytes]) -> None:
    """Write the editor into a site, in place of the one before."""
    shutil.rmtree(site / FOLDER, ignore_errors=True)
    (site / FOLDER).mkdir(parents=True)
    for name, text in files(read).items():
        (site / name).write_text(text, encoding="utf-8", newline="\n")
