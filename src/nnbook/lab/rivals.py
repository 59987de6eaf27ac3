"""Rivals of dropout: what else keeps a network from learning by heart, to compare it with.

They belong to one chapter of the book and not to the core of the library. Each is written as
a reader would write it after the chapters on layers and optimizers.
"""

from collections.abc import Iterable
from math import isqrt

import numpy as np

from nnbook.arrays import Array, frozen, total
from nnbook.errors import NNBookError
from nnbook.layer import Layer, Linear
from nnbook.optimizer import SGDOptimizer
from nnbook.rng import RandomSource, as_rng
from nnbook.tensor import Tensor


def _check(rate: float) -> None:
    if not 0 <= rate < 1:
        raise NNBookError(f"a rate must lie in [0, 1), got {rate}; write 0.5")


class GaussianNoise(Layer):
    """Multiply each value by a draw around 1, another on every call in training mode.

    The draws are normal with the variance ``rate / (1 - rate)``, which is that of inverted
    dropout at the same rate.

    Args:
        rate: in [0, 1).
        rng: where the draws come from.

    Shapes:
        any; the output has the shape of the input.

    Raises:
        NNBookError: the rate lies outside [0, 1).

    Example:
        >>> layer = GaussianNoise(0.5, rng=1)
        >>> layer(Tensor([[1.0, 1.0]]))
        Tensor([[2.77077645 1.7875574 ]])
        >>> layer.eval()
        >>> layer(Tensor([[1.0, 1.0]]))
        Tensor([[1. 1.]])

    Source:
        Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a simple way
        to prevent neural networks from overfitting", JMLR 15, 2014, section 10.
    """

    def __init__(self, rate: float, *, rng: RandomSource = None) -> None:
        _check(rate)
        self.rate = rate
        self.rng = as_rng(rng, "GaussianNoise")

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        spread = np.sqrt(self.rate / (1 - self.rate))
        factor = (1 + spread * self.rng.standard_normal(x.shape)).astype(x.data.dtype)

        def gradient_fn(gradient: Array) -> None:
            x.receive(gradient * factor)

        return Tensor(x.data * factor, (x,), gradient_fn)

    def details(self) -> str:
        return f"rate={self.rate}"


