"""Runs: everything that decides what a training gives, in one frozen description."""

from dataclasses import dataclass, fields
from typing import Any

from nnbook.errors import NNBookError
from nnbook.lab.probes import PROBES, SINCE_BEGINNING
from nnbook.loss import CrossEntropyLoss, Loss, MSELoss

IMAGES = ("digits", "clothes")
PARTS = ("train", "validation", "test")
LOSSES: dict[str, type[Loss]] = {"mse": MSELoss, "cross-entropy": CrossEntropyLoss}


@dataclass(frozen=True)
class Run:
    """Everything that decides the result of a run. The defaults are the published run.

    Attributes:
        seed: of weights, masks, order of images, wrong labels and the split.
        epochs, batch_size, lr, shuffle: of the training.
        width: hidden neurons.
        init: see `Linear`.
        loss: ``"mse"`` or ``"cross-entropy"``.
        input_rate: dropout rate on the pixels; 0 leaves the layer out.
        input_block: pixels along a side of the squares that are covered together, see
            `rivals.BlockDropout`; with 1, each pixel is covered by itself.
        rate: dropout rate on the hidden neurons; 0 leaves the layer out.
        inverted: see `Dropout`.
        dropout_from, dropout_until: the first and the last epoch in which its dropout layers cover
            anything; with 0 as the last, they do so to the end.
        gaussian: strength of the `rivals.GaussianNoise` on the hidden neurons, as a rate.
        dropconnect: rate at which `rivals.DropConnect` strikes out weights of the last layer.
        weight_decay, max_norm: see `rivals.RestrainedSGD`; 0 leaves each out.
        resplit: draw which images are for training and which for testing anew from all
            images for each seed, with equally many of each digit. Otherwise the split is
            the one of the file.
        training_images: how many of the training images are used, from the first.
        validation_images: how many are held out of the rest of the training images, from
            the last, to choose by.
        wrong_labels: share of the training labels that is drawn anew at random.
        images: ``"digits"``, or ``"clothes"``: as many pictures of ten kinds of clothes.
        marked: stamp a mark on every image that gives the answer away; on the test images
            alone it is the mark of another digit.
        dtype: ``"float64"`` or ``"float32"``.
        rng: where weights and masks come from: ``"RandomState"``, which gives what a
            plain script draws after ``numpy.random.seed``, or ``"default_rng"``, NumPy's
            newer and faster generator.
        curves: the parts, ``"train"``, ``"validation"`` and ``"test"``, that are measured
            after each epoch. One that is left out is measured after the last epoch alone, which
            saves up to half of the time of a run.
        probes: what is measured on the trained network, names from `PROBES` and `SINCE_BEGINNING`.

    Raises:
        NNBookError: unknown images, loss, generator, part or probe, or a share outside 0 to 1.

    Example:
        >>> Run(epochs=3).seed
        99
    """

    seed: int = 99
    epochs: int = 10
    batch_size: int = 2
    lr: float = 0.01
    shuffle: bool = False
    width: int = 64
    init: str = "uniform"
    loss: str = "mse"
    input_rate: float = 0.0
    input_block: int = 1
    rate: float = 0.2
    inverted: bool = False
    dropout_from: int = 1
    dropout_until: int = 0
    gaussian: float = 0.0
    dropconnect: float = 0.0
    weight_decay: float = 0.0
    max_norm: float = 0.0
    resplit: bool = False
    training_images: int = 4000
    validation_images: int = 0
    wrong_labels: float = 0.0
    images: str = "digits"
    marked: bool = False
    dtype: str = "float64"
    rng: str = "RandomState"
    curves: tuple[str, ...] = ("train", "test")
    probes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.type is float:  # 0 and 0.0 describe one run, under one name in the store
                object.__setattr__(self, each.name, float(getattr(self, each.name)))
        if self.loss not in LOSSES:
            raise NNBookError(f"loss must be one of {', '.join(LOSSES)}, got {self.loss!r}")
        if self.images not in IMAGES:
            raise NNBookError(f"images must be one of {', '.join(IMAGES)}, got {self.images!r}")
        for name, least in ("input_block", 1), ("dropout_from", 1), ("dropout_until", 0):
            if (given := getattr(self, name)) < least:
                raise NNBookError(f"{name} must be {least} or more, got {given}")
        if self.rng not in ("RandomState", "default_rng"):
            raise NNBookError(f"rng must be RandomState or default_rng, got {self.rng!r}")
        if not set(self.curves) <= set(PARTS):
            raise NNBookError(f"curves must be among {', '.join(PARTS)}, got {self.curves}")
        if "validation" in self.curves and not self.validation_images:
            raise NNBookError("a validation curve needs images: write validation_images=500")
        if not set(self.probes) <= (known := {**PROBES, **SINCE_BEGINNING}.keys()):
            raise NNBookError(f"probes must be among {', '.join(known)}, got {self.probes}")
        if not 0 <= self.wrong_labels <= 1:
            raise NNBookError(f"wrong_labels must lie in 0 to 1, got {self.wrong_labels}")

    def to_store(self) -> dict[str, Any]:
        """What differs from the published run, as lists and numbers.

        Example:
            >>> Run(epochs=3, curves=()).to_store()
            {'epochs': 3, 'curves': []}
        """
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value != type(self).__dataclass_fields__[name].default
        }

    @classmethod
    def from_store(cls, values: dict[str, Any]) -> "Run":
        """The run that `to_store` has described.

        Example:
            >>> Run.from_store(Run(epochs=3, curves=()).to_store()) == Run(epochs=3, curves=())
            True
        """
        settings: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**settings)
