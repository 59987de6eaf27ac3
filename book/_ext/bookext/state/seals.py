"""A seal tells whether a folder still holds what a build left in it."""

from pathlib import Path

from bookext.state.fingerprints import contents, shortened

SEAL = "seal"


def is_sealed(folder: Path, pattern: str, state: str = "") -> bool:
    """Whether the files that ``pattern`` finds are what they were when they were sealed.

    Args:
        folder: that was sealed.
        pattern: of the files in it that count.
        state: what they were made from.
    """
    seal = folder / SEAL
    return seal.is_file() and seal.read_text(encoding="ascii") == _seal(folder, pattern, state)


def set_seal(folder: Path, pattern: str, state: str = "") -> None:
    """Note what the files of a folder hold, and what they were made from."""
    (folder / SEAL).write_text(_seal(folder, pattern, state), encoding="ascii")


def break_seal(folder: Path) -> None:
    """Let the folder count as damaged until it is sealed again."""
    (folder / SEAL).unlink(missing_ok=True)


def _seal(folder: Path, pattern: str, state: str) -> str:
    return f"{state} {shortened(contents(folder, (pattern,)))}"
