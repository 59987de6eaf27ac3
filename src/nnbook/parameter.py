"""The parameter: a tensor that training changes."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nnbook.arrays import Array, frozen
from nnbook.tensor import Tensor

Factors: TypeAlias = tuple[Array, Array]


class Parameter(Tensor):
    """A tensor that an optimizer changes, whose gradient may wait as two factors.

    The gradient of a weight is as large as the weight itself, and it is the product of two
    arrays as small as a batch. So the weight keeps the two, and they are multiplied when
    somebody looks at ``grad``, or by the optimizer, together with the learning rate.

    Args:
        data: as for `Tensor`.
        name: what error messages call it.
        constant: as for `Tensor`.

    Example:
        >>> weight = Parameter(np.zeros((1, 2)), name="weight")
        >>> weight.receive_product(np.array([[2.0]]), np.array([[3.0, 4.0]]))
        >>> weight.factors
        (array([[2.]]), array([[3., 4.]]))
        >>> weight.grad
        array([[6., 8.]])
        >>> weight.factors is None
        True
    """

    __slots__ = ("_factors", "_sum", "name")
    _factors: Factors | None
    _sum: Array | None

    def __init__(
        self, data: npt.ArrayLike, *, name: str = "parameter", constant: bool = False
    ) -> None:
        super().__init__(data, constant=constant)
        self.name = name

    @property
    def factors(self) -> Factors | None:
        """Two arrays whose product is the gradient, as long as nobody has asked for that."""
        return self._factors

    def receive_product(self, left: Array, right: Array) -> None:
        """Add ``left @ right``, in the shape of ``data``, to the gradient; multiply it later."""
        if self._factors is None and self._sum is None and not self.constant:
            self._factors = frozen(left), frozen(right)
        else:
            self.receive(left @ right)

    # All that a `Tensor` does with its gradient goes through here, and finds it multiplied.
    @property
    def _grad(self) -> Array | None:
        if self._factors is not None:
            left, right = self._factors
            self._grad = np.asarray(left @ right, dtype=self.dtype)
        return self._sum

    @_grad.setter
    def _grad(self, value: Array | None) -> None:
        self._sum, self._factors = value, None

    def _described(self) -> str:
        return f"the parameter {self.name} of shape {self.shape}"


def scaled_gradient(parameter: Tensor, lr: float, out: Array) -> Array:
    """Write ``lr * grad`` to ``out`` and hand it back.

    Example:
        >>> weight = Tensor([1.0])
        >>> (weight * 6.0).backward()
        >>> scaled_gradient(weight, 0.5, np.empty(1))
        array([3.])
    """
    factors = parameter.factors if isinstance(parameter, Parameter) else None
    if factors is None:
        return np.multiply(parameter.grad, lr, out=out)
    # Multiplied right here: the gradient, as large as the parameter, is never made.
    left, right = factors
    return np.matmul(left * lr, right, out=out)
