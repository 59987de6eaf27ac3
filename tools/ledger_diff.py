"""Tell what the built site would change in print: which number, which claim, from what to what.

Run ``python tools/ledger_diff.py [OLD [NEW]]``, or ``make ledger-diff``. OLD is the URL or folder
of a site, or a revision of git, and then the newest release that it keeps; without it, HEAD. NEW
is the URL or folder of a site; without it, ``_build/html``. Below stands why, in the words of
``CHANGELOG.md``. The exit code is 2 if one of them cannot be read, else 0. On GitHub the job's
summary shows the same.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from bookext.site import releases, states  # noqa: E402
from bookext.site.releases import Ledger  # noqa: E402


def read(where: str) -> Ledger | None:
    """The ledger of a site, or of the newest release that a revision keeps, if it keeps any."""
    if where.startswith(("http://", "https://")):
        with urllib.request.urlopen(f"{where.rstrip('/')}/ledger.json", timeout=30) as answer:  # noqa: S310
            text = answer.read().decode()
    elif Path(where).is_dir():
        text = Path(where, "ledger.json").read_text(encoding="utf-8")
    else:
        listed = _git("ls-tree", "--name-only", where, f"{releases.FOLDER}/").splitlines()
        versions = [Path(name).stem for name in listed if name.endswith(".json")]
        if not versions:
            return None
        newest = max(versions, key=releases.order)
        return releases.parsed(
            _git("show", f"{where}:{releases.FOLDER}/{newest}.json"), newest
        ).ledger
    ledger: Ledger = json.loads(text)
    return ledger


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if shown.returncode:
        raise OSError(shown.stderr.strip())
    return shown.stdout


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


def _told(entry: object) -> str:
    return f"{entry['sentence']} ({entry['evidence']})" if isinstance(entry, dict) else str(entry)


def reasons(changelog: str) -> list[str]:
    """Why, in the words of the changelog, a line each; or that it does not say so."""
    found = releases.reasons(changelog)
    if not found:
        return ["CHANGELOG.md does not say why: there is no line under `### Numbers`, Unreleased."]
    return ["Why, as CHANGELOG.md has it:", "", *(f"- {reason}" for reason in found)]


def main(old: str = "HEAD", new: str = str(ROOT / "_build" / "html"), *, root: Path = ROOT) -> int:
    """Print the differences."""
    try:
        published, now = read(old), read(new)
        if now is None:
            raise ValueError("it is no site")
    except (OSError, ValueError) as error:
        print(f"cannot compare {old} with {new}: {error}", file=sys.stderr)
        return 2
    if published is None:
        counts = states.count(states.figures(now))
        text = f"{old} keeps no release yet: {counts['numbers']} numbers and {counts['claims']} "
        text += "claims would be printed for the first time. OLD=… compares with a site.\n"
    else:
        lines = differences(published, now)
        parts = [f"Changes in print against {old}: {len(lines) or 'none'}\n"]
        if lines:
            changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
            parts += ["".join(f"{line}\n" for line in each) for each in (lines, reasons(changelog))]
        text = "\n".join(parts)
    print(text, end="")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(text)
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 3:
        sys.exit("usage: python tools/ledger_diff.py [OLD [NEW]]")
    sys.exit(main(*sys.argv[1:]))
