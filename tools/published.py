"""Add to ``book/published.txt`` what the built site has and the list has not.

Nothing is dropped: what was published once stays in the list. Each edition in another language
has such a list beside its catalogues. ``make published`` runs this.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from bookext.language import editions  # noqa: E402
from bookext.language.catalogues import FOLDER  # noqa: E402
from bookext.site import published  # noqa: E402


def main(root: Path = ROOT) -> None:
    """Write the lists, sorted, and say how many lines are new."""
    lists = {root: published.LIST} | {
        folder: f"{FOLDER}/{language}/{Path(published.LIST).name}"
        for language, folder in editions.sources(root).items()
    }
    for folder, name in lists.items():
        old, new = published.listed(folder), published.addresses(folder / "_build" / "html")
        lines = sorted(old | new)
        (root / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{name}: {len(lines)} addresses, {len(new - old)} of them new")


if __name__ == "__main__":
    main()
