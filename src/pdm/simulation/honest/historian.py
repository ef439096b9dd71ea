"""What the historian keeps of what the sensors said: outages in which all tags freeze, gaps, compression, and clocks that are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.simulation.honest.regimes import Calendar
from pdm.simulation.honest.settings import ClassSettings, Sensors
from pdm.simulation.signals import DAY, Bools, Floats

HOLD_AT_MOST = 12
"""Hours after which a value is written although it did not move."""


@dataclass(frozen=True)
class Section:
    """A part of the plant with a historian (and a maintenance planner) of its own.

    frozen: hours of an outage in which every tag repeats its last value. missing: hours that nobody wrote.
    offset: minutes by which its clock is wrong, by hour.
    """

    name: str
    language: str
    frozen: Bools
    missing: Bools
    offset: npt.NDArray[np.int64]
    events: tuple[tuple[str, int, int], ...]


SECTIONS = (("nord", "de"), ("south", "en"))


def make_sections(seed: int, sensors: Sensors, at: Calendar) -> tuple[Section, ...]:
    """The sections, each with outages, gaps, a clock that slips, and one that learns of summer time some days late."""
    return tuple(_section(np.random.default_rng([seed, 3, n]), n, sensors, at) for n in range(len(SECTIONS)))


def section_of(line: int) -> int:
    """Which section a production line belongs to."""
    return line % len(SECTIONS)


def _section(rng: np.random.Generator, number: int, sensors: Sensors, at: Calendar) -> Section:
    years = at.rows / (365.25 * DAY)
    frozen, missing = np.zeros(at.rows, dtype=np.bool_), np.zeros(at.rows, dtype=np.bool_)
    offset = np.zeros(at.rows, dtype=np.int64)
    events: list[tuple[str, int, int]] = []
    for mask, kind, rate, (low, high) in (
        (frozen, "outage", sensors.outages, sensors.outage_hours),
        (missing, "gap", sensors.gaps, sensors.gap_hours),
    ):
        for first in rng.integers(1, at.rows, int(rng.poisson(rate * years))).tolist():
            last = min(at.rows, first + int(rng.uniform(low, high)) + 1)
            mask[first:last] = True
            events.append((kind, first, last))
    for first in rng.integers(0, at.rows, int(rng.poisson(sensors.clock_slips * years))).tolist():
        last = min(at.rows, first + int(rng.uniform(5, 40) * DAY))
        offset[first:last] += int(rng.choice([-1, 1])) * int(rng.integers(4, 26))
        events.append(("clock slip", first, last))
    if number == len(SECTIONS) - 1 and sensors.late_dst_days:
        for row, hours in _clock_changes(at):
            last = min(at.rows, row + int(sensors.late_dst_days * DAY))
            offset[row:last] -= 60 * hours
            events.append(("late summer time", row, last))
    name, language = SECTIONS[number]
    return Section(name, language, frozen, missing, offset, tuple(sorted(events, key=lambda event: event[1])))


def _clock_changes(at: Calendar) -> list[tuple[int, int]]:
    """Rows at which the local clock jumps, and by how many hours."""
    local = at.times.tz_convert(ZoneInfo(at.zone)).tz_localize(None)
    shift = np.round((local - at.times.tz_localize(None)) / pd.Timedelta(hours=1)).astype(np.int64)
    return [(int(row) + 1, int(shift[row + 1] - shift[row])) for row in np.flatnonzero(np.diff(shift))]


def freeze(values: Floats, frozen: Bools) -> None:
    """Repeat the last value through every outage, in place; shape (t,) along the last axis."""
    rows = np.arange(len(frozen))
    source = np.maximum.accumulate(np.where(frozen, 0, rows))
    values[...] = values[..., source]


def compress(values: Floats, dead_band: Floats) -> Bools:
    """Which values the historian writes, shape (s, t): those that left the dead band around the last written one, shape (s,).

    A value that was lost is not written; after `HOLD_AT_MOST` hours the next one is written whatever it says.
    """
    series, rows = values.shape
    written = np.zeros((series, rows), dtype=np.bool_)
    last, since = np.full(series, np.nan), np.full(series, HOLD_AT_MOST, dtype=np.int64)
    known = ~np.isnan(values)
    columns = np.ascontiguousarray(values.T)
    for row in range(rows):
        now = columns[row]
        with np.errstate(invalid="ignore"):
            keep = known[:, row] & ((np.abs(now - last) > dead_band) | (since >= HOLD_AT_MOST))
        written[:, row] = keep
        last = np.where(keep, now, last)
        since = np.where(keep, 1, since + 1)
    return written


def kept_rows(
    machine: ClassSettings,
    tags: list[str],
    told: dict[str, Floats],
    lines: list[int],
    sections: tuple[Section, ...],
    at: Calendar,
) -> pd.DataFrame:
    """The table of a class as the historians kept it: asset, time (UTC, as their clocks say), channels; sorted."""
    names = [channel.name for channel in machine.channel]
    mine = np.array([section_of(line) for line in lines], dtype=np.int64)
    digits = {channel.name: 1 if channel.high >= 1000 else 3 for channel in machine.channel}
    for number, section in enumerate(sections):
        for name in names:
            part = told[name][mine == number]
            freeze(part, section.frozen)
            told[name][mine == number] = part
    columns = {name: np.round(told[name], digits[name]) for name in names}
    if machine.export == "narrow":
        for channel in machine.channel:
            band = np.full(len(tags), channel.dead_band)
            columns[channel.name][~compress(columns[channel.name], band)] = np.nan
    stamps = (
        np.stack([_stamps(at, sections[number]) for number in mine])
        if len(tags)
        else np.empty((0, at.rows), "datetime64[us]")
    )
    there = (
        np.stack([~sections[number].missing for number in mine]) if len(tags) else np.empty((0, at.rows), dtype=bool)
    )
    there &= np.any([~np.isnan(columns[name]) for name in names], axis=0)
    frame = pd.DataFrame(
        {
            "asset": np.repeat(np.array(tags, dtype=object), there.sum(axis=1)),
            "time": pd.DatetimeIndex(stamps[there]).tz_localize("UTC"),
            **{name: columns[name][there] for name in names},
        }
    )
    frame["asset"] = frame["asset"].astype("str")
    # A clock that is set back says the same hour twice: the archive keeps what it wrote first.
    frame = frame[~frame.duplicated(["asset", "time"])]
    return frame.sort_values(["asset", "time"], kind="stable", ignore_index=True)


def _stamps(at: Calendar, section: Section) -> npt.NDArray[np.datetime64]:
    return np.asarray(at.times.tz_localize(None).to_numpy() + section.offset.astype("timedelta64[m]"))
