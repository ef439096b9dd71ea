"""All transforms of one model, fitted in order: to JSON and back, applied to readings, described in plain words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, Channel, HealthIndices, ModelDefinition, RegimeNormaliser, Target, WearPaths
from pdm.catalogue.transforms import ExpectedValue
from pdm.errors import BundleError, TooLittleData
from pdm.learning.targets import Bools, Labels, label_rows
from pdm.learning.transforms import expected, health, paths, paths_fit, regimes
from pdm.learning.transforms.clock import life_clock
from pdm.learning.transforms.step import Lesson, Step
from pdm.readings.order import in_order
from pdm.readings.running import RunningState, running_state

FIT: Mapping[type, Callable[[Any, Lesson], Step]] = {
    RegimeNormaliser: regimes.fit,
    HealthIndices: health.fit,
    ExpectedValue: expected.fit,
    WearPaths: paths_fit.fit,
}
"""Kind of transform -> how it is learnt."""

LOAD: Mapping[str, Callable[[Mapping[str, Any]], Step]] = {
    "regimes": regimes.load,
    "health_indices": health.load,
    "expected": expected.load,
    "wear_paths": paths.load,
}
"""`kind` of a document -> how it is read back."""

_USUAL_CAP = 0.6


@dataclass(frozen=True, eq=False)
class FittedTransforms:
    """Derived channels as they were learnt.

    steps: in the order of the definition. held: channels that are written on change and keep their value until the next row.
    fitted_on: assets that were learnt from.
    """

    steps: tuple[Step, ...] = ()
    held: tuple[str, ...] = ()
    fitted_on: frozenset[str] = frozenset()

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The derived channels, with titles and units."""
        return tuple(channel for step in self.steps for channel in step.outputs)

    def apply(self, readings: pd.DataFrame, clock: pd.DataFrame | None = None) -> pd.DataFrame:
        """The readings with the derived channels as further columns; rows and their order stay.

        readings: `asset`, `time` and the class's channels; one that is missing altogether counts as never measured.
        clock: `life_clock` of the readings; needed where a transform looks at whole lives (`over_life`).
        """
        work = _hold(readings, self.held)
        work = work if clock is None else pd.concat([work, clock.set_axis(work.index)], axis=1)
        for step in self.steps:
            work = work.assign(**step.columns(work))
        derived = [channel.name for channel in self.channels]
        return pd.concat([readings.drop(columns=derived, errors="ignore"), work[derived]], axis=1)

    def joined_by(self, readings: pd.DataFrame, asset_class: AssetClass) -> FittedTransforms:
        """The same with a level of its own for every machine that was not fitted on, where a transform has levels.

        readings: of these machines from their first row on; others do not matter.
        """
        new = readings[~readings["asset"].isin(self.fitted_on)]
        if new.empty or not self.has_levels:
            return self
        work, steps = _hold(in_order(new), self.held).reset_index(drop=True), list[Step]()
        for step in self.steps:
            known = step.joined_by(work, asset_class) if isinstance(step, expected.ExpectedStep) else step
            # Levels are learnt from measured channels and from what a row alone gives, never from the path of a life.
            work = work if known.over_life else work.assign(**known.columns(work))
            steps.append(known)
        return FittedTransforms(tuple(steps), self.held, self.fitted_on)

    @property
    def over_life(self) -> bool:
        """Whether a transform looks at whole lives, so that `apply` needs a clock."""
        return any(step.over_life for step in self.steps)

    @property
    def has_levels(self) -> bool:
        """Whether a machine that was not fitted on needs a level of its own."""
        return any(isinstance(step, expected.ExpectedStep) for step in self.steps)

    @property
    def origins(self) -> Mapping[str, frozenset[str]]:
        """Derived channel -> the measured ones that it rests on."""
        found: dict[str, frozenset[str]] = {}
        for step in self.steps:
            for name, inputs in step.origins.items():
                found[name] = frozenset().union(*(found.get(one, frozenset({one})) for one in inputs))
        return found

    def document(self) -> dict[str, Any]:
        """Everything as JSON; `transforms_from` reads it."""
        return {
            "steps": [step.document() for step in self.steps],
            "held": list(self.held),
            "fitted_on": sorted(self.fitted_on),
        }

    def describe(self) -> tuple[str, ...]:
        """What the derived channels mean, one sentence each."""
        return tuple(sentence for step in self.steps for sentence in step.describe())


