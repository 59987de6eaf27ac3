"""Build beside the site and switch only when all is well.

``_build/html`` is a link to the last good site, ``_build/sites/<id>/html``, with
the doctrees that belong to it next to it. A build works on a copy of both and,
if it ends without an error or a warning, becomes the next good site by one
rename. A build that fails or is killed leaves nothing behind that a later one
would take for its own, so that it fails again until its cause is mended.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Send everything that this build writes to a copy of the last good site."""
    site = Path(app.outdir)
    if site.parent.parent.name == "sites":  # Sphinx has followed the link
        site = site.parents[2] / "html"
    if site.name != "html":  # another builder, such as linkcheck, publishes nothing
        return
    sites = site.parent / "sites"
    sites.mkdir(parents=True, exist_ok=True)
    _sweep(sites, site)
    staged = Path(tempfile.mkdtemp(prefix=f"building-{os.getpid()}-", dir=sites))
    staged.chmod(0o755)  # a web server may be another user
    good = site.resolve().parent
    if site.is_symlink() and (good / "doctrees").is_dir():
        shutil.copytree(good, staged, dirs_exist_ok=True, symlinks=True)
    app.outdir = type(app.outdir)(staged / "html")
    app.doctreedir = type(app.doctreedir)(staged / "doctrees")
    for folder in (app.outdir, app.doctreedir):
        Path(folder).mkdir(exist_ok=True)

    def finish(app: Sphinx, exception: Exception | None) -> None:
        if exception is None and not app._warncount:
            _switch(site, staged)
            return
        shutil.rmtree(staged, ignore_errors=True)
        app.statuscode = 1
        kept = "the last good site stays as it was" if site.is_symlink() else "there is no site yet"
        logger.error("the book was not published: mend what is named above; %s", kept)

    # Last of all: whatever finds a fault must have spoken.
    app.connect("build-finished", finish, priority=10_000)


def _switch(site: Path, staged: Path) -> None:
    published = staged.with_name(staged.name.removeprefix("building-"))
    staged.rename(published)
    link = site.with_name(f".html-{os.getpid()}")
    link.unlink(missing_ok=True)
    link.symlink_to(Path("sites") / published.name / "html")
    if site.is_dir() and not site.is_symlink():  # made by Sphinx before the first build
        shutil.rmtree(site)
    old = site.resolve().parent if site.is_symlink() else None
    link.replace(site)
    if old is not None and old != published:
        shutil.rmtree(old, ignore_errors=True)


def _sweep(sites: Path, site: Path) -> None:
    """Remove what killed builds have left."""
    for folder in sites.iterdir():
        owner = int(folder.name.removeprefix("building-").split("-")[0])
        if folder == site.resolve().parent or _is_running(owner):
            continue
        shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    with contextlib.suppress(PermissionError):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
    return True
