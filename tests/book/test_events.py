"""The tables of what happens during a build."""

import pytest
from bookext import fresh, site

TABLES = {"fresh": fresh.EVENTS, "site": site.EVENTS}


def test_only_what_is_merged_is_read_in_parallel():
    merges = any(event == "env-merge-info" for table in TABLES.values() for event, *_ in table)
    assert fresh.PARALLEL["parallel_read_safe"] == merges


@pytest.mark.parametrize("table", TABLES)
def test_listeners_are_called_in_the_order_of_the_table(table):
    sides = {}
    for event, side, _ in TABLES[table]:
        sides.setdefault(event, []).append(side)
    assert all(numbers == sorted(numbers) for numbers in sides.values())


def test_however_many_there_are_all_keep_their_side_and_the_site_is_switched_last():
    count = len(fresh.EVENTS) + len(site.EVENTS)
    assert fresh.BEFORE_OTHERS + count < 500 < fresh.AFTER_OTHERS
    assert fresh.AFTER_OTHERS + count < fresh.LAST
