"""Fit expected values: the class's curve for every channel, then each machine's own level and gains, shrunk towards the class.

y = level(machine) + terms . (coefficients(class) + gains(machine)) + residual

A machine with a year of rows gets gains of its own; one with a fortnight keeps to the class. Rows further than four spreads from the
first fit are trimmed before the second, so that a fault nobody wrote down moves little.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.errors import TooLittleData
from pdm.learning.expected.design import Bools, Design, Floats, design_of, inputs_of, values_of
from pdm.learning.expected.model import ChannelModel, ExpectedModel, Own
from pdm.learning.expected.trees import grow_trees

TRIM = 4.0
LEAST_ROWS = 200
FROZEN_DAYS = 60.0
_CLASS_RIDGE, _OWN_RIDGE, _LEVEL_RIDGE = 10.0, 100.0, 1.0
_FOLDS = 4
_WORTH_IT = 0.02


def fit_expected(
    readings: pd.DataFrame,
    healthy: Bools,
    asset_class: AssetClass,
    *,
    channels: tuple[str, ...] = (),
    inputs: tuple[str, ...] = (),
    learner: str = "auto",
    baseline_rows: int = 0,
    starts: Mapping[str, float] | None = None,
    frozen: Mapping[str, float] | None = None,
) -> ExpectedModel:
    """Learn what is normal from the healthy rows of `readings` (sorted by asset and time).

    channels: what is expected (default: all condition channels but the inputs). inputs: what explains them (default: settings and
    weather). learner: `ridge`, `lightgbm`, or `auto` for what explains more of machines (or of stretches of one) it has not seen.
    baseline_rows: how many of a life's first healthy rows set a machine's level; 0 for all that are known.
    starts: where each machine's baseline begins (native units): its newest re-baseline; rows before still teach gains.
    frozen: until where each machine's level has been learnt before: with `FROZEN_DAYS` of rows behind it, it stays.

    Raises:
        TooLittleData: no machine has enough healthy rows.
    """
    inputs = inputs or inputs_of(asset_class)
    names = channels or tuple(
        one.name for one in asset_class.channels if one.role == "condition" and one.name not in inputs
    )
    given = values_of(readings, inputs, asset_class)
    usable = healthy & np.isfinite(given).all(axis=1)
    design = design_of(inputs, given[usable])
    terms = design.terms(given)
    assets, codes = np.unique(readings["asset"].to_numpy(dtype=object).astype(str), return_inverse=True)
    table = _Table(
        assets, codes, asset_class.axis.positions(readings["time"]), terms, baseline_rows, starts or {}, frozen or {}
    )
    table.enough = round(FROZEN_DAYS * asset_class.axis.per_day / asset_class.axis.step)
    read = values_of(readings, names, asset_class)
    fitted = [
        _fit_channel(name, read[:, column], usable & np.isfinite(read[:, column]), table, design, learner)
        for column, name in enumerate(names)
    ]
    models = tuple(model for model in fitted if model is not None)
    if not models:
        raise TooLittleData(
            f"no machine of class {asset_class.name} has {LEAST_ROWS} rows of undisturbed running",
            hint="wait for some weeks of readings, or declare a healthy period by excluding the rest from learning",
        )
    return ExpectedModel(design, models, {"rows": int(usable.sum()), "assets": len(assets)})


class _Table:
    """What all channels share: rows by machine, their terms, and where each machine's baseline begins."""

    def __init__(
        self,
        assets: np.ndarray,
        codes: np.ndarray,
        position: Floats,
        terms: Floats,
        baseline_rows: int,
        starts: Mapping[str, float],
        frozen: Mapping[str, float],
    ) -> None:
        self.assets = [str(asset) for asset in assets]
        self.codes, self.position, self.terms, self.baseline_rows = codes, position, terms, baseline_rows
        self.starts, self.frozen, self.enough = starts, frozen, LEAST_ROWS

    def baseline(self, asset: int, rows: np.ndarray) -> np.ndarray:
        """Of a machine's healthy rows those that set its level."""
        start = self.starts.get(self.assets[asset], -np.inf)
        begun = rows[self.position[rows] >= start]
        chosen = begun if len(begun) >= LEAST_ROWS else rows
        until = self.frozen.get(self.assets[asset], np.inf)
        if start <= until < np.inf:
            held = chosen[self.position[chosen] <= until]
            chosen = held if len(held) >= max(self.enough, LEAST_ROWS) else chosen
        return chosen[: self.baseline_rows] if self.baseline_rows else chosen


