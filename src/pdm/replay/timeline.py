"""The moments at which history is asked again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pdm.clock import aware
from pdm.errors import InputError


def moments(start: datetime, end: datetime, every: timedelta) -> Iterator[datetime]:
    """`start`, `start + every`, ... up to and including `end`.

    >>> from datetime import UTC
    >>> day = timedelta(days=1)
    >>> [m.day for m in moments(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC), day)]
    [1, 2, 3]

    Raises:
        InputError: the interval is empty or the step is not positive.
    """
    moment, last = aware(start), aware(end)
    if last < moment or every <= timedelta(0):
        raise InputError(
            f"nothing to replay from {start} to {end} every {every}", hint="start before end, and a positive step"
        )
    while moment <= last:
        yield moment
        moment += every


def count(start: datetime, end: datetime, every: timedelta) -> int:
    """How many moments that are."""
    return sum(1 for _ in moments(start, end, every))
