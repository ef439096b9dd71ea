"""The shape of the TOML files in `features/` and `models/`: what may stand there, and how it becomes a definition.

Lengths are written as people say them (`14d`, `30 cycles`) and become native units of the class's axis here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pdm.catalogue.asset_class import AssetClass, Channel, Role, RunningRule, Sampling
from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import MINIMAL, Calculators, EventFeatures, FeatureSet, LifeFeatures, Window
from pdm.catalogue.model import Costs, FailureMode, Learner, ModelDefinition, Policy, Severity, Sign, Split, Target
from pdm.units import unit

CalculatorsDocument = dict[str, Literal[True] | list[dict[str, Any]]]


class Document(BaseModel):
    """Base of all parts: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid")


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


class FeaturesDocument(Document):
    """`[features]`: windows and calculators."""

    channels: tuple[str, ...] = ()
    windows: tuple[WindowDocument, ...]
    calculators: CalculatorsDocument = {}
    per_channel: dict[str, CalculatorsDocument] = {}
    life: LifeDocument | None = None
    events: EventsDocument | None = None
    running_only: bool = False


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
        for used in named:
            if used not in names:
                raise ValueError(f"channel {used!r} is not defined in this file")
        if doubles := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"channel defined twice: {', '.join(sorted(doubles))}")
        running = None
        if self.running:
            settle = axis.span(self.running.settle) if self.running.settle else 0.0
            running = RunningRule(self.running.channel, self.running.above, settle)
        return AssetClass(self.name, self.title, axis, channels, self._feature_set(names), running, source)

    def _feature_set(self, names: list[str]) -> FeatureSet:
        document = self.features
        return FeatureSet(
            name=self.name,
            channels=document.channels or tuple(names),
            windows=tuple(Window(**window.model_dump()) for window in document.windows),
            calculators=_calculators(document.calculators) or dict(MINIMAL),
            per_channel={name: _calculators(value) for name, value in document.per_channel.items()},
            life=LifeFeatures(**document.life.model_dump()) if document.life else None,
            events=EventFeatures(**document.events.model_dump()) if document.events else None,
            running_only=document.running_only,
        )


class FailureModeDocument(Document):
    """`[[failure_mode]]`: one way in which the class fails."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    maintainable_item: str
    mechanism: str = ""
    mode: str = ""
    counts_as_failure: tuple[Severity, ...] = ("critical", "degraded")
    next_step: str = ""
    planning_time: str = ""
    parts_time: str = ""
    hours: float = Field(0.0, ge=0)
    crafts: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    stop_needed: bool = True
    signs: dict[str, Sign] = {}
    not_predictable: str = ""
    would_help: str = ""

    def build(self, axis: Axis) -> FailureMode:
        values = self.model_dump()
        for key in ("planning_time", "parts_time"):
            values[key] = axis.span(values[key]) if values[key] else 0.0
        return FailureMode(**values)


class TargetDocument(Document):
    """`[[target]]`: one thing to predict."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["failure_within", "remaining_life"]
    modes: tuple[str, ...] = Field(min_length=1)
    horizon: str = ""
    cap: str = ""
    grid: tuple[str, ...] = ()

    def build(self, axis: Axis) -> Target:
        if self.kind == "failure_within" and not self.horizon:
            raise ValueError(f"target '{self.name}' needs a horizon")
        if self.kind == "remaining_life" and not self.cap:
            raise ValueError(f"target '{self.name}' needs a cap")
        horizon = axis.span(self.horizon) if self.horizon else 0.0
        if self.kind == "failure_within" and horizon < axis.step:
            raise ValueError(
                f"target '{self.name}': a horizon of {self.horizon} is shorter than one step of the readings"
            )
        return Target(
            self.name,
            self.kind,
            self.modes,
            horizon,
            axis.span(self.cap) if self.cap else 0.0,
            tuple(axis.span(item) for item in self.grid),
        )


class CostsDocument(Document):
    """`[costs]`: what mistakes cost."""

    missed_failure: float = Field(ge=0)
    planned_repair: float = Field(ge=0)
    false_alert: float = Field(ge=0)
    currency: str = "EUR"


class SplitDocument(Document):
    """`[split]`: how honest evaluation cuts the data."""

    test_from: str = ""
    test_share: float = Field(0.25, gt=0, lt=1)
    gap: str = ""
    folds: int = Field(5, ge=2)


class LearnerDocument(Document):
    """`[learner]`: settings of the boosters."""

    rounds: int = Field(200, ge=1)
    learning_rate: float = Field(0.05, gt=0)
    leaves: int = Field(15, ge=2)
    min_rows_in_leaf: int = Field(50, ge=1)
    feature_fraction: float = Field(0.5, gt=0, le=1)
    bagging_fraction: float = Field(0.7, gt=0, le=1)
    l2: float = Field(5.0, ge=0)
    row_stride: int = Field(1, ge=1)
    seed: int = 7


class PolicyDocument(Document):
    """`[policy]`: when someone is disturbed."""

    raise_at: float = Field(0.5, gt=0, le=1)
    clear_at: float = Field(0.25, ge=0, lt=1)
    persistence: tuple[int, int] = (2, 3)
    raise_below: str = ""
    by_criticality: dict[int, float] = {}
    auto_request: Literal["suggest", "draft"] = "suggest"
    raise_deviation: float = Field(1.0, ge=0)
    clear_deviation: float = Field(0.5, ge=0)

    def build(self, axis: Axis) -> Policy:
        if self.clear_at > self.raise_at:
            raise ValueError("'clear_at' lies above raise_at: the dead band would be upside down")
        if self.raise_deviation and self.clear_deviation > self.raise_deviation:
            raise ValueError("'clear_deviation' lies above raise_deviation: the dead band would be upside down")
        if not 1 <= self.persistence[0] <= self.persistence[1]:
            raise ValueError("'persistence' is [n, m] with 1 <= n <= m")
        values = self.model_dump()
        values["raise_below"] = axis.span(self.raise_below) if self.raise_below else 0.0
        return Policy(**values)


class ModelDocument(Document):
    """One file of `models/`."""

    asset_class: str
    title: str
    failure_mode: tuple[FailureModeDocument, ...] = Field(min_length=1)
    target: tuple[TargetDocument, ...] = Field(min_length=1)
    costs: CostsDocument
    split: SplitDocument = SplitDocument()
    learner: LearnerDocument = LearnerDocument()
    policy: PolicyDocument = PolicyDocument()

    def build(self, axis: Axis, source: Path) -> ModelDefinition:
        modes = tuple(mode.build(axis) for mode in self.failure_mode)
        known = {mode.name for mode in modes}
        for target in self.target:
            if unknown := set(target.modes) - known:
                raise ValueError(f"target '{target.name}' names unknown failure modes: {', '.join(sorted(unknown))}")
        targets = tuple(target.build(axis) for target in self.target)
        split = self.split.model_dump()
        split["gap"] = axis.span(self.split.gap) if self.split.gap else max(target.horizon for target in targets)
        return ModelDefinition(
            asset_class=self.asset_class,
            title=self.title,
            failure_modes=modes,
            targets=targets,
            costs=Costs(**self.costs.model_dump()),
            split=Split(**split),
            learner=Learner(**self.learner.model_dump()),
            policy=self.policy.build(axis),
            source=source,
        )


def _calculators(document: CalculatorsDocument) -> Calculators:
    return {name: None if parameters is True else parameters for name, parameters in document.items()}
