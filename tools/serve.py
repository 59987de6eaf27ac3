"""Serve the book on 127.0.0.1; build it again and reload the pages on every change.

A build writes into the repository too (``images/``, caches), so that watching
times alone would loop. What counts here is the content of the sources: a build
runs when it differs from what the last build started from, and a failing build
leaves the last good site in view.

Run ``python tools/serve.py``; ``PORT=8001`` chooses another port. Ctrl-C ends it.
"""

import hashlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
BUILD = (str(Path(sys.executable).with_name("jupyter-book")), "build", ".")
SOURCES = ("book", "src", "data", "_config.yml", "_toc.yml", "requirements.lock")
# Caches, compiled translations, and what editors put beside a file while it is open.
IGNORED = re.compile(r"(^|/)(__pycache__/|\.|[^/]*(~|\.mo)$)").search
POLL_SECONDS = 0.5
RELOAD_PATH = "/.reload"
RELOAD_SCRIPT = b"""
new EventSource("/.reload").onmessage = (event) => {
  if (window.built && window.built !== event.data) location.reload();
  window.built = event.data;
};
"""
NO_SITE = (
    b"<!doctype html><title>No site yet</title>"
    b"<p>The book is being built, or its first build failed: see the terminal. "
    b"This page reloads by itself.</p>"
)


def fingerprint(root: Path, sources: Sequence[str] = SOURCES) -> str:
    """The sha256 of the names and contents of all sources."""
    state = hashlib.sha256()
    for source in sources:
        start = root / source
        for path in [start] if start.is_file() else sorted(start.rglob("*")):
            if not path.is_file() or IGNORED(str(path.relative_to(root))):
                continue
            try:
                content = path.read_bytes()
            except OSError:  # gone since it was listed, as editors' temporary files are
                continue
            state.update(f"{path.relative_to(root)} {len(content)}\n".encode() + content)
    return state.hexdigest()


class Reloader:
    """Builds when the sources changed and counts the good builds."""

    def __init__(self, root: Path, build: Sequence[str] = BUILD) -> None:
        self.root = root
        self.build = build
        self.good_builds = 0
        self.changed = threading.Condition()
        self._built_from = ""

    def check(self) -> bool:
        """Build if the sources differ from what the last build saw; say if it built."""
        now = fingerprint(self.root)
        if now == self._built_from:
            return False
        self._built_from = now
        started = time.monotonic()
        good = subprocess.run(self.build, cwd=self.root, check=False).returncode == 0  # noqa: S603
        seconds = time.monotonic() - started
        print(f"{'built' if good else 'BUILD FAILED: the last good site stays'} ({seconds:.1f} s)")
        if good:
            with self.changed:
                self.good_builds += 1
                self.changed.notify_all()
        return True

    def wait_for_news(self, known: int, timeout: float = 15.0) -> int:
        """Return the number of good builds, as soon as it is not the known one."""
        with self.changed:
            self.changed.wait_for(lambda: self.good_builds != known, timeout)
            return self.good_builds


class Handler(SimpleHTTPRequestHandler):
    """Static files, with the script that reloads appended to every page."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, reloader: Reloader, **kwargs: object) -> None:
        self.reloader = reloader
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == RELOAD_PATH:
            self.send_events()
        elif path == f"{RELOAD_PATH}.js":
            self.send_bytes(RELOAD_SCRIPT, "text/javascript")
        else:
            super().do_GET()

    def send_head(self) -> BinaryIO | None:
        """Send a page with the script; leave everything else to the standard library."""
        target = Path(self.translate_path(self.path))
        page = target / "index.html" if self.path.partition("?")[0].endswith("/") else target
        if page.suffix != ".html" or self.command != "GET":
            return super().send_head()
        try:
            self.send_page(page.read_bytes())
        except OSError:
            if Path(self.directory, "index.html").exists():
                return super().send_head()
            self.send_page(NO_SITE, status=503)
        return None

    def send_page(self, page: bytes, status: int = 200) -> None:
        """Send one page with the script that reloads it."""
        script = f'<script src="{RELOAD_PATH}.js"></script>'.encode()
        self.send_bytes(page + script, "text/html; charset=utf-8", status)

    def send_bytes(self, content: bytes, kind: str, status: int = 200) -> None:
        """Send `content` as it is."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def send_events(self) -> None:
        """Tell the page the number of good builds, now and whenever it changes."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        number = -1
        try:
            while True:
                number = self.reloader.wait_for_news(number)
                self.wfile.write(f"data: {number}\n\n".encode())
        except OSError:
            self.close_connection = True  # the page was closed

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal for the build."""


def main() -> None:
    """Serve until Ctrl-C."""
    port = int(os.environ.get("PORT", "8000"))
    reloader = Reloader(ROOT)
    handler = partial(Handler, reloader=reloader, directory=str(SITE))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        sys.exit(f"error: port {port}: {error.strerror}. Try: PORT={port + 1} make serve")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"Serving http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)", flush=True)
    try:
        while True:
            reloader.check()
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
