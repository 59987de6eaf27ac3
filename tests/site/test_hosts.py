"""The site where it is really hosted: packed, in part, between two releases, beside neighbours."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bookext.site import offline
from playwright.sync_api import Error

from conftest import Handler, Server, Unkept

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.site

EDITOR = "runtime/editor/editor.js"
CSS, MODULE, PAGE = "_static/book.css", "_static/widgets/mask.js", "masks.html"
# Of all that is stored, whatever its name is, and of all that the site has.
PLANT = """async (paths) => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const key of [...await cache.keys(), ...paths]) {
      const type = (key.url ?? key).includes(".js") ? "text/javascript" : "text/html";
      await cache.put(key, new Response("<html PLANTED", { headers: { "Content-Type": type } }));
    }
  }
}"""
READ = """(path) => fetch(path).then((answer) => answer.text(), () => "nothing")"""
INSTALLED = """navigator.serviceWorker.ready.then(async ({ active }) => {
  while (active.state !== "activated" || !navigator.serviceWorker.controller) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return (await caches.keys()).length;
})"""

Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Servers of folders, until the test is over."""
    servers = []

    def begin(
        folder: Path, handler: type[Handler] = Unkept, below: str = "", **more: object
    ) -> Server:
        servers.append(Server(folder, type("Host", (handler,), more), below))
        return servers[-1]

    yield begin
    for each in servers:
        each.stop()


@pytest.fixture
def context(browser: "Browser") -> Iterator["BrowserContext"]:
    """A fresh visitor."""
    context = browser.new_context()
    yield context
    context.close()


def visited(context: "BrowserContext", address: str) -> "Page":
    """Visit the site, until its service worker has stored what it stores."""
    page = context.new_page()
    page.goto(f"{address}/", wait_until="load")
    assert page.evaluate(INSTALLED)
    return page


def listed(site: Path) -> dict[str, str]:
    """The files that a service worker knows, with their digests."""
    script = (site / "sw.js").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for each in re.findall(r"Object\.entries\((\{.*?\})\)", script)[:2]:
        found |= json.loads(each)
    return found


def copied(site: Path, to: Path) -> Path:
    """A copy of a site, whose files may be replaced but not written to."""
    shutil.copytree(site, to, copy_function=os.link)
    return to


def finished(site: Path) -> Path:
    """The copy, after a change."""
    for name in ["sw.js", "_static/widgets.js", *(path.name for path in site.glob("*.html"))]:
        text = (site / name).read_bytes()
        (site / name).unlink()
        (site / name).write_bytes(text)
    offline.finish(site)
    return site


