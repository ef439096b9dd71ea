"""What happened to one asset, as a stream keeps it: the rows of its events and lives, and what of them is visible from where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue.feature_set import FeatureSet
from pdm.extraction.history import AssetHistory, histories
from pdm.extraction.scale import Scale, Ticks
from pdm.readings.registry import Asset

EVENT_WORDS = ("kind", "code", "maintainable_item")


@dataclass(frozen=True)
class Log:
    """Tables of one asset, None where nothing came: events as they came, and its present lives."""

    events: pd.DataFrame | None = None
    lives: pd.DataFrame | None = None

    @property
    def empty(self) -> bool:
        return self.events is None and self.lives is None


def with_rows(log: Log, events: pd.DataFrame | None, lives: pd.DataFrame | None, scale: Scale) -> Log:
    """New events are added; lives take the place of those known so far, because a new event may move their ends."""
    if events is not None and len(events):
        place = "time" if scale.calendar else "usage"
        names = [name for name in ("asset", place, "recorded_at", *EVENT_WORDS) if name in events]
        new = events.loc[events[place].notna(), names]
        if len(new):
            old = log.events
            both = new if old is None else pd.concat([_alike(old, new), _alike(new, old)])
            log = Log(both.reset_index(drop=True), log.lives)
    if lives is not None and len(lives):
        names = [name for name in ("asset", "maintainable_item", "start", "known_at") if name in lives]
        log = Log(log.events, lives[names].reset_index(drop=True))
    return log


def seen(
    asset: str, log: Log, assets: Mapping[str, Asset], scale: Scale, positions: Ticks, moments: Ticks | None
) -> AssetHistory:
    """The lives and events of one asset with the position from which each counts, by the one rule that `extract` has.

    positions, moments: of its readings, one at least; on the calendar no event depends on them.
    """
    frame = pd.DataFrame({"asset": asset, "time": scale.times(positions)})
    if moments is not None:
        frame["recorded_at"] = pd.DatetimeIndex(moments.astype("datetime64[us]"), tz="UTC")
    return next(
        histories(frame, {}, scale, events=log.events, lives=log.lives, assets=assets, run_hours=None, known_at=None)
    )


def changed_from(old: AssetHistory | None, new: AssetHistory, features: FeatureSet, scale: Scale) -> Any:
    """The earliest as-of position at which the two give different features; `scale.beyond` when there is none."""
    before, after = _effects(old, features), _effects(new, features)
    return min((visible for visible, *_ in (before - after) + (after - before)), default=scale.beyond)


def without_past(log: Log, now: AssetHistory, features: FeatureSet, scale: Scale, position: Any) -> Log:
    """Drop events that no as-of row later than `position` can count any more.

    Kept are the latest of each kind, code and item (for `time since`), and those at which a life began.
    """
    if log.events is None:
        return log
    spans = [scale.span(window) for _, _, window in (features.events.counts if features.events else ())]
    events = now.events
    past = (events.at + max(spans, default=0) < position) & (events.visible <= position)
    if log.lives is not None:
        past &= ~np.isin(events.at, now.life_starts)
    if not past.any():
        return log
    words = pd.DataFrame({"at": events.at, "kind": events.kind, "code": events.code, "item": events.item})[past]
    newest = words.sort_values("at", kind="stable").drop_duplicates(["kind", "code", "item"], keep="last").index
    past[newest] = False
    return Log(log.events[~past].reset_index(drop=True), log.lives)


def _effects(history: AssetHistory | None, features: FeatureSet) -> Counter[tuple[Any, ...]]:
    if history is None:
        return Counter()
    kinds = {kind for kind, *_ in (*features.events.counts, *features.events.since)} if features.events else set()
    if features.life and features.life.baseline_rows:
        kinds.add("rebaseline")
    events = history.events
    counted = zip(events.visible, events.at, events.kind, events.code, events.item, strict=True)
    lives = zip(history.life_visible, history.life_starts, strict=True)
    return Counter([item for item in counted if item[2] in kinds] + list(lives))


def _alike(rows: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """With the columns of the other table too, so that joining the two does not change the type of a column."""
    missing = {}
    for name in other.columns.difference(rows.columns):
        empty = pd.Series(pd.NaT, index=rows.index).dt.tz_localize("UTC") if name == "recorded_at" else ""
        missing[name] = empty
    return rows.assign(**missing)
