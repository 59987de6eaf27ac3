"""Bring the catalogues of the other languages up to date, and tell what is open.

Run ``python tools/translate.py [LANGUAGE…]``, or ``make translate``. Without a language, all that
have a folder in ``book/_locale/`` and are not the book's own. New messages are added, changed ones
are marked as fuzzy and keep what they were, and those that nobody needs any more are dropped. The
exit code is 1 while something is open.
"""

import sys
from pathlib import Path

from bookext.language import catalogues
from bookext.language.editions import languages

ROOT = Path(__file__).resolve().parents[1]


def main(*chosen: str) -> int:
    """Update, and print what waits for a translator."""
    every_one_done = True
    for language in chosen or tuple(languages(ROOT)):
        waiting = catalogues.update(ROOT, language)
        for complaint in catalogues.complaints(ROOT, language):
            print(complaint)
            every_one_done = False
        waits = {name: count for name, count in waiting.items() if count}
        print(f"{language}: {sum(waits.values()) or 'no'} messages are open", waits or "")
    return 0 if every_one_done else 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    sys.exit(main(*sys.argv[1:]))
