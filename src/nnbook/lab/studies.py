"""Studies: the runs that the book publishes, by name.

Every study compares arms over the same seeds, 0 to n - 1, fixed beforehand. Each seed
draws a split of its own into images for training, for choosing and for testing; within a
seed the arms have the same split, begin with the same weights where they have the same
shape, and see the same batches.
"""

from dataclasses import dataclass, replace
from typing import Any

from nnbook.lab.runs import Run


@dataclass(frozen=True)
class Study:
    """Arms that are compared, and the seeds that each is run with.

    Attributes:
        arms: a name and a run for each; the run's own seed does not matter.
        seeds: how many; they are 0 to ``seeds - 1``.
    """

    arms: dict[str, Run]
    seeds: int

    def runs(self, seeds: int | None = None) -> dict[str, list[Run]]:
        """The runs of each arm, one a seed; all seeds, or the first few."""
        count = min(seeds or self.seeds, self.seeds)
        return {
            name: [replace(arm, seed=seed) for seed in range(count)]
            for name, arm in self.arms.items()
        }


PUBLISHED = Run()

# How many seeds each study has was settled beforehand, by what its runs cost and by how wide,
# by the spread of earlier runs, an interval may be to tell an effect as small as those.

# How a study differs from the published run, besides its seeds: what it finds is to hold for
# other images than those that the file happens to test on. And it computes in float32, which
# takes half the time: what is compared here are tenths of a point.
MANY = replace(PUBLISHED, resplit=True, dtype="float32", curves=())

published = Study(
    arms={
        "without": replace(MANY, rate=0.0),
        "with": MANY,
        "inverted": replace(MANY, inverted=True),
    },
    seeds=144,
)

LONGER = replace(
    MANY,
    epochs=100,
    training_images=3500,
    validation_images=500,
    curves=("validation", "test"),
)

longer = Study(arms={"without": replace(LONGER, rate=0.0), "with": LONGER}, seeds=48)

# A network that is built the usual way: He's initialisation, softmax with
# cross-entropy, shuffled batches.
USUAL = Run(
    epochs=40,
    batch_size=32,
    lr=0.1,
    shuffle=True,
    width=256,
    init="he",
    loss="cross-entropy",
    rate=0.0,
    inverted=True,
    resplit=True,
    training_images=3500,
    validation_images=500,
    dtype="float32",
    rng="default_rng",
    curves=("validation", "test"),
)

# The recipe of the 2014 paper: a fifth of the pixels, half of the hidden neurons.
RECIPE = replace(USUAL, input_rate=0.2, rate=0.5)

INSIDE = ("deletion", "correlation", "activations", "smoothness", "learned")

usual = Study(
    arms={
        "without": replace(USUAL, probes=INSIDE),
        "with": replace(RECIPE, probes=(*INSIDE, "forgotten_eval", "monte_carlo", "turned")),
    },
    seeds=40,
)

# The two places of the recipe, each by itself.
places = Study(
    arms={
        "without": usual.arms["without"],
        "input": replace(RECIPE, rate=0.0, curves=()),
        "hidden": replace(RECIPE, input_rate=0.0, curves=()),
        "both": usual.arms["with"],
    },
    seeds=40,
)

# One network of each kind, to look at its weights.
pictured = Study(
    arms={name: replace(arm, probes=("filters",), curves=()) for name, arm in usual.arms.items()},
    seeds=1,
)

# From the published run to the usual one, one setting after another.
STEPS: dict[str, dict[str, Any]] = {
    "published": {},
    "init": {"init": "he"},
    "inverted": {"inverted": True},
    "loss": {"loss": "cross-entropy"},
    "batch": {"batch_size": 32, "lr": 0.1, "shuffle": True},
    "width": {"width": 256},
    "rate": {"rate": 0.5, "input_rate": 0.2},
    "epochs": {"epochs": 40},
}


def _stepped() -> dict[str, Run]:
    arms: dict[str, Run] = {}
    described = MANY
    for name, settings in STEPS.items():
        described = replace(described, **settings)
        arms[f"{name}-without"] = replace(described, rate=0.0, input_rate=0.0, inverted=False)
        arms[f"{name}-with"] = described
    return arms


steps = Study(arms=_stepped(), seeds=96)

SMALL = replace(USUAL, training_images=1000, epochs=40, curves=())
RATES = (0.0, 0.2, 0.4, 0.6, 0.8)

sweep = Study(arms={f"{rate:g}": replace(SMALL, rate=rate) for rate in RATES}, seeds=144)

WIDTHS = (16, 64, 256, 512)

widths = Study(
    arms={
        f"{width}-{name}": replace(SMALL, epochs=20, width=width, rate=rate)
        for width in WIDTHS
        for name, rate in (("without", 0.0), ("with", 0.5))
    },
    seeds=200,
)

# Dropout in the first half of the epochs alone, in the second alone, all the time, or never.
TIMED = (16, 256)


def _timed() -> dict[str, Run]:
    arms: dict[str, Run] = {}
    for width in TIMED:
        always = widths.arms[f"{width}-with"]
        arms[f"{width}-without"] = widths.arms[f"{width}-without"]
        arms[f"{width}-early"] = replace(always, dropout_until=10)
        arms[f"{width}-late"] = replace(always, dropout_from=11)
        arms[f"{width}-always"] = always
    return arms


