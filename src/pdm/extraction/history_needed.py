"""How far back readings are needed to compute one as-of row: scoring reads no more than that."""

from __future__ import annotations

from pdm.catalogue.asset_class import RunningRule
from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import FeatureSet
from pdm.extraction.held import held_channels
from pdm.extraction.snapshots import speeds


def lookback(feature_set: FeatureSet, axis: Axis, running: RunningRule | None = None) -> float | None:
    """Native units before an asset's newest reading within which all readings are needed; None: the whole history.

    One stride is added, because the newest as-of row may lie that far before the newest reading. Windows of rows need the whole
    history (their grid counts from the first reading of a life, and gaps make rows unlike units), and so do life features, run hours
    time-weighted columns (a valve may have held its value for years) and the speed at which an old snapshot was taken.

    >>> from pdm.catalogue.feature_set import Window
    >>> lookback(FeatureSet("pump", ("p",), (Window(duration="24h", every="6h"),)), Axis())
    30.0
    """
    whole_life = feature_set.life is not None or (feature_set.events is not None and feature_set.events.run_hours)
    if whole_life or feature_set.windows[0].rows is not None or held_channels(feature_set) or speeds(feature_set):
        return None
    longest = max(axis.span(str(window.duration)) for window in feature_set.windows)
    settle = running.settle + axis.step if running and feature_set.running_only else 0.0
    return longest + axis.span(str(feature_set.windows[0].every)) + settle


def needs_lives(feature_set: FeatureSet) -> bool:
    """Whether a feature or the grid of as-of rows depends on when a life began."""
    window = feature_set.windows[0]
    return feature_set.life is not None or (window.rows is not None and window.every != 1)


def needs_events(feature_set: FeatureSet) -> bool:
    """Whether anything that happened changes a feature."""
    return feature_set.events is not None or needs_lives(feature_set)
