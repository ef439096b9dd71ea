"""Waiting times: short at first, long in the end, apart from each other, never shorter than the receiver wished."""

from datetime import timedelta
from itertools import pairwise

import pytest

from pdm.work.retries import DEFAULT, delay, give_up


def test_nothing_is_given_up_before_three_days_nor_kept_beyond_eight():
    for n in range(50):
        total = sum((delay(f"PDM-{n}", attempts) for attempts in range(1, DEFAULT.attempts)), timedelta())
        assert timedelta(days=3) < total < timedelta(days=8)


def test_the_bounds_of_the_waiting_time_double_up_to_two_hours():
    longest = [max(delay(f"PDM-{n}", attempts) for n in range(300)) for attempts in range(2, 14)]

    assert longest[0] <= timedelta(seconds=30)
    assert all(1.5 < later / sooner < 2.5 for sooner, later in pairwise(longest[:8]))
    assert longest[-1] <= timedelta(hours=2)


def test_messages_that_failed_together_come_back_apart_and_the_same_in_every_run():
    waits = [delay(f"PDM-{n}", 5) for n in range(100)]

    assert len(set(waits)) > 50
    assert waits == [delay(f"PDM-{n}", 5) for n in range(100)]


@pytest.mark.parametrize(
    ("wish", "expected"), [(3600.0, timedelta(hours=1)), (1e9, timedelta(days=1)), (-5.0, timedelta(0))]
)
def test_a_wish_is_granted_up_to_a_day(wish, expected):
    assert delay("PDM-1", 1, wish) == expected


@pytest.mark.parametrize("failure", ["gone", "unsafe"])
def test_what_would_do_harm_is_not_repeated(failure):
    assert give_up(1, failure)
    assert not give_up(1, "setup")
