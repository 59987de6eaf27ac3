"""The search index, the same bytes each time: Pagefind puts the kinds of pages in any order.

A file of its index is named by a digest of what is in it. The one of a filter is sorted here and
gets another name, and so does the one that names it.
"""

import gzip
import hashlib
import json
from pathlib import Path

START = b"pagefind_dcd"


def settle(index: Path) -> None:
    """Sort the filters of an index.

    Args:
        index: the folder that Pagefind has made.
    """
    entry = index / "pagefind-entry.json"
    described = json.loads(entry.read_text(encoding="utf-8"))
    for language in described["languages"].values():
        meta = index / f"pagefind.{language['hash']}.pf_meta"
        named = gzip.decompress(meta.read_bytes())
        for path in sorted(index.glob("filter/*.pf_filter")):
            content = in_order(gzip.decompress(path.read_bytes()))
            name = _name(path.stem, content)
            path.unlink()
            path.with_stem(name).write_bytes(gzip.compress(content, mtime=0))
            named = named.replace(path.stem.encode(), name.encode())
        meta.unlink()
        language["hash"] = _name(language["hash"], named)
        meta = index / f"pagefind.{language['hash']}.pf_meta"
        meta.write_bytes(gzip.compress(named, mtime=0))
    entry.write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")


def in_order(content: bytes) -> bytes:
    r"""A filter with its values in order: CBOR, ``[name, [[value, pages], …]]``.

    Example:
        >>> in_order(b"pagefind_dcd\x82ak\x82\x82ab\x81\x01\x82aa\x81\x02")
        b'pagefind_dcd\x82ak\x82\x82aa\x81\x02\x82ab\x81\x01'
    """
    values = _end(content, len(START) + 1)  # after the name
    count, at = _head(content, values)
    first, items = at, []
    for _ in range(count):
        items.append(content[at : _end(content, at)])
        at = _end(content, at)
    return content[:first] + b"".join(sorted(items)) + content[at:]


def _head(content: bytes, at: int) -> tuple[int, int]:
    """The number with which a value of CBOR begins, and where what follows it stands."""
    short = content[at] & 31
    more = {24: 1, 25: 2, 26: 4, 27: 8}.get(short, 0)
    after = at + 1 + more
    return (int.from_bytes(content[at + 1 : after]) if more else short), after


def _end(content: bytes, at: int) -> int:
    kind, (number, after) = content[at] >> 5, _head(content, at)
    if kind in (2, 3):  # bytes, text
        return after + number
    for _ in range(number if kind == 4 else 0):  # an array
        after = _end(content, after)
    return after


def _name(old: str, content: bytes) -> str:
    """A name as long as the old one, of the same language."""
    language, _, digits = old.rpartition("_")
    return f"{language}_{hashlib.sha256(content).hexdigest()[: len(digits)]}"
