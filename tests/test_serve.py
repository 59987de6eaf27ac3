"""`make serve`: rebuilds on a change of content alone, and keeps the last good site."""

import http.client
import runpy
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

SERVE = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "tools" / "serve.py")))

# Stands in for Jupyter Book: copies the one chapter, draws a picture, fails on demand.
BUILD = """
import pathlib, sys
text = pathlib.Path("book/chapter.md").read_text()
pathlib.Path("images").mkdir(exist_ok=True)
pathlib.Path("images/drawn.svg").write_text(text)
pathlib.Path("book/__pycache__").mkdir(exist_ok=True)
pathlib.Path("book/__pycache__/a.pyc").write_text(text)
pathlib.Path("book/words.mo").write_text(text)
if "broken" in text:
    sys.exit(1)
pathlib.Path("_build/html").mkdir(parents=True, exist_ok=True)
pathlib.Path("_build/html/index.html").write_text(text)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one chapter."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "chapter.md").write_text("<p>first")
    return tmp_path


@pytest.fixture
def reloader(root: Path) -> SimpleNamespace:
    """What `make serve` runs, with the stand-in build."""
    reloader: SimpleNamespace = SERVE.Reloader(root, (sys.executable, "-c", BUILD))
    return reloader


@pytest.fixture
def port(root: Path, reloader: SimpleNamespace) -> Iterator[int]:
    """A server over what the stand-in builds."""
    handler = partial(SERVE.Handler, reloader=reloader, directory=str(root / "_build" / "html"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def get(port: int, path: str) -> tuple[int, str]:
    """Status and text of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_it_builds_once_for_each_change_and_never_for_what_the_build_wrote(
    root: Path, reloader: SimpleNamespace
) -> None:
    assert [reloader.check() for _ in range(3)] == [True, False, False]
    (root / "book" / "chapter.md").write_text("<p>other")  # as long as before
    assert [reloader.check() for _ in range(3)] == [True, False, False]
    (root / "book" / "chapter.md").touch()
    (root / "book" / ".chapter.md.swp").touch()
    assert not reloader.check()
    assert reloader.good_builds == 2


def test_a_failing_build_is_reported_once_and_the_last_good_site_stays(
    root: Path, reloader: SimpleNamespace, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    reloader.check()
    (root / "book" / "chapter.md").write_text("<p>broken")
    assert [reloader.check() for _ in range(2)] == [True, False]
    assert "BUILD FAILED" in capsys.readouterr().out
    assert reloader.good_builds == 1
    status, text = get(port, "/")
    assert status == 200
    assert "first" in text


def test_every_page_reloads_itself_also_before_the_first_build(
    reloader: SimpleNamespace, port: int
) -> None:
    for path in ("/", "/index.html?q=1", "/later.html"):
        status, text = get(port, path)
        assert status == 503
        assert '<script src="/.reload.js">' in text
    reloader.check()
    for path in ("/", "/index.html?q=1"):
        status, text = get(port, path)
        assert status == 200
        assert text == '<p>first<script src="/.reload.js"></script>'
    assert get(port, "/missing.html")[0] == 404
    assert "EventSource" in get(port, "/.reload.js")[1]


def test_a_good_build_reaches_the_open_pages(
    root: Path, reloader: SimpleNamespace, port: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/.reload")
    events = connection.getresponse()
    assert events.readline() == b"data: 0\n"
    assert events.readline() == b"\n"
    reloader.check()
    assert events.readline() == b"data: 1\n"
    connection.close()
    (root / "book" / "chapter.md").write_text("<p>last")
    reloader.check()  # telling a page that was closed harms nothing
