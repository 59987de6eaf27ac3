"""The service worker: after a first visit, the published site can be read without a network."""

import hashlib
import json
from pathlib import Path

from sphinx.application import Sphinx

TEMPLATE = Path(__file__).with_name("sw.js")
# They describe the build and not the book, or serve other programs.
LEFT_OUT = {"sw.js", "build.json", "objects.inv"}


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write ``sw.js``, now that everything that it names is there."""
    site = Path(app.outdir)
    if exception is not None or app.builder.name != "html":
        return
    files = {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.name not in LEFT_OUT
    }
    version = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16]
    script = TEMPLATE.read_text(encoding="utf-8")
    script = script.replace("VERSION_OF_THE_SITE", version)
    script = script.replace('["FILES_OF_THE_SITE"]', json.dumps(list(files), ensure_ascii=False))
    (site / "sw.js").write_text(script, encoding="utf-8")
