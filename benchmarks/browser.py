"""Python in the reader's browser, beside the same Python here: ``make book`` comes before."""

import gzip
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.tables import Table
from benchmarks.timing import Spread, ratio

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
HERE = """
import time
from nnbook.lab.experiments import run
from nnbook.lab.studies import PUBLISHED
begin = time.perf_counter()
run(PUBLISHED)
print(time.perf_counter() - begin)
"""
# In seconds: from the click to the first epoch, all epochs, and the longest time for which
# the page itself answered nobody.
RUN = """async () => {
  let longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  }).observe({ type: "longtask" });
  const widget = document.querySelector("[data-widget=run]");
  const seen = (test) => new Promise((resolve) => {
    const look = () => test() && (watch.disconnect(), resolve(performance.now()));
    const watch = new MutationObserver(look);
    watch.observe(widget, { subtree: true, childList: true, characterData: true });
  });
  const click = performance.now();
  widget.querySelector(".run button").click();
  const first = await seen(() => widget.querySelectorAll(".chart circle").length);
  const last = await seen(() => widget.querySelector(".verdict").textContent);
  const said = widget.querySelector(".verdict").textContent;
  const same = said.includes("一字不差");
  return [(first - click) / 1000, (last - first) / 1000 * 10 / 9, longest, same];
}"""
# Seeds as a stack and one by one, seconds of each.
STACK = """
import time
from dataclasses import replace
from nnbook.lab.experiments import run, run_stack
from nnbook.lab.studies import published
runs = [replace(published.arms["with"], seed=seed, epochs=1) for seed in range(4)]
found = []
for work in (run_stack, lambda runs: [run(each) for each in runs]):
    begin = time.perf_counter()
    work(runs)
    found.append(time.perf_counter() - begin)
print(*found)
"""
ASK = """async (program) => {
  const { dataset } = document.querySelector("script[data-runtime]");
  const at = (file) => new URL(file, location.href).href;
  const { default: open } = await import(at("_static/widgets/runtime.js"));
  const address = (file) => at(`_static/widgets/${file}`);
  const python = open({ address, fingerprint: dataset.fingerprint, runtime: at("runtime/") });
  return (await python.call("run_cells", { cells: [program] })).output;
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Static files, without a line per request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def measure(rounds: int) -> Table:
    """The published run here and there, in turns; with what the browser has fetched before."""
    sys.path.insert(0, str(ROOT / "tools"))
    from browser import find_browser
    from playwright.sync_api import sync_playwright

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/training.html"
    there: list[Any] = []
    here: list[float] = []
    stacks: list[list[float]] = []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        context = chromium.new_context()
        for number in range(max(3, rounds // 4) + 1):
            page = context.new_page()
            page.goto(address)
            page.locator("[data-widget=run]").scroll_into_view_if_needed()
            page.locator("[data-widget=run] .live").wait_for()
            found = page.evaluate(RUN)
            own = _seconds(HERE)[0]
            if number:  # the first has fetched everything
                there.append(found)
                here.append(own)
                stacks.append([float(word) for word in page.evaluate(ASK, STACK).split()])
            page.close()
        chromium.close()
    server.shutdown()
    first, whole, longest, same = zip(*there, strict=True)
    together, alone = zip(*stacks, strict=True)
    return Table(
        "browser",
        "Python in Chromium, the published run",
        ["what", "value"],
        [
            ["from the click to the first epoch, s", Spread.of(list(first))],
            ["the run, times CPython", ratio(list(whole), here)],
            ["the same figure", "yes" if all(same) else "no"],
            ["seeds as a stack, times one by one", ratio(list(together), list(alone))],
            ["longest task of the page, ms", Spread.of(list(longest))],
            ["scripts before any click, KB", f"{_scripts() / 1000:.1f}"],
        ],
    )


def _seconds(program: str) -> list[float]:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
    return [float(word) for word in done.stdout.split()]


def _scripts() -> int:
    """All scripts of all widgets, compressed one by one; no page has all of them."""
    folder = SITE / "_static"
    files = [folder / "widgets.js", *sorted((folder / "widgets").glob("*.js"))]
    return sum(len(gzip.compress(file.read_bytes())) for file in files)
