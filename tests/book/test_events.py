"""The table of what happens during a build."""

import bookext


def test_only_what_is_merged_is_read_in_parallel():
    merges = any(event == "env-merge-info" for event, *_ in bookext.EVENTS)
    assert bookext.PARALLEL["parallel_read_safe"] == merges


def test_listeners_are_called_in_the_order_of_the_table():
    sides = {}
    for event, side, _ in bookext.EVENTS:
        sides.setdefault(event, []).append(side)
    assert all(numbers == sorted(numbers) for numbers in sides.values())
    # However many there are, those before the others stay before them.
    assert bookext.BEFORE_OTHERS + len(bookext.EVENTS) < 500 < bookext.AFTER_OTHERS
