from datetime import UTC, datetime, timedelta

import pytest

from pdm.clock import ManualClock, SystemClock, aware, in_zone


def test_the_wall_clock_speaks_utc():
    assert SystemClock().now().tzinfo is UTC


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        aware(datetime(2026, 1, 1))


def test_a_manual_clock_stands_until_it_is_moved():
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))

    assert clock.now() == clock.now()
    assert clock.advance(timedelta(days=1)).day == 2


def test_the_plants_clock_knows_summer_time():
    summer = in_zone(datetime(2026, 7, 1, 12, tzinfo=UTC), "Europe/Berlin")

    assert summer.hour == 14
