"""Let Lighthouse look at every page on a simulated phone, and hold each to a budget.

Usage: python tools/audit.py [--stock] [PAGE …]; ``--stock`` shows the stock theme's cover, too.

Pages are served from 127.0.0.1 with gzip, as GitHub Pages serves them. Needs Node.js:
Lighthouse is fetched by ``npx``, in the version below. The exit code is 1 if a page misses
its budget, 2 if there is no Node.js, no browser or no Lighthouse. What depends on the
machine has wide limits; the ratios to the stock theme hardly depend on it.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from browser import NoBrowserError, find_browser

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
LIGHTHOUSE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
AT_LEAST = {"performance": 75, "accessibility": 100, "best-practices": 100, "seo": 100}
AT_MOST = {"paint, s": 4.0, "shift": 0.1, "KB": 300}
# The page for what is missing asks to be in no index, which counts against it.
EXEMPT = {("404.html", "seo")}  # in every edition
TEXT = {".html", ".css", ".js", ".json", ".svg"}


class GzipHandler(SimpleHTTPRequestHandler):
    """Static files, text compressed."""

    def do_GET(self) -> None:
        """Send a file, compressed if it is text."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if path.suffix not in TEXT or not path.is_file():
            super().do_GET()
            return
        content = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class CannotAuditError(RuntimeError):
    """Something that it needs is missing: the message says what."""


def missed(page: str, figures: Mapping[str, float]) -> list[str]:
    """Where a page misses its budget, in words.

    Example:
        >>> missed("a.html", dict.fromkeys(AT_LEAST, 100) | dict.fromkeys(AT_MOST, 0) | {"KB": 700})
        ['a.html: KB is 700, the budget is at most 300']
    """
    return [
        f"{page}: {name} is {figures[name]:.3g}, the budget is {words} {limit}"
        for limits, words, sign in ((AT_LEAST, "at least", 1), (AT_MOST, "at most", -1))
        for name, limit in limits.items()
        if sign * figures[name] < sign * limit and (Path(page).name, name) not in EXEMPT
    ]


def look(address: str, chrome: str) -> dict[str, Any]:
    """What Lighthouse says of a page."""
    done = subprocess.run(  # noqa: S603
        [
            *("npx", "--yes", LIGHTHOUSE, address, "--output=json", "--quiet"),
            "--chrome-flags=--headless=new --no-sandbox --disable-background-networking",
        ],
        env={**os.environ, "CHROME_PATH": chrome},
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        raise CannotAuditError(f"Lighthouse failed on {address}:\n{done.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def audit(site: Path, pages: Sequence[str], chrome: str) -> list[str]:
    """Print scores of 0 to 100, seconds to the largest paint, layout shift and size of pages.

    Returns:
        Where they miss their budget.
    """
    found = []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(GzipHandler, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            for page in pages:
                report = look(f"http://127.0.0.1:{server.server_port}/{page}", chrome)
                audits = report["audits"]
                figures = {
                    **{name: 100 * report["categories"][name]["score"] for name in CATEGORIES},
                    "paint, s": audits["largest-contentful-paint"]["numericValue"] / 1000,
                    "shift": audits["cumulative-layout-shift"]["numericValue"],
                    "KB": audits["total-byte-weight"]["numericValue"] / 1000,
                }
                for name in CATEGORIES:
                    for each in report["categories"][name]["auditRefs"]:
                        score = audits[each["id"]]["score"]
                        if name != "performance" and score is not None and score < 1:
                            print(f"{page}: {audits[each['id']]['title']}", flush=True)
                line = "  ".join(f"{name} {value:.3g}" for name, value in figures.items())
                print(f"{page:18} {line}", flush=True)
                found += missed(page, figures)
        finally:
            server.shutdown()
    return found


def stock_theme(chrome: str) -> None:
    """Show the cover as the stock theme makes it."""
    sys.path[:0] = [str(ROOT)]
    from benchmarks.building import LEFT_OUT, build, stock

    with tempfile.TemporaryDirectory() as work:
        theirs = Path(work, "stock")
        shutil.copytree(ROOT, theirs, ignore=LEFT_OUT)
        stock(theirs)
        build(theirs)
        print("the stock theme, same text:")
        audit(theirs / "_build" / "html", ["book/index.html"], chrome)
    print("this book:")


def main(arguments: Sequence[str] = ()) -> int:
    """Audit the pages, and say which of them miss the budget."""
    pages = [name for name in arguments if name != "--stock"]
    try:
        if shutil.which("npx") is None:
            raise CannotAuditError("no npx here: install Node.js 20 or newer")
        chrome = str(find_browser())
        if "--stock" in arguments:
            stock_theme(chrome)
        site = SITE.resolve()
        every = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
        found = audit(site, pages or every, chrome)
    except (CannotAuditError, NoBrowserError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join([*found, f"{len(found)} budgets missed"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
