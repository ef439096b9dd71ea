"""The shape of the TOML files in `models/`: what may stand there, and how it becomes a definition.

Lengths are written as people say them (`14d`, `30 cycles`) and become native units of the class's axis here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from pdm.catalogue.asset_class import AssetClass
from pdm.catalogue.axis import Axis
from pdm.catalogue.gate import DEFAULT_GATES
from pdm.catalogue.model import Costs, FailureMode, Learner, ModelDefinition, Severity, Sign, Split, Target
from pdm.catalogue.schema_base import Document
from pdm.catalogue.schema_gate import GateDocument
from pdm.catalogue.schema_policy import PolicyDocument
from pdm.catalogue.schema_transforms import DerivedFeaturesDocument, TransformDocument
from pdm.catalogue.schema_watch import WatchDocument
from pdm.catalogue.selection import Method, Selection
from pdm.catalogue.transforms import Combination, derived_channels


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
    signs: dict[str, Sign] = Field(default_factory=dict)
    not_predictable: str = ""
    would_help: str = ""
    process: bool = False

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
    secondary_damage: float = Field(0.0, ge=0)
    standstill_hours: float = Field(0.0, ge=0)
    standstill_price: float = Field(0.0, ge=0)
    typical_life: str = ""

    def build(self, axis: Axis) -> Costs:
        parts = self.secondary_damage + self.standstill_hours * self.standstill_price
        if parts > self.missed_failure:
            raise ValueError(
                f"'missed_failure' is {self.missed_failure:g}, less than its parts: damage and standstill make {parts:g}"
            )
        life = axis.span(self.typical_life) if self.typical_life else 0.0
        return Costs(**self.model_dump() | {"typical_life": life})


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
    most_rows: int = Field(0, ge=0)
    ipcw: bool = False
    seed: int = 7


class SelectionDocument(Document):
    """`[selection]`: which features are left out."""

    fdr_level: float = Field(0.05, gt=0, lt=1)
    method: Method = "by"


class ModelDocument(Document):
    """One file of `models/`."""

    asset_class: str
    title: str
    failure_mode: tuple[FailureModeDocument, ...] = Field(min_length=1)
    target: tuple[TargetDocument, ...] = Field(min_length=1)
    costs: CostsDocument
    split: SplitDocument = SplitDocument()
    learner: LearnerDocument = LearnerDocument()
    selection: SelectionDocument | None = None
    policy: PolicyDocument = PolicyDocument()
    watch: WatchDocument = WatchDocument()
    transform: tuple[TransformDocument, ...] = ()
    derived_features: DerivedFeaturesDocument | None = None
    class_features: bool = True
    gate: tuple[GateDocument, ...] = ()

    def build(self, asset_class: AssetClass, source: Path) -> ModelDefinition:
        axis = asset_class.axis
        modes = tuple(mode.build(axis) for mode in self.failure_mode)
        known = {mode.name for mode in modes}
        for target in self.target:
            if unknown := set(target.modes) - known:
                raise ValueError(f"target '{target.name}' names unknown failure modes: {', '.join(sorted(unknown))}")
        if strangers := set(self.policy.modes) - known - {"unspecified"}:
            raise ValueError(f"'modes' of the policy names unknown failure modes: {', '.join(sorted(strangers))}")
        targets = tuple(target.build(axis) for target in self.target)
        split = self.split.model_dump()
        split["gap"] = axis.span(self.split.gap) if self.split.gap else max(target.horizon for target in targets)
        transforms = tuple(transform.build(axis) for transform in self.transform)
        derived_channels(transforms, asset_class)  # refuses channels that nobody has
        features, newest, combinations = None, tuple[str, ...](), tuple[Combination, ...]()
        if self.derived_features:
            features, combinations = self.derived_features.build_derived(transforms, asset_class)
            newest = self.derived_features.newest
        elif not self.class_features:
            raise ValueError("'class_features' = false leaves nothing to learn from: there are no [derived_features]")
        return ModelDefinition(
            asset_class=self.asset_class,
            title=self.title,
            failure_modes=modes,
            targets=targets,
            costs=self.costs.build(axis),
            split=Split(**split),
            learner=Learner(**self.learner.model_dump()),
            policy=self.policy.build(axis),
            watch=self.watch.build(),
            transforms=transforms,
            derived_features=features,
            newest=newest,
            combinations=combinations,
            class_features=self.class_features,
            gates=tuple(gate.build() for gate in self.gate) or DEFAULT_GATES,
            selection=Selection(**self.selection.model_dump()) if self.selection else None,
            source=source,
        )
