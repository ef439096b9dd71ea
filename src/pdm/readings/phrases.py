"""How moments, values and lengths are said to people: in the plant's own time zone and in the channel's unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pdm.catalogue import Axis

Position = datetime | float


def speaker(axis: Axis, zone: str, now: datetime) -> Callable[[float], str]:
    """Says positions along an axis (`Axis.positions`): `3 May 02:00`, with the year when it is not this year's, or `cycle 31`.

    >>> say = speaker(Axis(), "Europe/Berlin", datetime(2026, 6, 1, tzinfo=UTC))
    >>> say(datetime(2026, 5, 3, tzinfo=UTC).timestamp() / 3600)
    '3 May 02:00'
    """
    if axis.kind == "usage":
        return lambda position: f"{axis.unit} {position:g}"
    local = ZoneInfo(zone)
    this_year = now.astimezone(local).year

    def say(position: float) -> str:
        moment = moment_of(position).astimezone(local)
        year = "" if moment.year == this_year else f" {moment.year}"
        return f"{moment.day} {moment:%b}{year} {moment:%H:%M}"

    return say


def moment_of(position: float) -> datetime:
    """Hours since 1970 as a UTC moment, to the second."""
    return datetime.fromtimestamp(round(position * 3600.0), tz=UTC)


def place(axis: Axis, position: float) -> Position:
    """A position as the type of the class's `time` column."""
    return float(position) if axis.kind == "usage" else moment_of(position)


def number(value: float) -> str:
    """Three digits that matter.

    >>> number(4.2), number(1480.0), number(0.01234)
    ('4.20', '1,480', '0.0123')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.3g}".removesuffix(".")
