"""Build beside the site and switch only when all is well.

``_build/html`` is a link to the last good site, ``_build/sites/<id>/html``, with
the doctrees that belong to it next to it. A build works on a copy of both, or from
nothing if more than the text of chapters has changed or if they are damaged. If it
ends without an error or a warning, what it made becomes the site by one rename of a
link. If it fails, its copy is deleted; if it is killed, the next build deletes the copy.
So no build starts from what a failed one has left, and a fault is found again, build
after build, until somebody mends it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sphinx.application import Sphinx
from sphinx.util import logging

from bookext.state import fingerprints, reading
from bookext.state.seals import is_sealed, set_seal

logger = logging.getLogger(__name__)

CONTENTS = "*/**/*"  # of a site: pages and doctrees


class Staging:
    """Sends everything that a build writes to a copy of the last good site."""

    def __init__(self, app: Sphinx) -> None:
        site = Path(app.outdir)
        _refuse_a_link_elsewhere(Path(app.srcdir, "_build", "html"), site)
        if site.parent.parent.name == "sites":  # Sphinx has followed the link
            site = site.parents[2] / "html"
        sites = site.parent / "sites"
        sites.mkdir(parents=True, exist_ok=True)
        self._site = site
        self._lock = _lock(site.parent)
        self._copy: Path | None = None
        reading.begin(Path(app.srcdir), site.parent)
        if site.name != "html":  # another builder, such as linkcheck, publishes nothing
            return
        good = site.resolve().parent
        for left_by_a_killed_build in set(sites.iterdir()) - {good}:
            shutil.rmtree(left_by_a_killed_build, ignore_errors=True)
        self._copy = Path(tempfile.mkdtemp(dir=sites))
        self._copy.chmod(0o755)  # a web server may be another user
        # What is not a chapter's own text shows in every page: then all are made from nothing.
        self._state = " ".join(fingerprints.now(app))
        same = is_sealed(good, CONTENTS, self._state) and reading.is_now(good, Path(app.srcdir))
        if site.is_symlink() and same:
            shutil.copytree(good, self._copy, dirs_exist_ok=True, symlinks=True)
        app.outdir = type(app.outdir)(self._copy / "html")
        app.doctreedir = type(app.doctreedir)(self._copy / "doctrees")
        for folder in (app.outdir, app.doctreedir):
            Path(folder).mkdir(exist_ok=True)

    def end(self, app: Sphinx, exception: Exception | None) -> None:
        """Make the copy the site, or delete it and let the build fail."""
        if self._copy is not None:
            for place in [] if exception else reading.keep(app, self._copy)[:1]:
                logger.warning(reading.CHANGED, place)
            self._publish(app, self._copy, good=exception is None and not app._warncount)
        elif app._warncount and app.statuscode == 0:
            app.statuscode = 1
            logger.error("what was built is not to be published: mend what is named above")
        self._lock.release()

    def _publish(self, app: Sphinx, copy: Path, *, good: bool) -> None:
        publishes = app.builder.name == "html"  # linkcheck may be told the same folder
        if publishes and good:
            set_seal(copy, CONTENTS, self._state)
            _switch(self._site, copy)
            return
        shutil.rmtree(copy, ignore_errors=True)
        if publishes:
            app.statuscode = 1
            kept = "the last good site stays as it was"
            kept = kept if self._site.is_symlink() else "there is no site yet"
            logger.error("the book was not published: mend what is named above; %s", kept)


def build_folder(app: Sphinx) -> Path:
    """``_build``, wherever in it this build writes."""
    output = Path(app.outdir)
    return output.parents[2] if output.parents[1].name == "sites" else output.parent


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Hold off every build that works in ``folder``, as a build does itself."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = _lock(folder)
    try:
        yield
    finally:
        lock.release()


def _lock(folder: Path) -> FileLock:
    """Let one build at a time work here; the system ends a lock with its process."""
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        logger.info("another build is at work in %s: waiting for it to end", folder)
        lock.acquire()
    return lock


def _refuse_a_link_elsewhere(html: Path, site: Path) -> None:
    """End the build before it writes, failing or not, into a folder that is not its own."""
    leads, own = html.resolve(), (html.parent / "sites").resolve()
    if html.is_symlink() and leads == site.resolve() and own not in leads.parents:
        raise SystemExit(
            f"{html} is a link to {leads}, and what lies there would be overwritten: remove "
            "the link, build, and copy what _build/html leads to"
        )


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
