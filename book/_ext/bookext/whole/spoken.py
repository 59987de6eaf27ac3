"""A formula as a line of text, for those who hear it: ``y = x / (1 − p)``."""

from bs4 import Tag

BETWEEN = {"mfrac": "/", "msub": "_", "msup": "^", "munder": "_", "mover": "^"}


def spoken(formula: Tag) -> str:
    """What a screen reader says of a formula in MathML.

    Args:
        formula: the element ``math``, or one in it.

    >>> from bs4 import BeautifulSoup
    >>> row = "<mfrac><mi>x</mi><mrow><mn>1</mn><mo>−</mo><mi>p</mi></mrow></mfrac>"
    >>> spoken(BeautifulSoup(f"<math>{row}</math>", "html.parser"))
    'x/(1 − p)'
    """
    inner = [child for child in formula.children if isinstance(child, Tag)]
    if formula.name == "mo":
        return f" {formula.get_text().strip()} "
    if not inner:
        return formula.get_text().strip()
    parts = [_joined(spoken(child)) for child in inner]
    if formula.name in BETWEEN:
        return BETWEEN[formula.name].join(map(_closed, parts))
    if formula.name in ("msubsup", "munderover"):
        base, below, above = map(_closed, parts)
        return f"{base}_{below}^{above}"
    if formula.name == "msqrt":
        return f"√{_closed(_joined(' '.join(parts)))}"
    return _joined(" ".join(parts))


def _joined(words: str) -> str:
    return " ".join(words.split())


def _closed(words: str) -> str:
    return words if len(words) <= 1 or words.isalnum() else f"({words})"