def _fit_channel(
    name: str, read: Floats, usable: Bools, table: _Table, design: Design, learner: str
) -> ChannelModel | None:
    rows = {place: np.flatnonzero(usable & (table.codes == place)) for place in range(len(table.assets))}
    rows = {place: mine for place, mine in rows.items() if len(mine) >= LEAST_ROWS}
    if not rows:
        return None
    centre = {place: float(np.median(read[mine])) for place, mine in rows.items()}
    every = np.concatenate(list(rows.values()))
    group = np.concatenate([np.full(len(mine), place) for place, mine in rows.items()])
    target = read[every] - np.array([centre[place] for place in group])
    terms = table.terms[every]
    chosen, skill, booster = _learner(terms, target, group, design, learner)
    if booster:
        coefficients, answer = np.zeros(design.size), chosen
    else:
        coefficients = chosen
        answer = terms @ coefficients
    left = target - answer
    spread = _spread(left)
    own = {}
    for place, mine in rows.items():
        inside = group == place
        own[table.assets[place]] = _own(place, mine, centre[place], left[inside], terms[inside], spread, table)
    return ChannelModel(
        name,
        tuple(coefficients.tolist()),
        float(np.median([one.spread for one in own.values()])),
        own,
        "lightgbm" if booster else "ridge",
        skill,
        booster,
    )


def _own(place: int, rows: np.ndarray, centre: float, left: Floats, terms: Floats, spread: float, table: _Table) -> Own:
    """One machine: gains by a ridge that prefers none, on rows trimmed twice; then the level from its baseline rows alone."""
    penalty = np.full(terms.shape[1], _OWN_RIDGE)
    penalty[0] = _LEVEL_RIDGE
    gains, middle = np.zeros(terms.shape[1]), float(np.median(left))
    gains[0] = middle
    for _ in range(2):
        kept = np.abs(left - terms @ gains) < TRIM * spread
        if kept.sum() < LEAST_ROWS // 2:
            break
        gains = _ridge(terms[kept], left[kept], penalty)
    rest = left - terms @ gains
    baseline = table.baseline(place, rows)
    of_baseline = np.isin(rows, baseline)
    kept = of_baseline & (np.abs(rest - np.median(rest[of_baseline])) < TRIM * spread)
    shift = float(np.median(rest[of_baseline])) if kept.sum() < LEAST_ROWS // 4 else float(np.mean(rest[kept]))
    mine = _spread(rest - shift)
    return Own(
        centre + shift,
        tuple(gains.tolist()),
        float(0.5 * mine + 0.5 * spread) or 1e-9,
        len(rows),
        float(table.position[baseline[-1]]),
    )


def _learner(
    terms: Floats, target: Floats, group: np.ndarray, design: Design, learner: str
) -> tuple[Floats, float, str]:
    """The class's curve: coefficients, or with trees their answer for every row; skill on rows left out; booster text.

    Machines are left out in turn; of one alone stretches of its time are, never single rows, whose neighbours would tell.
    """
    penalty = np.full(terms.shape[1], _CLASS_RIDGE)
    if not design.inputs:
        return _ridge(terms, target, penalty), 0.0, ""
    places = np.unique(group)
    fold = {place: number % min(_FOLDS, len(places)) for number, place in enumerate(places)}
    folds = np.array([fold[place] for place in group])
    if len(places) == 1:
        folds = np.arange(len(group)) * _FOLDS // len(group)
    plain = np.full(len(target), np.nan)
    grown = np.full(len(target), np.nan)
    wanted = learner in ("auto", "lightgbm")
    scaled = terms[:, 1 : 1 + len(design.inputs)]
    for number in np.unique(folds):
        held = folds == number
        plain[held] = terms[held] @ _ridge(terms[~held], target[~held], penalty)
        if wanted:
            grown[held] = grow_trees(scaled[~held], target[~held]).predict(scaled[held], num_threads=1)
    skills = {"ridge": _skill(plain, target, group), "lightgbm": _skill(grown, target, group) if wanted else -np.inf}
    trees = learner == "lightgbm" or (learner == "auto" and skills["lightgbm"] > skills["ridge"] + _WORTH_IT)
    if trees:
        booster = grow_trees(scaled, target)
        return np.asarray(booster.predict(scaled, num_threads=1)), skills["lightgbm"], booster.model_to_string()
    return _ridge(terms, target, penalty), float(skills["ridge"]), ""


def _skill(answer: Floats, target: Floats, group: np.ndarray) -> float:
    """Share of the mean absolute deviation within machines that is explained; their levels are their own and count for neither."""
    rest = pd.Series(target - answer)
    inside = rest - rest.groupby(group).transform("median")
    whole = pd.Series(target) - pd.Series(target).groupby(group).transform("median")
    total = float(whole.abs().mean())
    return 1.0 - float(inside.abs().mean()) / total if total > 0 else 0.0


def _ridge(terms: Floats, target: Floats, penalty: Floats) -> Floats:
    return np.asarray(np.linalg.solve(terms.T @ terms + np.diag(penalty), terms.T @ target))


def _spread(values: Floats) -> float:
    """Robust standard deviation: 1.4826 times the median distance from the median."""
    return float(1.4826 * np.median(np.abs(values - np.median(values)))) or 1e-9
