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

from pdm.learning.expected.design import Floats
from pdm.learning.watch.model import Watch
from pdm.learning.watch.signals import signals

ROWS = 72
LEAST_ROWS = 18
STILL_SHARE = 0.25
SPIKE, SPIKES = 10.0, 2
ROUGH_TIMES = 2.0
LONE = 0.8
JUMP_SHARE, JUMP = 0.6, 2.5
FAR = 2.5
COMPANION = 1.5


@dataclass(frozen=True)
class Suspect:
    """A channel that looks like a bad instrument. kind: stuck, spikes, noise, offset, drift or against the rules."""

    channel: str
    kind: str
    sentence: str


def hourly_measures(read: Floats, standardised: Floats) -> tuple[Floats, Floats]:
    """How still and how rough each channel is over some rows [n, k]: spread of the readings, and median step of the residual."""
    if len(read) < 2:
        return np.full(read.shape[1], np.nan), np.full(read.shape[1], np.nan)
    steps = np.abs(np.diff(standardised, axis=0))
    still, rough = np.full(read.shape[1], np.nan), np.full(read.shape[1], np.nan)
    for column in range(read.shape[1]):
        values, moved = read[np.isfinite(read[:, column]), column], steps[np.isfinite(steps[:, column]), column]
        if len(values) >= LEAST_ROWS:
            still[column] = float(np.std(values))
        if len(moved) >= LEAST_ROWS:
            rough[column] = float(np.median(moved))
    return still, rough


def by_the_hour(read: Floats, standardised: Floats, watch: Watch) -> dict[str, str]:
    """Channels whose newest `ROWS` running rows look like a bad instrument: channel -> kind. Rows [n, k], newest last.

    When most channels stand still at once it is the historian that repeats itself, not an instrument.
    """
    read, standardised = read[-ROWS:], standardised[-ROWS:]
    still, rough = hourly_measures(read[-24:], standardised[-24:])
    found: dict[str, str] = {}
    quiet = 0
    for place, name in enumerate(watch.channels):
        if np.isfinite(still[place]) and still[place] <= STILL_SHARE * watch.still[place]:
            found[name] = "stuck"
            quiet += 1
            continue
        known = standardised[np.isfinite(standardised[:, place]), place]
        if len(known) < LEAST_ROWS:
            continue
        middle = float(np.median(known))
        far = np.abs(known - middle) > SPIKE
        if SPIKES <= far.sum() <= 0.3 * len(known) and np.quantile(np.abs(known - middle), 0.6) < SPIKE / 2:
            found[name] = "spikes"
        elif np.isfinite(rough[place]) and rough[place] > ROUGH_TIMES * watch.rough[place]:
            found[name] = "noise"
    return {} if quiet > max(1, len(watch.channels) // 2) else found


def by_the_day(days: Floats, faded: Floats, watch: Watch) -> tuple[str, str] | None:
    """The lone channel and what it did, or None. days: [d, k] daily means, newest last; faded: [k], the newest fading mean."""
    now = signals(faded[None], watch.covariance, watch.channels, watch.signs)
    alone = now.alone[0]
    if not np.isfinite(alone).any() or "alone" not in watch.limits:
        return None
    place = int(np.nanargmax(np.abs(alone)))
    name, strength = watch.channels[place], abs(float(alone[place]))
    if strength < watch.limits["alone"] * LONE or not _stands_alone(faded, place, watch):
        return None
    way = 1 if alone[place] > 0 else -1
    knowing = {mode: ways for mode, ways in watch.signs.items() if ways.get(name) == way}
    if not knowing:
        return name, "against the rules" if watch.signs else "offset"
    if _jumped(days[:, place], way):
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
