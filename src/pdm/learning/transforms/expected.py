"""Expected values as derived channels: what each channel has left over after load and weather, and two numbers for all of them together.

`t2` is Hotelling's statistic within the principal directions of sound residuals, `spe` the squared distance from these directions
(Jackson and Mudholkar 1979): the first grows when a known pattern grows large, the second when the pattern itself is new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, Axis, Channel
from pdm.catalogue.transforms import ExpectedValue
from pdm.errors import TooLittleData
from pdm.learning.expected import ExpectedModel, fit_expected
from pdm.learning.expected.apply import class_part
from pdm.learning.expected.healthy import BEFORE_DAYS
from pdm.learning.expected.model import expected_from
from pdm.learning.expected.settle import settle
from pdm.learning.model import Floats
from pdm.learning.targets import Bools
from pdm.learning.transforms.step import Lesson, channel_document, channel_from, values
from pdm.readings.running import RunningState, running_state

_CLIP = 8.0
_STRETCHES = 6
"""Stretches of time of which every other one is held back when limits are measured."""


@dataclass(frozen=True, eq=False)
class ExpectedStep:
    """Fitted expected values. names: channels with a residual, in the order of the outputs.

    newcomers: machines that were not fitted on -> until when their level was learnt; on this axis.
    directions: [names, k] of standardised sound residuals, variances: [k]. limits: t2 and spe that 1 % of sound rows
    pass, at times that were not fitted on.
    """

    model: ExpectedModel
    names: tuple[str, ...]
    directions: Floats
    variances: Floats
    limits: tuple[float, float]
    outputs: tuple[Channel, ...]
    newcomers: Mapping[str, float] = field(default_factory=dict)
    axis: Axis | None = None

    @property
    def over_life(self) -> bool:
        return False

    def columns(self, readings: pd.DataFrame) -> Mapping[str, Floats]:
        residual, spread = _residuals(self.model, self.names, readings)
        if self.newcomers and self.axis is not None:
            until = readings["asset"].map(dict(self.newcomers)).to_numpy(dtype=np.float64, na_value=-np.inf)
            # Its level was not known yet: a row must not get a value that rests on what was read after it.
            residual[self.axis.positions(readings["time"]) <= until] = np.nan
        t2, spe = self.sums(np.clip(residual / spread, -_CLIP, _CLIP))
        found = {f"{name}_residual": residual[:, place] for place, name in enumerate(self.names)}
        return found | {"t2": t2, "spe": spe}

    def sums(self, z: Floats) -> tuple[Floats, Floats]:
        """t2 and spe of standardised residuals [n, names]."""
        # Sums by row, so that a row gets the same value alone and among others.
        scores = np.stack([(z * direction).sum(axis=1) for direction in self.directions.T], axis=1)
        t2 = np.asarray((scores**2 / self.variances).sum(axis=1), dtype=np.float64)
        return t2, np.maximum((z**2).sum(axis=1) - (scores**2).sum(axis=1), 0.0)

    @property
    def origins(self) -> Mapping[str, tuple[str, ...]]:
        inputs = self.model.design.inputs
        together = dict.fromkeys(("t2", "spe"), (*self.names, *inputs))
        return {f"{name}_residual": (name, *inputs) for name in self.names} | together

    def joined_by(self, readings: pd.DataFrame, asset_class: AssetClass) -> ExpectedStep:
        """The step with a level for every machine in `readings` that it was not fitted on: the class's curve, and its first sound rows.

        readings: sorted by asset and time, from each newcomer's first row on.
        """
        begins = dict.fromkeys(sorted(set(readings["asset"].astype(str)) - self.model.assets), -np.inf)
        if not begins:
            return self
        running = running_state(readings, asset_class) == RunningState.RUNNING
        model = settle(self.model, readings, running, asset_class, begins)
        until = {
            asset: max(channel.own[asset].until for channel in model.channels if asset in channel.own)
            for asset in begins
            if asset in model.assets
        }
        return replace(self, model=model, newcomers={**self.newcomers, **until}, axis=asset_class.axis)

    def document(self) -> dict[str, Any]:
        return {
            "kind": "expected",
            "model": self.model.document(),
            "names": list(self.names),
            "directions": self.directions.tolist(),
            "variances": self.variances.tolist(),
            "limits": list(self.limits),
            "outputs": [channel_document(channel) for channel in self.outputs],
        }

    def describe(self) -> tuple[str, ...]:
        by = " and ".join(self.model.design.inputs) or "nothing but the machine itself"
        return (
            f"Expected values of {', '.join(self.names)} by {by}: a residual is the reading less what is expected of a sound machine.",
            f"t2 is above {self.limits[0]:.3g} and spe above {self.limits[1]:.3g} on 1 % of sound rows at times that it was not fitted on.",
        )


def fit(transform: ExpectedValue, lesson: Lesson) -> ExpectedStep:
    """Learn what is expected; what may be ill teaches nothing: rows with less life left than the cap before a failure, and the weeks
    before any other end of a life, since machines are repaired because they look bad.

    Raises:
        TooLittleData: no machine has enough sound rows.
    """
    asset_class, readings = lesson.asset_class, lesson.readings
    outputs = transform.outputs(lesson.channels, asset_class)
    names = tuple(channel.name for channel in transform.chosen(asset_class))
    ill = _ill(lesson)
    asked = (names, transform.explained_by(asset_class))
    model = fit_expected(readings, ~ill, asset_class, channels=asked[0], inputs=asked[1], learner=transform.learner)
    residual, spread = _residuals(model, names, readings)
    z = np.clip(residual / spread, -_CLIP, _CLIP)
    whole = ~ill & np.isfinite(z).all(axis=1)
    if whole.sum() < 10 * len(names):
        raise TooLittleData(f"class {asset_class.name} has no {10 * len(names)} sound rows with all channels")
    variances, directions = np.linalg.eigh(np.cov(z[whole].T).reshape(len(names), -1))
    share = np.cumsum(variances[::-1]) / variances.sum()
    # A direction is always left for the squared distance: with all of them nothing would lie beside the pattern.
    kept = min(int(np.searchsorted(share, transform.share)) + 1, max(len(names) - 1, 1))
    chosen = slice(len(names) - 1, len(names) - 1 - kept if kept < len(names) else None, -1)
    step = ExpectedStep(model, names, directions[:, chosen], np.maximum(variances[chosen], 1e-9), (0.0, 0.0), outputs)
    told = [step.sums(np.clip(some[whole], -_CLIP, _CLIP)) for some in (z, _held_back(lesson, ill, asked, z))]
    t2, spe = (max(float(np.nanquantile(sums[place], 0.99)) for sums in told) for place in (0, 1))
    return replace(step, limits=(t2, spe))


def _ill(lesson: Lesson) -> Bools:
    """Rows that may not teach what is normal."""
    labels, axis = lesson.labels, lesson.asset_class.axis
    left = np.nan_to_num(labels.remaining, nan=np.inf)
    end = pd.Series(np.where(labels.kept, axis.positions(lesson.readings["time"]) + labels.remaining, -np.inf))
    newest = end.groupby(lesson.readings["asset"].to_numpy(dtype=object)).transform("max").to_numpy()
    cut_short = ~labels.observed & (end.to_numpy() < newest - axis.step)
    ill: Bools = labels.kept & (
        (labels.observed & (left < lesson.cap)) | (cut_short & (left < min(lesson.cap, BEFORE_DAYS * axis.per_day)))
    )
    return ill


def _held_back(lesson: Lesson, ill: Bools, asked: tuple[tuple[str, ...], tuple[str, ...]], fitted: Floats) -> Floats:
    """Standardised residuals of every row by a fit on other stretches of time, [n, names]: what is fitted looks better where it was.

    asked: channels, and what explains them. fitted: those of the fit on everything, for a history too short to hold half of it back.
    """
    position = lesson.asset_class.axis.positions(lesson.readings["time"])
    span = max(float(np.ptp(position)), 1.0) * (1 + 1e-9)
    stretch = np.floor((position - position.min()) / span * _STRETCHES).astype(np.int64) % 2
    found = fitted.copy()
    for kind in (0, 1):
        try:
            other = fit_expected(
                lesson.readings,
                ~ill & (stretch != kind),
                lesson.asset_class,
                channels=asked[0],
                inputs=asked[1],
                learner="ridge",
            )
        except TooLittleData:
            return fitted
        residual, spread = _residuals(other, asked[0], lesson.readings)
        mine = stretch == kind
        found[mine] = (residual / spread)[mine]
    return found


def load(document: Mapping[str, Any]) -> ExpectedStep:
    """The inverse of `ExpectedStep.document`."""
    names = tuple(document["names"])
    first, second = document["limits"]
    return ExpectedStep(
        expected_from(document["model"]),
        names,
        np.array(document["directions"], dtype=np.float64).reshape(len(names), -1),
        np.array(document["variances"], dtype=np.float64),
        (float(first), float(second)),
        tuple(channel_from(item) for item in document["outputs"]),
    )


def _residuals(model: ExpectedModel, names: tuple[str, ...], readings: pd.DataFrame) -> tuple[Floats, Floats]:
    """Residuals in units, and spreads, [n, names]; NaN for a machine that was never seen, or a channel without a model.

    The class of the readings is not known here and not needed: by-exception channels hold their values already.
    """
    terms = model.design.terms(values(readings, model.design.inputs))
    codes, assets = pd.factorize(readings["asset"].to_numpy(dtype=object), sort=True)
    read = values(readings, names)
    residual, spread = np.full(read.shape, np.nan), np.ones(read.shape)
    by_name = {channel.channel: channel for channel in model.channels}
    for place, name in enumerate(names):
        channel = by_name.get(name)
        if channel is None:
            continue
        own = [channel.own.get(str(asset)) for asset in assets]
        expected = class_part(channel, terms, len(model.design.inputs))
        for code, one in enumerate(own):
            rows = codes == code
            if one is None:
                continue
            gains = (terms[rows] * np.asarray(one.gains)).sum(axis=1)
            residual[rows, place] = read[rows, place] - expected[rows] - one.level - gains
            spread[rows, place] = one.spread
    return residual, spread
