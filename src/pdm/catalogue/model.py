"""What is predicted for an asset class, what a mistake costs, and when a human is disturbed: `models/<class>.toml` as data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pdm.catalogue.feature_set import FeatureSet
from pdm.catalogue.gate import DEFAULT_GATES, Gate
from pdm.catalogue.policy import Policy
from pdm.catalogue.selection import Selection
from pdm.catalogue.transforms import Combination, Transform
from pdm.catalogue.watch import WatchSettings
from pdm.errors import NotFound

Severity = Literal["critical", "degraded", "incipient"]
Sign = Literal["+", "-"]


@dataclass(frozen=True)
class FailureMode:
    """One way in which the class fails, in ISO 14224 words kept apart.

    name: key of the suspicion (maintainable item and mechanism where known), such as `bearing_wear`.
    mode: what is observed (`vibration`, `external leakage`, `low output`).
    counts_as_failure: as-found severities that count as the failure of interest.
    next_step: what an engineer would do first, one sentence.
    planning_time, parts_time: lead times in native units of the class's axis.
    stop_needed: whether the repair needs the machine stopped.
    signs: which way it moves each channel, against what is expected (`+` up, `-` down): so that a deviation suggests a mode
        although no failure is on record.
    not_predictable: why these sensors cannot see it coming, where that is known; nothing is predicted about it then.
    would_help: the check or sensor that could.
    process: it is a condition of the process (cavitation): operations is asked first, and no work request is drafted.
    """

    name: str
    title: str
    maintainable_item: str
    mechanism: str = ""
    mode: str = ""
    counts_as_failure: tuple[Severity, ...] = ("critical", "degraded")
    next_step: str = ""
    planning_time: float = 0.0
    parts_time: float = 0.0
    hours: float = 0.0
    crafts: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    stop_needed: bool = True
    signs: dict[str, Sign] = field(default_factory=dict)
    not_predictable: str = ""
    would_help: str = ""
    process: bool = False


@dataclass(frozen=True)
class Target:
    """One thing to predict.

    kind: `failure_within` -> P(failure of `modes` within `horizon`); `remaining_life` -> its distribution up to `cap`.
    modes: names of failure modes; the earliest one counts.
    horizon, cap, grid: native units of the class's axis. `grid` are the horizons of the ordinal model; empty: chosen from the lives.
    """

    name: str
    kind: Literal["failure_within", "remaining_life"]
    modes: tuple[str, ...]
    horizon: float = 0.0
    cap: float = 0.0
    grid: tuple[float, ...] = ()


@dataclass(frozen=True)
class Costs:
    """What things cost, in the plant's currency: the one place where costs live.

    missed_failure: everything that an unplanned failure costs. Two parts of it may be named, so that a date can be priced for an
    asset with a spare or for a week in which production is worth more: `secondary_damage` (what the failure breaks besides its
    own item) and `standstill_hours` at `standstill_price` each (production lost).
    planned_repair: people and parts, without lost production.
    typical_life: native units; what a day of it costs is what an early repair throws away. 0: not counted.
    """

    missed_failure: float
    planned_repair: float
    false_alert: float
    currency: str = "EUR"
    secondary_damage: float = 0.0
    standstill_hours: float = 0.0
    standstill_price: float = 0.0
    typical_life: float = 0.0


@dataclass(frozen=True)
class Split:
    """How honest evaluation cuts the data.

    test_from: everything from this moment on is the test period (ISO date); empty: the last `test_share` of the time span.
    gap: native units left out before the test period, at least the longest horizon.
    folds: grouped folds (by item) inside the training period.
    """

    test_from: str = ""
    test_share: float = 0.25
    gap: float = 0.0
    folds: int = 5


@dataclass(frozen=True)
class Learner:
    """Settings of the LightGBM boosters; `num_threads` always comes from the plant's settings.

    row_stride: every so-manieth feature row of an asset is used for training.
    ipcw: whether rows stand for those that looked alike and were cut short by a repair (`pdm.learning.censoring`).
    most_rows: where that still leaves more rows than this, the stride grows (0: no limit): neighbouring rows say nearly the same.
    """

    rounds: int = 200
    learning_rate: float = 0.05
    leaves: int = 15
    min_rows_in_leaf: int = 50
    feature_fraction: float = 0.5
    bagging_fraction: float = 0.7
    l2: float = 5.0
    row_stride: int = 1
    most_rows: int = 0
    ipcw: bool = False
    seed: int = 7


@dataclass(frozen=True)
class ModelDefinition:
    """Everything about one class's model, as `models/<class>.toml` defines it.

    transforms: derived channels, in order. derived_features: a second feature set, on them, with the as-of rows of the class's own.
    newest: derived channels of which the newest value alone is a feature. combinations: features made of features.
    class_features: whether the class's own feature set is learnt from as well.
    gates: what a challenger has to pass before it takes over. selection: how features are left out; None: all are learnt from.
    """

    asset_class: str
    title: str
    failure_modes: tuple[FailureMode, ...]
    targets: tuple[Target, ...]
    costs: Costs
    split: Split = Split()
    learner: Learner = Learner()
    policy: Policy = field(default_factory=Policy)
    watch: WatchSettings = field(default_factory=WatchSettings)
    transforms: tuple[Transform, ...] = ()
    derived_features: FeatureSet | None = None
    newest: tuple[str, ...] = ()
    combinations: tuple[Combination, ...] = ()
    class_features: bool = True
    gates: tuple[Gate, ...] = DEFAULT_GATES
    selection: Selection | None = None
    source: Path | None = None

    @property
    def newest_features(self) -> FeatureSet | None:
        """The newest value (over time windows the mean of the shortest) of each channel in `newest`; None without any."""
        features = self.derived_features
        if features is None or not self.newest:
            return None
        first = features.windows[0]
        window = replace(first, rows=1, min_rows=1) if first.rows is not None else first
        return FeatureSet(
            f"{features.name}_newest",
            self.newest,
            (window,),
            {"mean": None},
            running_only=features.running_only,
        )

    def mode(self, name: str) -> FailureMode:
        """The failure mode called `name`.

        Raises:
            NotFound: the class has no such mode.
        """
        for mode in self.failure_modes:
            if mode.name == name:
                return mode
        known = ", ".join(mode.name for mode in self.failure_modes)
        raise NotFound(f"class {self.asset_class} has no failure mode {name!r}", hint=f"it has {known}")

    def target(self, name: str) -> Target:
        """The target called `name`.

        Raises:
            NotFound: the model has no such target.
        """
        for target in self.targets:
            if target.name == name:
                return target
        raise NotFound(f"the model of class {self.asset_class} has no target {name!r}")
