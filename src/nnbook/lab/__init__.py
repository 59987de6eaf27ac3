"""What the chapters need on top of the library: experiments, statistics and figures.

`runs` describes what is trained, `experiments` trains it; `studies` names the runs that
the book publishes; `evidence` gives their results; `outcomes` gives what the seeds of a
study found; `statistics` and `formats` say what the numbers mean; `figures` draws.

It comes with the wheel: ``pip install 'nnbook[lab]'`` also installs what computes in parallel
and draws. The digits do not, see `digits`.
"""

from importlib import import_module
from typing import Any

# Imported when they are asked for: a process that trains shall read no more than it needs,
# since a change of whatever it has read has its results confirmed anew.
_PLACES = {
    "Estimate": "statistics",
    "Result": "result",
    "Run": "runs",
    "Sample": "statistics",
    "compared": "statistics",
    "estimate": "statistics",
    "outcomes": "arms",
    "paired": "statistics",
    "results": "evidence",
    "run": "experiments",
}
__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
