"""Layers: what a network is stacked from."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from nnbook.errors import NNBookError
from nnbook.rng import RandomSource, as_rng
from nnbook.tensor import Array, Tensor, as_dtype, dot, reshape


class Layer(ABC):
    """One step of a network: takes a tensor, gives a tensor, and may own parameters.

    A subclass writes `forward`; calling the layer calls it. A fresh layer is in
    training mode.

    Attributes:
        training: ``True`` in training mode, ``False`` in eval mode.
        parameters: the tensors that training changes; an empty list by default.

    Example:
        >>> class Double(Layer):
        ...     def forward(self, x):
        ...         return x * 2.0
        >>> Double()(Tensor([[1.0, 2.0]]))
        Tensor([[2. 4.]])
        >>> Double()
        Double[]
    """

    training: bool = True

    @cached_property
    def parameters(self) -> list[Tensor]:
        """The tensors that training changes, in the order in which they were made."""
        return []

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Compute the layer's output for the batch ``x``, samples along the first axis."""

    def __call__(self, x: Tensor) -> Tensor:
        if not isinstance(x, Tensor):
            raise TypeError(
                f"{type(self).__name__} takes a Tensor, got {type(x).__name__}; write Tensor(x)"
            )
        return self.forward(x)

    def train(self) -> None:
        """Switch to training mode."""
        self.training = True

    def eval(self) -> None:
        """Switch to eval mode, in which the network is used and tested."""
        self.training = False

    def details(self) -> str:
        """What the repr shows between the brackets."""
        return ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}[{self.details()}]"


class Flatten(Layer):
    """Make one row of each sample: everything but the first axis becomes one axis.

    Shapes:
        ``(n, …)`` to ``(n, size)``; what has two axes already is handed back as it is.

    Raises:
        NNBookError: the input is a bare number, without an axis for the samples.

    Example:
        >>> Flatten()(Tensor(np.zeros((2, 1, 28, 28)))).shape
        (2, 784)
    """

    def forward(self, x: Tensor) -> Tensor:
        values = x.data
        if values.ndim == 0:
            raise NNBookError(
                "Flatten needs samples along the first axis, got a bare number; "
                "write Tensor([[value]]) for one sample of one value"
            )
        return x if values.ndim == 2 else reshape(x, (len(values), x.size))


class Linear(Layer):
    """A fully connected layer: every output is a weighted sum of all inputs, plus a bias.

    Computes ``x @ weight.T + bias``.

    Args:
        in_size: values per sample that come in, 1 or more.
        out_size: values per sample that go out, 1 or more.
        init: how weight and bias begin. ``"uniform"``: both uniform in [0, 1),
            the weight divided by ``in_size``. ``"he"``: weight uniform within
            ±sqrt(6 / in_size), bias zero, made for ReLU (He et al. 2015, eq. 10,
            in its uniform form). ``"glorot"``: weight uniform within
            ±sqrt(6 / (in_size + out_size)), bias zero (Glorot and Bengio 2010,
            eq. 16).
        rng: where the draws come from, first the weight, then the bias.
        dtype: float64 or float32.

    Attributes:
        weight: shape ``(out_size, in_size)``.
        bias: shape ``(out_size,)``.

    Shapes:
        ``(…, in_size)`` to ``(…, out_size)``.

    Raises:
        NNBookError: a size below 1, an unknown ``init`` or ``dtype``, an input of
            another size.

    Example:
        >>> layer = Linear(784, 64, rng=99)
        >>> layer
        Linear[weight(64, 784); bias(64,)]
        >>> layer(Tensor(np.ones((2, 784)))).shape
        (2, 64)
    """

    def __init__(
        self,
        in_size: int,
        out_size: int,
        *,
        init: str = "uniform",
        rng: RandomSource = None,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        for name, size in (("in_size", in_size), ("out_size", out_size)):
            if size < 1:
                raise NNBookError(f"{name} must be 1 or more, got {size}; a layer has values")
        if init not in ("uniform", "he", "glorot"):
            raise NNBookError(f'init must be "uniform", "he" or "glorot", got {init!r}')
        self.in_size = in_size
        self.out_size = out_size
        self.init = init
        self.rng = as_rng(rng)
        self.dtype = as_dtype(dtype)
        weight = self.rng.random((out_size, in_size))
        bias = np.zeros(out_size)
        if init == "uniform":
            weight = weight / in_size
            bias = self.rng.random((out_size,))
        else:
            fan = in_size if init == "he" else in_size + out_size
            weight = (2 * weight - 1) * np.sqrt(6 / fan)
        # Column by column in memory: `x @ weight.T`, the product of every forward pass, is
        # up to a third faster on it.
        self.weight = Tensor(weight.astype(self.dtype, order="F"))
        self.bias = Tensor(bias.astype(self.dtype))

    @property
    def parameters(self) -> list[Tensor]:
        """Weight and bias."""
        return [self.weight, self.bias]

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.weight, self.bias
        inputs = x.data
        if inputs.shape[-1:] != (self.in_size,):
            raise NNBookError(
                f"Linear({self.in_size}, {self.out_size}) takes {self.in_size} values per sample, "
                f"got shape {x.shape}; put Flatten() before it or build it with "
                f"Linear({x.size}, {self.out_size})"
            )
        if inputs.ndim not in (2, weight.data.ndim):  # each place along other axes is a row
            rows = reshape(x, (-1, self.in_size))
            return reshape(self.forward(rows), (*x.shape[:-1], self.out_size))
        data = dot(inputs, weight.data.mT)
        data += bias.data

        def push(gradient: Array) -> None:
            if not x.constant:
                x.receive(dot(gradient, weight.data))
            # An input that is trained may be changed before the weight multiplies it.
            weight.receive_product(gradient.mT, inputs if x.constant else inputs.copy())
            bias.receive(np.add.reduce(gradient, axis=-2).reshape(bias.shape))

        return Tensor.from_operation(data, (x, weight, bias), push)

    def details(self) -> str:
        return f"weight{self.weight.shape}; bias{self.bias.shape}"


class Sequential(Layer):
    """Layers in a row: each takes what the one before it gives.

    Args:
        layers: the layers, in order; they may be `Sequential` themselves.

    Example:
        >>> network = Sequential([Flatten(), Linear(4, 1, rng=0)])
        >>> network
        Flatten[]
        Linear[weight(1, 4); bias(1,)]
        >>> network(Tensor(np.ones((3, 2, 2)))).shape
        (3, 1)
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)

    @property
    def parameters(self) -> list[Tensor]:
        """The parameters of all layers."""
        return [parameter for layer in self.layers for parameter in layer.parameters]

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x

    def train(self) -> None:
        """Switch this layer and all layers in it to training mode."""
        super().train()
        for layer in self.layers:
            layer.train()

    def eval(self) -> None:
        """Switch this layer and all layers in it to eval mode."""
        super().eval()
        for layer in self.layers:
            layer.eval()

    def __repr__(self) -> str:
        return "\n".join(repr(layer) for layer in self.layers)
