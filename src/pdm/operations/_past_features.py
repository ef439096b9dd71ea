"""Feature rows of a stretch of history, made once and asked about at a thousand moments, with what the model says about each.

A row rests on the readings of its windows and on the events that were on record at its as-of time, on nothing later: `extract` keeps
that promise. So a row of the whole table is the row that a round of scoring made, as long as all readings of its windows were known then
and nobody told an event anew. Where that is not so, the asset is computed as live.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.catalogue.axis import microseconds
from pdm.extraction.history_needed import needs_events, needs_lives
from pdm.extraction.scale import Scale
from pdm.learning.model import Prediction
from pdm.operations._known import feature_sets, feature_span
from pdm.registry.bundle import Bundle
from pdm.replay.held import Ints


@dataclass(frozen=True)
class PastFeatures:
    """The table of one class, sorted by asset and as-of time.

    at: of each row, microseconds. firsts: asset -> its first row and the one behind its last. prediction: what the model says, row by row.
    every, span: microseconds between as-of rows, and how far back one looks from the newest reading (None: at everything).
    """

    table: pd.DataFrame = field(repr=False)
    at: Ints
    firsts: Mapping[str, tuple[int, int]]
    prediction: Prediction | None
    every: int
    span: int | None
    told_anew: frozenset[str]

    def row(self, asset: str, newest: int) -> int:
        """The newest row of an asset whose newest reading is at this microsecond; -1 where that has to be computed."""
        if asset in self.told_anew or asset not in self.firsts:
            return -1
        low, high = self.firsts[asset]
        wanted = newest // self.every * self.every
        place = low + int(np.searchsorted(self.at[low:high], wanted))
        return place if place < high and int(self.at[place]) == wanted else -1


def can_be_made_once(asset_class: AssetClass, bundle: Bundle) -> bool:
    """Whether a feature row follows from what came before it alone: on the calendar, without lives and derived channels.

    Where scoring reads the weeks that it needs, and not the whole history, nothing older may matter either.
    """
    sets, rule = feature_sets(bundle), asset_class.running
    if asset_class.axis.kind != "time" or not sets or bundle.manifest.derived_features or any(map(needs_lives, sets)):
        return False
    if any(features.windows[0].rows is not None for features in sets):
        return False
    by_exception = rule is not None and asset_class.channel(rule.channel).sampling == "exception"
    whole = feature_span(asset_class, bundle) is None
    return whole or not (by_exception and any(features.running_only for features in sets))


def past_features(
    asset_class: AssetClass, bundle: Bundle, table: pd.DataFrame, *, span: float | None, told_anew: frozenset[str]
) -> PastFeatures:
    """What `table`, all feature rows of a stretch, says. told_anew: assets with an event that has several versions."""
    scale = Scale(asset_class.axis)
    tags = table["asset"].to_numpy(dtype=object)
    starts = np.flatnonzero(np.append(True, tags[1:] != tags[:-1])) if len(tags) else np.empty(0, dtype=np.int64)
    ends = [*starts[1:].tolist(), len(tags)]
    firsts = {str(tags[start]): (int(start), int(end)) for start, end in zip(starts, ends, strict=False)}
    counted = any(map(needs_events, feature_sets(bundle)))
    return PastFeatures(
        table,
        microseconds(table["time"]),
        firsts,
        _asked(bundle, table),
        int(scale.span(str(bundle.feature_set.windows[0].every))),
        None if span is None else round(span * 3_600_000_000),
        told_anew if counted else frozenset(),
    )


def _asked(bundle: Bundle, table: pd.DataFrame) -> Prediction | None:
    if table.empty or any(name not in table for name in bundle.feature_names):
        return None
    matrix: Any = table[list(bundle.feature_names)].to_numpy(np.float32)
    try:
        return bundle.predictor.predict(matrix)
    except Exception:  # whatever a booster throws is told by the round that asks it again
        return None
