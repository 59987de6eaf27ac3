"""What the chapters need on top of the library: experiments, statistics and figures.

`experiments` turns the description of a run into its result; `studies` names the
runs that the book publishes; `store` keeps results and computes what is missing
in parallel; `outcomes` gives what the seeds of a study found; `statistics` and
`formats` say what the numbers mean; `figures` draws.

It comes with the wheel: ``pip install 'nnbook[lab]'`` also installs what computes in parallel
and draws. The digits do not, see `digits`.
"""

from nnbook.lab.digits import run
from nnbook.lab.experiments import Result, Run
from nnbook.lab.outcomes import outcomes
from nnbook.lab.statistics import Estimate, Sample, compared, estimate, paired
from nnbook.lab.store import results

__all__ = [
    "Estimate",
    "Result",
    "Run",
    "Sample",
    "compared",
    "estimate",
    "outcomes",
    "paired",
    "results",
    "run",
]