timed = Study(arms=_timed(), seeds=144)

# As many steps for each amount: what differs is how many images they are drawn from.
AMOUNTS = (100, 400, 1000, 4000)

amounts = Study(
    arms={
        f"{amount}-{name}": replace(
            arm,
            training_images=amount,
            validation_images=0,
            epochs=40 * 1000 // amount,
            batch_size=20,
            curves=(),
        )
        for amount in AMOUNTS
        for name, arm in (("without", USUAL), ("with", RECIPE))
    },
    seeds=96,
)

# One training label in five is wrong: nothing but learning by heart gets those right.
NOISY = replace(SMALL, wrong_labels=0.2, epochs=60, curves=("train", "test"))

noisy = Study(
    arms={
        "without": NOISY,
        "with": replace(NOISY, input_rate=RECIPE.input_rate, rate=RECIPE.rate),
    },
    seeds=8,
)

# A mark on every training image gives the answer away; on the test images it misleads.
MARKED = replace(SMALL, epochs=20, marked=True)

marks = Study(
    arms={
        "without": MARKED,
        "hidden": replace(MARKED, rate=RECIPE.rate),
        "recipe": replace(MARKED, input_rate=RECIPE.input_rate, rate=RECIPE.rate),
        # As many pixels, but in squares that a whole mark fits into.
        "blocks": replace(MARKED, input_rate=RECIPE.input_rate, input_block=8, rate=RECIPE.rate),
    },
    seeds=40,
)


# The same again with other pictures: where dropout helps on digits, and where to cover.
def _worn() -> dict[str, Run]:
    seen = {
        "published-without": published.arms["without"],
        "published-with": published.arms["with"],
        "usual-without": replace(USUAL, curves=()),
        "usual-with": replace(RECIPE, curves=()),
        "narrow-without": widths.arms["16-without"],
        "narrow-with": widths.arms["16-with"],
        "wide-without": widths.arms["256-without"],
        "wide-with": widths.arms["256-with"],
        "usual-input": places.arms["input"],
        "usual-hidden": places.arms["hidden"],
    }
    return {name: replace(arm, images="clothes") for name, arm in seen.items()}


# 48 seeds had left intervals too wide to say much; these 120 hold them.
clothes = Study(arms=_worn(), seeds=120)

# So small that all its sub-networks can be asked.
TINY = replace(
    SMALL,
    width=10,
    rate=0.5,
    dtype="float64",
    training_images=3500,
    epochs=15,
    probes=("subnetworks", "averages"),
)

tiny = Study(arms={"with": TINY}, seeds=20)

# The rivals of dropout: three settings of each, of which validation images choose one.
CONTEST = replace(SMALL, width=128, epochs=30)
RIVALS: dict[str, tuple[str, tuple[float, ...]]] = {
    "dropout": ("rate", (0.3, 0.5, 0.7)),
    "gaussian": ("gaussian", (0.3, 0.5, 0.7)),
    "dropconnect": ("dropconnect", (0.3, 0.5, 0.7)),
    "decay": ("weight_decay", (0.001, 0.003, 0.01)),
    "max-norm": ("max_norm", (1.0, 2.0, 3.0)),
    "smaller": ("width", (16, 32, 64)),
}
# Those that are noise themselves, and do what dropout does, are not laid over it.
NOISES = ("dropout", "gaussian", "dropconnect")


def _contest() -> dict[str, Run]:
    arms = {
        "nothing": replace(CONTEST, curves=("validation", "test")),  # which early stopping needs
        "more": replace(CONTEST, training_images=2000, epochs=15),
    }
    for name, (setting, values) in RIVALS.items():
        for value in values:
            chosen: dict[str, Any] = {setting: value}
            arms[f"{name}-{value:g}"] = replace(CONTEST, **chosen)
            if name not in NOISES:
                together = {"rate": 0.5, **chosen}
                arms[f"{name}-{value:g}-dropout"] = replace(CONTEST, **together)
    arms["more-dropout"] = replace(arms["more"], rate=0.5)
    return arms


rivals = Study(arms=_contest(), seeds=96)

STUDIES = {
    "published": published,
    "longer": longer,
    "usual": usual,
    "places": places,
    "steps": steps,
    "sweep": sweep,
    "widths": widths,
    "timed": timed,
    "amounts": amounts,
    "noisy": noisy,
    "marks": marks,
    "clothes": clothes,
    "tiny": tiny,
    "rivals": rivals,
}


# How many seeds a draft has: the fewest that a claim may stand on.
DRAFT_SEEDS = 6


def arms() -> dict[Run, tuple[str, int]]:
    """Every arm of every study once, by its run of seed 0: its name, and how many seeds it has.

    Example:
        >>> arms()[replace(published.arms["with"], seed=0)]
        ('published-with', 144)
    """
    found: dict[Run, tuple[str, int]] = {}
    for name, study in STUDIES.items():
        for arm, run in study.arms.items():
            kind = replace(run, seed=0)
            known, seeds = found.get(kind, (f"{name}-{arm}", 0))
            found[kind] = known, max(seeds, study.seeds)
    return found


def shown_runs() -> list[Run]:
    """The runs that chapters show one by one. They are trained by each build that has not yet."""
    shown = [run for arm in pictured.runs().values() for run in arm]
    return [PUBLISHED, replace(PUBLISHED, rate=0.0), *shown]
