"""The tensor: an array that remembers where it came from, so that gradients find their way back.

The longest module of the library, and most of it docstrings: the operations at its
end need the tensor as much as the tensor needs them.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nnbook.errors import NNBookError

Array: TypeAlias = npt.NDArray[np.floating[Any]]


class Tensor:
    """An array with its gradient and the way back to the tensors it was made from.

    Calculating with tensors builds a graph; `backward` walks it from the end to
    the beginning and leaves in every tensor the slope of the result along it.

    Args:
        data: numbers of any shape. float64 and float32 arrays are used as they
            are, without a copy; anything else becomes float64.
        constant: never asks for a gradient. Data sets hand out constant
            batches, since nobody trains the data.

    Attributes:
        parents: the tensors that this one was made from.
        constant: as passed.

    Raises:
        NNBookError: ``data`` is not made of numbers, or is ragged.

    Example:
        >>> x = Tensor([[1.0, 2.0]])
        >>> x
        Tensor([[1. 2.]])
        >>> y = (x * x).sum()
        >>> y.backward()
        >>> x.grad
        array([[2., 4.]])

        A layer of one's own sets ``gradient_fn`` and ``parents`` by hand:

        >>> def double(x):
        ...     p = Tensor(x.data * 2)
        ...     def gradient_fn():
        ...         x.grad += p.grad * 2
        ...     p.gradient_fn = gradient_fn
        ...     p.parents = {x}
        ...     return p
        >>> x = Tensor([1.0])
        >>> double(x).backward()
        >>> x.grad
        array([2.])

    Source:
        Reverse-mode differentiation: Rumelhart, Hinton and Williams, "Learning
        representations by back-propagating errors", Nature 323, 1986.
    """

    __slots__ = (
        "__weakref__",
        "_data",
        "_grad",
        "_product",
        "_push",
        "constant",
        "parents",
    )
    __array_ufunc__ = None  # lets `array * tensor` reach Tensor.__rmul__

    def __init__(self, data: npt.ArrayLike, *, constant: bool = False) -> None:
        self._data: Array = _as_floats(data)
        self._grad: Array | None = None
        self._product: tuple[Array, Array] | None = None
        # Given the gradient instead of looking it up in its own tensor: closing
        # over that would be a reference cycle, and each step's arrays would stay
        # until the garbage collector comes round.
        self._push: Callable[[Array], None] | None = None
        self.parents: Iterable[Tensor] = ()
        self.constant = constant

    @classmethod
    def from_operation(
        cls,
        data: Array | np.floating[Any],
        parents: tuple["Tensor", ...],
        push: Callable[[Array], None],
    ) -> "Tensor":
        """Make the result of an operation, the quick way that this library's own layers use.

        Args:
            data: the result, float64 or float32.
            parents: what it was made from.
            push: takes the gradient of the result (same shape) and hands each
                parent its share by `receive`.

        Returns:
            A tensor; a constant one if all its parents are constant.

        Example:
            >>> x = Tensor([3.0])
            >>> y = Tensor.from_operation(x.data * 2, (x,), lambda g: x.receive(g * 2))
            >>> y.backward()
            >>> x.grad
            array([2.])
        """
        # Past __init__: an operation gives floats, and this runs for every layer and batch.
        result = object.__new__(cls)
        result._data = data if isinstance(data, np.ndarray) else np.asarray(data)
        result._grad = result._product = result._push = None
        result.parents = parents
        result.constant = True
        for parent in parents:
            if not parent.constant:
                result.constant = False
                result._push = push
                break
        return result

    @property
    def data(self) -> Array:
        """The values. What is assigned takes over the tensor's dtype."""
        return self._data

    @data.setter
    def data(self, value: npt.ArrayLike) -> None:
        if value is not self._data:  # `data -= …` hands back the very array it changed
            self._data = np.asarray(value, dtype=self._data.dtype)

    @property
    def grad(self) -> Array:
        """The gradient, shaped like ``data`` and of its dtype; zeros until something flows in."""
        if self._product is not None:
            left, right = self._product
            self._grad, self._product = np.asarray(left @ right, dtype=self._data.dtype), None
        elif self._grad is None:
            self._grad = np.zeros_like(self._data)
        return self._grad

    @grad.setter
    def grad(self, value: npt.ArrayLike) -> None:
        if value is not self._grad:
            value = np.array(value, dtype=self._data.dtype)
            if value.shape != self._data.shape:
                raise NNBookError(
                    f"a gradient has the shape of its data {self._data.shape}, got {value.shape}"
                )
            self._grad, self._product = value, None

    @property
    def factors(self) -> tuple[Array, Array] | None:
        """Two arrays whose product is the gradient, as long as nobody has asked for that."""
        return self._product

    @property
    def gradient_fn(self) -> Callable[[], None] | None:
        """The function that pushes this tensor's gradient to its parents; ``None`` in a leaf."""
        push = self._push
        return None if push is None else lambda: push(self.grad)

    @gradient_fn.setter
    def gradient_fn(self, function: Callable[[], None] | None) -> None:
        self._push = None if function is None else lambda _: function()

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of ``data``."""
        return self._data.shape

    @property
    def dtype(self) -> np.dtype[np.floating[Any]]:
        """float64 or float32, fixed when the tensor is made."""
        return self._data.dtype

    @property
    def size(self) -> int:
        """Values per sample: the product of all axes but the first.

        Example:
            >>> Tensor(np.zeros((2, 1, 28, 28))).size
            784
        """
        return math.prod(self._data.shape[1:])

    def receive(self, gradient: Array) -> None:
        """Add ``gradient`` (same shape as ``data``) to what has flowed in so far.

        The tensor keeps the array: hand over one that nobody else changes.
        """
        if self.constant:
            return
        if self._grad is None and self._product is None:
            self._grad = np.asarray(gradient, dtype=self._data.dtype)
        else:
            self.grad += gradient

    def receive_product(self, left: Array, right: Array) -> None:
        """Add ``left @ right`` to the gradient, but multiply only when somebody needs it.

        A parameter's gradient is as large as the parameter, its factors are as
        small as a batch: an optimizer may get by with the `factors`.
        """
        if self.constant:
            return
        # Only a leaf can wait: any other tensor has to pass its gradient on.
        if self._push is None and self._grad is None and self._product is None:
            self._product = (left, right)
        else:
            self.receive(left @ right)

    def clear_gradient(self) -> None:
        """Make the gradient zero again."""
        self._grad = None
        self._product = None

    def backward(self, gradient: npt.ArrayLike | None = None) -> None:
        """Push the gradient back through the graph, to every tensor this one was made from.

        In leaves, gradients of several calls add up until they are cleared; a
        tensor in between shows the gradient of the last call.

        Args:
            gradient: the slope of the final result along this tensor, same
                shape as ``data``. May be left out for a single number: it is 1.

        Raises:
            NNBookError: no gradient for a tensor of several values, or one of
                another shape.

        Example:
            >>> x = Tensor([[2.0], [3.0]])
            >>> (x * 5.0).backward(gradient=[[1.0], [10.0]])
            >>> x.grad
            array([[ 5.],
                   [50.]])
        """
        if gradient is None:
            if self._data.size != 1:
                raise NNBookError(
                    f"backward() without a gradient needs a single number, got shape {self.shape}; "
                    "call .sum().backward() or .backward(gradient) with a gradient of that shape"
                )
            seed = np.array(1, self._data.dtype).reshape(self._data.shape)
        else:
            seed = np.array(gradient)  # a copy, since the tensor keeps it
            if seed.shape != self._data.shape:
                raise NNBookError(
                    f"the gradient of a tensor of shape {self.shape} has that shape, "
                    f"got {seed.shape}; pass one value for each value of the tensor"
                )
        graph = self._topological_order()
        for node in graph:
            node._grad = node._product = None
        self.receive(seed)
        for node in reversed(graph):
            if node._push is not None and node._grad is not None:
                node._push(node._grad)

    def _topological_order(self) -> list["Tensor"]:
        # Everything that has parents, parents before children: a node may pass its
        # gradient on only when all of it has arrived. Leaves have nobody to pass it
        # to. A stack of our own knows no recursion limit.
        order: list[Tensor] = []
        seen: set[Tensor] = set()
        stack = [(self, False)] if self._push is not None else []
        while stack:
            node, parents_done = stack.pop()
            if parents_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                for parent in node.parents:
                    if parent._push is not None:
                        stack.append((parent, False))
        return order

    def __repr__(self) -> str:
        return f"Tensor({self._data})"

    def __add__(self, other: "Tensor | npt.ArrayLike") -> "Tensor":
        return _elementwise(self, other, np.add, lambda g, a, b: g.copy(), lambda g, a, b: g.copy())

    def __sub__(self, other: "Tensor | npt.ArrayLike") -> "Tensor":
        return _elementwise(self, other, np.subtract, lambda g, a, b: g.copy(), lambda g, a, b: -g)

    def __mul__(self, other: "Tensor | npt.ArrayLike") -> "Tensor":
        return _elementwise(self, other, np.multiply, lambda g, a, b: g * b, lambda g, a, b: g * a)

    def __matmul__(self, other: "Tensor | npt.ArrayLike") -> "Tensor":
        return _matmul(self, _as_tensor(other, self.dtype))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: npt.ArrayLike) -> "Tensor":
        return _as_tensor(other, self.dtype) - self

    def __rmatmul__(self, other: npt.ArrayLike) -> "Tensor":
        return _as_tensor(other, self.dtype) @ self

    def __neg__(self) -> "Tensor":
        return self * -1.0

    def sum(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> "Tensor":
        """Add up the values along ``axis`` (all of them by default).

        Example:
            >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0)
            Tensor([4. 6.])
        """
        kept = self._data.sum(axis=axis, keepdims=True)

        def push(gradient: Array) -> None:
            self.receive(np.broadcast_to(gradient.reshape(kept.shape), self.shape).copy())

        total = kept if keepdims else self._data.sum(axis=axis)
        return Tensor.from_operation(total, (self,), push)

    def mean(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> "Tensor":
        """Average the values along ``axis`` (all of them by default).

        Raises:
            NNBookError: there are no values.

        Example:
            >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).mean()
            Tensor(2.5)
        """
        if self._data.size == 0:
            raise NNBookError(f"a mean needs at least one value, got shape {self.shape}")
        total = self.sum(axis=axis, keepdims=keepdims)
        return total * (total._data.size / self._data.size)


def as_dtype(dtype: npt.DTypeLike) -> np.dtype[np.floating[Any]]:
    """Check that ``dtype`` is one that the library computes in.

    Raises:
        NNBookError: it is neither float64 nor float32.

    Example:
        >>> as_dtype("float32")
        dtype('float32')
    """
    result: np.dtype[Any] = np.dtype(dtype)
    if result not in (np.float64, np.float32):
        raise NNBookError(f"dtype must be float64 or float32, got {result}; write np.float64")
    return result


def reshape(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The same values in another shape; -1 stands for the length that is left over.

    Example:
        >>> reshape(Tensor([[1.0, 2.0]]), (2, 1)).shape
        (2, 1)
    """
    values = x.data

    def push(gradient: Array) -> None:
        x.receive(gradient.reshape(values.shape).copy())

    return Tensor.from_operation(values.reshape(shape), (x,), push)


