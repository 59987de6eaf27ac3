"""Build beside the site and switch only when all is well.

``_build/html`` is a link to the last good site, ``_build/sites/<id>/html``, with
the doctrees that belong to it next to it. A build works on a copy of both, or from
nothing if more than the text of chapters has changed or if they are damaged. If it
ends without an error or a warning, what it made becomes the site by one rename of a
link. A build that fails or is killed leaves nothing behind that a later one would
take for its own, so that it fails again until its cause is mended.
"""

import fcntl
import shutil
import tempfile
from pathlib import Path
from typing import IO

from sphinx.application import Sphinx
from sphinx.util import logging

from bookext.freshness import fingerprint, frame, is_sealed, set_seal

logger = logging.getLogger(__name__)

CONTENTS = "*/**/*"  # of a site: pages and doctrees


def setup(app: Sphinx) -> None:
    """Send everything that this build writes to a copy of the last good site."""
    site = Path(app.outdir)
    if site.parent.parent.name == "sites":  # Sphinx has followed the link
        site = site.parents[2] / "html"
    sites = site.parent / "sites"
    sites.mkdir(parents=True, exist_ok=True)
    lock = _lock(site.parent)
    if site.name != "html":  # another builder, such as linkcheck, publishes nothing
        app.connect("build-finished", lambda *_: lock.close(), priority=10_000)
        return
    good = site.resolve().parent
    for left_by_a_killed_build in set(sites.iterdir()) - {good}:
        shutil.rmtree(left_by_a_killed_build, ignore_errors=True)
    staged = Path(tempfile.mkdtemp(dir=sites))
    staged.chmod(0o755)  # a web server may be another user
    good = site.resolve().parent
    # What is not a chapter's own text shows in every page: then all are made from nothing.
    root = Path(app.srcdir)
    state = f"{fingerprint(root)} {frame(root)}"
    if site.is_symlink() and is_sealed(good, CONTENTS, state):
        shutil.copytree(good, staged, dirs_exist_ok=True, symlinks=True)
    app.outdir = type(app.outdir)(staged / "html")
    app.doctreedir = type(app.doctreedir)(staged / "doctrees")
    for folder in (app.outdir, app.doctreedir):
        Path(folder).mkdir(exist_ok=True)

    def finish(app: Sphinx, exception: Exception | None) -> None:
        if app.builder.name != "html":  # linkcheck, into the folder of the site
            shutil.rmtree(staged, ignore_errors=True)
            lock.close()
            return
        if exception is None and not app._warncount:
            set_seal(staged, CONTENTS, state)
            _switch(site, staged)
            lock.close()
            return
        shutil.rmtree(staged, ignore_errors=True)
        lock.close()
        app.statuscode = 1
        kept = "the last good site stays as it was" if site.is_symlink() else "there is no site yet"
        logger.error("the book was not published: mend what is named above; %s", kept)

    # Last of all: whatever finds a fault must have spoken.
    app.connect("build-finished", finish, priority=10_000)


def _lock(folder: Path) -> IO[str]:
    """Let one build at a time work here; the system ends a lock with its process."""
    lock = (folder / ".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        logger.info("another build is at work in %s: waiting for it to end", folder)
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _switch(site: Path, published: Path) -> None:
    link = site.with_name(".html")
    link.unlink(missing_ok=True)
    link.symlink_to(Path("sites") / published.name / "html")
    if site.is_dir() and not site.is_symlink():  # made by Sphinx before the first build
        shutil.rmtree(site)
    old = site.resolve().parent if site.is_symlink() else None
    link.replace(site)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)
