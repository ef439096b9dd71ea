"""Is it the sensor? One channel that leaves while all others stay is a bad instrument until somebody has looked: faults have company.

By the hour      stuck: the value stands still while the machine runs; spikes: single hours far away; noise: it trembles as it never did.
By the day       it stands alone (the others, asked without it, are sound), and either no failure mode moves it that way, or it
                 jumped there within a day, or it went so far that the companions every mode of it has must have moved too.

What grows slowly in a direction that a failure mode knows stays the machine's: a doubt is told, an alert is not held back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdm.learning.expected.design import Bools, Floats
from pdm.learning.watch.blocks import median, newest_days
from pdm.learning.watch.model import Watch
from pdm.learning.watch.signals import signals

ROWS = 72
DAYS = 36
LEAST_ROWS = 18
STILL_SHARE = 0.25
SPIKE, SPIKES = 10.0, 2
ROUGH_TIMES = 2.0
LONE = 0.65
JUMP_SHARE, JUMP = 0.6, 2.5
FAR = 2.0
COMPANION = 1.5
NOW, BEFORE, STANDS = 5, (12, 27), 0.8
"""A channel that was as far away two to four weeks ago (`BEFORE`, heard days back) as in the newest days (`NOW`) does not grow."""


@dataclass(frozen=True)
class Suspect:
    """A channel that looks like a bad instrument. kind: stuck, spikes, noise, offset, drift or against the rules."""

    channel: str
    kind: str
    sentence: str


def hourly_measures(read: Floats, standardised: Floats) -> tuple[Floats, Floats]:
    """How still and how rough each channel is over some rows: spread of the readings, and median step of the residual.

    read, standardised: [machines, n, k]; answers [machines, k], NaN where too few rows say anything.
    """
    known = np.isfinite(read)
    heard, whole = known.sum(axis=1), known.all(axis=1)
    still = np.full(heard.shape, np.nan)
    if read.shape[1] >= LEAST_ROWS:
        still[whole] = np.std(np.ascontiguousarray(read.swapaxes(1, 2)[whole]), axis=1)
    for place, column in np.argwhere(~whole & (heard >= LEAST_ROWS)):
        still[place, column] = np.std(read[place, known[place, :, column], column])
    return still, _rough(standardised)


def _rough(standardised: Floats) -> Floats:
    """Median step from row to row, [machines, k]; a machine's own rows only, gaps in front are NaN."""
    steps = np.abs(np.diff(standardised, axis=1)).swapaxes(0, 1)
    enough = np.isfinite(steps).sum(axis=0) >= LEAST_ROWS
    return np.asarray(np.where(enough, median(steps), np.nan))


def by_the_hour(read: Floats, standardised: Floats, watch: Watch) -> list[dict[str, str]]:
    """Channels of each machine whose newest `ROWS` running rows look like a bad instrument: channel -> kind.

    read, standardised: [machines, n, k], newest last, NaN where there is no row.
    """
    read, standardised = read[:, -ROWS:], standardised[:, -ROWS:]
    still, rough = hourly_measures(read[:, -24:], standardised[:, -24:])
    known = np.isfinite(standardised)
    heard = known.sum(axis=1)
    apart = np.abs(standardised - median(standardised.swapaxes(0, 1))[:, None])
    far = (apart > SPIKE).sum(axis=1)
    stands = np.isfinite(still) & (still <= STILL_SHARE * np.asarray(watch.still))
    spiky = (heard >= LEAST_ROWS) & (far >= SPIKES) & (far <= 0.3 * heard)
    noisy = (heard >= LEAST_ROWS) & np.isfinite(rough) & (rough > ROUGH_TIMES * np.asarray(watch.rough))
    for place, column in np.argwhere(spiky):
        spiky[place, column] = np.quantile(apart[place, known[place, :, column], column], 0.6) < SPIKE / 2
    return [_kinds(*one, watch) for one in zip(stands, spiky, noisy, strict=True)]


