"""A server for the built site and an installed browser; both stay on this machine."""

import gzip
import os
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import SITE, find_browser

if TYPE_CHECKING:  # `make test` collects this folder and needs no browser
    from playwright.sync_api import Browser

# The browser's own errands would show up as traffic, and need a network.
QUIET = ["background-networking", "component-update", "default-apps", "extensions", "sync"]


class Handler(SimpleHTTPRequestHandler):
    """Static files, without a line per request, as some host or other serves them."""

    headers_of_all: Mapping[str, str] = {}
    types: Mapping[str, str] = {}  # by suffix, instead of the right ones
    gzipped = False
    # Where some files come from instead, by their paths: an older release, say, or nowhere.
    held: Mapping[str, Path | None] = {}

    def log_message(self, format: str, *args: object) -> None:
        pass

    def guess_type(self, path: Any) -> str:
        return self.types.get(Path(path).suffix) or super().guess_type(path)

    def translate_path(self, path: str) -> str:
        found = Path(super().translate_path(path))
        for name, other in self.held.items():
            if found.as_posix().endswith(f"/{name}"):
                return str(other / name if other else found.with_name("nothing-is-here"))
        return str(found) + ("/" if path.partition("?")[0].endswith("/") else "")

    def end_headers(self) -> None:
        for name, value in self.headers_of_all.items():
            self.send_header(name, value)
        super().end_headers()

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path.split("?")[0]))
        path = path / "index.html" if path.is_dir() else path
        if not (self.gzipped and path.is_file()):
            return super().do_GET()
        body = gzip.compress(path.read_bytes(), compresslevel=1)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site."""
    if not (SITE / "index.html").is_file():
        pytest.fail(f"there is no site at {SITE}: run `make book`, or `make test-site` for both")
    return SITE.resolve()


@pytest.fixture(scope="module", params=["zh-CN", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """Of the edition."""
    return str(request.param)


@pytest.fixture(scope="module")
def edition(site: Path, language: str) -> Path:
    """The edition's part of the site."""
    return site if language == "zh-CN" else site / language


class Unkept(Handler):
    """The browser's own cache keeps nothing: what is read later is what the site has stored."""

    headers_of_all = {"Cache-Control": "no-store"}  # noqa: RUF012 - never changed


class Server:
    """The files of a folder, until it is stopped."""

    def __init__(self, folder: Path, handler: type[Handler] = Handler, below: str = "") -> None:
        files = partial(handler, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), files)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}{below}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    served = Server(site)
    yield served.address
    served.stop()


@pytest.fixture
def server(site: Path, tmp_path: Path) -> Iterator[Server]:
    """The site below ``/repo/``, as project pages are, for a test to take off the network.

    The browser's offline mode spares service workers.
    """
    (tmp_path / "repo").symlink_to(site)
    served = Server(tmp_path, Unkept, below="/repo")
    yield served
    served.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """The installed Chromium or Chrome."""
    from playwright.sync_api import sync_playwright

    arguments = [f"--disable-{errand}" for errand in QUIET] + ["--no-first-run"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments += ["--no-sandbox", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        yield chromium
        chromium.close()
