"""Results: what a run gave, with a curve over the test images that nobody can choose by."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, NoReturn, SupportsIndex, overload

from nnbook.errors import NNBookError
from nnbook.tensor import Array


class TestCurve(tuple[float, ...]):
    """What was measured on the test images after each epoch; it shows no best epoch.

    The best of a hundred noisy epochs is good luck, and more of it for one arm than for
    another. So an epoch is named beforehand, or chosen on validation images, and its entry
    is read by its index; whatever could pick one by looking at all of them is refused.

    Raises:
        NNBookError: somebody goes through the entries, as ``max`` or ``numpy.array`` do.

    Example:
        >>> TestCurve((0.5, 0.7, 0.6))[-1]
        0.6
    """

    __test__ = False  # no class of tests, whatever pytest makes of its name
    __slots__ = ()

    def __iter__(self) -> Iterator[float]:
        _refuse_to_choose()

    def __array__(self, *_: object, **__: object) -> Array:
        _refuse_to_choose()

    @overload
    def __getitem__(self, epoch: SupportsIndex, /) -> float: ...
    @overload
    def __getitem__(self, epoch: slice, /) -> "TestCurve": ...
    def __getitem__(self, epoch: Any, /) -> Any:
        found = super().__getitem__(epoch)
        return TestCurve(found) if isinstance(epoch, slice) else found

    def to_draw(self) -> list[float]:
        """All entries, for a figure and for nothing else."""
        return [self[epoch] for epoch in range(len(self))]


def _refuse_to_choose() -> NoReturn:
    raise NNBookError(
        "a curve over the test images gives no best epoch: name the epoch beforehand, or choose "
        'it on validation images, with curves("validation").best_epochs()'
    )


@dataclass(frozen=True)
class Result:
    """What a run gave. Accuracies are shares from 0 to 1, measured in eval mode.

    Attributes:
        accuracy, loss: on the test images, after the last epoch.
        train_accuracies, train_losses, validation_accuracies, validation_losses,
            test_accuracies, test_losses: after each epoch, or after the last one alone,
            see ``curves`` of `Run`; those of validation are empty without such images.
        probes: what each probe measured.
        first_losses, early_weights, weights: what the training is recognised by, see `traces`:
            the losses of its first batches, and its weights after a few epochs and at its end.
    """

    accuracy: float
    loss: float
    train_accuracies: list[float]
    train_losses: list[float]
    validation_accuracies: list[float]
    validation_losses: list[float]
    test_accuracies: TestCurve
    test_losses: TestCurve
    probes: dict[str, list[float]] = field(default_factory=dict)
    first_losses: list[float] = field(default_factory=list)
    early_weights: str = ""
    weights: str = ""

    def __post_init__(self) -> None:
        for name in ("test_accuracies", "test_losses"):  # plain lists, out of the store
            if not isinstance(curve := getattr(self, name), TestCurve):
                object.__setattr__(self, name, TestCurve(curve))

    def to_store(self) -> dict[str, Any]:
        """The same as lists and numbers."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: value.to_draw() if isinstance(value, TestCurve) else value
            for name, value in values.items()
        }
