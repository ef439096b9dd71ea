"""From readings to a watch list: expected values, then how sound machines stand around them, measured at times they were not fitted on.

What is fitted always looks better where it was fitted. So the months are cut into stretches; those of one kind are judged by a fit
on the other kind, and limits come from these answers alone. The model that goes into service is fitted on all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, ModelDefinition
from pdm.errors import BundleError, TooLittleData
from pdm.learning.expected.apply import expect
from pdm.learning.expected.design import Bools, Floats
from pdm.learning.expected.fit import fit_expected
from pdm.learning.expected.healthy import healthy_rows
from pdm.learning.expected.model import ExpectedModel, expected_from
from pdm.learning.expected.settle import SETTLE_ROWS
from pdm.learning.watch.blocks import Blocks, block_means
from pdm.learning.watch.fit import EPISODE_DAYS, fit_watch
from pdm.learning.watch.model import Watch, watch_from
from pdm.learning.watch.sensor import LEAST_ROWS
from pdm.readings.running import RunningState, running_state

_STILL, _ROUGH = 0.01, 0.99
NO_SISTERS = 10**6
_PROBED, _TOLD_WRONG = 2000, 0.6
"""Rows on which a wrong setting is tried, and how wrong it is, in standard deviations of the setting."""


@dataclass(frozen=True)
class Learnt:
    """What a watch list consists of."""

    expected: ExpectedModel
    watch: Watch

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {"expected": self.expected.document(), "watch": self.watch.document()}


def learnt_from(document: Mapping[str, Any]) -> Learnt | None:
    """The watch list that `Learnt.document` wrote; None where a model has none.

    Raises:
        BundleError: it does not have that shape.
    """
    if not document:
        return None
    try:
        return Learnt(expected_from(document["expected"]), watch_from(document["watch"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(f"the watch list cannot be read: {error!r}", hint="train again") from None


def learn_watch(
    readings: pd.DataFrame,
    asset_class: AssetClass,
    definition: ModelDefinition,
    events: pd.DataFrame | None = None,
    exclusions: pd.DataFrame | None = None,
    *,
    learner: str = "auto",
    channels: tuple[str, ...] = (),
    inputs: tuple[str, ...] = (),
    baseline_rows: int = 0,
    starts: Mapping[str, float] | None = None,
    frozen: Mapping[str, float] | None = None,
) -> Learnt:
    """Learn the watch list of one class; no failure is needed, and those on record only say what not to learn from.

    readings: sorted by asset and time; events, exclusions: as they are read from the history.
    starts, frozen: as `fit_expected` takes them: where a machine's normal began anew, and until where its level was learnt before.

    Raises:
        TooLittleData: no machine ran undisturbed for long enough.
    """
    settings = definition.watch
    healthy = healthy_rows(readings, asset_class, events, exclusions, before_days=settings.before_days)
    position = asset_class.axis.positions(readings["time"])
    tags = readings["asset"].to_numpy(dtype=object).astype(str)
    healthy, counted = _begun(healthy, tags, position, starts or {})

    def fitted(rows: Bools, how: str) -> ExpectedModel:
        return fit_expected(
            readings,
            rows,
            asset_class,
            channels=channels,
            inputs=inputs,
            learner=how,
            baseline_rows=baseline_rows,
            starts=starts,
            frozen=frozen,
        )

    model = fitted(healthy, learner)
    told = expect(model, readings, asset_class)
    standardised = told.standardised
    stretch = np.floor((position - position.min()) / (EPISODE_DAYS * asset_class.axis.per_day)).astype(np.int64) % 2
    for kind in (0, 1):
        try:
            other = fitted(healthy & (stretch != kind), "ridge")
        except TooLittleData:
            continue  # too short to hold half of it back: what was fitted is judged where it was fitted
        if other.names == model.names:
            answer = expect(other, readings, asset_class).standardised
            mine = (stretch == kind) & np.isfinite(answer).any(axis=1)
            standardised = np.where(mine[:, None], answer, standardised)
    running = running_state(readings, asset_class) == RunningState.RUNNING
    block = settings.block_days * asset_class.axis.per_day
    counts = asset_class.axis.kind == "usage"
    if counts:
        position = _aligned(position, tags)
    blocks = block_means(
        standardised, running, tags, position, end=float(position.max()), block=block, step=asset_class.axis.step
    )
    still, rough = _sensor_measures(told.read, standardised, counted, tags, position, block)
    watch = fit_watch(
        blocks,
        _sound(blocks, counted, running & ~counted, tags, position, block),
        model.names,
        _signs(definition, model.names),
        block=block,
        per_day=asset_class.axis.per_day,
        half_life=settings.half_life_days / settings.block_days,
        # What machines show at one count of theirs is no common weather: nothing is subtracted.
        sisters=NO_SISTERS if counts else settings.sisters,
        false_per_year=settings.false_per_year,
        still=still,
        rough=rough,
        pulls=_pulls(model, readings, healthy, asset_class),
    )
    return Learnt(model, watch)


def _pulls(model: ExpectedModel, readings: pd.DataFrame, healthy: Bools, asset_class: AssetClass) -> Floats:
    """How the residuals move, in spreads, when a setting is told wrong, [settings, channels].

    Weather and water are left out: machines of a class share them, and what one of them is told wrong stands out among its sisters.
    """
    rows = np.flatnonzero(healthy)[:: max(1, int(healthy.sum()) // _PROBED)]
    some = readings.iloc[rows].reset_index(drop=True)
    found = []
    for name, scale in zip(model.design.inputs, model.design.scale, strict=True):
        if asset_class.channel(name).role == "ambient":
            continue
        up, down = (
            expect(model, some.assign(**{name: some[name] + side * _TOLD_WRONG * scale}), asset_class)
            for side in (0.5, -0.5)
        )
        moved = (down.expected - up.expected) / up.spread
        found.append(np.nansum(moved, axis=0) / np.maximum(np.isfinite(moved).sum(axis=0), 1))
    return np.stack(found) if found else np.zeros((0, len(model.names)))


def _aligned(position: Floats, tags: np.ndarray) -> Floats:
    """Positions on counters of their own, laid so that all machines end together."""
    newest = pd.Series(position).groupby(tags).transform("max").to_numpy()
    return np.asarray(position - newest + float(position.max()))


def _begun(healthy: Bools, tags: np.ndarray, position: Floats, starts: Mapping[str, float]) -> tuple[Bools, Bools]:
    """Rows that may teach, and those that say how a sound machine stands around its level, both [n].

    A machine that began anew too lately keeps its old level, and what it shows since then waits for service to learn from; otherwise
    what it showed before belongs to another level.
    """
    teach, counted = healthy.copy(), healthy.copy()
    for asset, start in starts.items():
        mine = tags == asset
        lately = mine & (position >= start)
        if (healthy & lately).sum() < SETTLE_ROWS:
            teach &= ~lately
            counted &= ~lately
        else:
            counted &= ~(mine & (position < start))
    return teach, counted


def _signs(definition: ModelDefinition, channels: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """Which way each failure mode moves the channels that are watched; modes that no channel shows are left out."""
    found = {}
    for mode in definition.failure_modes:
        ways = {name: 1 if sign == "+" else -1 for name, sign in mode.signs.items() if name in channels}
        if ways and not mode.not_predictable:
            found[mode.name] = ways
    return found


def _sound(blocks: Blocks, healthy: Bools, disturbed: Bools, tags: np.ndarray, position: Floats, block: float) -> Bools:
    """Days with healthy rows and no disturbed one, [assets, days]."""
    shape = blocks.values.shape[:2]
    end = blocks.ends[-1] if len(blocks.ends) else 0.0
    day = shape[1] - 1 - np.floor((end - position) / block).astype(np.int64)
    place = np.searchsorted(np.asarray(blocks.assets), tags) * shape[1] + day
    size = shape[0] * shape[1]
    good = np.bincount(place[healthy], minlength=size) > 0
    bad = np.bincount(place[disturbed], minlength=size) > 0
    return np.asarray((good & ~bad).reshape(shape))


def _sensor_measures(
    read: Floats, standardised: Floats, healthy: Bools, tags: np.ndarray, position: Floats, block: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """How still and how rough sound instruments are at their extremes, by channel: spread of a day's readings, its median step."""
    key = pd.Series(tags[healthy]) + "|" + pd.Series(np.floor(position[healthy] / block).astype(np.int64).astype(str))
    still, rough = [], []
    for column in range(read.shape[1]):
        values, left = pd.Series(read[healthy, column]), pd.Series(standardised[healthy, column])
        heard = values.groupby(key).count() >= LEAST_ROWS
        spread = values.groupby(key).std()[heard]
        steps = left.diff().abs().where(key.eq(key.shift())).groupby(key).median()[heard]
        still.append(float(spread.quantile(_STILL)) if len(spread) else 0.0)
        rough.append(float(steps.quantile(_ROUGH)) if len(steps) else float("inf"))
    return tuple(still), tuple(rough)
