"""The two loops of the watch list that run over every reading and every day, compiled; numpy alone would cost ten times as much.

They add in the order of the rows, so that a machine gets the same bits alone and among its sisters, and now and in a replay.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_sums import compiled
from pdm.learning.expected.design import Bools, Floats
from pdm.learning.watch.rows import Ints


@compiled
def add_by_day(
    values: Floats, position: Floats, counts: Bools, lows: Ints, highs: Ints, since: Floats, days: Floats, clip: float
) -> tuple[Floats, Floats]:
    """Sums of the clipped values of each machine and day, and how many there were: both [machines, days, channels].

    values: [n, channels]; position, counts (whether a row says anything): [n]. lows, highs: each machine's rows.
    since: rows up to here say nothing, by machine. days: (end of the newest day, length of a day, number of days).
    """
    end, block, number = days[0], days[1], int(days[2])
    machines, channels = len(lows), values.shape[1]
    totals = np.zeros((machines, number, channels))
    heard = np.zeros((machines, number, channels))
    for machine in range(machines):
        for row in range(lows[machine], highs[machine]):
            if not counts[row] or position[row] > end or position[row] <= since[machine]:
                continue
            day = number - 1 - int(np.floor((end - position[row]) / block))
            if day < 0:
                continue
            for channel in range(channels):
                value = values[row, channel]
                if np.isfinite(value):
                    totals[machine, day, channel] += min(max(value, -clip), clip)
                    heard[machine, day, channel] += 1.0
    return totals, heard


@compiled
def fading_means(values: Floats, keep: float, drawn: float) -> Floats:
    """Fading means over the days that were heard; values: [machines, days, channels]."""
    machines, days, channels = values.shape
    faded = np.full(values.shape, np.nan)
    for machine in range(machines):
        for channel in range(channels):
            total, weight = 0.0, 0.0
            for day in range(days):
                today = values[machine, day, channel]
                if np.isfinite(today):
                    total = total * keep + today
                    weight = weight * keep + 1.0
                    faded[machine, day, channel] = total / (weight + drawn)
    return faded
