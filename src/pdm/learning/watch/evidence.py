"""What the watch list knows of a machine on one day, as numbers that mean the same on every machine of every plant.

No class, no channel, no failure mode is named: strengths are shares of the limits that this plant's sound machines set, days are days.
So what recorded failures of one plant teach about them can be used at another, on machines that nobody has seen fail (`weigh`).

Most alerts that nothing follows come from one lying instrument. So the larger part asks about the channel that stands out most: what
the others still say without it, since how many days it leaves, and whether it jumped, stands, or grows faster and faster.
"""

from __future__ import annotations

import numpy as np

from pdm.learning.expected.design import Bools, Floats
from pdm.learning.watch.blocks import fade, newest_days
from pdm.learning.watch.model import Watch
from pdm.learning.watch.pieces import FLOOR, NAMES
from pdm.learning.watch.strengths import Asked, ask, by_channel

BRIEF, SHORT, LONG = 0.7, 0.5, 8 / 3
"""Half-lives: days of the newest `_NEWEST`, and multiples of the watch list's own."""
_NEWEST = 4
_BEFORE = (11, 16, 21)
_COURSE = 24
_RECENT = 14
_LEAST = 0.3


def evidence_of(days: Floats, own: Floats, heard: Bools, level: Floats, watch: Watch) -> tuple[Floats, Bools]:
    """Evidence of each machine, [machines, `NAMES`], and which of them have any; the rows of the others are NaN.

    days: daily means without doubted channels, own: with them, both [machines, d, k], newest last. heard: [machines, d].
    level: [machines], of the failure modes. Each machine is answered by itself, whoever stands beside it.
    """
    table = np.full((len(days), len(NAMES)), np.nan)
    if "mode" not in watch.limits or not len(days):
        return table, np.zeros(len(days), dtype=np.bool_)
    one = watch.half_life
    brief = fade(newest_days(days, heard, _NEWEST), BRIEF)[:, -1]
    short, long = (newest_days(fade(days, one * times), heard, 1)[:, 0] for times in (SHORT, LONG))
    whole = newest_days(fade(own, one * SHORT), heard, 1)[:, 0]
    first = ask(np.stack([brief, short, whole]), watch)
    asked = np.fmax.reduce([level, *first.mode]) > FLOOR
    some = np.flatnonzero(asked & heard.any(axis=1))
    if not len(some):
        return table, np.zeros(len(days), dtype=np.bool_)
    told = np.zeros(len(days), dtype=np.bool_)
    told[some] = True
    course = newest_days(fade(days[some], one), heard[some], max(_BEFORE))
    known = np.asarray(np.isfinite(course[:, [-back for back in _BEFORE]]).any(axis=2))
    earlier = ask(np.stack([long[some], *(course[:, -back] for back in _BEFORE)]), watch)
    parts = [
        np.column_stack(
            [
                np.nan_to_num(level[some]),
                first.mode[0, some],
                first.mode[1, some],
                earlier.mode[0],
                _mean(earlier.mode[1:], known.T),
                heard[some].sum(axis=1),
            ]
        ),
        _without(whole[some], own[some], heard[some], first.rows(2, some), watch),
    ]
    table[some] = np.column_stack(parts)
    return table, told


def _without(whole: Floats, own: Floats, heard: Bools, first: Asked, watch: Watch) -> Floats:
    """What the strongest channel of each machine did, and what remains without it, [machines, from `lone` on]."""
    rows = np.arange(len(whole))
    alone = np.nan_to_num(first.alone)
    strongest = np.argmax(np.abs(alone), axis=1)
    way = np.sign(alone[rows, strongest])
    rest, slow = whole.copy(), newest_days(fade(own, watch.half_life), heard, 1)[:, 0]
    rest[rows, strongest], slow[rows, strongest] = np.nan, np.nan
    others = alone.copy()
    others[rows, strongest] = 0.0
    second = rest.copy()
    second[rows, np.argmax(np.abs(others), axis=1)] = np.nan
    left = ask(np.stack([rest, slow, second]), watch)
    lone = np.abs(alone[rows, strongest]) / watch.limits.get("alone", np.inf)
    series = (
        newest_days(own, heard, _COURSE)[rows[:, None], np.arange(_COURSE)[None], strongest[:, None]] * way[:, None]
    )
    return np.column_stack(
        [
            *(lone, first.whole, left.mode[0], left.whole[0], left.lone[0], left.mode[1], left.whole[1], left.lone[1]),
            *(left.mode[2], left.whole[2], left.mode[0] / np.maximum(first.mode, 0.1)),
            _course(series),
            *_knowing(alone, strongest, way, watch),
        ]
    )


def _course(series: Floats) -> Floats:
    """How one channel went, [machines, 8]; series: its daily means in the direction in which it stands now, newest last.

    Sizes before are shares of the size now. A wear grows, an instrument jumps or stands; what bends upwards has not been there long.
    """
    known = np.isfinite(series)
    value = np.nan_to_num(series)

    def mean(first: int, last: int | None) -> Floats:
        return np.asarray(value[:, first:last].sum(axis=1) / np.maximum(known[:, first:last].sum(axis=1), 1))

    size = np.maximum(mean(-3, None), _LEAST)
    two_days = (value[:, 2:] - value[:, :-2])[:, -_RECENT:].max(axis=1)
    one_day = np.abs(np.diff(value, axis=1))[:, -_RECENT:].mean(axis=1)
    earlier = mean(-9, -6)
    bend = (mean(-3, None) - earlier) - (earlier - mean(-15, -12))
    before = [mean(-7, -3), mean(-14, -7), mean(-24, -14)]
    slope = _slope(series[:, -_RECENT:])
    return np.column_stack([size, *(one / size for one in (*before, two_days, one_day, slope, bend))])


def _slope(series: Floats) -> Floats:
    """Least squares slope a day, [machines]; 0 where fewer than three days are known."""
    known = np.isfinite(series)
    count = known.sum(axis=1)
    day = np.where(known, np.arange(series.shape[1], dtype=np.float64), 0.0)
    value = np.nan_to_num(series)
    middle = day.sum(axis=1) / np.maximum(count, 1)
    spread = (day * day).sum(axis=1) - count * middle * middle
    shared = (day * value).sum(axis=1) - middle * value.sum(axis=1)
    return np.where(count >= 3, shared / np.where(spread > 0, spread, 1.0), 0.0)


def _knowing(alone: Floats, strongest: Floats, way: Floats, watch: Watch) -> tuple[Floats, Floats]:
    """How many failure modes move the strongest channel that way, and how many companions the best of them has; -1 without any."""
    modes, company = np.zeros(len(alone)), np.full(len(alone), -1.0)
    for ways in watch.signs.values():
        sign = by_channel(ways, watch.channels)
        knows = sign[strongest] == way
        knows &= way != 0
        beside = (alone * sign[None] > 1.0).sum(axis=1) - (alone[np.arange(len(alone)), strongest] * way > 1.0)
        modes += knows
        company = np.where(knows, np.maximum(company, beside), company)
    return modes, company


def _mean(values: Floats, known: np.ndarray) -> Floats:
    """Mean over the first axis of what is known; NaN where nothing is."""
    count = known.sum(axis=0)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)
