"""What an object holds: in its attributes, and in containers of any kind there."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from types import MemberDescriptorType
from typing import Any

import numpy as np


def held(owner: object, kind: type[Any]) -> Iterator[Any]:
    """Find what ``owner`` holds of a kind, in the order in which it was given to it.

    Args:
        owner: whose attributes are looked at. What a found object holds itself is not
            looked for.
        kind: the class of what is looked for.

    Yields:
        Each object, as often as it is held.

    Example:
        >>> class Box:
        ...     def __init__(self):
        ...         self.first, self.others = 1, [2, {"third": 3}]
        >>> list(held(Box(), int))
        [1, 2, 3]
    """
    seen: set[int] = set()
    waiting: list[object] = [_attributes(owner)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, kind):
            yield value
        elif isinstance(value, np.ndarray) and value.dtype.hasobject:
            waiting += reversed(value.ravel().tolist())
        elif isinstance(value, dict | list | tuple | set | frozenset | deque):
            if id(value) in seen:  # a list may hold itself
                continue
            seen.add(id(value))
            values = value.values() if isinstance(value, dict) else value
            waiting += reversed(list(values))


def _attributes(owner: object) -> list[object]:
    found = list(vars(owner).values())
    for kind in type(owner).__mro__:
        for slot in vars(kind).values():
            if isinstance(slot, MemberDescriptorType):
                with suppress(AttributeError):  # nothing has been put there
                    found.append(slot.__get__(owner))
    return found


def reached(owner: Any, kind: type[Any], name: str) -> Iterator[tuple[Any, bool]]:
    """Go through ``owner`` and all of its kind that it holds, however deep, each once.

    Args:
        owner: comes first.
        kind: the class of all of them.
        name: of a method or property of ``kind``.

    Yields:
        Each object, and whether it looks after what it holds itself, since it has its own
        ``name``. What such a one holds is not gone through, unless it is ``owner``.
    """
    seen: set[int] = set()
    waiting = [owner]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        here = vars(each).get(name, getattr(type(each), name))
        own = each is not owner and here is not getattr(kind, name)
        yield each, own
        if not own:
            waiting += reversed(list(held(each, kind)))
