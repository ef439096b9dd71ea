"""Where every machine of a class stands now: levels by failure mode, what deviates by how much since when, and what to doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.learning.expected.apply import Expected, expect
from pdm.learning.expected.design import Floats
from pdm.learning.expected.model import ExpectedModel
from pdm.learning.watch.blocks import block_means, common_part, fade
from pdm.learning.watch.model import Watch
from pdm.learning.watch.sensor import by_the_day, by_the_hour
from pdm.learning.watch.signals import lasting, signals
from pdm.readings.running import RunningState, running_state

UNSPECIFIED = "unspecified"
ONLY_WATCH = 0.95
"""Where failure modes have signs, what fits none of them is watched but disturbs nobody."""
STILL_THERE = 0.5
CLEARLY = 1.3
_NOW_HALF_LIFE = 0.7
_DAYS_FOR_SENSORS = 21
LATELY, SIZED = 200, 48
"""Newest running rows that are looked at hour by hour, and those that say how far away a channel is."""


@dataclass(frozen=True)
class Away:
    """One channel away from what is expected. by: mean of the last days in the channel's unit. days: how long it has been on that side."""

    channel: str
    by: float
    strength: float
    days: float


@dataclass(frozen=True)
class Standing:
    """One machine now. levels: failure mode (or `unspecified`) -> level, 1 is the limit. away: the strongest deviations first.

    suspects: channel -> what looks like a bad instrument; the levels were made without them.
    common: whether sisters do the same, and it was subtracted. heard: days that were heard.
    """

    levels: Mapping[str, float]
    away: tuple[Away, ...] = ()
    suspects: Mapping[str, str] = field(default_factory=dict)
    common: tuple[str, ...] = ()
    heard: int = 0


def stand(
    model: ExpectedModel,
    watch: Watch,
    readings: pd.DataFrame,
    asset_class: AssetClass,
    *,
    end: float,
    restored: Mapping[str, float] | None = None,
) -> dict[str, Standing]:
    """The standing of every machine that has a baseline and was heard.

    readings: of all machines of the class (sorted by asset and time), at least `lookback(watch)` native units before `end`.
    restored: when each machine was last repaired or renewed: what it showed before says nothing about it now.
    """
    told = expect(model, readings, asset_class)
    position = asset_class.axis.positions(readings["time"])
    running = running_state(readings, asset_class) == RunningState.RUNNING
    tags = readings["asset"].to_numpy(dtype=object)
    codes, names = pd.factorize(tags, sort=True)
    since = np.array([(restored or {}).get(str(name), -np.inf) for name in names])
    usable = running & (position <= end) & (position > since[codes])
    standardised = told.standardised
    blocks = block_means(standardised, usable, tags, position, end=end, block=watch.block, step=asset_class.axis.step)
    if not len(blocks.ends):
        return {}
    shared = common_part(blocks, watch.sisters)
    own = blocks.less(shared)
    rows = [np.flatnonzero(usable & (codes == place))[-LATELY:] for place in range(len(blocks.assets))]
    return {
        asset: _standing(
            own.values[place],
            shared[place],
            Expected(told.names, told.read[rows[place]], told.expected[rows[place]], told.spread[rows[place]]),
            standardised[rows[place]],
            watch,
        )
        for place, asset in enumerate(blocks.assets)
        if np.isfinite(own.values[place]).any()
    }


def lookback(watch: Watch) -> float:
    """How far back a standing looks, in native units: six half-lives, and twice as much for machines that run every other week."""
    return 12 * watch.half_life * watch.block


def _standing(days: Floats, shared: Floats, told: Expected, hours: Floats, watch: Watch) -> Standing:
    """One machine: doubt its instruments first, then ask again without those in doubt. told, hours: its newest running rows."""
    heard = np.isfinite(days).any(axis=1)
    days, shared = days[heard], shared[heard]
    doubts = by_the_hour(told.read, hours, watch) if len(watch.still) else {}
    masked = _without(days, list(doubts), watch.channels)
    faded = fade(masked[None], watch.half_life)[0]
    if lone := by_the_day(masked[-_DAYS_FOR_SENSORS:], faded[-1], watch):
        doubts |= dict([lone])
        masked = _without(masked, [lone[0]], watch.channels)
        faded = fade(masked[None], watch.half_life)[0]
    levels = levels_of(masked, faded, watch)
    return Standing(
        levels, _away(masked, faded[-1], _size(told, shared), watch), doubts, _common(shared, watch), int(heard.sum())
    )


