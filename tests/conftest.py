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


def pytest_addoption(parser):
    parser.addoption("--everything", action="store_true", help="run what `make test` leaves out")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("everything"):
        left_out = [item for item in items if item.get_closest_marker("everything")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("everything")]


def pytest_terminal_summary(terminalreporter):
    """Say what the tests of freshness have done, on whatever worker each of them ran."""
    found = {"stale test": [], "kill test": []}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for name, value in report.user_properties:
                    found[name].append(value)
    stale, kills = found["stale test"], found["kill test"]
    if stale:
        terminalreporter.write_line(
            f"stale test: {len(stale)} changes tried, after {sum(stale)} a page was stale"
        )
    if kills:
        terminalreporter.write_line(f"kill test: {sum(kills)} builds killed")
