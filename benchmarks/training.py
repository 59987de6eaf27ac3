"""All runs of the book, against the hand-written loop that takes the same steps one by one."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from benchmarks.fused import fused
from benchmarks.steps import digits
from benchmarks.tables import Table
from benchmarks.timing import Spread, interleaved, ratio
from nnbook.lab.experiments import run, run_stack
from nnbook.lab.runs import Run
from nnbook.lab.schedule import stacks
from nnbook.lab.studies import STUDIES

# The hand-written loop knows dropout, and none of its rivals.
COMPARED = {name: study for name, study in STUDIES.items() if name != "rivals"}
SHORT = (1, 3)  # epochs: what two lengths take tells what an epoch takes, and all the rest


def measure(rounds: int) -> Table:
    """Each arm of each study as the build computes it, with its evaluations and probes."""
    table = Table(
        "runs",
        "All runs of the book, against the hand-written loop taking the same steps one by one",
        ["study", "runs", "steps", "× fused", "share of the time, %"],
        notes=[
            "In one process. What three epochs take and what one takes tell what all would take."
        ],
    )
    rounds = max(3, rounds // 4)
    ours: dict[str, list[float]] = {}
    theirs: dict[str, list[float]] = {}
    for name, study in COMPARED.items():
        ours[name], theirs[name] = [0.0] * rounds, [0.0] * rounds
        for runs in study.runs().values():
            mine, fused_loop = _arm(runs, rounds)
            ours[name] = [sum(pair) for pair in zip(ours[name], mine, strict=True)]
            theirs[name] = [sum(pair) for pair in zip(theirs[name], fused_loop, strict=True)]
    total = [sum(each) for each in zip(*ours.values(), strict=True)]
    wholly = [sum(each) for each in zip(*theirs.values(), strict=True)]
    for name, study in COMPARED.items():
        runs = [each for arm in study.runs().values() for each in arm]
        share = Spread.of([100 * one / all_ for one, all_ in zip(ours[name], total, strict=True)])
        table.rows.append(
            [
                name,
                str(len(runs)),
                str(sum(map(_steps, runs))),
                ratio(ours[name], theirs[name]),
                share,
            ]
        )
    table.rows.append(["all", "", "", ratio(total, wholly), "100"])
    return table


def _steps(described: Run) -> int:
    return described.epochs * (described.training_images // described.batch_size)


def _arm(runs: list[Run], rounds: int) -> tuple[list[float], list[float]]:
    """Seconds that all runs of an arm take, and that the hand-written loop takes for them."""
    kind = runs[0]
    stack = max(stacks(runs, workers=2), key=len)
    x, y = (each[: kind.training_images] for each in digits(kind.dtype))
    loop = fused(
        x,
        y,
        kind.batch_size,
        kind.width,
        kind.dtype,
        rate=kind.rate,
        input_rate=kind.input_rate,
        shuffle=kind.shuffle,
        softmax=kind.loss == "cross-entropy",
    )
    epoch = kind.training_images // kind.batch_size
    contestants: dict[str, Callable[[], object]] = {
        str(epochs): partial(_train, [replace(each, epochs=epochs) for each in stack])
        for epochs in SHORT
    }
    seconds = interleaved(contestants | {"fused": partial(loop, epoch)}, rounds)
    mine = []
    for short, longer in zip(*(seconds[str(epochs)] for epochs in SHORT), strict=True):
        an_epoch = (longer - short) / (SHORT[1] - SHORT[0])
        mine.append((short + (kind.epochs - SHORT[0]) * an_epoch) * len(runs) / len(stack))
    return mine, [one * kind.epochs * len(runs) for one in seconds["fused"]]


def _train(stack: list[Run]) -> object:
    return run_stack(stack) if len(stack) > 1 else run(stack[0])
