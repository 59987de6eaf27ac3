"""Settings of the test run."""

import os

# One thread: the arrays are small, and threads that wait for each other cost more than they
# bring. NumPy reads this when it is imported, so it stands before everything else.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import HealthCheck, settings

# The same examples on every machine and in every run: a failure is one that anybody sees.
# `pytest --hypothesis-profile=explore` looks for new ones.
settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=50)
settings.register_profile(
    "explore", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fixed")
