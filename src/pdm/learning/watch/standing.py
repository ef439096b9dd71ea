"""Where every machine of a class stands now: levels by failure mode, what deviates by how much since when, and what to doubt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.learning.expected.design import Bools, Floats
from pdm.learning.expected.model import ExpectedModel
from pdm.learning.watch.blocks import Blocks, common_part, day_means, fade, median, newest_days
from pdm.learning.watch.evidence import evidence_of
from pdm.learning.watch.model import Watch
from pdm.learning.watch.rows import MARGIN_STEPS, Ints, Rows, aligned, counted_from, watch_rows
from pdm.learning.watch.sensor import by_the_day, by_the_hour
from pdm.learning.watch.signals import lasting, signals
from pdm.learning.watch.weighing import weighed

UNSPECIFIED = "unspecified"
ONLY_WATCH = 0.95
"""Where failure modes have signs, what fits none of them is watched but disturbs nobody."""
STILL_THERE = 0.5
CLEARLY = 1.3
_NOW_HALF_LIFE = 0.7
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


@dataclass(frozen=True)
class Look:
    """What was seen of each machine.

    own: daily means less what all sisters do, [machines, d, k], newest last; days: the same without doubted channels; faded: their
    fading means. heard: [machines, d]. shared: what sisters do. newest: newest rows. doubts: channel -> what looks like a bad instrument.
    """

    assets: tuple[str, ...]
    days: Floats
    own: Floats
    faded: Floats
    heard: Bools
    shared: Floats
    newest: Ints
    doubts: Sequence[dict[str, str]]


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
    rows, since = watch_rows(model, readings, asset_class), restored or {}
    if asset_class.axis.kind == "usage" and rows.assets:
        rows, since = aligned(rows, end, since)
    return standings(rows, watch, end=end, restored=since)


def standings(
    rows: Rows,
    watch: Watch,
    *,
    end: float,
    restored: Mapping[str, float] | None = None,
    until: Ints | None = None,
) -> dict[str, Standing]:
    """The same from rows that are there already. until: behind the last row of each asset that is known; default: all are."""
    seen = look(rows, watch, end=end, restored=restored, until=until)
    if seen is None:
        return {}
    days, faded, heard, shared = seen.days, seen.faded, seen.heard, seen.shared
    levels = levels_of(seen, watch)
    sizes = _sizes(rows.residual, rows.spread, seen.newest, shared, heard)
    return {
        asset: Standing(
            levels[place],
            _away(days[place][heard[place]], faded[place][heard[place]][-1], sizes[place], watch),
            seen.doubts[place],
            _common(shared[place][heard[place]], watch),
            int(heard[place].sum()),
        )
        for place, asset in enumerate(seen.assets)
        if heard[place].any()
    }


def look(
    rows: Rows,
    watch: Watch,
    *,
    end: float,
    restored: Mapping[str, float] | None = None,
    until: Ints | None = None,
) -> Look | None:
    """What the days up to `end` show, and which channels to doubt; the arguments of `standings`. None: there is no machine."""
    if not rows.assets:
        return None
    highs = rows.firsts[1:] if until is None else until
    lows = np.array(
        [
            low + np.searchsorted(rows.position[low:high], end - lookback(watch), side="right")
            for low, high in zip(rows.firsts[:-1], highs, strict=True)
        ],
        dtype=np.int64,
    )
    since = counted_from(rows, lows, highs, restored or {})
    means, ends = day_means(
        rows.standardised,
        rows.position,
        rows.running,
        lows,
        highs,
        since,
        end=end,
        block=watch.block,
        count=round(lookback(watch) / watch.block),
        step=rows.step,
    )
    blocks = Blocks(rows.assets, means, ends)
    shared = common_part(blocks, watch.sisters)
    own = blocks.less(shared)
    newest = _newest_rows(rows, lows, highs, since, end)
    read, hours = rows.read[newest], rows.standardised[newest]
    absent = newest < 0
    read[absent], hours[absent] = np.nan, np.nan
    doubts = by_the_hour(read, hours, watch) if len(watch.still) else [{} for _ in blocks.assets]
    days = own.values.copy()
    for place, found in enumerate(doubts):
        _mask(days[place], list(found), watch.channels)
    heard: Bools = np.asarray(np.isfinite(own.values).any(axis=2))
    faded = fade(days, watch.half_life)
    for place, lone in enumerate(by_the_day(days, faded, heard, watch)):
        if lone:
            doubts[place] |= dict([lone])
            _mask(days[place], [lone[0]], watch.channels)
            faded[place] = fade(days[place : place + 1], watch.half_life)[0]
    return Look(blocks.assets, days, own.values, faded, heard, shared, newest, doubts)


def lookback(watch: Watch) -> float:
    """How far back a standing looks, in native units: six half-lives, and twice as much for machines that run every other week."""
    return math.ceil(12 * watch.half_life) * watch.block


def read_back(watch: Watch, step: float) -> float:
    """How far back readings are needed for that, in native units; step: of the class's axis."""
    return lookback(watch) + MARGIN_STEPS * step


