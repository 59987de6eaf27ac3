"""The tensor: an array that remembers where it came from, so that gradients find their way back.

Longer than other modules, since the operations need the tensor as much as the tensor needs
them; each of them is written as a layer of one's own is written.
"""

import inspect
import itertools
import math
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from nnbook.arrays import Array, as_floats, frozen, total, unbroadcast
from nnbook.errors import NNBookError

__all__ = ["Array", "Tensor", "reshape"]

_events = itertools.count(1)  # numbers what happens to tensors, to tell before from after


class Tensor:
    """An array with its gradient and the way back to the tensors it was made from.

    Calculating with tensors builds a graph; `backward` walks it from the end to
    the beginning and leaves in every tensor the slope of the result along it.

    Args:
        data: numbers of any shape. float64 and float32 arrays are used as they
            are, without a copy; anything else becomes float64.
        parents: the tensors that this one was made from.
        gradient_fn: takes the gradient of this tensor, an array of its shape that is
            read-only, and hands each parent its share by `receive`.
        constant: never asks for a gradient. Data sets hand out constant
            batches, since nobody trains the data; what is made of constants alone
            is constant too.

    Attributes:
        parents, gradient_fn, constant: as passed. A ``gradient_fn`` without a
            parameter may be set, too, and looks up the gradient itself.

    Raises:
        NNBookError: ``data`` is not made of numbers, is ragged, or is masked; ``parents``
            is a single tensor.

    Example:
        >>> x = Tensor([[1.0, 2.0]])
        >>> x
        Tensor([[1. 2.]])
        >>> y = (x * x).sum()
        >>> y.backward()
        >>> x.grad
        array([[2., 4.]])

        An operation of one's own computes a result and says how its gradient goes back:

        >>> def double(x):
        ...     def gradient_fn(gradient):
        ...         x.receive(gradient * 2)
        ...     return Tensor(x.data * 2, (x,), gradient_fn)
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
        "_changed",
        "_data",
        "_grad",
        "_made",
        "constant",
        "gradient_fn",
        "parents",
    )
    __array_ufunc__ = None  # lets `array * tensor` reach Tensor.__rmul__

    def __init__(
        self,
        data: npt.ArrayLike,
        parents: Iterable["Tensor"] = (),
        gradient_fn: Callable[..., None] | None = None,
        *,
        constant: bool = False,
    ) -> None:
        # Most are made by operations, whose results need no second look.
        self._data: Array = (
            data if type(data) is np.ndarray and data.dtype.char in "df" else as_floats(data)
        )
        self._grad: Array | None = None
        self._made, self._changed = next(_events), 0
        # A `gradient_fn` is given the gradient, so that it need not close over its own
        # tensor: that is a cycle, and the arrays of a step would wait for the garbage collector.
        self.gradient_fn = gradient_fn
        try:
            made_from = tuple(parents)
        except TypeError as error:
            raise NNBookError(
                f"parents are several tensors, got {type(parents).__name__}; write (x,) for one"
            ) from error
        self.parents: Iterable[Tensor] = made_from
        self.constant = constant
        if made_from and not constant:
            for parent in made_from:
                if not parent.constant:
                    return
            self.constant, self.gradient_fn = True, None

    @property
    def data(self) -> Array:
        """The values. What is assigned takes over the tensor's dtype."""
        return self._data

    @data.setter
    def data(self, value: npt.ArrayLike) -> None:
        if value is not self._data:  # `data -= …` hands back the very array it changed
            self._data = as_floats(value).astype(self._data.dtype, copy=False)
        self._made = self._changed = next(_events)

    @property
    def grad(self) -> Array:
        """The gradient, shaped like ``data`` and of its dtype; zeros until something flows in."""
        if self._grad is None:
            self._grad = np.zeros_like(self._data)
        elif not self._grad.flags.writeable:  # somebody may have kept it for the way back
            self._grad = self._grad.copy("K")
        return self._grad

    @grad.setter
    def grad(self, value: npt.ArrayLike) -> None:
        if value is not self._grad:
            self._grad = self._as_gradient(value)

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

    def receive(self, gradient: Any) -> None:
        """Add ``gradient`` (same shape as ``data``) to what has flowed in so far.

        Like ``x.grad += gradient``, but a constant takes nothing.

        Raises:
            NNBookError: a gradient of another shape.
        """
        if self.constant:
            return
        data, is_array = self._data, type(gradient) is np.ndarray
        if is_array and gradient.shape == data.shape and gradient.dtype is data.dtype:
            share = gradient.copy()
        else:
            share = self._as_gradient(gradient)
        if self._grad is None:
            self._grad = share
        else:
            self.grad += share

    def _as_gradient(self, value: npt.ArrayLike) -> Array:
        """A copy, since nobody else may change what is kept."""
        gradient = np.array(as_floats(value), dtype=self._data.dtype)
        if gradient.shape != self._data.shape:
            raise NNBookError(
                f"a gradient has the shape of its data {self._data.shape}, got {gradient.shape}; "
                "add it up along the axes that are too many"
            )
        return gradient

    def clear_gradient(self) -> None:
        """Make the gradient zero again."""
        self._grad = None

    def backward(self, gradient: npt.ArrayLike | None = None) -> None:
        """Push the gradient back through the graph, to every tensor this one was made from.

        In leaves, gradients of several calls add up until they are cleared; a
        tensor in between shows the gradient of the last call.

        Args:
            gradient: the slope of the final result along this tensor, same
                shape as ``data``. May be left out for a single number: it is 1.

        Raises:
            NNBookError: no gradient for a tensor of several values, or one of
                another shape; a tensor that has been changed since something was
                computed from it.

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
            seed = as_floats(gradient)
            if seed.shape != self._data.shape:
                raise NNBookError(
                    f"the gradient of a tensor of shape {self.shape} has that shape, "
                    f"got {seed.shape}; pass one value for each value of the tensor"
                )
        graph = self._topological_order()
        for node in graph:
            node._grad = None
        self.receive(seed)
        try:
            for node in reversed(graph):
                gradient, push = node._grad, node.gradient_fn
                if gradient is not None and push is not None:
                    gradient.setflags(write=False)  # read-only, since it may be kept: see `grad`
                    push(gradient) if _takes_one(push) else push()
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            raise NNBookError(
                f"a gradient_fn tried to change an array that others still need ({error}); "
                "make a new one: write gradient * mask, not gradient *= mask"
            ) from error

    def _topological_order(self) -> list["Tensor"]:
        # Everything that has parents, parents before children: a node may pass its
        # gradient on only when all of it has arrived. Leaves have nobody to pass it
        # to. A stack of our own knows no recursion limit.
        order: list[Tensor] = []
        seen: set[Tensor] = set()
        stack = [(self, False)] if self.gradient_fn is not None else []
        while stack:
            node, parents_done = stack.pop()
            if parents_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                for parent in node.parents:
                    if parent._changed > node._made and not parent.constant:
                        _refuse_a_changed(parent)
                    if parent.gradient_fn is not None:
                        stack.append((parent, False))
        return order

    def __reduce_ex__(self, protocol: Any) -> Any:
        if self.gradient_fn is not None:
            raise NNBookError(
                f"a tensor that was computed, here of shape {self.shape}, can't be copied or "
                "pickled: its way back leads to the tensors that it was made from, and not to "
                "copies of them; write Tensor(y.data) for its values alone"
            )
        return super().__reduce_ex__(protocol)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._data})"

    def _described(self) -> str:
        return f"a tensor of shape {self.shape}"

    def __add__(self, other: "Tensor | npt.ArrayLike") -> "Tensor":
        right = _as_tensor(other, self.dtype)

        def gradient_fn(gradient: Array) -> None:
            self.receive(unbroadcast(gradient, self.shape))
            right.receive(unbroadcast(gradient, right.shape))

        return Tensor(_elementwise(np.add, self, right), (self, right), gradient_fn)

    def __sub__(self, other: "Tensor | npt.ArrayLike") -> "Tensor":
        right = _as_tensor(other, self.dtype)

        def gradient_fn(gradient: Array) -> None:
            self.receive(unbroadcast(gradient, self.shape))
            right.receive(-unbroadcast(gradient, right.shape))

        return Tensor(_elementwise(np.subtract, self, right), (self, right), gradient_fn)

    def __mul__(self, other: "Tensor | npt.ArrayLike") -> "Tensor":
        right = _as_tensor(other, self.dtype)
        a, b = frozen(self.data), frozen(right.data)

        def gradient_fn(gradient: Array) -> None:
            self.receive(unbroadcast(gradient * b, a.shape))
            right.receive(unbroadcast(gradient * a, b.shape))

        return Tensor(_elementwise(np.multiply, self, right), (self, right), gradient_fn)

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
        kept = total(self._data, axis, keepdims=True)

        def gradient_fn(gradient: Array) -> None:
            self.receive(np.broadcast_to(gradient.reshape(kept.shape), self.shape))

        return Tensor(kept if keepdims else kept.squeeze(axis), (self,), gradient_fn)

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
        added = self.sum(axis=axis, keepdims=keepdims)
        return added * (added._data.size / self._data.size)


def reshape(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The same values in another shape; -1 stands for the length that is left over.

    Example:
        >>> reshape(Tensor([[1.0, 2.0]]), (2, 1)).shape
        (2, 1)
    """
    before, values = x.shape, x.data.reshape(shape)
    if values.flags.writeable and values.base is not None:
        values = values.copy()  # whoever writes to the result does not write to `x`

    def gradient_fn(gradient: Array) -> None:
        x.receive(gradient.reshape(before))

    return Tensor(values, (x,), gradient_fn)


