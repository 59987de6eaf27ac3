"""Pagefind writes the values of a filter in any order; the site has them in one."""

import gzip
import json
from itertools import permutations
from pathlib import Path

from bookext.site.settled_index import settle

VALUES = [b"\x82f\xe6\xad\xa3\xe6\x96\x87\x83\x00\x01\x18\x63", b"\x82aa\x81\x02", b"\x82ab\x80"]


def index(folder: Path, digits: str, values: tuple[bytes, ...]) -> dict[str, bytes]:
    """An index as Pagefind would write it, with those values in that order, settled."""
    (folder / "filter").mkdir(parents=True)
    content = b"pagefind_dcd\x82ak\x83" + b"".join(values)
    (folder / f"filter/zh-cn_{digits}.pf_filter").write_bytes(gzip.compress(content))
    meta = b"pagefind_dcd\x81mzh-cn_" + digits.encode()
    (folder / f"pagefind.zh-cn_{digits}00.pf_meta").write_bytes(gzip.compress(meta))
    entry = {"version": "1", "languages": {"zh-cn": {"hash": f"zh-cn_{digits}00"}}}
    (folder / "pagefind-entry.json").write_text(json.dumps(entry), encoding="utf-8")
    settle(folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_whatever_the_order_the_index_is_the_same_and_holds_the_same(tmp_path: Path) -> None:
    found = [
        index(tmp_path / str(number), f"{number:07}", values)
        for number, values in enumerate(permutations(VALUES))
    ]
    assert all(each == found[0] for each in found)
    entry = json.loads(found[0]["pagefind-entry.json"])
    meta = gzip.decompress(found[0][f"pagefind.{entry['languages']['zh-cn']['hash']}.pf_meta"])
    (name,) = (each for each in found[0] if each.startswith("filter/"))
    assert Path(name).stem.encode() in meta
    content = gzip.decompress(found[0][name])
    assert content == b"pagefind_dcd\x82ak\x83" + b"".join(sorted(VALUES))


def test_what_has_been_in_the_index_makes_its_name(tmp_path: Path) -> None:
    one = index(tmp_path / "one", "0000000", (VALUES[0],) * 3)
    two = index(tmp_path / "two", "0000000", (VALUES[1],) * 3)
    assert len(one.keys() | two.keys()) == 2 * len(one) - 1
