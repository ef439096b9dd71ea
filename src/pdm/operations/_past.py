"""What was known at one moment of the past, out of tables that many moments share: the answers of `Known`, without doing them anew.

A row's residuals and a feature row rest on what came before them. They are made once, from everything on record, and stand for every
moment at which all of that was known; where a reading came late, the asset concerned is computed from what was known then, as live.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.learning.watch import Learnt, Rows, read_back, watch_rows
from pdm.learning.watch.rows import beside
from pdm.operations._begun import Begun
from pdm.operations._known import (
    Answered,
    Known,
    Readings,
    Recent,
    compute_features,
    doubt_span,
    equipment_word_of,
    equipment_words,
    feature_span,
    needed_history,
)
from pdm.operations._past_events import PastEvents
from pdm.operations._past_features import PastFeatures, can_be_made_once, past_features
from pdm.ports import Plant
from pdm.readings.baselines import DECLARED
from pdm.readings.levels import Levels
from pdm.readings.registry import Asset
from pdm.readings.running import running_state
from pdm.registry.bundle import Bundle
from pdm.registry.in_charge import InCharge
from pdm.replay.held import FOREVER, Held, HeldReadings, Ints, Span, frame, microsecond
from pdm.scoring.assessment import Equipment
from pdm.scoring.watching import Watched, watched
from pdm.units import duration

_HOUR = 3_600_000_000


@dataclass(frozen=True)
class Memory:
    """What several moments share.

    end: the last of them. recorded: table -> sorted moments of recording, so that "the same rows are known" is a number.
    """

    held: HeldReadings
    end: datetime
    recorded: dict[str, np.ndarray]
    happened: PastEvents
    assets: dict[int, dict[str, dict[str, Asset]]] = field(default_factory=dict)
    events: dict[int, pd.DataFrame] = field(default_factory=dict)
    charges: dict[str, InCharge] = field(default_factory=dict)
    rows: dict[tuple[str, str], Rows] = field(default_factory=dict)
    features: dict[tuple[str, str, int], PastFeatures] = field(default_factory=dict)
    levels: dict[tuple[int, str], Levels] = field(default_factory=dict)
    states: dict[str, np.ndarray] = field(default_factory=dict)

    def rows_known(self, table: str, now: datetime) -> int:
        return int(np.searchsorted(self.recorded[table], microsecond(now), side="right"))

    def running_states(self, asset_class: AssetClass, held: Held) -> np.ndarray:
        """The running state at every reading of a class."""
        if asset_class.name not in self.states:
            every = frame(asset_class, held, np.arange(len(held.time), dtype=np.int64))
            self.states[asset_class.name] = running_state(every, asset_class)
        return self.states[asset_class.name]

    def watch_rows(self, asset_class: AssetClass, bundle: Bundle, held: Held) -> Rows | None:
        """The residuals of all readings of a class; None where its bundle keeps no watch list."""
        if bundle.watch is None:
            return None
        key = asset_class.name, bundle.version
        if key not in self.rows:
            every = frame(asset_class, held, np.arange(len(held.time), dtype=np.int64))
            self.rows[key] = watch_rows(bundle.watch.expected, every, asset_class)
        return self.rows[key]


@dataclass(frozen=True)
class Past(Known):
    """What was known at one moment, out of a memory that many moments share."""

    memory: Memory = field(kw_only=True)
    spoke: dict[str, list[str]] = field(default_factory=dict, compare=False)

    @cached_property
    def readings(self) -> Readings:
        return self.memory.held

    def charge(self, plant: Plant, name: str) -> InCharge:
        if name not in self.memory.charges:
            self.memory.charges[name] = super().charge(plant, name)
        return self.memory.charges[name]

    @cached_property
    def assets(self) -> dict[str, dict[str, Asset]]:
        rows = self.memory.rows_known("assets", self.now)
        if rows not in self.memory.assets:
            self.memory.assets[rows] = Known(self.history, self.now).assets
        return self.memory.assets[rows]

    @cached_property
    def events(self) -> pd.DataFrame:
        rows = self.memory.rows_known("events", self.now)
        if rows not in self.memory.events:
            self.memory.events.clear()  # moments pass by in order: what was known before is not asked again
            self.memory.events[rows] = Known(self.history, self.now).events
        return self.memory.events[rows]

    def restored(self, asset_class: AssetClass) -> dict[str, float]:
        if asset_class.axis.kind == "usage":
            return super().restored(asset_class)
        return self.memory.happened.restored(self.now)

    def levels(self, asset_class: AssetClass) -> Levels:
        before = int(np.searchsorted(self.memory.recorded["levels"], microsecond(self.now), side="left"))
        key = before, asset_class.name
        if key not in self.memory.levels:
            self.memory.levels[key] = super().levels(asset_class) if before else {}
        return self.memory.levels[key]

    def recent(self, plant: Plant, asset_class: AssetClass, bundle: Bundle | None, tags: Sequence[str]) -> Recent:
        """As live, without the weeks that only the watch list looks back on: it has its rows already."""
        held, needed = self.memory.held.of(asset_class), needed_history(asset_class, bundle)
        near = feature_span(asset_class, bundle)
        if held is not None and self._whole_life(asset_class, bundle):
            return self._recent_of_all(plant, asset_class, bundle, held, tags)
        if held is None or needed is None or near is None:
            return super().recent(plant, asset_class, bundle, tags)
        now = microsecond(self.now)
        last = self.memory.held.last(asset_class, assets=tags, known_at=self.now)
        span, silent_after = round(needed * _HOUR), duration(plant.settings.stale_after)
        spoke = last[last["time"] >= self.now - silent_after - pd.Timedelta(hours=needed)]
        self.spoke[asset_class.name] = spoke["asset"].tolist()
        if spoke.empty:
            none = frame(asset_class, held, np.empty(0, np.int64))
            return Recent(last, none, none)
        start = min(microsecond(spoke["time"].min().to_pydatetime()), now) - span
        rows = [_rows(held, held.places[tag], now, start) for tag in self.spoke[asset_class.name]]
        if bundle is not None and bundle.watch is not None:
            newest = [int(held.time[some[-1]]) for some in rows if len(some)]
            after = min(newest) - round(near * _HOUR)
            rows = [some[held.time[some] > after] for some in rows]
        readings = frame(asset_class, held, np.concatenate(rows))
        return Recent(last, readings, readings)

    def _whole_life(self, asset_class: AssetClass, bundle: Bundle | None) -> bool:
        """Whether live scoring reads everything, for the sake of values that a channel by exception has held for long."""
        if (
            bundle is None
            or needed_history(asset_class, bundle) is not None
            or not can_be_made_once(asset_class, bundle)
        ):
            return False
        return doubt_span(asset_class, bundle) is not None

    def _recent_of_all(
        self, plant: Plant, asset_class: AssetClass, bundle: Bundle | None, held: Held, tags: Sequence[str]
    ) -> Recent:
        """The newest readings of all machines, as far as doubts look back; whatever is older stands in the tables."""
        now, span = microsecond(self.now), doubt_span(asset_class, bundle) or 0.0
        last = self.memory.held.last(asset_class, assets=tags, known_at=self.now)
        rows = {tag: _rows(held, held.places[tag], now, -FOREVER) for tag in tags if tag in held.places}
        self.spoke[asset_class.name] = [tag for tag, some in rows.items() if len(some)]
        after = now - round(span * _HOUR) - duration(plant.settings.stale_after) // timedelta(microseconds=1)
        near = [some[held.time[some] > after] for some in rows.values()]
        readings = frame(asset_class, held, np.concatenate([np.empty(0, np.int64), *near]))
        return Recent(last, readings, readings)

    def equipment(self, asset_class: AssetClass, recent: Recent) -> dict[str, Equipment]:
        """As live; a state that has been held for long comes out of the states of all readings."""
        held, bundle = self.memory.held.of(asset_class), self.memory.charges[asset_class.name].bundle
        if held is None or not self._whole_life(asset_class, bundle):
            return super().equipment(asset_class, recent)
        states, now, found = self.memory.running_states(asset_class, held), microsecond(self.now), {}
        for tag in self.spoke[asset_class.name]:
            span = held.known(held.places[tag], now, -FOREVER)
            if span.whole:
                found[tag] = equipment_word_of(states[span.high - 1])
            else:
                rows = _rows(held, held.places[tag], now, -FOREVER)
                found |= equipment_words(frame(asset_class, held, rows), asset_class)
        return found

    def begun(self, asset_class: AssetClass, bundle: Bundle, learnt: Learnt) -> Begun:
        """As live; nobody is asked where no event that begins a baseline was ever on record."""
        if not self.memory.happened.kinds & {DECLARED, *bundle.definition.watch.new_baseline_after}:
            return Begun(learnt.expected, {}, {})
        return super().begun(asset_class, bundle, learnt)

    def features(self, plant: Plant, asset_class: AssetClass, bundle: Bundle, readings: pd.DataFrame) -> Answered:
        """As live, from feature rows made once; where a reading came late, and after a silence, computed as live."""
        held, near = self.memory.held.of(asset_class), feature_span(asset_class, bundle)
        if (
            asset_class.name not in self.spoke
            or held is None
            or (near is None and not self._whole_life(asset_class, bundle))
            or not can_be_made_once(asset_class, bundle)
        ):
            return super().features(plant, asset_class, bundle, readings)
        made = self._features_made(plant, asset_class, bundle, held, near)
        rows = {tag: self._row(made, held, tag) for tag in self.spoke[asset_class.name]}
        chosen = np.array([row for row in rows.values() if row >= 0], dtype=np.int64)
        table = made.table.take(chosen)
        anew = [tag for tag, row in rows.items() if row < 0]
        if not anew:
            return Answered(table, made.prediction.take(chosen) if made.prediction else None)
        part = readings[readings["asset"].isin(anew)]
        if near is None:
            everything = [_rows(held, held.places[tag], microsecond(self.now), -FOREVER) for tag in anew]
            part = frame(asset_class, held, np.concatenate(everything))
        computed = compute_features(plant, asset_class, bundle, part, self) if len(part) else table.iloc[:0]
        return Answered(pd.concat([table, computed], ignore_index=True).sort_values("asset", kind="stable"))

    def _features_made(
        self, plant: Plant, asset_class: AssetClass, bundle: Bundle, held: Held, near: float | None
    ) -> PastFeatures:
        key = asset_class.name, bundle.version, self.memory.rows_known("assets", self.now)
        if key not in self.memory.features:
            every = frame(asset_class, held, np.arange(len(held.time), dtype=np.int64))
            whole = _Whole(self.history, self.memory.end, asked=self)
            table = compute_features(plant, asset_class, bundle, every, whole, only_last=False)
            told_anew = self.memory.happened.told_anew
            self.memory.features[key] = past_features(asset_class, bundle, table, span=near, told_anew=told_anew)
        return self.memory.features[key]

    def _row(self, made: PastFeatures, held: Held, tag: str) -> int:
        """The row of the table that stands for an asset now; -1 where there is none."""
        place, now = held.places[tag], microsecond(self.now)
        rows = held.known(place, now, -FOREVER)
        if rows.whole:
            return made.row(tag, int(held.time[rows.high - 1]))
        if made.span is None:
            return -1
        newest = int(held.time[_rows(held, place, now, -FOREVER)[-1]])
        return made.row(tag, newest) if held.known(place, now, newest - made.span).whole else -1

    def watched(self, asset_class: AssetClass, bundle: Bundle | None, recent: Recent) -> dict[str, Watched] | None:
        """As live, from residuals made once."""
        held = self.memory.held.of(asset_class)
        if asset_class.name not in self.spoke or held is None or bundle is None:
            return super().watched(asset_class, bundle, recent)
        rows = self.memory.watch_rows(asset_class, bundle, held)
        tags, now = self.spoke[asset_class.name], microsecond(self.now)
        if rows is None or bundle.watch is None or not tags:
            return None
        newest = max(int(held.time[_rows(held, held.places[tag], now, -FOREVER)[-1]]) for tag in tags)
        end = min(newest / _HOUR, self.now.timestamp() / 3600.0)
        start = round((end - read_back(bundle.watch.watch, asset_class.axis.step)) * _HOUR)
        spans = {held.places[tag]: held.known(held.places[tag], now, start) for tag in tags}
        begun = self.begun(asset_class, bundle, bundle.watch)
        restored = self.restored(asset_class) | begun.since
        anew_too = {held.places[tag] for tag in (*begun.since, *begun.told) if tag in held.places}
        if all(span.whole for span in spans.values()) and not anew_too:
            until = rows.firsts[:-1].copy()
            until[list(spans)] = [span.high for span in spans.values()]
            return watched(bundle.watch, rows, asset_class, end=end, restored=restored, until=until)
        late = [place for place, span in spans.items() if not span.whole or place in anew_too]
        anew = frame(asset_class, held, np.concatenate([_rows(held, place, now, start) for place in late]))
        parts = [
            _taken(rows, {place: span for place, span in spans.items() if place not in late}),
            watch_rows(begun.expected, anew, asset_class),
        ]
        return watched(bundle.watch, beside(parts), asset_class, end=end, restored=restored) | begun.told


@dataclass(frozen=True)
class _Whole(Known):
    """The end of the stretch, with the assets as somebody knew them before it."""

    asked: Past = field(kw_only=True)

    @cached_property
    def assets(self) -> dict[str, dict[str, Asset]]:
        return self.asked.assets


def _rows(held: Held, place: int, now: int, after: int) -> Ints:
    """The rows of one asset after a moment, as known at `now`."""
    span = held.known(place, now, after)
    if span.whole:
        return np.arange(span.low, span.high, dtype=np.int64)
    rows = np.arange(span.low, int(held.firsts[place + 1]), dtype=np.int64)
    return rows[held.recorded_at[rows] <= now]


def _taken(rows: Rows, spans: dict[int, Span]) -> Rows:
    """The rows of some assets within their spans."""
    lows, highs = rows.firsts[:-1].copy(), rows.firsts[:-1].copy()
    for place, span in spans.items():
        lows[place], highs[place] = span.low, span.high
    return rows.some(lows, highs)
