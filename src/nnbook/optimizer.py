"""Optimizers: how parameters follow their gradients downhill."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

import numpy as np

from nnbook.arrays import Array
from nnbook.errors import NNBookError
from nnbook.parameter import scaled_gradient
from nnbook.tensor import Tensor


class Optimizer(ABC):
    """Something that changes parameters by their gradients.

    Args:
        parameters: the tensors to change, for example ``layer.parameters``; one that is
            named twice is changed once.
        lr: the learning rate, greater than 0.

    Raises:
        NNBookError: ``lr`` is not a finite number greater than 0, there is nothing to
            change, or a parameter was computed or can't be written to.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        if not 0 < lr < float("inf"):
            raise NNBookError(f"lr must be a finite number greater than 0, got {lr}; write lr=0.01")
        self.parameters = list(dict.fromkeys(parameters))
        if not self.parameters:
            raise NNBookError("there are no parameters to change; pass layer.parameters")
        for parameter in self.parameters:
            if parameter.gradient_fn is not None:
                raise NNBookError(
                    f"a parameter of shape {parameter.shape} was computed from others: changing "
                    "it would be forgotten at the next computation; pass what it is computed from"
                )
            if not parameter.data.flags.writeable:
                raise NNBookError(
                    f"a parameter of shape {parameter.shape} is read-only, so it can't be changed; "
                    "write Tensor(array.copy())"
                )
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
            change = self._changes.get(parameter)
            if change is None or change.shape != parameter.shape:
                change = self._changes[parameter] = np.empty_like(parameter.data)
            parameter.data -= scaled_gradient(parameter, self.lr, out=change)
