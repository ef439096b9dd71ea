"""Levels that jump by what a change of unit would do: a factor of 1000, bar to psi, Celsius to Fahrenheit.

A machine's own changes are seldom at once a jump from one reading to the next, steady on both sides, and exactly the ratio of two
units. For a file that is wrong from its first row on, the other machines of the class are the measure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import Channel
from pdm.units import convert, unit

SIDE = 12
"""Readings that are looked at before and after a jump."""
_ENOUGH = 6
_ONE_PAIR = 0.5
"""How far one single pair of readings may be from the factor: noise decides there, the levels on both sides decide in the end."""
_NEAR = 0.15
_CONFUSED = ("degC", "degF", "K", "Pa", "kPa", "bar", "mbar", "psi", "m/s", "mm/s", "in/s", "m/s2", "g", "um", "mm", "m",
             "rpm", "Hz", "W", "kW", "m3/h", "l/min", "m3/s", "kg/s", "lbm/s", "%", "1")  # fmt: skip
_POWERS = ((1000.0, _NEAR), (100.0, _NEAR), (10.0, 0.05))
_STEADY = 0.25
_FLEET = 4
_CLEAR = 4.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Jump:
    """A level that changed at `row` from `before` to `after`; `reading` says how that could have come."""

    row: int
    before: float
    after: float
    reading: str


@dataclass(frozen=True)
class _Change:
    """What a mistaken unit does to a value: `slope * value + offset`."""

    slope: float
    offset: float
    reading: str
    near: float  # how exactly the levels must fit, relative

    def of(self, values: Floats) -> Floats:
        return self.slope * values + self.offset


def find_jumps(values: Floats, asset: Ints, steady: Flags, channel: Channel) -> list[Jump]:
    """Jumps within an asset. values, asset, steady (the machine runs): [n] sorted by asset and time."""
    rows = np.flatnonzero(steady & ~np.isnan(values))
    value, tag = values[rows], asset[rows]
    if rows.size < 2 * _ENOUGH:
        return []
    same = tag[1:] == tag[:-1]
    found: dict[int, tuple[float, Jump]] = {}
    for change in _changes(channel):
        expected = change.of(value[:-1])
        candidate = same & (np.abs(value[1:] - expected) <= _ONE_PAIR * np.abs(expected)) & _far(value[:-1], value[1:])
        for at, before, after in _levels(value, tag, np.flatnonzero(candidate) + 1):
            error = abs(after - float(change.of(np.array([before]))[0])) / max(abs(after), 1e-12)
            if error < found.get(at, (change.near, None))[0]:
                found[at] = (error, Jump(int(rows[at]), before, after, change.reading))
    return [found[at][1] for at in sorted(found)]


def find_strangers(values: Floats, asset: Ints, steady: Flags, channel: Channel, *, except_for: set[int]) -> list[Jump]:
    """Assets whose whole level differs from their sisters' as another unit would make it differ.

    At least `_FLEET` assets must be there and the others must agree with each other, and the factor must be clear.
    """
    valid = steady & ~np.isnan(values)
    medians = pd.Series(values[valid]).groupby(asset[valid]).median()
    if len(medians) < _FLEET or channel.role == "setting":
        return []
    centre = float(medians.median())
    agree = np.abs(medians.to_numpy() - centre) <= 0.5 * abs(centre)
    if centre == 0.0 or agree.mean() < 0.7:
        return []
    found = []
    for code in medians.index[~agree].tolist():
        level = float(medians[code])
        reading = how_written(centre, level, channel)
        if reading and code not in except_for:
            first = int(np.flatnonzero(valid & (asset == code))[0])
            found.append(Jump(first, centre, level, reading))
    return found


def how_written(before: float, after: float, channel: Channel) -> str:
    """How a level of `before` could have become `after` by a mistake of unit; empty where no mistake explains it."""
    if before == 0.0 or 1 / _CLEAR < abs(after / before) < _CLEAR:
        return ""
    errors = {
        change: abs(after - float(change.of(np.array([before]))[0])) / max(abs(after), 1e-12)
        for change in _changes(channel)
    }
    best = min(errors, key=lambda change: errors[change], default=None)
    return best.reading if best is not None and errors[best] < 2 * best.near else ""


def _changes(channel: Channel) -> list[_Change]:
    """Every confusion with a unit of the same quantity, then bare powers of ten, each in both directions."""
    changes = []
    own = unit(channel.unit)
    for other in (word for word in _CONFUSED if unit(word).quantity == own.quantity and word != own.symbol):
        offset = convert(0.0, channel.unit, other)
        slope = convert(1.0, channel.unit, other) - offset
        changes.append(_Change(slope, offset, f"written in {other} instead of {channel.unit}", _NEAR))
        changes.append(_Change(1 / slope, -offset / slope, f"written in {channel.unit} again after {other}", _NEAR))
    covered = [change.slope for change in changes if change.offset == 0.0]
    # Ten is a factor that machines have too: it counts only when it fits well, and never for what people set.
    powers = ((1000.0, _NEAR), (100.0, _NEAR)) if channel.role == "setting" else _POWERS
    for power, near in powers:
        for slope, words in ((power, f"{power:g} times too large"), (1 / power, f"{power:g} times too small")):
            if not any(abs(slope / known - 1) < 0.02 for known in covered):
                changes.append(_Change(slope, 0.0, words, near))
    return changes


def _far(before: Floats, after: Floats) -> Flags:
    """More than half of the larger value lies between the two: no tremble, and no unit that hardly differs here."""
    return np.abs(after - before) > 0.5 * np.maximum(np.abs(before), np.abs(after))


def _levels(value: Floats, tag: Ints, at: Ints) -> list[tuple[int, float, float]]:
    """Medians before and after each candidate, where both sides are long and steady enough."""
    if not at.size:
        return []
    span = np.arange(SIDE)
    sides = []
    for index, own in ((at[:, None] - 1 - span, at - 1), (at[:, None] + span, at)):
        inside = (index >= 0) & (index < value.size)
        clipped = np.clip(index, 0, value.size - 1)
        inside &= tag[clipped] == tag[own][:, None]
        sides.append((np.where(inside, value[clipped], np.nan), inside.sum(axis=1) >= _ENOUGH))
    enough = sides[0][1] & sides[1][1]
    if not enough.any():
        return []
    quartiles = [np.nanquantile(side[enough], [0.25, 0.5, 0.75], axis=1) for side, _ in sides]
    calm = np.logical_and.reduce([q[2] - q[0] <= _STEADY * np.abs(q[1]) for q in quartiles])
    before, after = quartiles[0][1][calm], quartiles[1][1][calm]
    far = _far(before, after)
    places = at[enough][calm][far].tolist()
    return list(zip(places, before[far].tolist(), after[far].tolist(), strict=True))
