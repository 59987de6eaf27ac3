"""Layers: what a network is stacked from."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnbook.arrays import Array, as_dtype, dot, frozen, total
from nnbook.errors import NNBookError
from nnbook.held import held, reached
from nnbook.parameter import Parameter
from nnbook.rng import RandomSource, as_rng
from nnbook.tensor import Tensor, reshape


class Layer(ABC):
    """One step of a network: takes a tensor, gives a tensor, and may own parameters.

    A subclass writes `forward`; calling the layer calls it. A fresh layer is in
    training mode. Parameters and layers that it holds, in attributes or in lists,
    are found: they are trained with it, and switched with it.

    Attributes:
        training: ``True`` in training mode, ``False`` in eval mode.

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
    _handed_out: "_HandedOut | None" = None

    @property
    def parameters(self) -> list[Tensor]:
        """The tensors that training changes, each once.

        All that this layer and the layers in it hold, but for what was computed and for
        constants that are no `Parameter`. A list may be assigned instead, or appended to.
        """
        if "parameters" in vars(self):
            return vars(self)["parameters"]  # type: ignore[no-any-return]
        found: dict[Tensor, None] = {}
        for layer, closed in reached(self, Layer, "parameters"):
            found |= dict.fromkeys(layer.parameters if closed else _parameters_of(layer))
        appended = _appended_to(self)
        own = [each for each in found if each not in appended]
        self._handed_out = _HandedOut(list(found), own)
        return self._handed_out.listed

    @parameters.setter
    def parameters(self, parameters: list[Tensor]) -> None:
        vars(self)["parameters"] = parameters

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
        """Switch this layer and the layers in it to training mode."""
        self._switch("train", True)

    def eval(self) -> None:
        """Switch this layer and the layers in it to eval mode, to use and to test them."""
        self._switch("eval", False)

    def _switch(self, name: str, training: bool) -> None:
        for layer, own in reached(self, Layer, name):
            if own:
                getattr(layer, name)()
            else:
                layer.training = training

    def details(self) -> str:
        """What the repr shows between the brackets."""
        return ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}[{self.details()}]"


@dataclass
class _HandedOut:
    """A list of parameters that a layer has handed out, and what it had put there itself."""

    listed: list[Tensor]
    found: list[Tensor]


def _parameters_of(layer: Layer) -> Iterator[Tensor]:
    """Those of this very layer, without those of the layers in it."""
    for tensor in held(layer, Tensor):
        if isinstance(tensor, Parameter) or not (tensor.constant or tensor.gradient_fn):
            yield tensor
    yield from _appended_to(layer)


def _appended_to(layer: Layer) -> list[Tensor]:
    handed = layer._handed_out
    return [] if handed is None else [each for each in handed.listed if each not in handed.found]


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
        self.rng = as_rng(rng, "Linear")
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
        self.weight: Tensor = Parameter(
            weight.astype(self.dtype, order="F"), name=f"weight of Linear({in_size}, {out_size})"
        )
        self.bias: Tensor = Parameter(
            bias.astype(self.dtype), name=f"bias of Linear({in_size}, {out_size})"
        )

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
        # What the way back needs, as it is now: a batch may be refilled, a weight changed.
        kept_inputs = frozen(inputs)
        kept_weight = None if x.constant else frozen(weight.data)

        def gradient_fn(gradient: Array) -> None:
            if kept_weight is not None:
                x.receive(dot(gradient, kept_weight))
            if isinstance(weight, Parameter):
                weight.receive_product(gradient.mT, kept_inputs)
            else:  # one that a reader has put in its place
                weight.receive(gradient.mT @ kept_inputs)
            bias.receive(total(gradient, axis=-2).reshape(bias.shape))

        return Tensor(data, (x, weight, bias), gradient_fn)

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

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x

    def __repr__(self) -> str:
        return "\n".join(repr(layer) for layer in self.layers)
