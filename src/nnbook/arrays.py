"""The NumPy arrays that tensors are made of: what goes in, what is kept, how they add up."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nnbook.errors import NNBookError

Array: TypeAlias = npt.NDArray[np.floating[Any]]
LONG = 4096  # so many float32 values are added up without a loss that anybody sees

LONGEST = 2**16  # and so many where BLAS adds them up, in blocks


def as_floats(data: npt.ArrayLike) -> Array:
    """Turn ``data`` into an array of floats.

    Args:
        data: numbers of any shape. float64 and float32 arrays are handed back as they
            are, without a copy; anything else becomes float64.

    Raises:
        NNBookError: ``data`` is not made of numbers, is ragged, or is masked.

    Example:
        >>> as_floats([1, 2])
        array([1., 2.])
    """
    if type(data) is np.ndarray and data.dtype.char in "df":
        return data
    if isinstance(data, np.ndarray) and hasattr(data, "mask"):
        raise NNBookError(
            "a masked array has places without a number, and what stands there would be taken "
            "for one; write data.filled(0), or leave those samples out"
        )
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


def frozen(array: Array) -> Array:
    """What may be kept: the array itself if nobody can write to it any more, else a copy.

    What an operation keeps for its way back must be what it has computed with, whatever
    happens to its input in between. The result is read-only.

    Example:
        >>> batch = np.array([1.0, 2.0])
        >>> kept = frozen(batch)
        >>> batch[:] = 0
        >>> kept
        array([1., 2.])
        >>> frozen(kept) is kept
        True
    """
    owner: Any = array
    # Whoever holds the array behind a view can write to both.
    while not owner.flags.writeable:
        owner = owner.base
        if owner is None:
            return array
        if type(owner) is not np.ndarray:
            break
    copy = array.copy("K")  # in the same order in memory, so that products round alike
    read_only(copy)
    return copy


def read_only(array: Any) -> None:
    """Let nobody write to ``array`` any more.

    Example:
        >>> batch = np.zeros(2)
        >>> read_only(batch)
        >>> batch.flags.writeable
        False
    """
    array.setflags(False)  # in a sixth of the time that `flags.writeable = False` takes


def dot(left: Array, right: Array) -> Array:
    """The matrix product ``left @ right`` of the last two axes.

    Example:
        >>> dot(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
        array([[11.]])
    """
    # For two axes NumPy's own `dot` is `@`, and takes half the time when matrices are small.
    return left.dot(right) if left.ndim == right.ndim == 2 else left @ right


def total(
    values: Array, axis: int | tuple[int, ...] | None = None, *, keepdims: bool = False
) -> Array:
    """Add up ``values`` along ``axis`` (all of them by default), in their own dtype.

    Example:
        >>> total(np.ones((2, 3)), axis=0)
        array([2., 2., 2.])
        >>> float(total(np.full((2**25, 1), 1, np.float32), axis=0)[0]) == 2**25
        True
    """
    result: Array = np.add.reduce(values, axis, keepdims=keepdims)  # type: ignore[call-overload]
    if values.size > LONG * result.size and values.dtype == np.float32:
        # One after another, float32 values stop adding up at 2**24.
        long: Array = np.add.reduce(values, axis, np.float64, keepdims=keepdims)  # type: ignore[call-overload]
        return np.asarray(long, dtype=np.float32)
    return np.asarray(result)


def inner(left: Array, right: Array) -> np.floating[Any]:
    """The sum of ``left * right``, two arrays of one shape.

    Example:
        >>> float(inner(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
        11.0
    """
    if left.dtype == np.float32 and left.size > LONGEST:
        left, right = left.astype(np.float64), right.astype(np.float64)
    return np.vdot(left, right)


def unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Add up ``gradient`` along the axes that broadcasting had stretched from ``shape``.

    Example:
        >>> unbroadcast(np.ones((2, 3)), (3,))
        array([2., 2., 2.])
    """
    if gradient.shape == shape:
        return gradient
    gradient = total(gradient, axis=tuple(range(gradient.ndim - len(shape))))
    stretched = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return total(gradient, axis=stretched, keepdims=True)