def _as_tensor(value: "Tensor | npt.ArrayLike", dtype: np.dtype[np.floating[Any]]) -> Tensor:
    if isinstance(value, Tensor):
        return value
    # A bare number must not widen float32 to float64.
    return Tensor(np.asarray(as_floats(value), dtype=dtype), constant=True)


def _takes_one(function: Callable[..., None]) -> bool:
    """Whether a ``gradient_fn`` takes the gradient, or has no parameter and looks it up."""
    if type(function) is FunctionType and function.__defaults__ is None:
        code = function.__code__
        if code.co_argcount:
            return True
        if not code.co_flags & inspect.CO_VARARGS:
            return False
    try:
        inspect.signature(function).bind()
    except TypeError:
        return True
    return False


def _refuse_a_changed(tensor: Tensor) -> NoReturn:
    raise NNBookError(
        f"{tensor._described()} has been changed since the result was computed from it, so that "
        "the gradient would be that of neither value; compute the result anew, then call backward()"
    )


def _elementwise(operation: np.ufunc, left: Tensor, right: Tensor) -> Array:
    try:
        return np.asarray(operation(left.data, right.data))
    except ValueError as error:
        raise NNBookError(
            f"shapes {left.shape} and {right.shape} do not fit for {operation.__name__}: "
            "counted from the last axis, lengths must be equal or 1; reshape one of them"
        ) from error


def _matmul(left: Tensor, right: Tensor) -> Tensor:
    # As in NumPy, a vector on the left is a row and one on the right a column for
    # the product, and the axis made for that goes away again.
    a, b = frozen(left.data), frozen(right.data)
    a = a[np.newaxis, :] if a.ndim == 1 else a
    b = b[:, np.newaxis] if b.ndim == 1 else b
    try:
        product = a @ b
    except ValueError as error:
        raise NNBookError(
            f"shapes {left.shape} and {right.shape} do not fit for @: the last axis of the first "
            "must be as long as the last but one of the second; transpose or reshape one of them"
        ) from error

    made = tuple(axis for axis, t in ((-2, left), (-1, right)) if t.data.ndim == 1)

    def gradient_fn(gradient: Array) -> None:
        gradient = np.expand_dims(gradient, made)
        to_left = unbroadcast(gradient @ b.swapaxes(-1, -2), a.shape)
        left.receive(to_left.reshape(left.shape))
        to_right = unbroadcast(a.swapaxes(-1, -2) @ gradient, b.shape)
        right.receive(to_right.reshape(right.shape))

    return Tensor(product.squeeze(axis=made), (left, right), gradient_fn)