def _newest_rows(rows: Rows, lows: Ints, highs: Ints, since: Floats, end: float) -> Ints:
    """The newest rows of each machine that count, [machines, LATELY], newest last; -1 in front where it has fewer."""
    answer = np.full((len(lows), LATELY), -1, dtype=np.int64)
    for place, (low, high) in enumerate(zip(lows, highs, strict=True)):
        position = rows.position[low:high]
        counts = rows.running[low:high] & (position <= end) & (position > since[place])
        chosen = low + np.flatnonzero(counts)[-LATELY:]
        answer[place, LATELY - len(chosen) :] = chosen
    return answer


def levels_of(seen: Look, watch: Watch) -> list[dict[str, float]]:
    """Level by failure mode of each machine: what its days say, weighed where recorded failures taught how."""
    machines = len(seen.days)
    modes, rest = mode_levels(seen, watch)
    answer = []
    for place in range(machines):
        found = {mode: float(values[place]) for mode, values in modes.items() if np.isfinite(values[place])}
        whole = float(rest[place])
        answer.append(_named(found, min(whole, ONLY_WATCH) if found else whole))
    if watch.weighing is None or not modes:
        return answer
    best = best_of(modes, machines)
    level = weighed(watch.weighing, *evidence_of(seen.days, seen.own, seen.heard, best, watch), best)
    return [
        dict.fromkeys(named, float(level[place])) if np.isfinite(level[place]) else named
        for place, named in enumerate(answer)
    ]


def mode_levels(seen: Look, watch: Watch) -> tuple[dict[str, Floats], Floats]:
    """Level of every failure mode, and of what fits none of them; what two days in a row say, and only while it is still there."""
    days, faded, heard = seen.days, seen.faded, seen.heard
    shape = (len(days), 2, faded.shape[2])
    newest = newest_days(faded, heard, 2).reshape(-1, shape[2])
    asked = signals(newest, watch.covariance, watch.channels, watch.signs)
    short = fade(newest_days(days, heard, 4), _NOW_HALF_LIFE)[:, -1]
    brief = signals(short, watch.covariance, watch.channels, watch.signs)

    def level(values: Floats, now: Floats, limit: float) -> Floats:
        """[machines]; NaN where nothing was asked."""
        pair = values.reshape(shape[:2])
        return lasting(pair)[:, -1] / limit * _still(now, pair[:, -1])

    modes = {
        mode: level(values, brief.modes[mode], watch.limits["mode"])
        for mode, values in asked.modes.items()
        if "mode" in watch.limits
    }
    rest = np.zeros(len(days))
    for name in ("alone", "together"):
        if name in watch.limits:
            rest = np.fmax(rest, level(asked.of(name), brief.of(name), watch.limits[name]))
    return modes, rest


def best_of(modes: Mapping[str, Floats], machines: int) -> Floats:
    """The highest level of any failure mode, [machines]; NaN where none was asked."""
    return np.fmax.reduce(list(modes.values())) if modes else np.full(machines, np.nan)


def _named(found: dict[str, float], rest: float) -> dict[str, float]:
    """The best mode by name where it is clearly the best, else the same level without a name."""
    ranked = sorted(found.items(), key=lambda item: -item[1])
    if not ranked:
        return {UNSPECIFIED: rest}
    (mode, best), second = ranked[0], ranked[1][1] if len(ranked) > 1 else 0.0
    if best >= rest and best >= CLEARLY * second:
        return {mode: best}
    return {UNSPECIFIED: max(best, rest)}


def _still(brief: Floats, long: Floats) -> Floats:
    """1 while the newest days say at least half of what the fading mean remembers, less when it is over."""
    asked = np.isfinite(brief) & (long > 0)
    share = np.where(asked, brief, 1.0) / np.where(asked, long, 1.0) / STILL_THERE
    return np.where(asked, np.clip(share, 0.0, 1.0), 1.0)


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


def _sizes(residual: Floats, spread: Floats, newest: np.ndarray, shared: Floats, heard: Bools) -> Floats:
    """How far each channel is from expected in its unit, [machines, k]: the middle of the newest hours, without what sisters do as well."""
    rows = newest[:, -SIZED:]
    lately = residual[rows]
    lately[rows < 0] = np.nan
    middle = np.nan_to_num(median(lately.swapaxes(0, 1)))
    together = np.stack(
        [np.mean(part[told][-3:], axis=0) if told.any() else part[0] for part, told in zip(shared, heard, strict=True)]
    )
    return np.asarray(middle - together * spread[newest[:, -1]])


def _common(shared: Floats, watch: Watch) -> tuple[str, ...]:
    """Channels that all sisters moved by more than a spread lately: a process change, which was subtracted."""
    if not len(shared):
        return ()
    lately = np.abs(np.mean(shared[-3:], axis=0))
    return tuple(name for name, moved in zip(watch.channels, lately, strict=True) if moved > 1.0)


def _mask(days: Floats, names: Sequence[str], channels: Sequence[str]) -> None:
    """Leave channels out of one machine's days, in place."""
    for name in names:
        days[:, channels.index(name)] = np.nan
