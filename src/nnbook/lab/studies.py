"""Studies: the runs that the book publishes, by name.

Every study compares arms over the same seeds, 0 to n - 1, fixed beforehand.
Within a seed the arms begin with the same weights and see the same batches:
dropout is the only difference.
"""

from dataclasses import dataclass, replace

from nnbook.lab.experiments import Run


@dataclass(frozen=True)
class Study:
    """Arms that are compared, and the seeds that each is run with.

    Attributes:
        arms: a name and a run for each; the run's own seed does not matter.
        seeds: how many; they are 0 to ``seeds - 1``.
    """

    arms: dict[str, Run]
    seeds: int

    def runs(self) -> dict[str, list[Run]]:
        """The runs of each arm, one a seed."""
        return {
            name: [replace(arm, seed=seed) for seed in range(self.seeds)]
            for name, arm in self.arms.items()
        }


PUBLISHED = Run()

# Twenty pairs: the difference of a pair scatters by half a percentage point from
# seed to seed, so the interval reaches about a fifth of a point to each side.
published = Study(
    arms={
        "without": replace(PUBLISHED, rate=0.0, curves=()),
        "with": replace(PUBLISHED, curves=()),
        "inverted": replace(PUBLISHED, inverted=True, curves=()),
    },
    seeds=20,
)

# In float32, which takes half the time: what is compared here are whole points.
LONGER = replace(PUBLISHED, epochs=100, dtype="float32", curves=("test",))

longer = Study(
    arms={
        "without": replace(LONGER, rate=0.0),
        "with": LONGER,
    },
    seeds=10,
)

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
    dtype="float32",
    rng="default_rng",
    curves=("test",),
)

# The recipe of the 2014 paper: a fifth of the pixels, half of the hidden neurons.
RECIPE = replace(USUAL, input_rate=0.2, rate=0.5)

usual = Study(
    arms={
        "without": replace(USUAL, probes=("deletion", "activations")),
        "with": replace(
            RECIPE, probes=("forgotten_eval", "monte_carlo", "deletion", "activations")
        ),
    },
    seeds=10,
)

SMALL = replace(USUAL, training_images=1000, epochs=60, curves=())
RATES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

sweep = Study(arms={f"{rate:g}": replace(SMALL, rate=rate) for rate in RATES}, seeds=6)

# One training label in five is wrong: nothing but learning by heart gets those right.
NOISY = replace(SMALL, wrong_labels=0.2, curves=("train", "test"))

noisy = Study(
    arms={
        "without": NOISY,
        "with": replace(NOISY, input_rate=RECIPE.input_rate, rate=RECIPE.rate, curves=("test",)),
    },
    seeds=10,
)

STUDIES = {
    "published": published,
    "longer": longer,
    "usual": usual,
    "sweep": sweep,
    "noisy": noisy,
}


def all_runs() -> list[Run]:
    """Every run of the book, each once: what the build computes ahead of the chapters."""
    runs = [run for study in STUDIES.values() for arm in study.runs().values() for run in arm]
    seed_99 = [PUBLISHED, replace(PUBLISHED, rate=0.0)]
    return list(dict.fromkeys(seed_99 + runs))
