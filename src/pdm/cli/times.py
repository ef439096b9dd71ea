"""Moments as people type them: with a zone, or on the clock that hangs in the plant; or a position on a usage counter."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pdm.errors import InputError
from pdm.units import duration


def moment(text: str, zone: str) -> datetime:
    """An ISO date or time; without a zone it is the plant's own.

    >>> moment("2026-05-03", "Europe/Berlin").isoformat()
    '2026-05-03T00:00:00+02:00'

    Raises:
        InputError: no date, or an hour that the plant's clock shows twice or never.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no date", hint="write 2026-05-03 or 2026-05-03T14:00") from None
    if read.tzinfo is not None:
        return read
    local = read.replace(tzinfo=ZoneInfo(zone))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise InputError(
            f"clocks in {zone} show {text} twice or never: they change at this hour",
            hint=f"add the offset, such as {text}+01:00",
        )
    return local


def past(text: str, now: datetime, zone: str) -> datetime:
    """A moment, or how long ago.

    >>> from datetime import UTC
    >>> past("45d", datetime(2026, 5, 3, tzinfo=UTC), "UTC").isoformat()
    '2026-03-19T00:00:00+00:00'
    """
    try:
        return now - duration(text)
    except InputError:
        return moment(text, zone)


def position(text: str, zone: str) -> datetime | float:
    """A moment, or a position on the counter of a class that ages by cycles or running hours.

    >>> position("120", "UTC")
    120.0
    """
    try:
        return float(text)
    except ValueError:
        return moment(text, zone)


def stretch(
    now: datetime, zone: str, start: str | None, end: str | None, last: str | None
) -> tuple[datetime, datetime]:
    """From when to when: two dates, or the time that has just passed.

    Raises:
        InputError: neither, or both.
    """
    if last is not None and start is None and end is None:
        return now - duration(last), now
    if last is not None or start is None or end is None:
        raise InputError("a replay needs its two ends", hint="--from DAY --to DAY, or --last 30d")
    return moment(start, zone), moment(end, zone)
