"""Hold what was made of a release against the digests in its tag, from the first build.

Run ``make check-artefacts`` after ``make artefacts``. The words of the tag become the notes of the
release, ``dist/NOTES.md``. The exit code is 1 if something is missing, is too much, or is other
than everywhere.
"""

import re
import subprocess
import sys
from pathlib import Path

import artefacts

ROOT = Path(__file__).resolve().parents[1]
EVERYWHERE = (".whl", ".tar.gz", "-ledger.json")  # of the same bytes on every machine


def compared(said: str, now: str) -> list[str]:
    """What is not as the tag of the release says, which holds the digests of the first build.

    The site and what is made of it may differ on another machine, whose fonts are others and
    whose processor rounds otherwise: that is said, and no fault.

    Args:
        said: the words of the tag.
        now: the digests of what has been made.
    """
    digests, made = (
        {
            name: digest
            for digest, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", text, re.MULTILINE)
        }
        for text in (said, now)
    )
    found = [f"{name}: not in what the tag says" for name in made.keys() - digests.keys()]
    for name, digest in digests.items():
        if name not in made:
            found.append(f"{name}: not made")
        elif made[name] != digest:
            words = f"{name}: other bytes than the tag says"
            print(words)
            found += [words] if name.endswith(EVERYWHERE) else []
    return sorted(found)


def words_of(root: Path, tag: str) -> str:
    """What a tag says; nothing, if there is none that says anything."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603

    said = ("tag", "--list", "--format=%(objecttype)\n%(contents)", tag)
    if not git(*said).startswith("tag\n"):  # a workflow's checkout leaves out the words
        git("fetch", "--quiet", "--force", "origin", f"refs/tags/{tag}:refs/tags/{tag}")
    kind, _, words = git(*said).partition("\n")
    return words if kind == "tag" else ""


def main(root: Path = ROOT) -> int:
    """Hold what has been made against the tag of its version, whose words become the notes."""
    number = artefacts.version(root)
    try:
        now = (root / "dist" / number / artefacts.SUMS).read_text(encoding="utf-8")
    except OSError:
        print(f"error: there is no dist/{number}: run `make artefacts` first", file=sys.stderr)
        return 1
    words = words_of(root, f"v{number}")
    found = compared(words, now)
    (root / "dist" / "NOTES.md").write_text(words, encoding="utf-8")
    print("\n".join(found or [f"dist/{number} is what v{number} says"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