def levels_of(days: Floats, faded: Floats, watch: Watch) -> dict[str, float]:
    """Level by failure mode; what two machines' days in a row say, and only while it is still there.

    days, faded: [d, k], newest last.
    """
    newest = faded[-2:] if len(faded) > 1 else np.vstack([np.full_like(faded[:1], np.nan), faded])
    asked = signals(newest, watch.covariance, watch.channels, watch.signs)
    brief = signals(fade(days[None, -4:], _NOW_HALF_LIFE)[0][-1:], watch.covariance, watch.channels, watch.signs)
    found: dict[str, float] = {}
    for mode, values in asked.modes.items():
        if "mode" in watch.limits and np.isfinite(values[-1]):
            level = float(lasting(values[None])[0, -1]) / watch.limits["mode"]
            found[mode] = level * _still(float(brief.modes[mode][0]), float(values[-1]))
    rest = 0.0
    for name in ("alone", "together"):
        values = asked.of(name)
        if name in watch.limits and np.isfinite(values[-1]):
            level = float(lasting(values[None])[0, -1]) / watch.limits[name]
            rest = max(rest, level * _still(float(brief.of(name)[0]), float(values[-1])))
    return _named(found, min(rest, ONLY_WATCH) if found else rest)


def _named(found: dict[str, float], rest: float) -> dict[str, float]:
    """The best mode by name where it is clearly the best, else the same level without a name."""
    ranked = sorted(found.items(), key=lambda item: -item[1])
    if not ranked:
        return {UNSPECIFIED: rest}
    (mode, best), second = ranked[0], ranked[1][1] if len(ranked) > 1 else 0.0
    if best >= rest and best >= CLEARLY * second:
        return {mode: best}
    return {UNSPECIFIED: max(best, rest)}


def _still(brief: float, long: float) -> float:
    """1 while the newest days say at least half of what the fading mean remembers, less when it is over."""
    if not np.isfinite(brief) or long <= 0:
        return 1.0
    return float(np.clip(brief / long / STILL_THERE, 0.0, 1.0))


def _away(days: Floats, faded: Floats, size: Floats, watch: Watch) -> tuple[Away, ...]:
    """Channels by how far they are from sound, strongest first, with the size in their unit and the days on that side."""
    spread = np.sqrt(np.diag(watch.covariance))
    strength = faded / spread
    found = []
    for place in np.argsort(-np.abs(np.nan_to_num(strength))):
        if not np.isfinite(strength[place]):
            continue
        way = 1.0 if strength[place] > 0 else -1.0
        recent = days[np.isfinite(days[:, place]), place]
        off = np.flatnonzero(recent * way < 0.5 * spread[place])
        lasted = len(recent) - (int(off[-1]) + 1 if len(off) else 0)
        found.append(Away(watch.channels[place], float(size[place]), float(strength[place]), float(lasted)))
    return tuple(found)


def _size(told: Expected, shared: Floats) -> Floats:
    """How far each channel is from expected in its unit, [k]: the middle of the newest hours, without what sisters do as well."""
    residual = told.residual[-SIZED:]
    known = np.isfinite(residual).any(axis=0)
    middle = np.zeros(residual.shape[1])
    middle[known] = np.nanmedian(residual[:, known], axis=0)
    return np.asarray(middle - np.mean(shared[-3:], axis=0) * told.spread[-1])


def _common(shared: Floats, watch: Watch) -> tuple[str, ...]:
    """Channels that all sisters moved by more than a spread lately: a process change, which was subtracted."""
    if not len(shared):
        return ()
    lately = np.abs(np.mean(shared[-3:], axis=0))
    return tuple(name for name, moved in zip(watch.channels, lately, strict=True) if moved > 1.0)


def _without(days: Floats, names: Sequence[str], channels: Sequence[str]) -> Floats:
    masked = days.copy()
    for name in names:
        masked[:, channels.index(name)] = np.nan
    return masked
