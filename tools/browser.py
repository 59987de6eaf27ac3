"""What a look at the site, and a print, needs from this machine: built pages and a browser.

As a script, print which browser there is, or fail naming what is missing.
"""

import os
import shutil
import sys
from pathlib import Path

SITE = Path(os.environ.get("BOOK_SITE", Path(__file__).parents[1] / "_build" / "html"))
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


FIREFOX = ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox")


class NoBrowserError(RuntimeError):
    """No Chromium and no Chrome is installed, or no Firefox."""


def find_browser() -> str:
    """Return the path of the browser; the variable `CHROMIUM` names another one."""
    named = os.environ.get("CHROMIUM")
    for command in [named] if named else [*COMMANDS, str(MAC)]:
        if found := shutil.which(command):
            return found
    missing = (
        f"CHROMIUM={named}, which cannot be run" if named else "none of " + ", ".join(COMMANDS)
    )
    raise NoBrowserError(
        f"the tests of the site, and the PDF, need Chromium or Chrome: found {missing}. "
        "On Debian: apt-get install chromium. Elsewhere, name it: CHROMIUM=/path/to/it"
    )


def find_firefox() -> str:
    """Return the path of Firefox; the variable `FIREFOX` names another one."""
    named = os.environ.get("FIREFOX")
    for command in [named] if named else FIREFOX:
        if found := shutil.which(command):
            return found
    missing = f"FIREFOX={named}, which cannot be run" if named else "none of " + ", ".join(FIREFOX)
    raise NoBrowserError(
        f"what readers run is tested in Firefox, too: found {missing}. "
        "On Debian: apt-get install firefox-esr. Elsewhere, name it: FIREFOX=/path/to/it"
    )


if __name__ == "__main__":
    try:
        print(f"browser: {find_browser()}")
    except NoBrowserError as error:
        sys.exit(f"error: {error}")
