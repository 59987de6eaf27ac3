from dataclasses import asdict, replace

import pytest

from nnbook.lab.claims import FEWEST_SEEDS
from nnbook.lab.experiments import Run
from nnbook.lab.studies import PUBLISHED, RATES, STUDIES, all_runs, sweep

MAY_DIFFER = {"input_rate", "rate", "inverted"}
MEASURED = {"curves", "probes"}  # they change no training


def differences(first, second):
    """Which settings differ between two runs."""
    others = asdict(second)
    return {name for name, value in asdict(first).items() if value != others[name]}


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_the_seeds_are_the_first_and_the_same_for_every_arm(study):
    assert study.seeds >= FEWEST_SEEDS
    runs = study.runs()
    assert list(runs) == list(study.arms)
    for name, arm in runs.items():
        assert [run.seed for run in arm] == list(range(study.seeds))
        for run in arm:
            assert differences(run, study.arms[name]) <= {"seed"}


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_dropout_is_the_only_difference_between_arms(study):
    arms = list(study.arms.values())
    assert len(arms) > 1
    for number, first in enumerate(arms):
        for second in arms[number + 1 :]:
            found = differences(first, second)
            assert found <= MAY_DIFFER | MEASURED
            assert found - MEASURED  # the same arm twice compares nothing


@pytest.mark.parametrize(
    "study", [s for s in STUDIES.values() if "without" in s.arms], ids=lambda s: str(len(s.arms))
)
def test_an_arm_without_dropout_has_none_and_the_others_have(study):
    for name, arm in study.arms.items():
        assert (arm.rate == arm.input_rate == 0) == (name == "without")


def test_the_sweep_is_over_the_rate_alone():
    assert len(set(RATES)) == len(RATES) == len(sweep.arms)
    arms = list(sweep.arms.values())
    assert [float(name) for name in sweep.arms] == [arm.rate for arm in arms] == list(RATES)
    assert all(differences(arm, arms[0]) == {"rate"} for arm in arms[1:])


def test_the_published_run_is_the_default():
    assert Run() == PUBLISHED
    assert PUBLISHED.seed == 99
    published = STUDIES["published"].arms
    assert differences(published["with"], PUBLISHED) == {"curves"}
    assert differences(published["without"], PUBLISHED) == {"rate", "curves"}
    assert differences(published["inverted"], PUBLISHED) == {"inverted", "curves"}


def test_all_runs_are_those_of_the_studies_and_the_published_pair_each_once():
    runs = all_runs()
    assert len(set(runs)) == len(runs)
    of_studies = {run for study in STUDIES.values() for arm in study.runs().values() for run in arm}
    pair = set(runs) - of_studies
    assert of_studies < set(runs)
    assert PUBLISHED in pair
    assert sorted((run.seed, run.rate) for run in pair) == [(99, 0.0), (99, 0.2)]
    assert all(differences(run, PUBLISHED) <= {"rate"} for run in pair)


def test_a_run_that_two_studies_share_is_listed_once(monkeypatch):
    again = replace(STUDIES["published"], seeds=3)
    before = all_runs()
    monkeypatch.setitem(STUDIES, "again", again)
    assert all_runs() == before
