"""What moves the readings although nothing is broken: calendar, weather, cooling water, production, and what is new in the test months.

Arrays are hourly; `[t]` is the plant's, `[line, t]` a production line's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.signal import lfilter

from pdm.errors import DefinitionError
from pdm.simulation.honest.settings import Change, Period, PlantSettings
from pdm.simulation.signals import DAY, YEAR, Bools, Floats, noise

Ints = npt.NDArray[np.int64]

GRADES = ("A", "B", "C", "D")
"""Products; D is made for the first time in the test months."""
_DENSITY = np.array([1.00, 0.92, 1.08, 1.20])
_LOAD = np.array([0.0, -0.08, 0.06, 0.12])


@dataclass(frozen=True)
class Calendar:
    """The hours of the simulation, UTC, with the local clock that people and production follow."""

    times: pd.DatetimeIndex
    zone: str
    year_hours: Floats
    hour: Ints
    weekday: Ints
    test_row: int

    @property
    def rows(self) -> int:
        return len(self.times)

    def at(self, row: float) -> pd.Timestamp:
        """The moment of a row, between two hours too, and beyond both ends."""
        return pd.Timestamp(self.times[0] + pd.Timedelta(minutes=round(row * 60)))


@dataclass(frozen=True)
class Lines:
    """What the production lines do; `stopped` is a standstill of the whole line, `retuned` a controller with other settings."""

    load: Floats
    grade: Ints
    density: Floats
    stopped: Bools
    retuned: Bools


@dataclass(frozen=True)
class Regimes:
    """Everything that all machines share."""

    calendar: Calendar
    ambient: Floats
    water: Floats
    lines: Lines


def make_regimes(settings: PlantSettings, seed: int) -> Regimes:
    """Weather and production of the whole period.

    Raises:
        DefinitionError: `period.start` is no date.
    """
    calendar = _calendar(settings.period)
    rng = np.random.default_rng([seed, 1])
    ambient = _ambient(rng, calendar)
    return Regimes(calendar, ambient, _water(rng, calendar, ambient, settings.change), _lines(rng, calendar, settings))


def _calendar(period: Period) -> Calendar:
    zone = ZoneInfo(period.time_zone)
    try:
        first = datetime.fromisoformat(period.start).replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        raise DefinitionError(f"period.start: {period.start!r} is no date", hint="write 2023-01-01") from None
    times = pd.date_range(first, periods=period.days * DAY, freq="h", unit="us")
    local = times.tz_convert(zone)
    return Calendar(
        times=times,
        zone=period.time_zone,
        year_hours=np.asarray((local.day_of_year - 1) * DAY + local.hour, dtype=np.float64),
        hour=np.asarray(local.hour, dtype=np.int64),
        weekday=np.asarray(local.day_of_week, dtype=np.int64),
        test_row=(period.days - period.test_days) * DAY,
    )


def _ambient(rng: np.random.Generator, at: Calendar) -> Floats:
    season = 10.5 - 9.5 * np.cos(2 * np.pi * (at.year_hours - 20 * DAY) / YEAR)
    sunny = np.clip(1.0 + noise(rng, at.rows, 0.45, 0.985), 0.15, 2.0)  # clear and dull spells: the daily swing differs
    swing = 3.6 * sunny * np.sin(2 * np.pi * (at.hour - 9) / DAY)
    return np.asarray(season + swing + noise(rng, at.rows, 3.0, 0.985))


def _water(rng: np.random.Generator, at: Calendar, ambient: Floats, change: Change) -> Floats:
    """Cooling water follows the weather of the last two weeks; in the test months the river runs low for a while."""
    keep = float(np.exp(-1 / (14 * DAY)))
    slow, _ = lfilter([1 - keep], [1, -keep], ambient, zi=[keep * float(ambient[: 7 * DAY].mean())])
    water = 11.0 + 0.75 * np.asarray(slow) + noise(rng, at.rows, 0.4, 0.97)
    days = int(change.cooling_water_days * DAY)
    first = int(rng.integers(at.test_row, max(at.test_row + 1, at.rows - days)))
    rise = np.zeros(at.rows)
    rise[first : first + days] = change.cooling_water_rise
    return np.asarray(np.maximum(water + _smooth(rise, 36.0), 2.0))


def _lines(rng: np.random.Generator, at: Calendar, settings: PlantSettings) -> Lines:
    made = [_line(rng, at, settings.change) for _ in range(settings.period.lines)]
    retuned = np.zeros((len(made), at.rows), dtype=np.bool_)
    for line in np.flatnonzero(rng.random(len(made)) < settings.change.retuned_lines):
        retuned[line, int(rng.integers(at.test_row, at.rows)) :] = True
    load, grade, density, stopped = (np.stack(part) for part in zip(*made, strict=True))
    return Lines(load, grade, density, stopped, retuned)


def _line(rng: np.random.Generator, at: Calendar, change: Change) -> tuple[Floats, Ints, Floats, Bools]:
    grade = _campaigns(rng, at, change)
    daily = 0.06 * np.sin(2 * np.pi * (at.hour - 8) / DAY) + np.where((at.hour >= 6) & (at.hour < 22), 0.02, -0.02)
    weekly = np.where(at.weekday >= 5, -0.12, 0.0)
    slow = noise(rng, at.rows, 0.05, 0.995)
    load = np.clip(0.80 + daily + weekly + _LOAD[grade] + slow + noise(rng, at.rows, 0.035, 0.9), 0.40, 1.10)
    feed = np.ones(at.rows)
    feed[int(rng.integers(at.test_row, (at.test_row + at.rows) // 2)) :] = change.feed_density
    density = _DENSITY[grade] * _smooth(feed, 48.0) * (1 + noise(rng, at.rows, 0.006, 0.98))
    return load, grade, np.asarray(density), _standstills(rng, at)


def _campaigns(rng: np.random.Generator, at: Calendar, change: Change) -> Ints:
    grade = np.zeros(at.rows, dtype=np.int64)
    row = 0
    while row < at.rows:
        days = int(rng.integers(3, 15))
        new = row >= at.test_row and rng.random() < change.new_grade
        grade[row : row + days * DAY] = 3 if new else int(rng.choice(3, p=[0.5, 0.3, 0.2]))
        row += days * DAY
    return grade


def _standstills(rng: np.random.Generator, at: Calendar) -> Bools:
    """One turnaround a year, in summer, and some short stops."""
    stopped = np.zeros(at.rows, dtype=np.bool_)
    summer = float(rng.uniform(170, 230)) * DAY
    stopped[(at.year_hours >= summer) & (at.year_hours < summer + 8 * DAY)] = True
    for first in rng.integers(0, at.rows, int(rng.poisson(7 * at.rows / YEAR))):
        stopped[first : first + int(rng.integers(5, 40))] = True
    return stopped


def _smooth(values: Floats, hours: float) -> Floats:
    keep = float(np.exp(-1 / hours))
    smoothed, _ = lfilter([1 - keep], [1, -keep], values, zi=[keep * values[0]])
    return np.asarray(smoothed, dtype=np.float64)
