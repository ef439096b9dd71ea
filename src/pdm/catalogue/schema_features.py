"""The shape of the TOML files in `features/`: what may stand there, and how it becomes a definition."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from pdm.catalogue.asset_class import AssetClass, Channel, Role, RunningRule, Sampling
from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import MINIMAL, Calculators, EventFeatures, FeatureSet, LifeFeatures, Window
from pdm.catalogue.schema_base import Document
from pdm.catalogue.vibration import BearingGeometry, VelocityLimits, VibrationPoint
from pdm.errors import InputError
from pdm.units import unit

CalculatorsDocument = dict[str, Literal[True] | list[dict[str, Any]]]


class AxisDocument(Document):
    """`[axis]`: along what the class ages."""

    kind: Literal["time", "usage"] = "time"
    step: str = "1h"
    unit: str = "h"
    per_day: float = Field(24.0, gt=0)

    def build(self) -> Axis:
        bare = Axis(self.kind, 1.0, self.unit, self.per_day)
        return Axis(self.kind, bare.span(self.step), self.unit, self.per_day)


class ChannelDocument(Document):
    """`[[channel]]`: one measured quantity."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    unit: str
    low: float | None = None
    high: float | None = None
    sampling: Sampling = "regular"
    dead_band: float = Field(0.0, ge=0)
    role: Role = "condition"

    def build(self) -> Channel:
        unit(self.unit)
        return Channel(**self.model_dump())


class RunningDocument(Document):
    """`[running]`: when a machine runs."""

    channel: str
    above: float
    settle: str = ""


class WindowDocument(Document):
    """One of `windows` in `[features]`."""

    rows: int | None = Field(None, ge=1)
    duration: str | None = None
    every: int | str = 1
    min_rows: int = Field(1, ge=1)


class LifeDocument(Document):
    """`[features.life]`: features over the whole life so far."""

    baseline_rows: int = Field(0, ge=0)
    recent_rows: int = Field(10, ge=1)
    ewm_alpha: tuple[float, ...] = ()
    expanding: bool = False
    age: bool = False


class EventsDocument(Document):
    """`[features.events]`: features of what happened."""

    counts: tuple[tuple[str, str, str], ...] = ()
    since: tuple[tuple[str, str], ...] = ()
    asset_age: bool = False
    run_hours: bool = False


class BearingDocument(Document):
    """`bearing` of a vibration point: its geometry, from the maker's paper."""

    elements: int = Field(ge=1)
    element_diameter: float = Field(gt=0)
    pitch_diameter: float = Field(gt=0)
    contact_angle: float = Field(0.0, ge=0, lt=90)


class VibrationDocument(Document):
    """`[[features.vibration]]`: one measuring point of which waveforms are recorded."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = ""
    rate: float = Field(gt=0)
    unit: Literal["g", "m/s2"] = "g"
    column: str = ""
    bands: tuple[tuple[float, float], ...] = ()
    envelope_band: tuple[float, float] | None = None
    velocity_band: tuple[float, float] = (10.0, 1000.0)
    bearing: BearingDocument | None = None
    speed: str = ""
    speed_rpm: float | None = Field(None, gt=0)
    zones: tuple[float, float, float] | None = None
    harmonics: int = Field(3, ge=1)
    hold: str = ""

    def build(self) -> VibrationPoint:
        values = self.model_dump(exclude={"rate", "bearing", "zones"})
        try:
            bearing = BearingGeometry(**self.bearing.model_dump()) if self.bearing else None
            limits = VelocityLimits(*self.zones) if self.zones else None
        except InputError as error:
            raise ValueError(f"vibration point '{self.name}': {error}") from None
        return VibrationPoint(rate_hz=self.rate, bearing=bearing, limits=limits, **values)


class FeaturesDocument(Document):
    """`[features]`: windows and calculators."""

    channels: tuple[str, ...] = ()
    windows: tuple[WindowDocument, ...]
    calculators: CalculatorsDocument = Field(default_factory=dict)
    per_channel: dict[str, CalculatorsDocument] = Field(default_factory=dict)
    life: LifeDocument | None = None
    events: EventsDocument | None = None
    running_only: bool = False
    vibration: tuple[VibrationDocument, ...] = ()

    @field_validator("vibration", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        """A plain `[features.vibration]` is one point."""
        return (value,) if isinstance(value, dict) else value

    def feature_set(self, name: str, channels: tuple[str, ...], held: tuple[str, ...] = ()) -> FeatureSet:
        """The definition; `channels` are taken where the document names none. held: those sampled by exception."""
        used = self.channels or channels
        return FeatureSet(
            name=name,
            channels=used,
            windows=tuple(Window(**window.model_dump()) for window in self.windows),
            calculators=_calculators(self.calculators) or dict(MINIMAL),
            per_channel={name: _calculators(value) for name, value in self.per_channel.items()},
            life=LifeFeatures(**self.life.model_dump()) if self.life else None,
            events=EventFeatures(**self.events.model_dump()) if self.events else None,
            running_only=self.running_only,
            held=tuple(channel for channel in held if channel in used),
            vibration=tuple(point.build() for point in self.vibration),
        )


class ClassDocument(Document):
    """One file of `features/`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    axis: AxisDocument = AxisDocument()
    running: RunningDocument | None = None
    channel: tuple[ChannelDocument, ...] = Field(min_length=1)
    features: FeaturesDocument

    def build(self, source: Path) -> AssetClass:
        axis = self.axis.build()
        channels = tuple(channel.build() for channel in self.channel)
        names = [channel.name for channel in channels]
        named = (*self.features.channels, *self.features.per_channel, *([self.running.channel] if self.running else []))
        points = [point.name for point in self.features.vibration]
        if doubles := {name for name in points if [*points, *names].count(name) > 1}:
            raise ValueError(f"vibration point '{min(doubles)}' bears the name of a channel or of another point")
        for used in (*named, *(point.speed for point in self.features.vibration if point.speed)):
            if used not in names:
                raise ValueError(f"channel {used!r} is not defined in this file")
        if doubles := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"channel defined twice: {', '.join(sorted(doubles))}")
        running = None
        if self.running:
            settle = axis.span(self.running.settle) if self.running.settle else 0.0
            running = RunningRule(self.running.channel, self.running.above, settle)
        held = tuple(channel.name for channel in channels if channel.sampling == "exception")
        features = self.features.feature_set(self.name, tuple(names), held)
        return AssetClass(self.name, self.title, axis, channels, features, running, source)


def _calculators(document: CalculatorsDocument) -> Calculators:
    return {name: None if parameters is True else parameters for name, parameters in document.items()}
