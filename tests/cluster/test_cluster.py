"""Runs on a real Dask cluster of two workers on this machine, one of which is killed."""

import os
import signal

import joblib
import pytest

from nnbook.lab import Run, results

pytestmark = pytest.mark.cluster
# Four kinds of two: stacks, of which some are still to come when a worker is killed.
RUNS = [
    Run(seed=seed, epochs=2, training_images=1000, rate=rate)
    for rate in (0.1, 0.2, 0.3, 0.4)
    for seed in range(2)
]


@pytest.fixture
def cluster():
    from dask.distributed import Client, LocalCluster  # not in the environment of the others

    local = LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    )
    with local, Client(local) as client:
        yield client


@pytest.fixture
def fresh_store(tmp_path, monkeypatch):
    def use(name):
        monkeypatch.setenv("NNBOOK_RUNS", str(tmp_path / name))
        monkeypatch.setenv("NNBOOK_EVIDENCE", str(tmp_path / "evidence"))

    return use


def test_a_cluster_that_loses_a_worker_midway_gives_the_same_results(cluster, fresh_store):
    fresh_store("here")
    expected = results(RUNS)
    fresh_store("cluster")
    workers = cluster.run(os.getpid)
    assert len(set(workers.values()) - {os.getpid()}) == 2
    seen = []

    def progress(step):
        seen.append((step.done, step.total))
        if step.done == 2:
            os.kill(next(iter(workers.values())), signal.SIGKILL)

    with joblib.parallel_config(backend="dask"):
        found = results(RUNS, progress=progress)
    assert found == expected
    assert seen == [(done, len(RUNS)) for done in range(0, len(RUNS) + 1, 2)]
    assert set(cluster.run(os.getpid).values()) != set(workers.values())  # one is a new one


def test_the_cluster_computes_and_not_this_process(cluster, fresh_store):
    fresh_store("cluster")
    with joblib.parallel_config(backend="dask"):
        results(RUNS[:2])
    computed = cluster.run(lambda dask_worker: dask_worker.state.executed_count)
    assert sum(computed.values()) > 0
