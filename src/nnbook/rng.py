"""Where random numbers come from: never from global state."""

from typing import TypeAlias

import numpy as np

from nnbook.errors import NNBookError

# In quotes, so that importing this module does not look up `np.random`. NumPy loads that
# part only when somebody looks it up, and loading it takes as long as the rest of nnbook.
Generator: TypeAlias = "np.random.Generator | np.random.RandomState"
RandomSource: TypeAlias = "int | Generator | None"


def as_rng(rng: RandomSource, kind: str) -> Generator:
    """Turn what a reader passes as ``rng`` into something that draws.

    Args:
        rng: a generator, used as it is (so that several objects can share one
            stream); an integer >= 0, which seeds ``numpy.random.default_rng``;
            or ``None`` for fresh entropy.
        kind: who draws. With one integer each kind has a stream of its own: a mask
            made from the very draws of the weights would follow their signs.

    Returns:
        An object with ``random(shape)``, uniform in [0, 1).

    Raises:
        NNBookError: the seed is negative.
        TypeError: ``rng`` is none of these.

    Example:
        >>> bool(as_rng(7, "Linear").random() == as_rng(7, "Linear").random())
        True
        >>> bool(as_rng(7, "Linear").random() == as_rng(7, "Dropout").random())
        False
        >>> shared = np.random.RandomState(99)
        >>> as_rng(shared, "Linear") is shared
        True
    """
    if isinstance(rng, (np.random.Generator, np.random.RandomState)):
        return rng
    if rng is None:
        return np.random.default_rng()
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool):
        if rng < 0:
            raise NNBookError(f"a seed must be 0 or greater, got rng={rng}; write rng={-rng}")
        stream = np.random.SeedSequence(int(rng), spawn_key=tuple(kind.encode()))
        return np.random.default_rng(stream)
    raise TypeError(
        "rng must be a seed, a numpy.random.Generator, a numpy.random.RandomState or None, "
        f"got {rng!r}; write for example rng=99"
    )