def dot(left: Array, right: Array) -> Array:
    """The matrix product ``left @ right`` of the last two axes.

    Example:
        >>> dot(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
        array([[11.]])
    """
    # For two axes NumPy's own `dot` is `@`, and takes half the time when matrices are small.
    return left.dot(right) if left.ndim == right.ndim == 2 else left @ right


def _as_floats(data: npt.ArrayLike) -> Array:
    try:
        array = np.asarray(data)
        if array.dtype.char in "df":
            return array
        if array.dtype.kind not in "biuf":
            raise TypeError(f"dtype {array.dtype}")
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise NNBookError(
            f"a Tensor holds real numbers in a regular shape, got {type(data).__name__} ({error}); "
            "pass nested lists of numbers of equal length, or an array"
        ) from error


def _as_tensor(value: "Tensor | npt.ArrayLike", dtype: np.dtype[np.floating[Any]]) -> Tensor:
    if isinstance(value, Tensor):
        return value
    # A bare number must not widen float32 to float64.
    return Tensor(np.asarray(_as_floats(value), dtype=dtype), constant=True)


def _unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Add up ``gradient`` along the axes that broadcasting had stretched from ``shape``."""
    if gradient.shape == shape:
        return gradient
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    stretched = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return np.asarray(gradient.sum(axis=stretched, keepdims=True))


def _elementwise(
    left: Tensor,
    other: "Tensor | npt.ArrayLike",
    operation: np.ufunc,
    to_left: Callable[[Array, Array, Array], Array],
    to_right: Callable[[Array, Array, Array], Array],
) -> Tensor:
    right = _as_tensor(other, left.dtype)
    try:
        data = operation(left.data, right.data)
    except ValueError as error:
        raise NNBookError(
            f"shapes {left.shape} and {right.shape} do not fit for {operation.__name__}: "
            "counted from the last axis, lengths must be equal or 1; reshape one of them"
        ) from error

    def push(gradient: Array) -> None:
        for tensor, share in ((left, to_left), (right, to_right)):
            if not tensor.constant:
                shared = share(gradient, left.data, right.data)
                tensor.receive(_unbroadcast(shared, tensor.shape))

    return Tensor.from_operation(data, (left, right), push)


def _matmul(left: Tensor, right: Tensor) -> Tensor:
    # As in NumPy, a vector on the left is a row and one on the right a column for
    # the product, and the axis made for that goes away again.
    a = left.data[np.newaxis, :] if left.data.ndim == 1 else left.data
    b = right.data[:, np.newaxis] if right.data.ndim == 1 else right.data
    try:
        product = a @ b
    except ValueError as error:
        raise NNBookError(
            f"shapes {left.shape} and {right.shape} do not fit for @: the last axis of the first "
            "must be as long as the last but one of the second; transpose or reshape one of them"
        ) from error

    product_shape = product.shape
    made = tuple(axis for axis, t in ((-2, left), (-1, right)) if t.data.ndim == 1)

    def push(gradient: Array) -> None:
        gradient = gradient.reshape(product_shape)
        if not left.constant:
            share = _unbroadcast(gradient @ b.swapaxes(-1, -2), a.shape)
            left.receive(share.reshape(left.shape))
        if not right.constant:
            share = _unbroadcast(a.swapaxes(-1, -2) @ gradient, b.shape)
            right.receive(share.reshape(right.shape))

    return Tensor.from_operation(product.squeeze(axis=made), (left, right), push)
