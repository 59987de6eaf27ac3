"""Dropout: strike out random values while training, and none when it counts."""

import numpy as np
import numpy.typing as npt

from nnbook.arrays import Array
from nnbook.errors import NNBookError
from nnbook.layer import Layer
from nnbook.rng import RandomSource, as_rng
from nnbook.tensor import Tensor


class Dropout(Layer):
    """Make a random part of the values zero, another part on every call in training mode.

    In training mode each value survives if a draw, uniform in [0, 1), is greater
    than the rate. The backward pass uses the mask of its forward pass. In eval
    mode the input is handed back untouched.

    Args:
        dropout_rate: the share that is struck out on average, in [0, 1).
        inverted: divide the survivors by ``1 - dropout_rate``, so that the mean
            stays what it was and eval mode sees values of the same size.
        rng: where the masks come from.

    Attributes:
        mask: of the last call, ``True`` where a value survived, in the shape of
            the input; ``None`` before the first call and after one in eval mode.

    Shapes:
        any; the output has the shape of the input.

    Raises:
        NNBookError: the rate lies outside [0, 1).

    Example:
        >>> layer = Dropout(0.5, rng=1)
        >>> layer(Tensor([[1.0, 1.0, 1.0, 1.0]]))
        Tensor([[0. 1. 1. 0.]])
        >>> layer.mask
        array([[False,  True,  True, False]])
        >>> layer.eval()
        >>> layer(Tensor([[1.0, 1.0, 1.0, 1.0]]))
        Tensor([[1. 1. 1. 1.]])

    Source:
        Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a
        simple way to prevent neural networks from overfitting", JMLR 15, 2014,
        section 4; for ``inverted`` section 10.
    """

    def __init__(
        self, dropout_rate: float = 0.2, *, inverted: bool = False, rng: RandomSource = None
    ) -> None:
        if not 0 <= dropout_rate < 1:
            raise NNBookError(
                f"dropout_rate must lie in [0, 1), got {dropout_rate}; "
                "write 0.5 to drop half of the values"
            )
        self.dropout_rate = dropout_rate
        self.inverted = inverted
        self.rng = as_rng(rng, "Dropout")
        self.mask: npt.NDArray[np.bool_] | None = None

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            self.mask = None
            return x
        values = x.data
        draws = self.rng.random(values.shape)
        # A draw may be exactly 0, and a rate of 0 keeps even that one.
        mask = self.mask = draws > self.dropout_rate if self.dropout_rate else draws >= 0
        # As numbers, since NumPy multiplies numbers faster than truth values.
        factor = mask.astype(values.dtype)
        if self.inverted:
            factor /= 1 - self.dropout_rate

        def gradient_fn(gradient: Array) -> None:
            x.receive(gradient * factor)

        return Tensor(values * factor, (x,), gradient_fn)

    def details(self) -> str:
        return f"rate={self.dropout_rate}" + ("; inverted" if self.inverted else "")
