from dataclasses import asdict, replace
from itertools import pairwise

import pytest

from nnbook.lab.claims import FEWEST_SEEDS
from nnbook.lab.runs import Run
from nnbook.lab.studies import (
    DRAFT_SEEDS,
    MANY,
    NOISES,
    PUBLISHED,
    RATES,
    RIVALS,
    STEPS,
    STUDIES,
    Study,
    amounts,
    arms,
    pictured,
    rivals,
    shown_runs,
    steps,
    sweep,
    usual,
    widths,
)

MAY_DIFFER = {"input_rate", "input_block", "rate", "inverted"}
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


SERIES = {
    "steps",
    "widths",
    "timed",
    "amounts",
    "clothes",
    "tiny",
    "rivals",
}  # in which more than dropout changes


@pytest.mark.parametrize("study", sorted(set(STUDIES) - SERIES))
def test_dropout_is_the_only_difference_between_arms(study):
    arms = list(STUDIES[study].arms.values())
    assert len(arms) > 1
    for number, first in enumerate(arms):
        for second in arms[number + 1 :]:
            found = differences(first, second)
            assert found <= MAY_DIFFER | MEASURED
            assert found - MEASURED  # the same arm twice compares nothing


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_every_seed_has_a_split_of_its_own(study):
    assert all(arm.resplit for arm in study.arms.values())


@pytest.mark.parametrize("study", [steps, widths, amounts], ids=["steps", "widths", "amounts"])
def test_along_a_series_dropout_is_the_only_difference_of_a_pair(study):
    names = [name.removesuffix("-with") for name in study.arms if name.endswith("-with")]
    assert len(study.arms) == 2 * len(names)
    for name in names:
        without, with_ = study.arms[f"{name}-without"], study.arms[f"{name}-with"]
        assert differences(without, with_) <= MAY_DIFFER | MEASURED
        assert without.rate == without.input_rate == 0 < with_.rate


def test_the_steps_lead_from_the_published_run_to_the_usual_one():
    names = list(STEPS)
    assert steps.arms["published-with"] == MANY
    for before, now in pairwise(names):
        changed = differences(steps.arms[f"{before}-with"], steps.arms[f"{now}-with"])
        assert changed == set(STEPS[now])
    last = differences(steps.arms["epochs-with"], usual.arms["with"]) - MEASURED
    assert last == {"rng", "training_images", "validation_images"}  # nothing that a reader sets


def test_every_rival_has_three_settings_alone_and_with_dropout():
    plain = rivals.arms["nothing"]
    for name, (setting, values) in RIVALS.items():
        assert len(set(values)) == 3
        for value in values:
            alone = rivals.arms[f"{name}-{value:g}"]
            assert differences(plain, alone) == {setting, "curves"}
            together = rivals.arms.get(f"{name}-{value:g}-dropout")
            assert (together is None) == (name in NOISES)
            if together:
                assert differences(alone, together) == {"rate"}
    for arm in rivals.arms.values():
        assert arm.validation_images > 0
    assert {"validation", "test"} <= set(plain.curves)


def test_the_pictured_networks_are_the_usual_ones():
    for name, arm in pictured.arms.items():
        assert differences(arm, usual.arms[name]) == MEASURED


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
    changed = {"curves", "resplit", "dtype"}
    assert differences(published["with"], PUBLISHED) == changed
    assert differences(published["without"], PUBLISHED) == changed | {"rate"}
    assert differences(published["inverted"], PUBLISHED) == changed | {"inverted"}


def test_every_arm_of_every_study_is_listed_once_with_its_most_seeds(monkeypatch):
    found = arms()
    kinds = {replace(arm, seed=0) for study in STUDIES.values() for arm in study.arms.values()}
    assert set(found) == kinds
    assert len({name for name, _ in found.values()}) == len(found)
    for name, study in STUDIES.items():
        for arm, run in study.arms.items():
            known, seeds = found[replace(run, seed=0)]
            assert seeds >= study.seeds
            assert known.partition("-")[0] in STUDIES
            assert STUDIES[known.partition("-")[0]].arms[known.partition("-")[2]] in (
                run,
                replace(run, seed=STUDIES[name].arms[arm].seed),
            )
    fewer, more = (replace(STUDIES["published"], seeds=seeds) for seeds in (3, 1000))
    monkeypatch.setitem(STUDIES, "fewer", fewer)
    assert arms() == found
    monkeypatch.setitem(STUDIES, "more", more)
    assert arms()[replace(MANY, seed=0)] == ("published-with", 1000)


def test_what_chapters_show_is_the_published_pair_and_the_pictured_networks():
    runs = shown_runs()
    assert len(set(runs)) == len(runs)
    assert runs[0] == PUBLISHED
    assert differences(runs[0], runs[1]) == {"rate"}
    assert runs[1].rate == 0
    assert runs[2:] == [run for arm in pictured.runs().values() for run in arm]
    assert not {replace(run, seed=0) for run in runs} & set(arms())


def test_a_draft_has_the_first_seeds_and_no_more_than_there_are():
    assert DRAFT_SEEDS == FEWEST_SEEDS
    for seeds in (2, 60):
        study = Study({"with": PUBLISHED}, seeds)
        few = study.runs(DRAFT_SEEDS)["with"]
        assert few == study.runs()["with"][:DRAFT_SEEDS]