def _kinds(stands: Bools, spiky: Bools, noisy: Bools, watch: Watch) -> dict[str, str]:
    """What looks wrong with the channels of one machine, all [k]; if most stand still at once, the historian repeats itself."""
    if stands.sum() > max(1, len(watch.channels) // 2):
        return {}
    asked = (
        (name, "stuck" if a else "spikes" if b else "noise" if c else "")
        for name, a, b, c in zip(watch.channels, stands, spiky, noisy, strict=True)
    )
    return {name: kind for name, kind in asked if kind}


def by_the_day(days: Floats, faded: Floats, heard: Bools, watch: Watch) -> list[tuple[str, str] | None]:
    """Of each machine the lone channel and what it did, or None.

    days, faded: daily and fading means, [machines, d, k], newest last; heard: [machines, d], days that count.
    """
    newest = newest_days(faded, heard, 1)[:, 0]
    if "alone" not in watch.limits or not len(newest):
        return [None] * len(days)
    alone = signals(newest, watch.covariance, watch.channels, watch.signs).alone
    size = np.abs(np.nan_to_num(alone)).max(axis=1)
    strong = np.isfinite(alone).any(axis=1) & (size >= watch.limits["alone"] * LONE)
    return [
        _lone(days[place][heard[place]][-DAYS:], newest[place], alone[place], watch) if strong[place] else None
        for place in range(len(days))
    ]


def _lone(days: Floats, faded: Floats, alone: Floats, watch: Watch) -> tuple[str, str] | None:
    """One machine with a channel far away. days: [d, k], newest last; faded, alone: [k], of the newest day."""
    place = int(np.nanargmax(np.abs(alone)))
    name, strength = watch.channels[place], abs(float(alone[place]))
    if not _stands_alone(faded, place, watch):
        return None
    way = 1 if alone[place] > 0 else -1
    knowing = {mode: ways for mode, ways in watch.signs.items() if ways.get(name) == way}
    if not knowing:
        return name, "against the rules" if watch.signs else "offset"
    if _jumped(days[:, place], way) or _stands_still(days[:, place], way):
        return name, "offset"
    companions = max(_companions(alone, ways, name, watch.channels) for ways in knowing.values())
    if strength > FAR * watch.limits["alone"] and companions < COMPANION:
        return name, "drift"
    return None


def _stands_alone(faded: Floats, place: int, watch: Watch) -> bool:
    """Whether the other channels, asked without this one, are sound."""
    rest = faded.copy()
    rest[place] = np.nan
    if not np.isfinite(rest).any():
        return False
    asked = signals(rest[None], watch.covariance, watch.channels, watch.signs)
    return all(not asked.of(name)[0] >= LONE * limit for name, limit in watch.limits.items())


def _jumped(days: Floats, way: int) -> bool:
    """Whether most of the deviation came within a day, and stayed."""
    known = days[np.isfinite(days)] * way
    if len(known) < 3:
        return False
    size = float(np.median(known[-2:]))
    for place in range(2, len(known) - 1):
        before, after = float(np.mean(known[max(0, place - 3) : place])), float(np.mean(known[place : place + 2]))
        if after - before > max(JUMP, JUMP_SHARE * size):
            return True
    return False


def _stands_still(days: Floats, way: int) -> bool:
    """Whether it has been as far away for weeks: wear grows, a badly calibrated instrument does not."""
    known = days[np.isfinite(days)] * way
    before = known[: max(len(known) - BEFORE[0], 0)][-(BEFORE[1] - BEFORE[0]) :]
    if len(before) < NOW:
        return False
    return float(np.mean(before)) >= STANDS * float(np.mean(known[-NOW:])) > 0.0


def _companions(alone: Floats, ways: Mapping[str, int], name: str, channels: Sequence[str]) -> float:
    """The strongest of the channels that should have moved along, in their way; infinite where the mode has no other."""
    others = [ways[one] * alone[place] for place, one in enumerate(channels) if one in ways and one != name]
    known = [float(value) for value in others if np.isfinite(value)]
    return max(known) if known else float("inf")


KINDS: Mapping[str, str] = {
    "stuck": "{title} stands still while the machine runs",
    "spikes": "{title} jumps for single readings and comes back",
    "noise": "{title} trembles as it never did",
    "offset": "{title} jumped away within a day, and nothing else followed",
    "drift": "{title} went far away, and nothing that should follow did",
    "against the rules": "{title} alone deviates, in a way that no failure mode explains",
}
