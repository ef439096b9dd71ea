"""Fit ages: which lives count for a failure mode, what they say about its shape, and whether age says anything at all.

Component's age, not the asset's: a life runs from the installation (or restoring repair) of its item. An item older than the records
counts from where these begin (left truncation), one that was replaced, or goes on, counts until then (censoring).

The shape has a prior: its logarithm is normal around 0 with a standard deviation of 0.75, so that few failures stay near a constant
rate. Age is said to tell something only when P(shape > 1) is 0.95 or more *and* lives that were left out are foretold better with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pdm.catalogue import Axis, ModelDefinition
from pdm.errors import TooLittleData
from pdm.learning.age.model import AgeModel, AgeOfMode, Says
from pdm.learning.model import Floats
from pdm.learning.targets import Bools
from pdm.readings.registry import UNIT

SURE = 0.95
FEWEST = 2
"""Failures on record without which a class has no age model; a mode of it gets a rate from its first failure on."""
_PRIOR_SD = 0.75
_FOLDS = 40
_ONE = np.ones(1)
_GRID = np.exp(np.linspace(np.log(0.2), np.log(10.0), 79))
_NEGLIGIBLE = 1e-6
_SHORTEST = 1e-6
_ANY_MODE = ("", "unspecified")


@dataclass(frozen=True)
class _Lives:
    """entry, end: ages between which each life was watched, in units of `unit`; failed: whether it ended in the failure in question."""

    entry: Floats
    end: Floats
    failed: Bools
    unit: float

    def only(self, kept: Bools) -> _Lives:
        return _Lives(self.entry[kept], self.end[kept], self.failed[kept], self.unit)


def fit_ages(
    lives: pd.DataFrame, definition: ModelDefinition, axis: Axis, *, records_begin: Mapping[str, float] | None = None
) -> AgeModel:
    """The age model of one class.

    lives: `pdm.readings.registry.LIFE_COLUMNS`; those that go on end where the records do.
    records_begin: asset -> position from which a failure of it would be on record; a life that began before counts from there on.

    Raises:
        TooLittleData: fewer than two failures are on record.
    """
    failed = int((lives["ended_by"] == "failure").sum())
    if failed < FEWEST:
        raise TooLittleData(
            f"{failed} failures of class {definition.asset_class} are on record, and age alone needs {FEWEST}",
            hint="import the work orders of more years: `plantpdm import workorders`",
        )
    begin = lives["asset"].map(dict(records_begin or {})).to_numpy(dtype=np.float64, na_value=-np.inf)
    start, end = axis.positions(lives["start"]), axis.positions(lives["end"])
    found, left_out = [], {}
    for mode in definition.failure_modes:
        mine = _of_item(lives, mode.maintainable_item) & (end > begin)
        alone = sum(other.maintainable_item == mode.maintainable_item for other in definition.failure_modes) == 1
        named = lives["failure_mode"].isin([mode.name, *(_ANY_MODE if alone else ())]).to_numpy()
        ended = (lives["ended_by"] == "failure").to_numpy() & named
        if not (mine & ended).any():
            left_out[mode.name] = f"no failure of it is on record in {int(mine.sum())} lives"
            continue
        entry = np.maximum(begin - start, 0.0)[mine]
        found.append(_fit(mode.name, mode.maintainable_item, entry, (end - start)[mine], ended[mine]))
    if not found:
        raise TooLittleData(
            f"{failed} failures of class {definition.asset_class} are on record, and none names one of its failure modes",
            hint="say in the mapping which codes mean which failure mode: `plantpdm import workorders FILE --show-mapping`",
        )
    return AgeModel(tuple(found), left_out)


def _of_item(lives: pd.DataFrame, item: str) -> Bools:
    """The lives of one maintainable item; of the whole unit on assets that have none of it on record."""
    own = lives["maintainable_item"].eq(item)
    elsewhere = ~lives["asset"].isin(lives.loc[own, "asset"]) & lives["maintainable_item"].eq(UNIT)
    return np.asarray(own | elsewhere, dtype=bool)


def _fit(mode: str, item: str, entry: Floats, end: Floats, failed: Bools) -> AgeOfMode:
    end = np.maximum(end, entry + _SHORTEST)
    unit = float(end.mean())
    seen = _Lives(entry / unit, np.maximum(end / unit, _SHORTEST), failed, unit)
    weights = _weights(seen)
    order = np.cumsum(weights)
    shape, low, high = (float(np.interp(share, order, _GRID)) for share in (0.5, 0.05, 0.95))
    wears, gain = float(weights[_GRID > 1.0].sum()), _gain(seen)
    says: Says = "nothing"
    if gain > 0 and wears >= SURE:
        says = "wears out"
    elif gain > 0 and 1 - wears >= SURE:
        says = "fails early"
    shapes = _GRID[weights > _NEGLIGIBLE] if says != "nothing" else _ONE
    kept = weights[weights > _NEGLIGIBLE] if says != "nothing" else _ONE
    return AgeOfMode(
        mode,
        item,
        failures=int(failed.sum()),
        lives=len(failed),
        entered=int((entry > 0).sum()),
        unit=unit,
        shapes=tuple(shapes.tolist()),
        weights=tuple((kept / kept.sum()).tolist()),
        exposures=tuple(_exposure(seen, shapes).tolist()),
        shape=shape,
        low=low,
        high=high,
        wears=wears,
        gain=gain,
        says=says,
    )


def _exposure(lives: _Lives, shapes: Floats) -> Floats:
    """T_k = sum(end^k - entry^k), [k]."""
    return np.asarray((lives.end[:, None] ** shapes - lives.entry[:, None] ** shapes).sum(axis=0))


def _weights(lives: _Lives) -> Floats:
    """Posterior of the shapes of the grid; the prior alone where nothing failed."""
    failures = int(lives.failed.sum())
    logs = -0.5 * (np.log(_GRID) / _PRIOR_SD) ** 2
    if failures:
        logs = logs + failures * np.log(_GRID) - failures * np.log(_exposure(lives, _GRID))
        logs = logs + (_GRID - 1.0) * float(np.log(lives.end[lives.failed]).sum())
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _gain(lives: _Lives) -> float:
    """Mean difference of the log score of lives left out: shapes as learnt from the others, less a constant rate.

    Negative infinity where one failure leaves none to learn a rate from.
    """
    if int(lives.failed.sum()) < FEWEST:
        return -np.inf
    # Failures first, so that they are spread over the folds.
    fold = np.empty(len(lives.end), dtype=np.int64)
    fold[np.argsort(~lives.failed, kind="stable")] = np.arange(len(lives.end)) % _FOLDS
    differences = []
    for number in np.unique(fold):
        rest, held = lives.only(fold != number), lives.only(fold == number)
        if not rest.failed.any():
            return -np.inf
        differences.append(_log_scores(held, rest, _GRID, _weights(rest)) - _log_scores(held, rest, _ONE, _ONE))
    return float(np.mean(np.concatenate(differences)))


def _log_scores(held: _Lives, others: _Lives, shapes: Floats, weights: Floats) -> Floats:
    """Logarithm of the predicted density of each failure, or of the chance to live so long, given life at entry, [n]."""
    failures, exposure = int(others.failed.sum()), _exposure(others, shapes)
    end = held.end[:, None]
    spent = 1.0 + (end**shapes - held.entry[:, None] ** shapes) / exposure
    alive = spent**-failures
    density = failures * shapes * end ** (shapes - 1.0) / exposure * spent ** -(failures + 1.0)
    return np.asarray(np.log(np.maximum(np.where(held.failed[:, None], density, alive) @ weights, 1e-300)))
