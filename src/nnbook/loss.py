"""Losses: one number for how far predictions are from the truth."""

from abc import ABC, abstractmethod

import numpy as np

from nnbook.arrays import Array, frozen, inner
from nnbook.errors import NNBookError
from nnbook.tensor import Tensor


class Loss(ABC):
    """A function of predictions ``p`` and labels ``y`` that training makes small.

    A subclass writes `loss`; calling the object checks the shapes and calls it.

    Raises:
        NNBookError: ``p`` and ``y`` differ in shape, or hold nothing.
    """

    @abstractmethod
    def loss(self, p: Tensor, y: Tensor) -> Tensor:
        """Compute the loss, a single number, of predictions and labels of one shape."""

    def __call__(self, p: Tensor, y: Tensor) -> Tensor:
        if not (isinstance(p, Tensor) and isinstance(y, Tensor)):
            raise TypeError(
                f"{type(self).__name__} takes two Tensors, got {type(p).__name__} and "
                f"{type(y).__name__}; write Tensor(values)"
            )
        if p.shape != y.shape:
            raise NNBookError(
                f"predictions {p.shape} and labels {y.shape} differ in shape; "
                "labels are one-hot: one row a sample, one column a class"
            )
        if p.data.size == 0 or p.data.ndim == 0:
            raise NNBookError(f"a loss needs at least one sample, got shape {p.shape}")
        return self.loss(p, y)


class MSELoss(Loss):
    """Squared error.

    Args:
        reduction: ``"batchmean"`` adds up the outputs of a sample and averages
            over the batch, so that the gradient is ``2 (p - y) / batch``;
            ``"mean"`` averages over every element, as PyTorch does by default.

    Shapes:
        ``p`` and ``y``: ``(batch, …)``, the same; the loss is a single number.

    Raises:
        NNBookError: another reduction, or shapes that differ.

    Example:
        >>> p, y = Tensor([[1.0, 3.0]]), Tensor([[0.0, 1.0]])
        >>> loss = MSELoss()(p, y)
        >>> loss
        Tensor(5.0)
        >>> loss.backward()
        >>> p.grad
        array([[2., 4.]])
        >>> MSELoss(reduction="mean")(p, y)
        Tensor(2.5)
    """

    def __init__(self, *, reduction: str = "batchmean") -> None:
        if reduction not in ("batchmean", "mean"):
            raise NNBookError(f'reduction must be "batchmean" or "mean", got {reduction!r}')
        self.reduction = reduction

    def loss(self, p: Tensor, y: Tensor) -> Tensor:
        difference = p.data - y.data
        count = len(difference) if self.reduction == "batchmean" else difference.size

        def gradient_fn(gradient: Array) -> None:
            slope = difference * (2.0 * float(gradient) / count)
            p.receive(slope)
            if not y.constant:
                y.receive(-slope)

        loss = np.asarray(inner(difference, difference) / count)
        return Tensor(loss, (p, y), gradient_fn)


class CrossEntropyLoss(Loss):
    """Softmax and cross-entropy in one, averaged over the batch.

    The two belong together: the largest logit is taken off before ``exp``, so
    that nothing overflows, and the logarithm never meets a zero.

    Shapes:
        ``p`` (logits) and ``y`` (one-hot): ``(batch, classes)``; the loss is a
        single number.

    Raises:
        NNBookError: shapes that differ, or that are not two-dimensional.

    Example:
        >>> CrossEntropyLoss()(Tensor([[0.0, 0.0]]), Tensor([[1.0, 0.0]]))
        Tensor(0.6931471805599453)

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", MIT Press 2016,
        section 6.2.2.3.
    """

    def loss(self, p: Tensor, y: Tensor) -> Tensor:
        if p.data.ndim != 2:
            raise NNBookError(
                f"CrossEntropyLoss takes logits of shape (batch, classes), got {p.shape}; "
                "put Flatten() before the last layer"
            )
        shifted = p.data - p.data.max(axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        totals = exponentials.sum(axis=1, keepdims=True)
        log_softmax = shifted - np.log(totals)
        labels, batch = frozen(y.data), p.shape[0]
        loss = -inner(log_softmax, labels) / batch
        if np.isnan(loss):  # a logit of -inf says "never", which is right where the label is 0
            loss = -np.where(labels == 0, 0, log_softmax * labels).sum() / batch

        def gradient_fn(gradient: Array) -> None:
            scale = float(gradient) / batch
            softmax = exponentials / totals
            p.receive((softmax * labels.sum(axis=1, keepdims=True) - labels) * scale)
            if not y.constant:
                y.receive(log_softmax * -scale)

        return Tensor(np.asarray(loss), (p, y), gradient_fn)
