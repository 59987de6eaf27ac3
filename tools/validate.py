"""Let the W3C's validator, Nu Html Checker, read every page of the built site.

Usage: python tools/validate.py [FOLDER]. Needs Java 17 or newer. The validator is one file of
thirty megabytes, locked by its digest; it is fetched once, into ``_build/validator``. The exit
code is 1 if a page has a fault, 2 if there is no Java or no validator.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from browser import SITE

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from bookext.site.fetching import Wanted, fetch, kept  # noqa: E402

PACKAGE, MEMBER = "vnu-jar@26.9.27", "build/dist/vnu.jar"
VALIDATOR = Wanted(
    name="vnu.jar",
    sha256="22f15dd39a33bed929d2a5c0cddf5946849a647eca9272bf4d5d00bc7e7a4d47",
    address=f"https://cdn.jsdelivr.net/npm/{PACKAGE}/{MEMBER}",
    package=f"npm:{PACKAGE}",
    member=MEMBER,
)
# What is no fault here, word for word, and why. All else that it warns of counts as one.
ACCEPTED = {
    r"(Resource|Inline script) violates Content Security Policy \(meta tag\): .*": (
        "a file has no origin that 'self' could mean; the tests in the browser see the policy kept"
    ),
    r"Consider using the “h1” element as a top-level heading only .*": (
        "docutils puts the title of a page into its first section, and there is but one"
    ),
    r"Article lacks heading\. .*": "likewise: it stands in the section within",
    r"Section lacks heading\. .*": "sphinx-exercise has one around the text of each exercise",
    r"This document appears to be written in .*": (
        "the list of works is mostly English; its parts say so, the page is Chinese"
    ),
}


class CannotValidateError(RuntimeError):
    """There is no Java, or no validator: the message says what to do."""


def java() -> str:
    """Java on this machine; the variable ``JAVA_HOME`` names another one."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which(str(Path(home, "bin", "java")) if home else "java")
    if found is None:
        where = f"in JAVA_HOME={home}" if home else "here"
        raise CannotValidateError(
            f"no java {where}: install Java 17 or newer. On Debian: apt-get install "
            "default-jre-headless"
        )
    return found


def validator() -> Path:
    """The validator, fetched if it is not there yet."""
    cache = ROOT / "_build" / "validator"
    if reasons := fetch([VALIDATOR], cache, lambda words: print(words, flush=True)):
        raise CannotValidateError(
            f"the validator could not be fetched: {'; '.join(reasons)}. It needs a network, and "
            "npm where the first address is out of reach"
        )
    return kept(VALIDATOR, cache)


def faults(site: Path) -> list[str]:
    """What is wrong in the pages of a site, a line each.

    Raises:
        CannotValidateError: as it says.
    """
    command = [java(), "-Xss8m", "-jar", str(validator())]
    command += ["--format", "json", "--stdout", "--exit-zero-always", "--skip-non-html", str(site)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        messages = json.loads(done.stdout)["messages"]
    except (ValueError, KeyError):
        raise CannotValidateError(
            f"the validator said nothing that can be read: {(done.stderr or done.stdout)[-2000:]}"
        ) from None
    return [
        f"{message['url'].rpartition(site.name + '/')[2]}:{message.get('lastLine', '?')}: "
        f"{message['message']} {' '.join(message.get('extract', '').split())}"
        for message in messages
        if message["type"] == "error" or message.get("subType") == "warning"
        if not any(re.fullmatch(words, message["message"]) for words in ACCEPTED)
    ]


def main(site: Path = SITE) -> int:
    """Print what is wrong."""
    try:
        found = faults(site.resolve())
    except CannotValidateError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join([*found, f"{len(found)} faults in the HTML of {site}"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
