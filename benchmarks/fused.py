"""The limit of the scale: the training step of the published network, without any library.

Written out by hand, with every buffer made beforehand and nothing computed that is not
used. At the other end stands `plain`; both compute what the library computes.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
RATE, LR = 0.2, 0.01
DRAWN = 2**18  # values of masks that are drawn at once


def aligned(shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """An empty array that begins at a multiple of 64 bytes, the length of a cache line."""
    dtype = np.dtype(dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    raw = np.empty(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype).reshape(shape)


def fused(
    features: Array,
    labels: Array,
    batch: int,
    width: int,
    dtype: npt.DTypeLike,
    *,
    rate: float = RATE,
    input_rate: float = 0.0,
    shuffle: bool = False,
    softmax: bool = False,
) -> Callable[[int], None]:
    """A function that takes ``n`` steps of the published network, written out by hand.

    Weights lie transposed, masks are drawn for many steps at once, and the first
    layer's input gets no gradient, since nobody wants it. On request it does what the
    other networks of the book do in a step: ``input_rate`` covers pixels, ``shuffle``
    takes the images in a new order each epoch, ``softmax`` has cross-entropy as its loss.
    """
    rng = np.random.default_rng(0)
    inputs, classes = features.shape[1], labels.shape[1]

    def kept(*shape: int) -> Array:
        return aligned(shape, dtype)

    def masks(rate: float, size: int) -> Iterator[Array]:
        drawn = max(1, DRAWN // (batch * size))
        draws, found = np.empty((drawn, batch, size)), np.empty((drawn, batch, size), dtype)
        while True:
            rng.random(out=draws)
            np.greater(draws, rate, out=found)
            yield from found

    w1, b1, w2, b2 = kept(inputs, width), kept(width), kept(width, classes), kept(classes)
    w1[:] = rng.random((inputs, width)) / inputs
    w2[:] = rng.random((width, classes)) / width
    b1[:], b2[:] = rng.random(width), rng.random(classes)
    hidden, out = kept(batch, width), kept(batch, classes)
    d_hidden, d_out = kept(batch, width), kept(batch, classes)
    d_w1, d_w2, d_b1, d_b2 = (np.empty_like(each) for each in (w1, w2, b1, b2))
    taken, answers, seen = kept(batch, inputs), kept(batch, classes), kept(batch, inputs)
    alive, row = np.empty((batch, width), bool), kept(batch, 1)
    hidden_masks = masks(rate, width)
    input_masks = masks(input_rate, inputs)
    step_size = (1 if softmax else 2) * LR / batch
    count = len(features) // batch

    def run(steps: int) -> None:
        for step in range(steps):
            start = step % count * batch
            if shuffle:
                if start == 0:
                    order = np.argsort(rng.random(len(features)))
                rows = order[start : start + batch]
                x, y = features.take(rows, 0, taken, "clip"), labels.take(rows, 0, answers, "clip")
            else:
                x, y = features[start : start + batch], labels[start : start + batch]
            if input_rate:
                x = np.multiply(x, next(input_masks), out=seen)
            np.dot(x, w1, out=hidden)
            np.add(hidden, b1, out=hidden)
            np.greater(hidden, 0, out=alive)
            mask = alive
            if rate:
                mask = next(hidden_masks)
                np.multiply(mask, alive, out=mask)
            np.multiply(hidden, mask, out=hidden)
            np.dot(hidden, w2, out=out)
            np.add(out, b2, out=out)
            if softmax:
                np.max(out, axis=1, keepdims=True, out=row)
                np.subtract(out, row, out=out)
                np.exp(out, out=out)
                np.sum(out, axis=1, keepdims=True, out=row)
                np.divide(out, row, out=out)
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
