"""What to remember of each machine: the level of every channel while nobody doubts it, and the level before a doubt began."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd

from pdm.catalogue import AssetClass
from pdm.readings.levels import Level, Levels
from pdm.scoring.looked_at import look_at
from pdm.scoring.wrong_units import (
    SISTERS,
    Doubt,
    alike,
    doubts,
    newest_levels,
    steady_rows,
)

NEWEST = 24
"""Newest steady values that make a level."""
MOVED = 1.5
"""A level is written down anew when the machine has moved away from it by this factor, and not more than once a day."""
_DAY = timedelta(days=1)


def own_levels(
    recent: pd.DataFrame, asset_class: AssetClass, channels: tuple[str, ...], remembered: Levels, now: datetime
) -> list[Level]:
    """Levels that are new, or have moved since they were remembered.

    recent: asset, time and channels float64 (bad and void as NaN), in any order. Where a doubt began before anything was remembered,
    the level before it counts, unless the sisters show the level after it: then the readings were wrong first.
    """
    if recent.empty:
        return []
    seen = look_at(recent, asset_class, channels)
    doubted = doubts(seen, asset_class, remembered)
    found = []
    for name in seen.channels:
        known = remembered.get(name, {})
        levels = newest_levels(seen.column(name), seen.asset, steady_rows(seen, asset_class, name), NEWEST)
        calm = [level for code, (level, _, _) in levels.items() if (seen.tags[code], name) not in doubted]
        for code, (level, count, _) in levels.items():
            tag = seen.tags[code]
            doubt = doubted.get((tag, name))
            said = level if doubt is None else _before(doubt, calm) if tag not in known else None
            if said and _is_news(said, known.get(tag), now):
                found.append(Level(tag, name, float(f"{said:.6g}"), count))
    return found


def _before(doubt: Doubt, calm: list[float]) -> float | None:
    """The level that the machine had before the doubt; None where nobody can say."""
    if not doubt.own:
        return None
    after = sum(alike(doubt.jump.after, one) for one in calm)
    if after >= SISTERS and after > sum(alike(doubt.jump.before, one) for one in calm):
        return doubt.jump.after
    return doubt.jump.before


def _is_news(level: float, known: Level | None, now: datetime) -> bool:
    if known is None or known.recorded_at is None:
        return True
    small, large = sorted((abs(level), abs(known.level)))
    return large > MOVED * small and now - known.recorded_at >= _DAY
