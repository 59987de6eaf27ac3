"""What a page may do in a browser: nothing but what this site holds; and what readers' code may.

Readers' code runs in a room of its own, a frame in a sandbox. Its origin is nobody's, so that it
has no storage, cookies or neighbours; and its policy lets it reach no address, this site included.
"""

import base64
import hashlib
import html
import re

# Figures and formulas carry style attributes, which no hash can name.
POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
    "frame-src 'self'; "
    "base-uri 'none'; form-action 'self'"
)
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
FOREIGN_LINK = re.compile(r'<a\b(?=[^>]*\bhref="https?://)(?![^>]*\brel=)')
# What the room runs comes to it as text or bytes, from the page: threads and modules from blobs,
# and WebAssembly. Threads from blobs inherit all of this.
ROOM_POLICY = (
    "default-src 'none'; script-src {script} blob: 'wasm-unsafe-eval'; worker-src blob:; "
    "connect-src 'none'; base-uri 'none'; form-action 'none'"
)
# The first message brings the threads' programs and all that they need.
ROOM_SCRIPT = """
addEventListener("message", ({ data, ports }) => {
  const program = new Blob([data.guard], { type: "text/javascript" });
  const guard = new Worker(URL.createObjectURL(program));
  guard.postMessage(data, [...ports, ...Object.values(data.files)]);
}, { once: true });
"""
HEAD = '<meta charset="utf-8">'


def secured(page: str, *, webassembly: bool = False) -> str:
    """A page with its Content-Security-Policy, and links to other sites that tell them nothing.

    Args:
        page: the HTML of a whole page; its inline scripts, and no others, may run.
        webassembly: let it run WebAssembly, as the search does.

    Example:
        >>> "script-src 'self' 'sha256-" in secured(HEAD + "<script>alert()</script>")
        True
        >>> secured('<a href="https://example.org">')
        '<a rel="noopener" href="https://example.org">'
    """
    scripts = [_hashed(script) for script in INLINE_SCRIPT.findall(page)]
    if webassembly:
        scripts.append("'wasm-unsafe-eval'")
    policy = POLICY.format(scripts=" ".join(scripts))
    meta = f'{HEAD}<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return FOREIGN_LINK.sub('<a rel="noopener"', page.replace(HEAD, meta, 1))


def room() -> str:
    """The document of the room: no page of the book.

    What is in a sandbox may not be kept for reading offline, and what is written in a page has
    the page's policy. So this document stands in no sandbox and has the policy, and the room in
    it, in the sandbox, inherits that. It does nothing else, whoever shows it.

    Example:
        >>> 'sandbox="allow-scripts"' in room(), "allow-same-origin" in room()
        (True, False)
    """
    inside = html.escape(f"<!doctype html><script>{ROOM_SCRIPT}</script>")
    policy = ROOM_POLICY.format(script=_hashed(ROOM_SCRIPT))
    return (
        f'<!doctype html><html lang="en">{HEAD}'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>Python</title>'
        f'<iframe sandbox="allow-scripts" srcdoc="{inside}"></iframe></html>\n'
    )


def _hashed(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
