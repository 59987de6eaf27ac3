from dataclasses import replace

import numpy as np
import pytest

from nnbook import NNBookError
from nnbook.lab import kept
from nnbook.lab.arms import SEEDS, SEEDS_AND_IMAGES, Outcomes, is_draft, outcomes
from nnbook.lab.evidence import results, trained_here
from nnbook.lab.experiments import run as run_alone
from nnbook.lab.runs import Run
from nnbook.lab.statistics import compared, paired
from nnbook.lab.studies import DRAFT_SEEDS, Study

SHORT = Run(
    epochs=3,
    training_images=100,
    validation_images=50,
    resplit=True,
    curves=("validation", "test"),
    probes=("correlation",),
)


@pytest.fixture(scope="module")
def arm():
    study = Study({"with": SHORT, "same": SHORT}, seeds=2)
    return outcomes(study)["with"]


def test_an_arm_holds_what_its_runs_gave_in_the_order_of_the_seeds(arm):
    found = results(Study({"with": SHORT}, seeds=2).runs()["with"])
    assert arm.accuracy.values == tuple(each.accuracy for each in found)
    assert arm.loss.values == tuple(each.loss for each in found)
    assert arm.probe("correlation").tolist() == [each.probes["correlation"] for each in found]
    for part in ("train", "validation"):
        expected = [getattr(each, f"{part}_accuracies") for each in found]
        assert arm.curves(part).to_draw().tolist() == expected
    losses = [each.test_losses.to_draw() for each in found]
    assert arm.curves("test", "losses").to_draw().tolist() == losses


def test_there_are_so_many_test_images_for_each_training_image(arm):
    assert arm.share == 1000 / 100


def test_what_varies_is_told_by_the_runs(arm):
    assert arm.accuracy.varies == SEEDS_AND_IMAGES
    fixed = Run(epochs=1, training_images=50)
    assert outcomes(Study({"with": fixed}, seeds=2))["with"].accuracy.varies == SEEDS


def test_arms_of_larger_studies_refuse_to_be_picked():
    short = Run(epochs=1, training_images=50)
    found = outcomes(Study(dict.fromkeys("abc", short), seeds=2))
    with pytest.raises(NNBookError, match="among 3 arms must be corrected"):
        paired(found["a"].accuracy, found["b"].accuracy)
    with pytest.raises(NNBookError, match="1 of the comparisons among 3 arms are a pick"):
        compared({"one": found["a"].accuracy - found["b"].accuracy})


def test_an_epoch_is_named_from_one(arm):
    curve = arm.curves()
    drawn = curve.to_draw()
    assert curve.at(1).values == tuple(drawn[:, 0])
    assert curve.last.values == curve.at(3).values == tuple(drawn[:, -1])
    assert curve.at([2, 3]).values == (drawn[0, 1], drawn[1, 2])


@pytest.mark.parametrize("epoch", [0, 4, [1, 4]])
def test_epochs_that_are_not_there_are_refused(arm, epoch):
    with pytest.raises(NNBookError, match=r"^epochs lie in 1 to 3, got "):
        arm.curves().at(epoch)


def test_the_best_epochs_are_those_of_validation_images(arm):
    curve = arm.curves("validation")
    assert curve.best_epochs() == (np.argmax(curve.to_draw(), axis=1) + 1).tolist()


def test_test_images_choose_no_epoch(arm):
    with pytest.raises(NNBookError, match="no best epoch: name the epoch beforehand"):
        arm.curves("test").best_epochs()


def test_a_curve_that_was_not_measured_is_named():
    fixed = Run(epochs=1, training_images=50)
    found = outcomes(Study({"with": fixed}, seeds=2))["with"]
    with pytest.raises(NNBookError, match="nothing was measured on validation images"):
        found.curves("validation")


def test_a_sample_has_one_value_a_seed(arm):
    assert arm.sample([1.0, 2.0]).arms == 2
    assert arm.sample([1.0, 2.0], arms=9).arms == 9
    with pytest.raises(NNBookError, match="one value a seed: 2 are needed, got 3"):
        arm.sample([1.0, 2.0, 3.0])


def test_outcomes_can_be_made_of_results_at_hand():
    runs = [Run(seed=seed, epochs=1, training_images=50) for seed in (5, 6)]
    assert Outcomes(runs, results(runs)).seeds == 2


# Drafts

DRAFTED = Study({"with": Run(epochs=1, training_images=20, width=4)}, seeds=8)


def keep():
    """Keep all seeds of the drafted arm, and forget that they were trained here."""
    (runs,) = DRAFTED.runs().values()
    return runs, kept.write("study-with", runs[0], trained_here(runs, None))


def test_a_draft_has_few_seeds_where_the_others_are_not_at_hand(monkeypatch, tmp_path):
    assert not is_draft()
    monkeypatch.setenv("BOOK_EVIDENCE", "draft")
    assert is_draft()
    assert outcomes(DRAFTED)["with"].seeds == DRAFT_SEEDS
    runs, path = keep()
    assert outcomes(DRAFTED)["with"].seeds == 8  # all were trained here
    monkeypatch.setenv("NNBOOK_RUNS", str(tmp_path / "elsewhere"))
    assert outcomes(DRAFTED)["with"].seeds == 8  # or hold
    arm = kept.read(path)
    dead = {
        run: replace(stored, result=replace(stored.result, weights="0" * 16))
        for run, stored in arm.results.items()
    }
    kept.write("study-with", arm.kind, dead)
    found = outcomes(DRAFTED)["with"]
    assert found.seeds == DRAFT_SEEDS
    assert found.accuracy.values == tuple(run_alone(run).accuracy for run in runs[:DRAFT_SEEDS])
    monkeypatch.delenv("BOOK_EVIDENCE")
    assert outcomes(DRAFTED)["with"].seeds == 8


@pytest.mark.parametrize("value", ["Draft", "1", "no"])
def test_any_other_word_is_refused(monkeypatch, value):
    monkeypatch.setenv("BOOK_EVIDENCE", value)
    with pytest.raises(NNBookError, match=f"^BOOK_EVIDENCE is draft or not set, got '{value}'$"):
        outcomes(DRAFTED)
    monkeypatch.setenv("BOOK_EVIDENCE", "")
    assert not is_draft()