def replace(site: Path, name: str, old: str, new: str) -> None:
    """Change a file of a copy."""
    text = (site / name).read_text(encoding="utf-8")
    assert old in text
    (site / name).unlink()
    (site / name).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def old(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small release, which a visitor has stored soon: the cover and one page more.

    Beside them, what they take along, and the editor.
    """
    folder = tmp_path_factory.mktemp("releases") / "old"
    (folder / "runtime").mkdir(parents=True)
    for name in ("_static", "runtime/editor"):
        copied(site / name, folder / name)
    for name in ("index.html", PAGE, "404.html", "sw.js", "runtime/room.htm"):
        os.link(site / name, folder / name)
    finished(folder)
    # Servers tell versions apart by the second. What is a link is the site's own, and older.
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_nlink == 1:
            os.utime(path, (10**9, 10**9))
    return folder


@pytest.fixture(scope="module")
def new(old: Path) -> Path:
    """The release after it: a page, a style sheet, a script, a module and the library."""
    to = copied(old, old.with_name("new"))
    replace(to, PAGE, "</h1>", " 新版</h1>")
    replace(to, CSS, "", ":root { --release: new; }\n")
    replace(to, "_static/book.js", "", "document.documentElement.dataset.release = 'new';\n")
    replace(to, MODULE, "", "// of the new release\n")
    replace(to, EDITOR, "", "// of the new release\n")
    return finished(to)


def look(page: "Page", address: str) -> tuple[str, str, list[str]]:
    """What a page is, how it looks, and what it says of itself."""
    page.goto(address, wait_until="load", timeout=90_000)  # a busy machine stores a site meanwhile
    page.wait_for_timeout(1500)  # it looks at what came with it once more
    style = page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--release')"
    )
    heading = page.locator("h1").inner_text()
    notes = page.locator(".stored").evaluate_all("notes => notes.map((each) => each.className)")
    return ("new" if "新版" in heading else "old"), (style or "old"), notes


def test_what_a_page_put_into_a_cache_is_never_served(
    context: "BrowserContext", old: Path, serve: Serve
) -> None:
    server = serve(old)
    page = visited(context, server.address)
    page.evaluate(READ, EDITOR)  # as a reader does who opens an editor
    addresses = [f"{server.address}/{path}" for path in (EDITOR, PAGE, "", "index.html", CSS)]
    page.evaluate(PLANT, addresses)
    true = (old / EDITOR).read_text(encoding="utf-8")
    page.reload()
    other = context.new_page()
    other.goto(f"{server.address}/{PAGE}")
    for tab in (page, other):
        assert tab.evaluate(READ, EDITOR) == true
        assert "PLANTED" not in tab.content()
    page.evaluate(PLANT, addresses)
    server.stop()
    assert other.evaluate(READ, EDITOR) in {true, "nothing"}
    for name in (PAGE, ""):
        with suppress(Error):  # the browser's own page is well
            page.goto(f"{server.address}/{name}")
        page.wait_for_timeout(1000)  # until its own page is there
        assert "PLANTED" not in page.content()
    page.close()


def test_the_true_bytes_with_a_planted_type_get_their_own(
    context: "BrowserContext", old: Path, serve: Serve
) -> None:
    server = serve(old)
    page = visited(context, server.address)
    page.evaluate(
        """async () => {
          const cache = await caches.open((await caches.keys())[0]);
          for (const key of await cache.keys()) {
            const bytes = await (await cache.match(key)).arrayBuffer();
            const headers = { "Content-Type": "text/x", "Refresh": "0; url=/x" };
            await cache.put(key, new Response(bytes, { headers }));
          }
        }"""
    )
    server.stop()
    page.goto(f"{server.address}/{PAGE}")
    page.locator(".stored.kept").wait_for()
    assert page.evaluate("document.contentType") == "text/html"
    assert page.url.endswith(PAGE)


def test_nothing_hidden_and_no_source_map_is_stored(
    context: "BrowserContext", site: Path, serve: Serve
) -> None:
    hidden = [name for name in listed(site) if re.search(r"(^|/)\.|\.map$", name)]
    assert hidden == []
    assert list(site.rglob("*.map"))
    asked: list[str] = []
    server = serve(site, log_message=lambda handler, *_given: asked.append(handler.path))
    visited(context, server.address)
    assert len(asked) > len(listed(site)) / 2
    assert [path for path in asked if ".map" in path or "/." in path] == []


def test_the_site_as_it_is_uploaded_is_read_without_a_network(
    context: "BrowserContext", site: Path, serve: Serve, tmp_path: Path
) -> None:
    # What upload-pages-artifact runs.
    tar = ["tar", "--dereference", "--hard-dereference", "--directory", str(site)]
    left_out = ["--exclude=.git", "--exclude=.github", "--exclude=.[^/]*"]
    archive, folder = tmp_path / "artifact.tar", tmp_path / "pages" / "repo"
    subprocess.run([*tar, "-cf", str(archive), *left_out, "."], check=True)  # noqa: S603
    folder.mkdir(parents=True)
    subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)  # noqa: S603, S607
    assert not list(folder.rglob(".*"))
    server = serve(folder.parent, below="/repo")
    page = visited(context, server.address)
    server.stop()
    page.goto(f"{server.address}/{PAGE}")
    page.locator(".stored.kept").wait_for()
    assert "没有存下" not in page.locator(".stored.kept").inner_text()


def test_what_is_whole_is_stored_and_what_is_missing_is_named_and_asked_for_again(
    context: "BrowserContext", old: Path, serve: Serve
) -> None:
    held: dict[str, Path | None] = {PAGE: None}
    server = serve(old, held=held)
    page = visited(context, server.address)
    assert page.evaluate(READ, EDITOR) == (old / EDITOR).read_text(encoding="utf-8")
    held.clear()  # the upload is complete
    page.goto(f"{server.address}/{PAGE}")
    assert page.locator(".stored").count() == 0
    held[PAGE] = None
    # Without a network, as another visitor has it, to whom it never came.
    server.stop()
    page.goto(f"{server.address}/")
    page.locator(".stored.kept").wait_for()


def test_who_reads_an_incomplete_copy_is_told_what_it_lacks(
    context: "BrowserContext", old: Path, serve: Serve
) -> None:
    server = serve(old, held={PAGE: None})
    page = visited(context, server.address)
    server.stop()
    page.goto(f"{server.address}/")
    page.locator(".stored.kept", has_text=f"有 1 个文件没有存下：{PAGE}").wait_for()


HOSTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "gzip": {"gzipped": True},
    "wrong types": {"types": {".wasm": "text/plain", ".mjs": "application/octet-stream"}},
    "keeps for a day": {"headers_of_all": {"Cache-Control": "max-age=86400"}},
}
# On a push, one that does nothing by itself and one that does all of it; weekly one by one.
HOSTS["all"] = {name: value for host in HOSTS.values() for name, value in host.items()}
ON_A_PUSH = {"plain", "all"}


@pytest.mark.parametrize(
    "host",
    [pytest.param(host, marks=() if host in ON_A_PUSH else pytest.mark.slow) for host in HOSTS],
)
def test_any_host_will_do(
    context: "BrowserContext", site: Path, serve: Serve, tmp_path: Path, host: str
) -> None:
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "a" / "deep" / "book").symlink_to(site)
    server = serve(tmp_path, below="/a/deep/book", **HOSTS[host])
    page = visited(context, server.address)
    page.goto(f"{server.address}/{PAGE}")
    assert page.locator(".stored").count() == 0
    for path, kind in {
        "pyodide.mjs": "text/javascript",
        "pyodide.asm.wasm": "application/wasm",
    }.items():
        found = page.evaluate(
            "(path) => fetch(path).then((answer) => answer.headers.get('Content-Type'))",
            f"runtime/python/{path}",
        )
        assert found.startswith(kind)
    module = "import(new URL('runtime/python/pyodide.mjs', location))"
    load = f"{module}.then((all) => typeof all.loadPyodide)"
    assert page.evaluate(load) == "function"
    server.stop()
    page.goto(f"{server.address}/{PAGE}")
    page.locator(".stored.kept").wait_for()
    assert page.evaluate(load) == "function"


def test_an_old_service_worker_for_a_day_keeps_nobody_from_the_new_site(
    context: "BrowserContext", old: Path, new: Path, serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "now").symlink_to(old)
    server = serve(tmp_path, below="/now", held={"sw.js": old})
    page = visited(context, server.address)
    (tmp_path / "now").unlink()
    (tmp_path / "now").symlink_to(new)
    for _time in range(2):
        assert look(page, f"{server.address}/{PAGE}") == ("new", "new", [])
        assert page.evaluate(READ, EDITOR) == (new / EDITOR).read_text(encoding="utf-8")
    server.stop()  # what is stored is old, of one release, and says so
    assert look(page, f"{server.address}/{PAGE}") == ("old", "old", ["stored kept"])


# On a push each of both is seen with one of the other, weekly with both.
@pytest.mark.parametrize(
    ("first", "returns"),
    [
        pytest.param("pages", False, id="pages-first visit"),
        pytest.param("the rest", True, id="the rest-second visit"),
        pytest.param("pages", True, id="pages-second visit", marks=pytest.mark.slow),
        pytest.param("the rest", False, id="the rest-first visit", marks=pytest.mark.slow),
    ],
)
def test_a_page_of_two_releases_says_so_until_the_upload_is_complete(
    context: "BrowserContext",
    old: Path,
    new: Path,
    serve: Serve,
    tmp_path: Path,
    first: str,
    returns: bool,
) -> None:
    pages = [path.name for path in new.glob("*.html")]
    rest = [path for path in listed(new) if path not in pages]
    (tmp_path / "now").symlink_to(old)
    held: dict[str, Path | None] = {}
    keeps = {"headers_of_all": {"Cache-Control": "max-age=86400"}}  # also what is wrong
    server = serve(tmp_path, below="/now", held=held, **keeps)
    page = visited(context, server.address) if returns else context.new_page()
    held |= dict.fromkeys(["sw.js", *(rest if first == "pages" else pages)], old)
    (tmp_path / "now").unlink()
    (tmp_path / "now").symlink_to(new)
    heading, style, notes = look(page, f"{server.address}/{PAGE}")
    if not returns:
        assert heading == ("new" if first == "pages" else "old")
    # Who returns may get the page before, which is whole.
    assert heading == style or notes == ["stored another"]
    held.clear()
    look(page, f"{server.address}/{PAGE}")
    assert look(page, f"{server.address}/{PAGE}") == ("new", "new", [])
