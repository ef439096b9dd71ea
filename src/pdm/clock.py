"""What time it is: the wall clock in service, another one in replay, a fixed one in tests.

Every moment inside the platform is an aware UTC `datetime`; the plant's own zone is for input and for people's eyes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Whoever knows the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The wall clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class ManualClock:
    """A clock that stands until it is moved: replay sets it from history, tests set it by hand.

    >>> clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    >>> clock.advance(timedelta(hours=2)).isoformat()
    '2026-01-01T02:00:00+00:00'
    """

    moment: datetime

    def __post_init__(self) -> None:
        self.moment = aware(self.moment)

    def now(self) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> datetime:
        """Move to `moment`."""
        self.moment = aware(moment)
        return self.moment

    def advance(self, by: timedelta) -> datetime:
        """Move on by `by`."""
        return self.set(self.moment + by)


def aware(moment: datetime) -> datetime:
    """The same moment in UTC; a naive one is refused, because guessing a zone loses an hour twice a year."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} carries no time zone")
    return moment.astimezone(UTC)


def in_zone(moment: datetime, zone: str) -> datetime:
    """`moment` on the clock that hangs in the plant."""
    return aware(moment).astimezone(ZoneInfo(zone))
