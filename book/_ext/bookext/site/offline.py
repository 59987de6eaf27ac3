"""The service worker: after a first visit, the published site can be read without a network."""

import hashlib
import json
from pathlib import Path

from sphinx.application import Sphinx

from bookext.site.runtime import FOLDER as RUNTIME
from bookext.site.take_away import FOLDER as NOTEBOOKS
from bookext.whole.edition import FOLDER as WHOLE

TEMPLATE = Path(__file__).with_name("sw.js")
# They describe the build and not the book, or serve other programs. A server may say of the page
# for what is missing that it is missing, and then nothing at all would be kept.
LEFT_OUT = {
    *("sw.js", "build.json", "ledger.json", "objects.inv"),
    *("robots.txt", "sitemap.xml", "feed.xml", "cover.png", "404.html"),
}
TAKEN_AWAY = (f"{NOTEBOOKS}/", f"{WHOLE}/")  # for who asks for them


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write ``sw.js``, now that everything that it names is there."""
    site = Path(app.outdir)
    if exception is not None or app.builder.name != "html":
        return
    every = {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.relative_to(site).as_posix() not in LEFT_OUT
    }
    # As large as ten books: kept for those who use it.
    runtime = {name: digest for name, digest in every.items() if name.startswith(f"{RUNTIME}/")}
    files = {
        name: digest
        for name, digest in every.items()
        if name not in runtime and not name.startswith(TAKEN_AWAY)
    }
    script = TEMPLATE.read_text(encoding="utf-8")
    script = script.replace("VERSION_OF_THE_SITE", _version(files))
    script = script.replace("VERSION_OF_THE_RUNTIME", _version(runtime))
    script = script.replace('["FILES_OF_THE_SITE"]', json.dumps(list(files), ensure_ascii=False))
    (site / "sw.js").write_text(script, encoding="utf-8")


def _version(files: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16]
