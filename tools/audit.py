"""Let Lighthouse look at every page on a simulated phone, and at the stock theme's cover.

Usage: python tools/audit.py [PAGE …]

Pages are served from 127.0.0.1 with gzip, as GitHub Pages serves them. Needs Node.js:
Lighthouse is fetched by ``npx``, in the version below. Nothing is asserted; the
figures depend on the machine, the ratios to the stock theme hardly.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from browser import find_browser

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
LIGHTHOUSE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
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


def audit(site: Path, pages: list[str], chrome: str) -> None:
    """Print scores of 0 to 100, seconds to the largest paint, layout shift and size of pages."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(GzipHandler, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for page in pages:
            done = subprocess.run(  # noqa: S603
                [
                    *("npx", "--yes", LIGHTHOUSE, f"http://127.0.0.1:{server.server_port}/{page}"),
                    *("--output=json", "--quiet"),
                    "--chrome-flags=--headless=new --no-sandbox --disable-background-networking",
                ],
                env={**os.environ, "CHROME_PATH": chrome},
                capture_output=True,
                check=False,
                text=True,
            )
            if done.returncode:
                sys.exit(f"Lighthouse failed on {page}:\n{done.stderr[-2000:]}")
            report = json.loads(done.stdout)
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
        server.shutdown()


def main() -> None:
    """Audit the stock cover, then the pages."""
    sys.path[:0] = [str(ROOT)]
    from benchmarks.building import LEFT_OUT, build, stock

    if shutil.which("npx") is None:
        sys.exit("no npx here: install Node.js 20 or newer")
    chrome = str(find_browser())
    with tempfile.TemporaryDirectory() as work:
        theirs = Path(work, "stock")
        shutil.copytree(ROOT, theirs, ignore=LEFT_OUT)
        stock(theirs)
        build(theirs)
        print("the stock theme, same text:")
        audit(theirs / "_build" / "html", ["book/index.html"], chrome)
    print("this book:")
    audit(SITE, sys.argv[1:] or sorted(path.name for path in SITE.glob("*.html")), chrome)


if __name__ == "__main__":
    main()
