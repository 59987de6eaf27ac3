"""How the book has moved: with no release, with one, with many."""

import pytest
from bookext import words
from bookext.site import states
from releases import ledger, release
from sphinx import locale


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    """What is told is told in the words of the code, whatever language other tests ask for."""
    monkeypatch.delitem(locale.translators, ("general", words.CATALOG), raising=False)


FIRST = release("1.0.0", ledger(x="1", y="1"))
SECOND = release("1.1.0", ledger(x="2", y="1"), day=2, why=["It rounds otherwise."])


def test_without_a_release_there_are_no_states():
    assert states.of([], ledger(x="1")) == []


def test_today_is_a_state_only_if_it_is_another_one():
    (state,) = states.of([FIRST], FIRST.ledger, why=["Why."], date="2027-03-01")
    assert (state.version, state.date, state.moved) == ("1.0.0", "2027-01-01", {})
    assert state.told == "The first version: 2 numbers, 1 claims."
    _first, today = states.of([FIRST], SECOND.ledger, why=["Why."], date="2027-03-01")
    assert (today.version, today.date, today.why) == ("", "2027-03-01", ["Why."])
    assert today.moved == {"number-a.x": ("1", "2")}


def test_a_sentence_that_is_worded_otherwise_moves_nothing():
    reworded = ledger(x="1", y="1")
    reworded["claims"]["up"]["sentence"] = "它升了。"
    assert len(states.of([FIRST], reworded)) == 1


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (ledger(x="2", y="2"), "2 numbers and 0 claims moved."),
        (ledger("three points", x="1", y="1"), "0 numbers and 1 claims moved."),
        (ledger(x="2", z="1"), "1 numbers and 0 claims moved. 1 came. 1 went."),
        (ledger(x="1"), "Nothing moved. 1 went."),
    ],
)
def test_how_much_has_moved_is_told(now, told):
    assert states.of([FIRST], now)[-1].told == told


def test_a_course_names_the_versions_since_which_a_figure_is_what_it_is():
    kept = [release(f"1.{n}.0", ledger(x=str(n // 10), y="1")) for n in range(20)]
    courses = states.courses(states.of(kept, ledger(x="1")))
    assert courses == {
        "claim-up": [("1.0.0", "two points; six seeds")],
        "number-a.x": [("1.0.0", "0"), ("1.10.0", "1")],
        "number-a.y": [("1.0.0", "1"), ("", None)],
    }


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (["1；六；配对", "2；六；配对"], ["1", "2"]),
        (["1；六；配对", "2；七；配对"], ["1；六", "2；七"]),
        (["1; six", "1; seven"], ["1; six", "1; seven"]),
        (["1; six", None], ["1", None]),
        (["1", "2"], ["1", "2"]),
        (["六；六", "六"], ["六；六", "六"]),
    ],
)
def test_what_stayed_at_the_end_is_left_out(values, shown):
    assert states.unlike(values) == shown
