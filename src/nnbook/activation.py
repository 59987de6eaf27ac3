"""Activations: what bends a network's straight lines."""

import numpy as np

from nnbook.arrays import Array
from nnbook.layer import Layer
from nnbook.tensor import Tensor


class ReLU(Layer):
    """Keep what is positive, make everything else zero: ``max(0, x)``.

    The slope at exactly 0 is taken as 0.

    Shapes:
        any; the output has the shape of the input.

    Example:
        >>> ReLU()(Tensor([[-1.0, 0.0, 2.0]]))
        Tensor([[0. 0. 2.]])

    Source:
        Nair and Hinton, "Rectified linear units improve restricted Boltzmann
        machines", ICML 2010.
    """

    def forward(self, x: Tensor) -> Tensor:
        kept = np.maximum(x.data, 0.0)
        positive = kept > 0  # where the slope is 1, and 0 elsewhere

        def gradient_fn(gradient: Array) -> None:
            # As numbers, since NumPy multiplies numbers faster than truth values.
            x.receive(gradient * positive.astype(gradient.dtype))

        return Tensor(kept, (x,), gradient_fn)
