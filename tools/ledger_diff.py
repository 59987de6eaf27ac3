"""Tell what the built site would change in print: which number, which claim, from what to what.

Run ``python tools/ledger_diff.py [OLD [NEW]]``, or ``make ledger-diff``. OLD is a revision of
git, whose ``book/ledger.json`` counts, or the URL or folder of a site; without it, HEAD. NEW is
the URL or folder of a site; without it, ``_build/html``. The exit code is 2 if one of them cannot
be read, else 0. On GitHub the job's summary shows the same.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = "book/ledger.json"
Ledger = dict[str, dict[str, Any]]


def read(where: str) -> Ledger:
    """The ledger of a site, or the one that a revision keeps."""
    if where.startswith(("http://", "https://")):
        with urllib.request.urlopen(f"{where.rstrip('/')}/ledger.json", timeout=30) as answer:  # noqa: S310
            text = answer.read().decode()
    elif Path(where).is_dir():
        text = Path(where, "ledger.json").read_text(encoding="utf-8")
    else:
        command = ["git", "-C", str(ROOT), "show", f"{where}:{KEPT}"]
        shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if shown.returncode:
            raise OSError(shown.stderr.strip())
        text = shown.stdout
    ledger: Ledger = json.loads(text)
    return ledger


def differences(old: Ledger, new: Ledger) -> list[str]:
    """What changes, a line each, in Markdown.

    Args:
        old: the ledger of what is published.
        new: the ledger of what would be.
    """
    lines = []
    for kind, name in (("claims", "claim"), ("numbers", "number")):
        for key in sorted(old[kind].keys() | new[kind].keys()):
            before, after = old[kind].get(key), new[kind].get(key)
            if before is None:
                lines.append(f"- new {name} `{key}`: {_told(after)}")
            elif after is None:
                lines.append(f"- {name} `{key}` is gone: {_told(before)}")
            elif isinstance(after, dict):
                lines += [
                    f"- {name} `{key}`, {part}: {before.get(part)} → {after[part]}"
                    for part in sorted(after)
                    if before.get(part) != after[part]
                ]
            elif before != after:
                lines.append(f"- {name} `{key}`: {before} → {after}")
    return lines


def _told(entry: Any) -> str:
    return f"{entry['sentence']} ({entry['evidence']})" if isinstance(entry, dict) else str(entry)


def main(old: str = "HEAD", new: str = str(ROOT / "_build" / "html")) -> int:
    """Print the differences."""
    try:
        lines = differences(read(old), read(new))
    except (OSError, ValueError) as error:
        print(f"cannot compare {old} with {new}: {error}", file=sys.stderr)
        return 2
    title = f"Changes in print against {old}: {len(lines) or 'none'}"
    text = "\n".join([title, "", *lines] if lines else [title]) + "\n"
    print(text, end="")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(text)
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 3:
        sys.exit("usage: python tools/ledger_diff.py [OLD [NEW]]")
    sys.exit(main(*sys.argv[1:]))
