"""The limit of the scale: the training step of the published network, without any library.

Written out by hand, with every buffer made beforehand and nothing computed that is not
used. At the other end stands `plain`; both compute what the library computes.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
RATE, LR = 0.2, 0.01


def aligned(shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """An empty array that begins at a multiple of 64 bytes, the length of a cache line."""
    dtype = np.dtype(dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    raw = np.empty(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype).reshape(shape)


def fused(
    features: Array, labels: Array, batch: int, width: int, dtype: npt.DTypeLike
) -> Callable[[int], None]:
    """A function that takes ``n`` steps of the published network, written out by hand.

    Weights lie transposed, masks are drawn for many steps at once, and the first
    layer's input gets no gradient, since nobody wants it.
    """
    rng = np.random.default_rng(0)
    inputs, classes = features.shape[1], labels.shape[1]

    def kept(*shape: int) -> Array:
        return aligned(shape, dtype)

    w1, b1, w2, b2 = kept(inputs, width), kept(width), kept(width, classes), kept(classes)
    w1[:] = rng.random((inputs, width)) / inputs
    w2[:] = rng.random((width, classes)) / width
    b1[:], b2[:] = rng.random(width), rng.random(classes)
    hidden, out = kept(batch, width), kept(batch, classes)
    d_hidden, d_out = kept(batch, width), kept(batch, classes)
    d_w1, d_w2, d_b1, d_b2 = (np.empty_like(each) for each in (w1, w2, b1, b2))
    alive = np.empty((batch, width), bool)
    drawn = max(1, 4096 // batch)
    draws = np.empty((drawn, batch, width))
    masks = np.empty((drawn, batch, width), dtype)
    step_size = 2 * LR / batch
    batches = [
        (features[start : start + batch], labels[start : start + batch])
        for start in range(0, len(features) - batch + 1, batch)
    ]

    def run(steps: int) -> None:
        for step in range(steps):
            x, y = batches[step % len(batches)]
            if step % drawn == 0:
                rng.random(out=draws)
                np.greater(draws, RATE, out=masks)
            mask = masks[step % drawn]
            np.dot(x, w1, out=hidden)
            np.add(hidden, b1, out=hidden)
            np.greater(hidden, 0, out=alive)
            np.multiply(mask, alive, out=mask)
            np.multiply(hidden, mask, out=hidden)
            np.dot(hidden, w2, out=out)
            np.add(out, b2, out=out)
            np.subtract(out, y, out=d_out)
            np.multiply(d_out, step_size, out=d_out)  # with the learning rate already in it
            np.dot(d_out, w2.T, out=d_hidden)
            np.multiply(d_hidden, mask, out=d_hidden)
            np.dot(hidden.T, d_out, out=d_w2)
            np.subtract(w2, d_w2, out=w2)
            np.add.reduce(d_out, axis=0, out=d_b2)
            np.subtract(b2, d_b2, out=b2)
            np.dot(x.T, d_hidden, out=d_w1)
            np.subtract(w1, d_w1, out=w1)
            np.add.reduce(d_hidden, axis=0, out=d_b1)
            np.subtract(b1, d_b1, out=b1)

    return run
