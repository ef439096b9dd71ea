"""Ask history whether a feature table has seen the future: rows computed once more from what came before, and from what was known.

Two of the leak guard's questions need the plant's history, and one its maintenance calendar; training asks the others itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.extraction import extract
from pdm.extraction.history_needed import needs_lives
from pdm.learning.leak_calendar import calendar_of, maintenance_line
from pdm.learning.leak_peek import ROWS, cut_lives, peek_line, sample_rows, with_an_end
from pdm.learning.leak_report import LeakLine
from pdm.learning.splits import groups_of
from pdm.operations.build_features import FeatureTable
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.lives import read_lives
from pdm.readings.registry import Asset, read_assets
from pdm.readings.store import ReadingStore


def check_leaks(
    plant: Plant, asset_class: str, table: FeatureTable, *, known_at: datetime | None = None, rows: int = ROWS
) -> tuple[LeakLine, ...]:
    """The answers to `future_peek`, `known_then` and `next_maintenance`.

    table: the features that shall be learnt from. known_at: as it was built. rows: how many are computed again.
    """
    definition = plant.catalogue.asset_class(asset_class)
    sampled = sample_rows(table.frame, rows)
    with plant.progress.stage(f"leak guard of {asset_class}"):
        past = _Past(plant, definition, tuple(sorted(set(sampled["asset"].astype(str)))), known_at)
        lines = (
            peek_line("future_peek", sampled, past.cut_off, cut="from history that ends at them"),
            _with_late_readings(
                peek_line("known_then", sampled, past.as_known, cut="from what was on record then"), past, sampled
            ),
        )
        return (*lines, _maintenance(plant, definition, table, known_at))


@dataclass(frozen=True)
class _Past:
    """History of a few assets, from which one row at a time is computed again."""

    plant: Plant
    definition: AssetClass
    names: tuple[str, ...]
    known_at: datetime | None

    @cached_property
    def readings(self) -> pd.DataFrame:
        rule, channels = self.definition.running, list(self.definition.feature_set.channels)
        if rule and rule.channel not in channels:
            channels.append(rule.channel)
        store = ReadingStore(self.plant.history)
        return store.scan(
            self.definition, assets=self.names, channels=channels, known_at=self.known_at, recorded_at=True
        )

    @cached_property
    def events(self) -> pd.DataFrame:
        return read_events(self.plant.history, assets=list(self.names), known_at=self.known_at)

    @cached_property
    def assets(self) -> dict[str, Asset]:
        found = read_assets(self.plant.history, asset_class=self.definition.name, known_at=self.known_at)
        return {name: found[name] for name in self.names if name in found}

    @cached_property
    def lives(self) -> pd.DataFrame | None:
        return self._lives(self.known_at)

    def cut_off(self, asset: str, time: Any) -> pd.DataFrame:
        """The row from readings, events and lives that lie before it."""
        return self._row(asset, time, self.events, self.lives, None)

    def as_known(self, asset: str, time: Any) -> pd.DataFrame:
        """The row from events and lives as they stood in the records at that moment."""
        moment = self._moment(asset, time)
        if moment is None:
            return self.cut_off(asset, time)
        events = self.events[self.events["recorded_at"] <= moment]
        return self._row(asset, time, events, self._lives(moment) if self.lives is not None else None, moment)

    def late(self, asset: str, time: Any) -> bool:
        """Whether a reading up to then came more than one step after it was true: scoring had to do without it."""
        own = self.readings[(self.readings["asset"] == asset) & (self.readings["time"] <= time)]
        moment = self._moment(asset, time)
        if moment is None or own.empty:
            return False
        step = pd.Timedelta(days=self.definition.axis.step / self.definition.axis.per_day)
        return bool((own["recorded_at"] > moment + step).any())

    def _lives(self, known_at: datetime | None) -> pd.DataFrame | None:
        if not needs_lives(self.definition.feature_set):
            return None
        model = self.plant.catalogue.models.get(self.definition.name)
        return read_lives(self.plant.history, self.definition, model, known_at=known_at)

    def _moment(self, asset: str, time: Any) -> datetime | None:
        """When it was, on the calendar; on a counter the moment at which that reading came in."""
        if self.definition.axis.kind == "time":
            return pd.Timestamp(time).to_pydatetime()
        own = self.readings[(self.readings["asset"] == asset) & (self.readings["time"] <= time)]
        return None if own.empty else pd.Timestamp(own["recorded_at"].iloc[-1]).to_pydatetime()

    def _row(
        self, asset: str, time: Any, events: pd.DataFrame, lives: pd.DataFrame | None, known_at: datetime | None
    ) -> pd.DataFrame:
        readings = self.readings
        before = with_an_end(readings[(readings["asset"] == asset) & (readings["time"] <= time)], time)
        place = "time" if self.definition.axis.kind == "time" else "usage"
        row: pd.DataFrame = extract(
            before,
            self.definition.feature_set,
            events[(events["asset"] == asset) & ~(events[place] > time)],
            None if lives is None else cut_lives(lives[lives["asset"] == asset], time),
            axis=self.definition.axis,
            running=self.definition.running,
            channels=self.definition.channels,
            assets=self.assets,
            only_last=True,
            known_at=known_at or self.known_at,
        )
        found: pd.DataFrame = row[row["time"] == time]
        return found


def _with_late_readings(line: LeakLine, past: _Past, sampled: pd.DataFrame) -> LeakLine:
    """Readings that came late are no leak, since training goes by the time at which they were true; but somebody should know."""
    late = sum(past.late(str(row["asset"]), row["time"]) for row in sampled[["asset", "time"]].to_dict("records"))
    figures = {**line.figures, "late_readings": float(late)}
    if not late or line.passed is not True:
        return LeakLine(line.name, line.passed, line.sentence, figures, line.warning)
    sentence = f"{line.sentence} At {late} of these rows some readings came in later than one step: scoring would not have had them."
    return LeakLine(line.name, True, sentence, figures, warning=True)


def _maintenance(plant: Plant, definition: AssetClass, table: FeatureTable, known_at: datetime | None) -> LeakLine:
    frame = table.frame
    model = plant.catalogue.model(definition.name)
    events = read_events(plant.history, assets=sorted(set(frame["asset"].astype(str))), known_at=known_at)
    lives = read_lives(plant.history, definition, model, known_at=known_at)
    return maintenance_line(
        np.ascontiguousarray(frame[list(table.features)].to_numpy(dtype=np.float32)),
        table.features,
        definition.axis.positions(frame["time"]),
        groups_of(frame["asset"], lives),
        calendar_of(frame, events, definition.axis),
        model.learner,
    )
