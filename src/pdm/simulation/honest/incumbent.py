"""How the plant looks after itself today: limits in the control system, operators' rounds, quarterly inspections.

It is the policy that any model has to beat, and it is why most failures in the records are those it did not see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdm.simulation.honest.settings import ClassSettings, Incumbent, ModeSettings
from pdm.simulation.signals import DAY, Bools, Floats

Finder = Literal["limit", "round", "inspection"]

HITS, OF = 4, 6
"""A limit counts as crossed when so many of the last six hours lie beyond it."""


@dataclass(frozen=True)
class Watch:
    """What the control system sees of healthy machines, shape (a, t) by channel, and how much of wear shows at each hour."""

    machine: ClassSettings
    healthy: Mapping[str, Floats]
    shows: Floats


@dataclass(frozen=True)
class Found:
    """Who noticed, at which row, and when the repair was done."""

    by: Finder
    noticed: int
    repaired: int


def condition_repair(
    rng: np.random.Generator,
    policy: Incumbent,
    watch: Watch,
    asset: int,
    onset: int,
    curve: Floats,
    signature: Mapping[str, float],
    mode: ModeSettings,
) -> Found | None:
    """The repair that the incumbent would make on a growing damage; None when nobody notices."""
    if not len(curve):
        return None
    rows: dict[Finder, int | None] = {
        "limit": _limit(rng, policy, watch, asset, onset, curve, signature),
        "round": _round(rng, policy, onset, curve, mode),
        "inspection": _inspection(rng, policy, onset, curve, mode),
    }
    noticed: list[tuple[int, Finder]] = [(row, by) for by, row in rows.items() if row is not None]
    if not noticed:
        return None
    row, by = min(noticed)
    wait = float(rng.uniform(*policy.answer_hours))
    if rng.random() < policy.parts_delayed:
        wait += float(rng.uniform(*policy.parts_delay_days)) * DAY
    return Found(by, row, row + int(wait))


def crossings(values: Floats, running: Bools, low: float | None, high: float | None) -> Bools:
    """Hours in which a limit has been crossed in `HITS` of the last `OF` hours of running, along the last axis."""
    beyond = np.zeros(values.shape, dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        if high is not None:
            beyond |= values > high
        if low is not None:
            beyond |= values < low
    beyond &= running
    count = np.cumsum(beyond, axis=-1, dtype=np.int64)
    before = np.zeros_like(count)
    before[..., OF:] = count[..., :-OF]
    return np.asarray(count - before >= HITS)


def _limit(
    rng: np.random.Generator,
    policy: Incumbent,
    watch: Watch,
    asset: int,
    onset: int,
    curve: Floats,
    signature: Mapping[str, float],
) -> int | None:
    if rng.random() < policy.ignored:
        return None
    rows = watch.shows.shape[1]
    first, last = max(onset, 0), min(onset + len(curve), rows)
    if first >= last:
        return None
    shows = watch.shows[asset, first:last]
    found = []
    for name, shift in signature.items():
        channel = watch.machine.channel_named(name)
        level = watch.healthy[name][asset, first:last] + shift * curve[first - onset : last - onset] * shows
        crossed = np.flatnonzero(crossings(level, shows > 0, channel.alarm_low, channel.alarm_high))
        if len(crossed):
            found.append(first + int(crossed[0]))
    return min(found, default=None)


def _round(rng: np.random.Generator, policy: Incumbent, onset: int, curve: Floats, mode: ModeSettings) -> int | None:
    """Operators walk by: they hear and smell what is far gone."""
    step = int(policy.round_days * DAY)
    return _visit(
        rng, onset, curve, step, lambda d: (1 - policy.overlook) * mode.seen * 0.6 * np.clip((d - 0.3) / 0.6, 0, 1)
    )


def _inspection(
    rng: np.random.Generator, policy: Incumbent, onset: int, curve: Floats, mode: ModeSettings
) -> int | None:
    """Inspectors come seldom and look closely; a share of real faults they overlook."""
    step = int(policy.inspection_days * DAY)
    return _visit(
        rng, onset, curve, step, lambda d: (1 - policy.overlook) * np.sqrt(mode.seen) * np.clip(1.2 * d, 0, 1)
    )


def _visit(
    rng: np.random.Generator, onset: int, curve: Floats, step: int, chance: Callable[[Floats], Floats]
) -> int | None:
    at = np.arange(int(rng.integers(0, step)), len(curve), step)
    seen = np.flatnonzero(rng.random(len(at)) < chance(curve[at]))
    return onset + int(at[seen[0]]) if len(seen) else None
