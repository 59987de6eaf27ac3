"""What a page asks of the library when it runs in the reader's browser.

`call` is the door: the name of a function below, its arguments and its answer as JSON.
Nothing of what a reader sends is code, but for the code that readers write themselves. It runs in
their own browser and nowhere else, in a room that leads nowhere: `book/_static/widgets/room.js`.
What is told and answered here is described there, in `messages.js`.
"""

import ast
import contextlib
import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nnbook.errors import NNBookError
from nnbook.lab import exercises, formats
from nnbook.lab.arms import SEEDS_AND_IMAGES
from nnbook.lab.experiments import Trial, run
from nnbook.lab.programs import Printed, TooMuchPrintedError, line_of
from nnbook.lab.runs import Run
from nnbook.lab.statistics import Sample, estimate
from nnbook.lab.studies import PUBLISHED, published

Report = Callable[[Mapping[str, Any]], None]

# What readers may change of the published run: the kind, the least and the most.
LIMITS: dict[str, tuple[type[int] | type[float], float, float]] = {
    "seed": (int, 0, 9999),
    "epochs": (int, 1, 50),
    "width": (int, 1, 512),
    "rate": (float, 0, 0.95),
}
SHOWN, STOPPED = 20_000, 20_000_000  # characters that a cell prints
TOLD = 2_000  # characters of an error


def call(name: str, arguments: str, report: Callable[[str], object]) -> str:
    r"""Call one of `CALLS`.

    Args:
        name: of the function.
        arguments: its keyword arguments as JSON.
        report: told of progress, as JSON.

    Returns:
        The answer as JSON.

    Raises:
        NNBookError: no such function, or arguments that it does not take.

    Example:
        >>> call("run_cells", '{"cells": ["6 * 7"]}', lambda told: None)
        '{"output": "42\\n", "error": null, "done": 1}'
    """
    if name not in CALLS:
        raise NNBookError(f"there is no {name!r}; there is {', '.join(CALLS)}")
    answer = CALLS[name](
        **json.loads(arguments), report=lambda told: report(json.dumps(told, ensure_ascii=False))
    )
    return json.dumps(answer, ensure_ascii=False)


def described(settings: Mapping[str, Any]) -> Run:
    """The published run with what a reader has changed.

    Args:
        settings: values by name, see `LIMITS`.

    Raises:
        NNBookError: another name, or a value that is none or lies outside its limits.

    Example:
        >>> described({"seed": 1, "rate": 0.5}).rate
        0.5
    """
    for name, value in settings.items():
        if name not in LIMITS:
            raise NNBookError(f"可以改的只有 {'、'.join(LIMITS)}，没有 {name!r}")
        kind, least, most = LIMITS[name]
        whole = isinstance(value, int) and not isinstance(value, bool)
        if (
            not (whole or (kind is float and isinstance(value, float)))
            or not least <= value <= most
        ):
            raise NNBookError(f"{name} 要在 {least} 和 {most} 之间，收到的是 {value!r}")
    return replace(PUBLISHED, **settings)


