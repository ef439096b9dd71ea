"""Which features are computed, over which windows: plain data that prints, compares and goes through JSON both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pdm.catalogue.vibration import VibrationPoint

Parameters = Sequence[Mapping[str, Any]] | None
Calculators = Mapping[str, Parameters]
"""A tsfresh settings mapping as it is: calculator name -> list of parameter dicts, or None for a calculator without any."""

MINIMAL: Calculators = {
    "sum_values": None,
    "median": None,
    "mean": None,
    "length": None,
    "standard_deviation": None,
    "variance": None,
    "root_mean_square": None,
    "maximum": None,
    "absolute_maximum": None,
    "minimum": None,
}
"""The ten calculators of tsfresh's `MinimalFCParameters`."""


@dataclass(frozen=True)
class Window:
    """What a feature row looks back on: a number of rows, or a length of time `(t - duration, t]`.

    rows: the last so many readings of the asset.
    duration: `24h`, `7d`; the window then ends on a grid of `every` anchored at the UTC epoch.
    every: stride; rows counted from the first row of a life (for `rows`), or a length of time (for `duration`).
    min_rows: fewer readings than this give NaN.

    Exactly one of `rows` and `duration` is given.
    """

    rows: int | None = None
    duration: str | None = None
    every: int | str = 1
    min_rows: int = 1

    def __post_init__(self) -> None:
        if (self.rows is None) == (self.duration is None):
            raise ValueError("a window has either rows or a duration")
        if self.rows is not None and not isinstance(self.every, int):
            raise ValueError("a window of rows moves on by rows: every=1")
        if self.duration is not None and not isinstance(self.every, str):
            raise ValueError('a window of time moves on by time: every="3h"')

    @property
    def label(self) -> str:
        """How the window appears in feature names: `24h`, or `30rows`."""
        return self.duration if self.duration is not None else f"{self.rows}rows"


@dataclass(frozen=True)
class LifeFeatures:
    """Features over the whole life so far, per channel: they start at the life's first row and never look beyond the as-of time.

    baseline_rows: rows at the life's start whose mean is the machine's own normal; 0 leaves drift out.
    recent_rows: rows whose mean is compared with that baseline (`drift`).
    ewm_alpha: smoothing factors of exponentially weighted means (bias-corrected).
    expanding: also mean, standard deviation and slope over the whole life.
    age: the position within the life, in native units.
    """

    baseline_rows: int = 0
    recent_rows: int = 10
    ewm_alpha: tuple[float, ...] = ()
    expanding: bool = False
    age: bool = False


@dataclass(frozen=True)
class EventFeatures:
    """Features of what happened: counted strictly before the as-of time, and only as far as it was known.

    counts: (event kind, code, window) -> how many within the window, named `error.error1@24h__count`.
    since: (event kind, maintainable item or code) -> native units since the last one, `repair.bearing__since`.
    asset_age: age of the asset in years at the as-of time, when its record has a commissioning date.
    run_hours: cumulative running hours of the asset.
    """

    counts: tuple[tuple[str, str, str], ...] = ()
    since: tuple[tuple[str, str], ...] = ()
    asset_age: bool = False
    run_hours: bool = False


@dataclass(frozen=True)
class FeatureSet:
    """One definition of features, the same for training and for service.

    name: the asset class, or any name.
    channels: raw channels, in the order of the columns.
    windows: with one window features bear plain tsfresh names (`s2__mean`), with several the window
        belongs to the kind (`s2@24h__mean`).
    calculators: a tsfresh settings mapping as it is.
    per_channel: other calculators for some channels (tsfresh's `kind_to_fc_parameters`).
    running_only: readings in standby or in a transient do not enter a window.
    held: channels that are written only when they move and hold their value in between (`sampling = "exception"`): their means
        are weighted by time, under names of their own (`valve__time_weighted_mean`; see `pdm.extraction.held`).
    vibration: measuring points whose snapshots give features (see `pdm.extraction.snapshots`).
    """

    name: str
    channels: tuple[str, ...]
    windows: tuple[Window, ...]
    calculators: Calculators = field(default_factory=lambda: dict(MINIMAL))
    per_channel: Mapping[str, Calculators] = field(default_factory=dict)
    life: LifeFeatures | None = None
    events: EventFeatures | None = None
    running_only: bool = False
    held: tuple[str, ...] = ()
    vibration: tuple[VibrationPoint, ...] = ()

    def __post_init__(self) -> None:
        if not self.windows:
            raise ValueError(f"feature set '{self.name}' has no window")
        if len({window.rows is None for window in self.windows}) > 1:
            raise ValueError("windows of rows and windows of time cannot share one feature table: use one kind")
        if strides := {window.every for window in self.windows} - {self.windows[0].every}:
            raise ValueError(f"all windows share their as-of rows: every='{self.windows[0].every}', not {strides}")
        labels = [window.label for window in self.windows]
        if doubles := {label for label in labels if labels.count(label) > 1}:
            raise ValueError(f"window '{doubles.pop()}' is given twice")

    def calculators_of(self, channel: str) -> Calculators:
        """The calculators that apply to one channel."""
        return self.per_channel.get(channel, self.calculators)

    def kind(self, channel: str, window: Window) -> str:
        """The part of a feature's name before the double underscore."""
        return channel if len(self.windows) == 1 else f"{channel}@{window.label}"
