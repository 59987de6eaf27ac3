"""What the chapters need on top of the library: experiments, statistics and figures.

`experiments` turns the description of a run into its result; `studies` names the
runs that the book publishes; `store` keeps results and computes what is missing
in parallel; `statistics` and `formats` say what the numbers mean; `figures` draws.
"""

from nnbook.lab.experiments import Result, Run, run
from nnbook.lab.statistics import Estimate, estimate, paired
from nnbook.lab.store import results

__all__ = ["Estimate", "Result", "Run", "estimate", "paired", "results", "run"]