class BlockDropout(Layer):
    """Dropout that covers whole squares of an image, another choice for each image on every call.

    A grid of squares is laid over the image with a random shift, and each square is covered with
    the same probability: each pixel is covered as often as by `Dropout`, and together with its
    neighbours. What is left is divided by ``1 - rate``.

    Args:
        rate: the share that is covered on average, in [0, 1).
        size: pixels along a side of a square.
        rng: where the shifts and masks come from.

    Shapes:
        ``(…, side * side)``, rows of square images; the output has the shape of the input.

    Raises:
        NNBookError: the rate lies outside [0, 1), the size is below 1, or a row is no square image.

    Example:
        >>> layer = BlockDropout(0.5, 2, rng=3)
        >>> layer(Tensor(np.ones((1, 16)))).data.reshape(4, 4)
        array([[0., 0., 0., 2.],
               [2., 2., 2., 2.],
               [2., 2., 2., 2.],
               [0., 0., 0., 0.]])

    Source:
        The idea is that of Ghiasi, Lin and Le, "DropBlock: a regularization method for
        convolutional networks", NeurIPS 2018; there squares stand anywhere and may overlap.
    """

    def __init__(self, rate: float, size: int, *, rng: RandomSource = None) -> None:
        _check(rate)
        if size < 1:
            raise NNBookError(f"a square has a side of 1 pixel or more, got {size}")
        self.rate = rate
        self.size = size
        self.rng = as_rng(rng, "BlockDropout")

    def forward(self, x: Tensor) -> Tensor:
        side = isqrt(x.shape[-1])
        if side * side != x.shape[-1]:
            raise NNBookError(f"rows of square images are needed, got {x.shape}")
        if not self.training:
            return x
        squares = -(-(side + self.size - 1) // self.size)  # along a side, however they are shifted
        draws = self.rng.random((*x.shape[:-1], squares**2 + 2))
        kept = (draws[..., 2:] >= self.rate).reshape(-1, squares, squares)
        # The square that each row and each column of pixels lies in.
        shifts = (draws[..., :2] * self.size).astype(int).reshape(-1, 2, 1)
        of = (np.arange(side) + shifts) // self.size
        image = np.arange(len(kept))[:, np.newaxis, np.newaxis]
        mask = kept[image, of[:, 0, :, np.newaxis], of[:, 1, np.newaxis, :]].reshape(x.shape)
        factor = mask.astype(x.data.dtype) / x.data.dtype.type(1 - self.rate)

        def gradient_fn(gradient: Array) -> None:
            x.receive(gradient * factor)

        return Tensor(x.data * factor, (x,), gradient_fn)

    def details(self) -> str:
        return f"rate={self.rate}; size={self.size}"


class DropConnect(Layer):
    """A `Linear` whose single weights are struck out at random in training mode.

    One mask serves a whole batch, and what survives is divided by ``1 - rate``.

    Args:
        linear: the layer whose weights are struck out.
        rate: the share that is struck out on average, in [0, 1).
        rng: where the masks come from.

    Shapes:
        as of ``linear``.

    Raises:
        NNBookError: the rate lies outside [0, 1).

    Example:
        >>> layer = DropConnect(Linear(3, 2, rng=0), 0.5, rng=1)
        >>> layer
        DropConnect[weight(2, 3); bias(2,); rate=0.5]

    Source:
        Wan, Zeiler, Zhang, LeCun and Fergus, "Regularization of neural networks using
        DropConnect", ICML 2013; there each sample has a mask of its own.
    """

    def __init__(self, linear: Linear, rate: float, *, rng: RandomSource = None) -> None:
        _check(rate)
        self.linear = linear
        self.rate = rate
        self.rng = as_rng(rng, "DropConnect")

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.linear.weight, self.linear.bias
        if not self.training:
            return self.linear(x)
        factor = (self.rng.random(weight.shape) > self.rate).astype(weight.data.dtype)
        factor /= 1 - self.rate
        inputs, masked = frozen(x.data), weight.data * factor

        def gradient_fn(gradient: Array) -> None:
            x.receive(gradient @ masked)
            weight.receive(gradient.mT @ inputs * factor)
            bias.receive(total(gradient, axis=-2).reshape(bias.shape))

        return Tensor(inputs @ masked.mT + bias.data, (x, weight, bias), gradient_fn)

    def details(self) -> str:
        return f"{self.linear.details()}; rate={self.rate}"


class RestrainedSGD(SGDOptimizer):
    """Gradient descent that keeps the weights small, by one of two means or by both.

    Both act on the weights alone and leave the biases be.

    Args:
        parameters, lr: see `Optimizer`.
        weight_decay: after each step every weight loses this share of itself, times ``lr``:
            the gradient of half its square, the L2 penalty. 0 leaves it out.
        max_norm: the weights that lead into one neuron are scaled back when their length
            exceeds this. 0 leaves it out.

    Raises:
        NNBookError: ``weight_decay`` or ``max_norm`` below 0.

    Example:
        >>> weight = Tensor([[3.0, 4.0]])
        >>> RestrainedSGD([weight], lr=0.1, max_norm=1.0).step()
        >>> weight
        Tensor([[0.6 0.8]])

    Source:
        Krogh and Hertz, "A simple weight decay can improve generalization", NIPS 1991;
        for ``max_norm`` Srivastava et al., JMLR 15, 2014, section 5.1.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float,
        *,
        weight_decay: float = 0.0,
        max_norm: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        if not (weight_decay >= 0 and max_norm >= 0):
            raise NNBookError(
                f"weight_decay and max_norm must be 0 or more, got {weight_decay} and {max_norm}"
            )
        self.weight_decay = weight_decay
        self.max_norm = max_norm

    def step(self) -> None:
        """Change every parameter by its gradient, then hold the weights back."""
        super().step()
        # In pairs, as the layers name them: a weight, then its bias.
        for weight in self.parameters[::2]:
            if self.weight_decay:
                weight.data *= 1 - self.lr * self.weight_decay
            if self.max_norm:
                lengths = np.sqrt(np.square(weight.data).sum(axis=-1, keepdims=True))
                weight.data *= np.minimum(1, self.max_norm / np.maximum(lengths, 1e-12))
