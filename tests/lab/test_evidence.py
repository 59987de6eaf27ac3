"""Kept results are used where one of them, trained here and now, is what is kept."""

import os
from dataclasses import replace

import pytest

from nnbook.lab import evidence, kept, trainers
from nnbook.lab.evidence import compared, drawn, missing, results, trained_here, verdicts
from nnbook.lab.experiments import run
from nnbook.lab.kept import Arm
from nnbook.lab.result import TestCurve
from nnbook.lab.runs import Run
from nnbook.lab.traces import EARLY

KIND = Run(seed=0, epochs=1, training_images=20, width=4, probes=("forgotten_eval",))
RUNS = [replace(KIND, seed=seed) for seed in range(4)]
LONG = replace(KIND, epochs=EARLY + 2, curves=("test",), probes=())


@pytest.fixture
def every_arm_is_long(monkeypatch):
    monkeypatch.setattr(evidence, "LONG", 0)


def arm_of(kind, count=4):
    return Arm(kind, trained_here([replace(kind, seed=s) for s in range(count)], None), "today")


def write(arm):
    return kept.write("study-arm", arm.kind, arm.results)


def with_other(arm, run, **changes):
    """The arm with another result of one run."""
    stored = arm.results[run]
    other = replace(stored, result=replace(stored.result, **changes))
    return replace(arm, results=arm.results | {run: other})


@pytest.fixture
def trained(monkeypatch):
    found = []
    original = evidence.trained

    def watched(missing, *rest):
        found.extend(missing)
        return original(missing, *rest)

    monkeypatch.setattr(evidence, "trained", watched)
    return found


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """What was trained so far is not at hand: as on another machine."""
    return lambda: monkeypatch.setenv("NNBOOK_RUNS", str(tmp_path / "elsewhere"))


# Results


def test_results_are_those_of_the_runs_in_their_order():
    assert results(RUNS) == [run(each) for each in RUNS]
    assert results(RUNS[::-1]) == [run(each) for each in RUNS[::-1]]
    assert results([]) == []


def test_one_run_confirms_all_that_is_kept_of_its_arm(trained, elsewhere):
    arm = arm_of(KIND)
    write(arm)
    elsewhere()
    trained.clear()
    assert missing(RUNS) == []
    assert results(RUNS) == [arm.results[each].result for each in RUNS]
    assert trained == [drawn(arm)]
    (verdict,) = verdicts(RUNS).values()
    assert (verdict.how, verdict.trained) == ("bits", drawn(arm))


def test_dead_evidence_is_never_given(trained, elsewhere):
    arm = arm_of(KIND)
    write(with_other(arm, drawn(arm), accuracy=0.123))  # with a checksum that fits
    elsewhere()
    trained.clear()
    assert results(RUNS) == [run(each) for each in RUNS]
    assert sorted(trained, key=lambda each: each.seed) == RUNS
    assert next(iter(verdicts(RUNS).values())).how == ""


def test_a_change_in_one_arm_alone_leaves_the_others(trained, elsewhere):
    other = replace(KIND, rate=0.5)
    first, second = arm_of(KIND), arm_of(other)
    write(first)
    write(with_other(second, drawn(second), weights="0" * 16))
    elsewhere()
    trained.clear()
    found = verdicts([KIND, other])
    assert [found[each].how for each in (KIND, other)] == ["bits", ""]
    assert missing(RUNS) == []
    assert {replace(each, seed=0) for each in missing(second.results)} == {other}


def test_seeds_that_are_not_kept_are_trained(trained, elsewhere):
    arm = arm_of(KIND, count=3)
    write(arm)
    elsewhere()
    trained.clear()
    assert missing(RUNS) == [RUNS[3]]
    assert results(RUNS) == [run(each) for each in RUNS]
    assert trained == [drawn(arm), RUNS[3]]


def test_another_setting_is_another_arm():
    write(arm_of(KIND))
    assert verdicts([replace(KIND, lr=0.02)]) == {}
    assert missing([replace(KIND, lr=0.02)]) == [replace(KIND, lr=0.02)]


def test_a_watcher_is_told_where_the_caller_names_nobody(monkeypatch):
    told, asked = [], []
    monkeypatch.setattr(evidence, "watcher", told.append)
    results(RUNS[:1], progress=asked.append)
    assert told == []
    results(RUNS)
    assert [step.done for step in (asked[-1], told[-1])] == [1, 3]


# What is compared


