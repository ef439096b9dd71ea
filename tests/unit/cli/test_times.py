"""Moments as people type them."""

from datetime import UTC, datetime

import pytest

from pdm.cli.times import moment, past, position
from pdm.errors import InputError


def test_a_moment_without_a_zone_is_on_the_clock_of_the_plant():
    assert moment("2026-07-01T14:00", "Europe/Berlin").astimezone(UTC) == datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_a_moment_with_an_offset_keeps_it():
    assert moment("2026-07-01T14:00+05:30", "Europe/Berlin").astimezone(UTC).hour == 8


@pytest.mark.parametrize("hour", ["2026-10-25T02:30", "2026-03-29T02:30"])
def test_an_hour_that_the_clock_shows_twice_or_never_is_a_question(hour):
    with pytest.raises(InputError, match="twice or never"):
        moment(hour, "Europe/Berlin")


def test_what_is_no_date_is_told_with_an_example():
    with pytest.raises(InputError, match="2026-05-03"):
        moment("yesterday", "UTC")


def test_a_number_is_a_position_on_a_counter():
    assert position("120", "UTC") == 120.0


def test_the_past_is_a_moment_or_how_long_ago():
    now = datetime(2026, 5, 3, tzinfo=UTC)

    assert past("2d", now, "UTC") == datetime(2026, 5, 1, tzinfo=UTC)
    assert past("2026-05-01", now, "UTC") == datetime(2026, 5, 1, tzinfo=UTC)