def reproduce(settings: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Run the published experiment, or what a reader has made of it.

    Reports, after each epoch, its number and the test accuracy.

    Returns:
        The accuracy and the loss as the page compares them, and whether the run is the
        published one.
    """
    wanted = described(settings)

    def tell(epoch: int, trial: Trial) -> None:
        accuracy, _ = trial.measured["test"][-1]
        report({"epoch": epoch, "epochs": wanted.epochs, "accuracy": accuracy})

    result = run(wanted, progress=tell)
    return {**shown(result.accuracy, result.loss), "published": wanted == PUBLISHED}


def shown(accuracy: float, loss: float) -> dict[str, str]:
    """What the page compares: the accuracy, and the loss to its tenth digit.

    Example:
        >>> shown(0.927, 0.2048530239)
        {'accuracy': '92.70%', 'loss': '0.2048530239'}
    """
    return {"accuracy": formats.accuracy(accuracy), "loss": f"{loss:.10f}"}


def many_seeds(seeds: int, report: Report, *, comparisons: int = 1) -> dict[str, Any]:
    """Run the pairs of the study of the published run, with and without dropout.

    Reports, whenever some are done, the differences so far and what they say together.

    Args:
        seeds: how many; they are 0 to ``seeds - 1``.
        report: see `call`.
        comparisons: how many the book corrects its interval for, so that this one is as wide.
    """
    if type(seeds) is not int or not 2 <= seeds <= published.seeds:
        raise NNBookError(f"种子要在 2 和 {published.seeds} 个之间，收到的是 {seeds!r}")
    accuracies: dict[str, list[float]] = {"with": [], "without": []}
    told: dict[str, Any] = {}
    # One after another: without BLAS, stacks of seeds gain nothing, and dots come sooner.
    for seed in range(seeds):
        for name, values in accuracies.items():
            values.append(run(replace(published.arms[name], seed=seed)).accuracy)
        if seed == 0:
            continue  # an interval needs two
        first_, second = (Sample(values, SEEDS_AND_IMAGES) for values in accuracies.values())
        difference = first_ - second
        found = estimate(difference, comparisons)
        told = {
            "differences": [100 * value for value in difference.values],
            "seeds": seeds,
            "mean": 100 * found.mean,
            "low": 100 * found.low,
            "high": 100 * found.high,
            "points": formats.points(found),
            "every": formats.seeds(found),
        }
        report(told)
    return told


_chapter: dict[str, Any] = {}  # what the cells that were run have left behind


def run_cells(cells: Sequence[str], report: Report, *, fresh: bool = True) -> dict[str, Any]:
    """Run cells of a chapter one after another, as a notebook does.

    Args:
        cells: their sources; the first that goes wrong is the last that is run.
        report: told before each of its number.
        fresh: forget what earlier cells have made.

    Returns:
        What the last one printed and showed, cut off where nobody reads on; what went wrong,
        or ``None``; and how many were run to their end.
    """
    if fresh:
        _chapter.clear()
        _chapter["__name__"] = "__main__"
    output, error, done = "", None, 0
    for number, cell in enumerate(cells):
        report({"cell": number, "cells": len(cells)})
        output, error = executed(cell, _chapter)
        if error is not None:
            break
        done += 1
    return {"output": output, "error": error, "done": done}


def executed(source: str, namespace: dict[str, Any]) -> tuple[str, str | None]:
    r"""Run one cell; give what it showed, and what went wrong, or ``None``.

    Example:
        >>> executed("a = 1\na + 1", {})
        ('2\n', None)
        >>> executed("a = 1\nb", {})[1]
        "第 2 行：NameError: name 'b' is not defined"
    """
    output = Printed(SHOWN, STOPPED)
    try:
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            exec(compile(tree, CELL, "exec"), namespace)  # noqa: S102 - the reader's own
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), CELL, "eval"), namespace)  # noqa: S307
                if value is not None:
                    print(repr(value))
    except (Exception, SystemExit, TooMuchPrintedError) as error:
        return output.getvalue(), told(error)
    return output.getvalue(), None


CELL = "<cell>"


def told(error: BaseException) -> str:
    """An error with the line of the reader's code in which it arose."""
    line = line_of(error, CELL)
    words = traceback.format_exception_only(error)[-1].strip()[:TOLD]
    return words if line is None else f"第 {line} 行：{words}"


def check(identity: str, code: str, report: Report) -> exercises.Answer:
    """Run what a reader wrote for an exercise, and its checks; see `exercises.check`."""
    return exercises.check(identity, code)


CALLS: dict[str, Callable[..., Any]] = {
    "check": check,
    "reproduce": reproduce,
    "many_seeds": many_seeds,
    "run_cells": run_cells,
}
