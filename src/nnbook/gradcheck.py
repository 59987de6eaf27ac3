"""A check of gradients against slopes that are measured, not derived."""

from collections.abc import Callable, Sequence

import numpy as np

from nnbook.errors import GradientError, NNBookError
from nnbook.tensor import Tensor


def gradcheck(
    function: Callable[..., Tensor],
    inputs: Sequence[Tensor],
    *,
    eps: float = 1e-6,
    rtol: float = 1e-5,
    atol: float = 1e-7,
) -> float:
    """Compare the gradients of ``function`` with central differences.

    Every value of every input is moved by ``eps`` up and down; the slope seen
    must be the gradient that `Tensor.backward` finds. A result of several
    values is first added up with fixed weights, so that no error cancels.

    Args:
        function: takes the inputs, gives a tensor. It must give the same result
            each time: make a `Dropout` inside it, with a fixed seed. Keep away
            from points without a slope, such as 0 for a `ReLU`.
        inputs: the float64 tensors to check, which the function may also reach
            in another way (a layer's parameters, for example). Their gradients
            are cleared.
        eps: how far a value is moved.
        rtol: allowed difference, as a share of the slope's size.
        atol: allowed difference on top of that.

    Returns:
        The largest difference found.

    Raises:
        GradientError: a gradient differs; the message names input, place, both
            values and the limit.
        NNBookError: there is nothing to check, an input is not float64, constant or
            read-only, or the function's result is not finite or changes from call to call.

    Example:
        >>> x = Tensor([[1.0, -2.0], [3.0, 0.5]])
        >>> gradcheck(lambda x: (x * x).mean(), [x]) < 1e-8
        True

    Source:
        Nocedal and Wright, "Numerical Optimization", 2nd edition, 2006,
        section 8.1.
    """
    if not any(tensor.data.size for tensor in inputs):
        raise NNBookError(
            f"gradcheck needs values to move, got {len(inputs)} inputs without any; pass a list "
            "of the tensors to check, for example [x, *layer.parameters]"
        )
    for position, tensor in enumerate(inputs):
        if tensor.constant or not tensor.data.flags.writeable:
            raise NNBookError(
                f"input {position} is constant or read-only, so it has no gradient to check; "
                "write Tensor(array.copy())"
            )
        if tensor.dtype != np.float64:
            raise NNBookError(
                f"gradcheck needs float64, input {position} is {tensor.dtype}: rounding would "
                "drown the difference; build it with dtype=numpy.float64"
            )
    result = function(*inputs)
    if not np.isfinite(result.data).all():
        raise NNBookError(
            "the function's result is not finite (NaN or infinite), so it has no slope; choose "
            "other inputs"
        )
    if not np.array_equal(result.data, function(*inputs).data):
        raise NNBookError(
            "the function gave two different results for the same inputs; draw its random "
            "numbers inside it, from a fixed seed"
        )
    weights = np.random.default_rng(0).uniform(0.5, 1.5, result.shape)

    def value() -> float:
        return float(np.vdot(weights, function(*inputs).data))

    for tensor in inputs:
        tensor.clear_gradient()
    result.backward(weights)
    gradients = [tensor.grad.copy() for tensor in inputs]
    largest = 0.0
    for position, (tensor, gradient) in enumerate(zip(inputs, gradients, strict=True)):
        for index in np.ndindex(tensor.shape):
            original = tensor.data[index]
            tensor.data[index] = original + eps
            above = value()
            tensor.data[index] = original - eps
            below = value()
            tensor.data[index] = original
            slope = (above - below) / (2 * eps)
            difference = abs(slope - gradient[index])
            if not difference <= atol + rtol * abs(slope):
                raise GradientError(
                    f"input {position} at {index}: backward() gives {gradient[index]:.9g}, the "
                    f"slope is {slope:.9g}; they may differ by {atol + rtol * abs(slope):.1g}; "
                    "look for the mistake in the gradient_fn of the last operation you changed"
                )
            largest = max(largest, float(difference))
    return largest
