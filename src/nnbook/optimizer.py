"""Optimizers: how parameters follow their gradients downhill."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

import numpy as np

from nnbook.errors import NNBookError
from nnbook.tensor import Array, Tensor


class Optimizer(ABC):
    """Something that changes parameters by their gradients.

    Args:
        parameters: the tensors to change, for example ``layer.parameters``.
        lr: the learning rate, greater than 0.

    Raises:
        NNBookError: ``lr`` is not a finite number greater than 0, or there is
            nothing to change.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        if not 0 < lr < float("inf"):
            raise NNBookError(f"lr must be a finite number greater than 0, got {lr}; write lr=0.01")
        self.parameters = list(parameters)
        if not self.parameters:
            raise NNBookError("there are no parameters to change; pass layer.parameters")
        self.lr = lr

    def reset(self) -> None:
        """Clear all gradients: the next `Tensor.backward` starts from zero."""
        for parameter in self.parameters:
            parameter.clear_gradient()

    @abstractmethod
    def step(self) -> None:
        """Change every parameter once, by its gradient."""


class SGDOptimizer(Optimizer):
    """Stochastic gradient descent: ``data -= lr * grad``, in place.

    Example:
        >>> weight = Tensor([1.0, 2.0])
        >>> optimizer = SGDOptimizer([weight], lr=0.1)
        >>> (weight * weight).sum().backward()
        >>> optimizer.step()
        >>> weight
        Tensor([0.8 1.6])
        >>> optimizer.reset()
        >>> weight.grad
        array([0., 0.])

    Source:
        Robbins and Monro, "A stochastic approximation method", Annals of
        Mathematical Statistics 22, 1951.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        super().__init__(parameters, lr)
        # Kept from step to step, since memory that is new takes longer to fill.
        self._changes: dict[Tensor, Array] = {}

    def step(self) -> None:
        for parameter in self.parameters:
            parameter.data -= self._change(parameter)

    def _change(self, parameter: Tensor) -> Array:
        """``lr * grad``."""
        change = self._changes.get(parameter)
        if change is None or change.shape != parameter.shape:
            change = self._changes[parameter] = np.empty_like(parameter.data)
        if parameter.factors is None:
            return np.multiply(parameter.grad, self.lr, out=change)
        # Multiplied right here: the gradient, as large as the parameter, is never made.
        left, right = parameter.factors
        return np.matmul(left * self.lr, right, out=change)
