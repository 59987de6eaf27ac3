"""The service worker: after a first visit, the published site can be read without a network.

It keeps what is listed here, each file with its digest, and shows nothing else. Addresses in pages
name the digest of what they lead to, as ``_static/book.css?sha256=…``: a browser keeps a style
sheet until its address changes, and while a release is being uploaded, a page of one release with
a script of another is noticed.
"""

import base64
import hashlib
import json
import mimetypes
import re
from collections.abc import Callable
from pathlib import Path

from sphinx.application import Sphinx

from bookext.site.runtime import EVIDENCE
from bookext.site.runtime import FOLDER as RUNTIME
from bookext.site.take_away import FOLDER as NOTEBOOKS
from bookext.whole.edition import FOLDER as WHOLE
from bookext.words import _

TEMPLATE = Path(__file__).with_name("sw.js")
# They describe the build and not the book, or serve other programs. A server may answer for the
# page for what is missing that it is missing.
LEFT_OUT = {
    *("sw.js", "build.json", "ledger.json", "objects.inv"),
    *("robots.txt", "sitemap.xml", "feed.xml", "cover.png", "404.html"),
}
# For who asks for them.
TAKEN_AWAY = (f"{NOTEBOOKS}/", f"{WHOLE}/", f"{RUNTIME}/library/{EVIDENCE}")
# In a tag of a page, what leads to a file that is no page.
ADDRESS = re.compile(r'(?<=[ "])((?:src|href)=")((?:_static|_images)/[^"?#]+)(?:\?[^"#]*)?(?=["#])')
MODULES = re.compile(r"(?<=const MODULES = )\{.*?\}(?=;)")
# Python may be told other things by the machine.
TYPES = mimetypes.MimeTypes(filenames=())
for kind, suffix in (("text/javascript", ".js"), ("text/javascript", ".mjs")):
    TYPES.add_type(kind, suffix)
for kind, suffix in (("application/wasm", ".wasm"), ("font/woff2", ".woff2")):
    TYPES.add_type(kind, suffix)


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write ``sw.js``, now that everything that it names is there."""
    if exception is None and app.builder.name == "html":
        finish(Path(app.outdir))


def finish(site: Path) -> None:
    """Have the addresses in a site name digests, and write its service worker.

    Args:
        site: the folder, in which only this changes afterwards. Twice does no harm.
    """
    digests: dict[str, str] = {}

    def digest(path: str) -> str:
        if path not in digests:
            read = hashlib.sha256((site / path).read_bytes()).digest()
            digests[path] = base64.urlsafe_b64encode(read).decode().rstrip("=")
        return digests[path]

    _name_modules(site, digest)
    for page in site.glob("*.html"):
        before = page.read_text(encoding="utf-8")
        after = ADDRESS.sub(lambda found: _named(site, found, digest), before)
        if after != before:
            page.write_text(after, encoding="utf-8", newline="\n")
    every = {path: digest(path) for path in files(site)}
    runtime = {path: of for path, of in every.items() if path.startswith(f"{RUNTIME}/")}
    script = TEMPLATE.read_text(encoding="utf-8")
    for name, value in {
        "FILES_OF_THE_SITE": {path: of for path, of in every.items() if path not in runtime},
        "FILES_OF_THE_RUNTIME": runtime,  # as large as ten books
        "TYPES_OF_FILES": types(every),
    }.items():
        script = script.replace(f'"{name}"', json.dumps(value, ensure_ascii=False))
    words = _("Parts of this page are of another release: the site is being updated.")
    script = script.replace("WORDS_FOR_A_MIXED_PAGE", str(words))
    (site / "sw.js").write_text(script, encoding="utf-8")


def files(site: Path) -> list[str]:
    """What of a site is read in it: nothing hidden, which hosts and uploads leave out."""
    found = []
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if not path.is_file() or name in LEFT_OUT or name.startswith(TAKEN_AWAY):
            continue
        # Source maps are for those who look for faults in scripts.
        if path.suffix != ".map" and not any(part.startswith(".") for part in name.split("/")):
            found.append(name)
    return found


def types(files: dict[str, str]) -> dict[str, str]:
    """The type that a browser must be told for each kind of file, by suffix.

    Example:
        >>> types({"a.html": "…", "b.wasm": "…", "c.pf_meta": "…"})
        {'.html': 'text/html; charset=utf-8', '.wasm': 'application/wasm'}
    """
    found = {}
    for suffix in sorted({Path(name).suffix for name in files} - {""}):
        kind = TYPES.guess_type(f"a{suffix}")[0]
        if kind is not None:
            text = kind.startswith("text/") or kind == "image/svg+xml"
            found[suffix] = f"{kind}; charset=utf-8" if text else kind
    return found


def _named(site: Path, found: re.Match[str], digest: Callable[[str], str]) -> str:
    is_there = (site / found[2]).is_file()
    return f"{found[1]}{found[2]}?sha256={digest(found[2])}" if is_there else found[0]


def _name_modules(site: Path, digest: Callable[[str], str]) -> None:
    """Tell the script that loads widgets the digests of their modules."""
    script = site / "_static" / "widgets.js"
    if script.is_file():
        modules = {
            path.name: digest(path.relative_to(site).as_posix())
            for path in sorted((site / "_static" / "widgets").glob("*.js"))
        }
        text = script.read_text(encoding="utf-8")
        text = MODULES.sub(lambda found: json.dumps(modules), text)
        script.write_text(text, encoding="utf-8", newline="\n")