def transforms_from(document: Mapping[str, Any]) -> FittedTransforms:
    """The transforms that `FittedTransforms.document` wrote; an empty document gives none.

    Raises:
        BundleError: it does not have that shape.
    """
    try:
        steps = tuple(LOAD[item["kind"]](item) for item in document.get("steps", ()))
        return FittedTransforms(steps, tuple(document.get("held", ())), frozenset(document.get("fitted_on", ())))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise BundleError(f"fitted transforms cannot be read: {error!r}", hint="train again") from None


def fit_transforms(
    readings: pd.DataFrame,
    lives: pd.DataFrame,
    definition: ModelDefinition,
    asset_class: AssetClass,
    *,
    fit_on: Collection[str] | None = None,
    until: float | None = None,
    usable: Bools | None = None,
    threads: int = 1,
    relabel: Callable[[pd.DataFrame, Labels], Labels] | None = None,
) -> FittedTransforms:
    """Learn all transforms of a model, from the assets it is allowed to know.

    readings: `asset`, `time` and the class's channels. lives: `pdm.readings.registry.LIFE_COLUMNS`.
    fit_on: names of these assets; None: all. until: readings after this position are not seen, and lives end there.
    usable: rows of `readings` that may be learnt from (marked intervals are not).
    relabel: other labels for the rows that are learnt from: what the leak guard shuffles.

    Raises:
        TooLittleData: which transform cannot be learnt, and what it needs.
    """
    if not definition.transforms:
        return FittedTransforms()
    rows = np.ones(len(readings), dtype=bool) if usable is None else usable.copy()
    if fit_on is not None:
        rows &= readings["asset"].isin(list(fit_on)).to_numpy()
    if until is not None:
        rows &= asset_class.axis.positions(readings["time"]) <= until
    held = tuple(channel.name for channel in asset_class.channels if channel.sampling == "exception")
    frame = _hold(in_order(readings[rows]), held)
    if any(isinstance(transform, WearPaths) for transform in definition.transforms):
        frame = pd.concat([frame, life_clock(frame, asset_class, lives=lives)], axis=1)
    if asset_class.running:
        frame = frame[running_state(frame, asset_class) == RunningState.RUNNING]
    frame = frame.reset_index(drop=True)
    if frame.empty:
        raise TooLittleData(f"class {asset_class.name} has no readings to learn its derived channels from")
    target = life_target(definition)
    labels = label_rows(frame, lives, definition, target, asset_class.axis, known_until=until)
    labels = relabel(frame, labels) if relabel else labels
    cap = target.cap or _USUAL_CAP * _median_life(labels, asset_class)
    channels, steps = asset_class.channels, list[Step]()
    for transform in definition.transforms:
        lesson = Lesson(frame, labels, cap, asset_class, channels, threads, definition.learner.seed)
        step = FIT[type(transform)](transform, lesson)
        if transform is not definition.transforms[-1]:
            frame = frame.assign(**step.columns(frame))
        channels, steps = (*channels, *step.outputs), [*steps, step]
    return FittedTransforms(tuple(steps), held, frozenset(frame["asset"].unique()))


def life_target(definition: ModelDefinition) -> Target:
    """What derived channels are learnt for: the class's remaining life, else the earliest of all its failure modes."""
    for target in definition.targets:
        if target.kind == "remaining_life":
            return target
    return Target("life", "remaining_life", tuple(mode.name for mode in definition.failure_modes))


def _median_life(labels: Labels, asset_class: AssetClass) -> float:
    """The median length of lives: of those that ended in a failure, else of all."""
    rows = labels.observed if labels.observed.any() else labels.kept
    if not rows.any():
        return asset_class.axis.step
    _, index = np.unique(labels.life[rows], return_inverse=True)
    length = np.zeros(int(index.max()) + 1)
    np.maximum.at(length, index, (labels.age + labels.remaining)[rows])
    return float(np.median(length))


def _hold(readings: pd.DataFrame, channels: tuple[str, ...]) -> pd.DataFrame:
    """The readings with the last value of these channels carried on within each asset; rows keep their places."""
    if not channels or readings.empty:
        return readings
    ordered = readings.sort_values(["asset", "time"], kind="stable")
    carried = ordered.groupby("asset", sort=False)[list(channels)].ffill()
    return readings.assign(**{name: carried[name].reindex(readings.index) for name in channels})
