"""How cost grows: evaluation in slices, sweeps on several cores, epochs, samples and width."""

import os
import tempfile
import tracemalloc
from collections.abc import Callable
from functools import partial

import joblib
import numpy as np

from benchmarks.steps import Given, digits, library
from benchmarks.tables import Table
from benchmarks.timing import Spread, interleaved, ratio
from nnbook import Flatten, Linear, MSELoss, NNModel, ReLU, Sequential, SGDOptimizer
from nnbook.lab import Run, results


def measure_evaluation(rounds: int) -> Table:
    """`NNModel.test` of many samples against the whole half in one piece."""
    table = Table(
        "evaluation",
        "Evaluation of a half in slices, against the half in one piece (width 256)",
        ["samples", "time ×", "memory, MB", "in one piece, MB", "same result"],
    )
    x, y = digits("float64")
    network = Sequential([Flatten(), Linear(784, 256, rng=0), ReLU(), Linear(256, 10, rng=1)])
    model = NNModel(network, MSELoss(), SGDOptimizer(network.parameters, lr=0.01))
    for times in (1, 5, 15):
        dataset = Given(np.tile(x, (times, 1)), np.tile(y, (times, 1)), 2)
        network.eval()

        def at_once(dataset: Given = dataset) -> object:
            features, labels = dataset.items()
            return network(features), labels

        def sliced(dataset: Given = dataset) -> object:
            return model.test(dataset)

        seconds = interleaved({"sliced": sliced, "whole": at_once}, max(3, rounds // 4))
        dataset.eval()
        same = np.allclose(
            model.test(dataset)[0].data, network(dataset.items()[0]).data, rtol=1e-12, atol=1e-12
        )
        table.rows.append(
            [
                str(len(dataset.features)),
                ratio(seconds["sliced"], seconds["whole"]),
                f"{peak(sliced):.1f}",
                f"{peak(at_once):.1f}",
                "yes" if same else "no",
            ]
        )
    return table


def peak(action: Callable[[], object]) -> float:
    """The most megabytes that were in use at once while ``action`` ran."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def measure_sweep(rounds: int) -> Table:
    """Many seeds, on one worker and on all cores."""
    cores = joblib.cpu_count()
    found = {}

    def sweep(workers: int) -> None:
        runs = [Run(seed=seed, epochs=3) for seed in range(4 * cores)]
        with tempfile.TemporaryDirectory() as store:
            os.environ["NNBOOK_RUNS"] = store
            found[workers] = results(runs, workers=workers)
            del os.environ["NNBOOK_RUNS"]

    seconds = interleaved(
        {str(n): partial(sweep, n) for n in sorted({1, cores})}, max(3, rounds // 4)
    )
    return Table(
        "sweep",
        f"{4 * cores} runs of 3 epochs, on one worker and on all cores",
        ["workers", "times faster than one", "same results", "seconds"],
        [
            [
                str(workers),
                ratio(seconds["1"], seconds[str(workers)]),
                "yes" if found[workers] == found[1] else "no",
                Spread.of(seconds[str(workers)]),
            ]
            for workers in sorted(found)
        ],
    )


def measure_growth(rounds: int) -> Table:
    """Seconds per unit of work, which stay the same if cost grows linearly."""
    table = Table(
        "growth",
        "Growth: seconds per unit of work, against the smallest size (1 = linear)",
        ["what", "size", "per unit ×", "seconds"],
    )
    x, y = digits("float64")

    def samples(count: int) -> Callable[[], object]:
        times = -(-count // len(x))
        features, labels = np.tile(x, (times, 1))[:count], np.tile(y, (times, 1))[:count]
        return partial(library(features, labels, 32, 64, "float64"), count // 32)

    def epochs(count: int) -> Callable[[], object]:
        one = partial(library(x, y, 32, 64, "float64"), len(x) // 32)
        return lambda: [one() for _ in range(count)]

    def width(count: int) -> Callable[[], object]:
        return partial(library(x, y, 256, count, "float64"), 4)

    for name, sizes, make in (
        ("samples", (4_000, 15_000, 60_000), samples),
        ("epochs", (1, 4, 16), epochs),
        ("width", (256, 512, 1024), width),
    ):
        seconds = interleaved({str(size): make(size) for size in sizes}, max(3, rounds // 4))
        for size in sizes:
            per_unit = [each * sizes[0] / size for each in seconds[str(size)]]
            table.rows.append(
                [
                    name,
                    str(size),
                    ratio(per_unit, seconds[str(sizes[0])]),
                    Spread.of(seconds[str(size)]),
                ]
            )
    return table