@pytest.mark.parametrize(
    "change",
    [
        {"accuracy": 0.123},
        {"loss": 9.0},
        {"probes": {"forgotten_eval": [9.0, 9.0]}},
        {"train_losses": [9.0]},
        {"test_losses": TestCurve([9.0])},
        {"first_losses": [9.0]},
        {"early_weights": "0" * 16},
        {"weights": "0" * 16},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_run_that_is_trained_to_its_end_must_be_the_same_in_everything(change):
    for kind in KIND, replace(KIND, epochs=EARLY):
        arm = arm_of(kind, count=2)
        chosen = drawn(arm)
        fresh = arm.results[chosen]
        assert compared(arm, chosen, fresh) == "bits"
        assert compared(with_other(arm, chosen, **change), chosen, fresh) == ""


def broken_off():
    """A long arm, of which a run is broken off."""
    for lr in range(1, 40):
        arm = arm_of(replace(LONG, lr=lr / 1000), count=2)
        if drawn(arm).epochs == EARLY:
            return arm
    raise AssertionError("none is broken off")


@pytest.mark.usefixtures("every_arm_is_long")
@pytest.mark.parametrize("name", ["first_losses", "early_weights", "test_accuracies"])
def test_a_long_arm_is_recognised_by_its_first_epochs(name):
    arm = broken_off()
    chosen = drawn(arm)
    (fresh,) = trained_here([chosen], None).values()
    assert compared(arm, chosen, fresh) == "bits"
    whole = replace(chosen, epochs=LONG.epochs)
    value = arm.results[whole].result.to_store()[name]
    other = "0" * 16 if name == "early_weights" else [9.0, *list(value)[1:]]
    assert compared(with_other(arm, whole, **{name: other}), chosen, fresh) == ""
    # What comes later is for those that are trained to their end.
    later = with_other(arm, whole, accuracy=0.123)
    assert compared(later, chosen, fresh) == "bits"
    assert compared(later, whole, arm.results[whole]) == ""


def stand_in(kind):
    """An arm as it is drawn from, which asks for no result."""
    return Arm(kind, dict.fromkeys(replace(kind, seed=s) for s in range(5)), "today")


@pytest.mark.usefixtures("every_arm_is_long")
def test_one_long_arm_in_four_is_trained_to_its_end():
    kinds = [replace(LONG, lr=number / 1000) for number in range(1, 201)]
    epochs = [drawn(stand_in(kind)).epochs for kind in kinds]
    assert 30 <= epochs.count(LONG.epochs) <= 70
    assert set(epochs) == {EARLY, LONG.epochs}
    seeds = {drawn(stand_in(kind)).seed for kind in kinds}
    assert seeds == set(range(5))


def test_short_arms_and_those_with_probes_are_always_trained_to_their_end(monkeypatch):
    short = [drawn(stand_in(replace(LONG, lr=lr / 1000))).epochs for lr in range(1, 50)]
    assert short == [LONG.epochs] * len(short)
    monkeypatch.setattr(evidence, "LONG", 0)
    for number in range(1, 50):
        kind = replace(LONG, lr=number / 1000)
        probed = replace(kind, probes=("deletion",))
        assert drawn(stand_in(probed)).epochs == LONG.epochs
        assert drawn(stand_in(replace(kind, epochs=EARLY))).epochs == EARLY


def test_another_state_of_the_code_draws_others(monkeypatch):
    kinds = [replace(LONG, lr=number / 1000) for number in range(1, 30)]
    before = [drawn(stand_in(kind)) for kind in kinds]
    assert before == [drawn(stand_in(kind)) for kind in kinds]
    monkeypatch.setattr(evidence, "code", lambda: "another")
    assert before != [drawn(stand_in(kind)) for kind in kinds]


# Other processors


def rounded_otherwise(stored, **changes):
    environment = stored.record["environment"] | {"rounding": "another"}
    return replace(
        stored,
        record=stored.record | {"environment": environment},
        result=replace(stored.result, weights="another", **changes),
    )


@pytest.mark.parametrize(
    ("dtype", "near", "far"), [("float64", 1e-7, 1e-6), ("float32", 5e-4, 2e-3)]
)
def test_on_another_processor_the_first_losses_are_the_same_up_to_rounding(dtype, near, far):
    arm = arm_of(replace(KIND, dtype=dtype))
    chosen = drawn(arm)
    stored = arm.results[chosen]
    first = stored.result.first_losses
    for apart, how in ((0, "rounding"), (near, "rounding"), (far, "")):
        other = [*first[:-1], first[-1] * (1 + apart)]
        assert compared(arm, chosen, rounded_otherwise(stored, first_losses=other)) == how
    assert compared(arm, chosen, rounded_otherwise(stored, first_losses=first[:-1])) == ""


def test_on_another_processor_the_end_lies_within_what_the_seeds_scatter():
    arm = arm_of(KIND)
    chosen = drawn(arm)
    stored = arm.results[chosen]
    accuracies = [each.result.accuracy for each in arm.results.values()]
    scatter = max(accuracies) - min(accuracies)
    for apart, how in ((0.99 * scatter, "rounding"), (1.01 * scatter, "")):
        accuracy = stored.result.accuracy + apart
        assert compared(arm, chosen, rounded_otherwise(stored, accuracy=accuracy)) == how


@pytest.mark.usefixtures("every_arm_is_long")
def test_a_long_arm_is_recognised_on_another_processor_too():
    arm = broken_off()
    chosen = drawn(arm)
    (fresh,) = trained_here([chosen], None).values()
    assert compared(arm, chosen, rounded_otherwise(fresh, accuracy=0.0)) == "rounding"


def test_another_kernel_of_blas_confirms_what_this_one_has_kept(monkeypatch, elsewhere):
    kind = replace(KIND, epochs=2, training_images=400, width=64, dtype="float32")
    arm = arm_of(kind)
    write(arm)
    elsewhere()
    here = trainers.train([kind]).environment["rounding"]
    for kernel in ("Prescott", "Haswell", "ARMV8", "NEOVERSEN1"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("OPENBLAS_CORETYPE", kernel)
            if trainers.train([kind]).environment["rounding"] != here:
                assert verdicts([kind])[kind].how == "rounding"
                write(with_other(arm, drawn(arm), first_losses=[9.0] * 20))
                assert verdicts([kind])[kind].how == ""
                return
    pytest.skip(f"{os.uname().machine}: all kernels of BLAS round alike here")


def test_probes_of_another_number_of_values_bear_nothing_out():
    kind = replace(Run(epochs=1, training_images=100), probes=("correlation",))
    one = run(kind)
    other = replace(one, probes={"correlation": [*one.probes["correlation"], 0.0]})
    assert not evidence._scatters(Arm(kind, {}, "2026-01-01"), one, other)
