"""Add to ``book/published.txt`` what the built site has and the list has not.

Nothing is dropped: what was published once stays in the list. ``make published`` runs this.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from bookext.site import published  # noqa: E402


def main(root: Path = ROOT) -> None:
    """Write the list, sorted, and say how many lines are new."""
    old, new = published.listed(root), published.addresses(root / "_build" / "html")
    lines = sorted(old | new)
    (root / published.LIST).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{published.LIST}: {len(lines)} addresses, {len(new - old)} of them new")


if __name__ == "__main__":
    main()
