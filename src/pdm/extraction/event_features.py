"""Event features: what happened, counted strictly before the as-of time and only as far as it was known then.

| feature | meaning |
|---|---|
| `error.error1@24h__count` | events of this kind and code within `(t - 24h, t)` |
| `repair.bearing__since` | native units since the last one; NaN when there was none |
| `asset__age` | years since commissioning; NaN without a date |
| `asset__run_hours` | cumulative running hours (native units) up to the last reading |

An event that was recorded after the as-of time does not exist there: a work order entered ten days late changes no past row.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pdm.catalogue.feature_set import EventFeatures
from pdm.extraction.asof import AsOf
from pdm.extraction.history import AssetHistory, Happenings, latest_visible
from pdm.extraction.scale import Scale, Ticks

Floats = npt.NDArray[np.float64]

_YEAR_US = 365.25 * 86_400_000_000


def event_names(features: EventFeatures) -> list[str]:
    """Names of the columns."""
    names = [f"{_subject(kind, code)}@{window}__count" for kind, code, window in features.counts]
    names += [f"{_subject(kind, key)}__since" for kind, key in features.since]
    return names + ["asset__age"] * features.asset_age + ["asset__run_hours"] * features.run_hours


def event_columns(history: AssetHistory, asof: AsOf, features: EventFeatures, scale: Scale) -> Floats:
    """Columns in the order of `event_names`: [as-of rows, columns]."""
    columns = [
        _count(history.events.where(kind, code), asof.at, scale.span(window)) for kind, code, window in features.counts
    ]
    columns += [_since(history.events.where(kind, key, items=True), asof.at, scale) for kind, key in features.since]
    if features.asset_age:
        columns.append(_age(history, asof))
    if features.run_hours:
        hours = history.run_hours
        columns.append(np.full(len(asof.at), np.nan) if hours is None else hours[asof.ends - 1])
    return np.column_stack(columns) if columns else np.empty((len(asof.at), 0))


def _subject(kind: str, key: str) -> str:
    return f"{kind}.{key}" if key else kind


def _count(events: Happenings, at: Ticks, span: float | int) -> Floats:
    """How many events are inside `[visible, event + span)` at each as-of position."""
    until = events.at + span
    counted = events.visible < until
    came = np.searchsorted(np.sort(events.visible[counted]), at, side="right")
    went = np.searchsorted(np.sort(until[counted]), at, side="right")
    return (came - went).astype(np.float64)


def _since(events: Happenings, at: Ticks, scale: Scale) -> Floats:
    last = latest_visible(events.at, events.visible, at, scale.never)
    return np.where(last == scale.never, np.nan, scale.native(at - last))


def _age(history: AssetHistory, asof: AsOf) -> Floats:
    """On a usage axis the calendar is known only through the readings' `recorded_at`."""
    if history.commissioned is None or history.moments is None:
        return np.full(len(asof.at), np.nan)
    calendar = history.moments is history.positions
    moments = asof.at if calendar else history.moments[asof.ends - 1]
    return np.asarray((moments - history.commissioned) / _YEAR_US, dtype=np.float64)
