"""Failures that these sensors do not show coming, found and not only declared: from what a model said about machines it had not seen.

A failure mode that a target of its own asks about is judged by the error that its answers save against the best answer without
sensors, age alone or the average. One that is asked about only together with others is judged by order: within the lives that it
ended, do the answers near the end stand above those long before it? Both with an interval that draws machines again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import Axis, FailureMode, ModelDefinition, Target
from pdm.catalogue.helps import would_help
from pdm.learning.baselines import Weibull
from pdm.learning.machine_events import labels_of
from pdm.learning.metrics import roc_auc
from pdm.learning.model import Floats
from pdm.learning.splits import equal_weights
from pdm.learning.targets import Ints

FEWEST_FAILURES, FEWEST_ITEMS = 5, 3
"""With fewer failures than this nothing is claimed: neither that a failure can be seen coming nor that it cannot."""
_DRAWS, _SEED = 400, 7
_ROUNDING = 1e-3
_NEAR = 0.25


def blind_modes(
    answers: pd.DataFrame, lives: pd.DataFrame, definition: ModelDefinition, axis: Axis, calibration: Mapping[str, Any]
) -> dict[str, str]:
    """Failure mode -> the sentence that says why it is not predictable with these sensors, and what would help.

    answers: held-out answers of all targets (`pdm.learning.answers.COLUMNS`). lives: of the class.
    calibration: target -> `age_only` (shape, scale), as training writes it.
    """
    seen = answers[answers["question"] == "new_assets"]
    asked = {target.name: seen[seen["target"] == target.name] for target in definition.targets}
    found = {}
    for mode in definition.failure_modes:
        if mode.not_predictable:
            continue
        own = [one for one in definition.targets if one.modes == (mode.name,) and len(asked[one.name])]
        shared = [one for one in definition.targets if mode.name in one.modes and len(asked[one.name])]
        said = ""
        if own:
            told = [_by_error(one, asked[one.name], calibration.get(one.name, {})) for one in own]
            said = next((sentence for sentence in told if sentence), "") if all(told) else ""
        elif shared:
            told = [_by_order(one, asked[one.name], _ends(lives, definition, mode, axis)) for one in shared]
            said = next((sentence for sentence in told if sentence), "") if all(told) else ""
        if said:
            found[mode.name] = f"{mode.title} is {said}. {would_help(mode)}"
    return found


def _by_error(target: Target, rows: pd.DataFrame, facts: Mapping[str, Any]) -> str:
    """Why answers of its own save no error; empty where they do, or where too few failures are on record to say."""
    labels = labels_of(rows)
    life = target.kind == "remaining_life"
    truth = labels.capped(target.cap) if life else labels.within(target.horizon)
    said = rows["answer"].to_numpy(dtype=np.float64)
    known = ~np.isnan(truth) & ~np.isnan(said)
    groups = rows["group"].to_numpy(dtype=np.int64)
    failures, items = _count(labels.life[known & labels.observed], groups[known & labels.observed])
    if failures < FEWEST_FAILURES or items < FEWEST_ITEMS:
        return ""
    weight = equal_weights(groups, known)[known]
    truth, said, age, groups = truth[known], said[known], labels.age[known], groups[known]
    others = {"the average": np.full(len(truth), float(np.average(truth, weights=weight)))}
    if ages := facts.get("age_only"):
        weibull = Weibull(float(ages["shape"]), float(ages["scale"]))
        others["age alone"] = (
            weibull.mean_remaining(age, target.cap) if life else weibull.failure_within(age, target.horizon)
        )
    error = {name: weight * (answer - truth) ** 2 for name, answer in others.items()}
    name = min(error, key=lambda one: float(error[one].sum()))
    mine, theirs = _sums(weight * (said - truth) ** 2, groups), _sums(error[name], groups)
    if theirs.sum() <= 0:
        return ""
    draws = np.random.default_rng(_SEED).integers(len(mine), size=(_DRAWS, len(mine)))
    low, high = np.quantile(1.0 - mine[draws].sum(axis=1) / np.maximum(theirs[draws].sum(axis=1), 1e-12), [0.05, 0.95])
    if low > 0:
        return ""
    saved = 1.0 - float(mine.sum() / theirs.sum())
    how = "not predictable with these sensors" if saved <= 0 else "not shown to be predictable with these sensors"
    return (
        f"{how}: over {failures} failures its answers about machines it had not seen save {saved:.0%} of the error of {name} "
        f"(90 % interval {low:.0%} to {high:.0%})"
    )


def _by_order(target: Target, rows: pd.DataFrame, ends: pd.DataFrame) -> str:
    """Why answers about several modes say nothing of this one: they do not rise before its failures."""
    rows = rows[rows["observed"].astype(bool)]
    until = rows["position"].to_numpy(dtype=np.float64) + rows["remaining"].to_numpy(dtype=np.float64)
    reach = target.horizon or target.cap * _NEAR
    areas, groups = [], []
    at = ends["end"].to_numpy(dtype=np.float64)
    for _, life in rows.groupby(["asset", np.round(until, 3)], sort=True):
        end = float(life["position"].iloc[0] + life["remaining"].iloc[0])
        if not ((ends["asset"] == life["asset"].iloc[0]).to_numpy() & (np.abs(at - end) < _ROUNDING)).any():
            continue
        said = life["answer"].to_numpy(dtype=np.float64) * (-1.0 if target.kind == "remaining_life" else 1.0)
        near = (life["remaining"].to_numpy(dtype=np.float64) <= reach).astype(np.float64)
        area = roc_auc(said, near)
        if np.isfinite(area):
            areas.append(area)
            groups.append(int(life["group"].iloc[0]))
    if len(areas) < FEWEST_FAILURES or len(set(groups)) < FEWEST_ITEMS:
        return ""
    total, count = _sums(np.array(areas), np.array(groups)), _sums(np.ones(len(areas)), np.array(groups))
    draws = np.random.default_rng(_SEED).integers(len(total), size=(_DRAWS, len(total)))
    low, high = np.quantile(total[draws].sum(axis=1) / count[draws].sum(axis=1), [0.05, 0.95])
    if low > 0.5:
        return ""
    return (
        f"not predictable with these sensors: before {len(areas)} failures nothing rose; answers near the end stand above earlier "
        f"ones in {np.mean(areas):.0%} of pairs (90 % interval {low:.0%} to {high:.0%}, chance gives 50%)"
    )


def _ends(lives: pd.DataFrame, definition: ModelDefinition, mode: FailureMode, axis: Axis) -> pd.DataFrame:
    """Where lives ended in this failure: `asset`, `end` on the axis."""
    alone = sum(one.maintainable_item == mode.maintainable_item for one in definition.failure_modes) == 1
    named = lives["failure_mode"].isin([mode.name, *(("", "unspecified") if alone else ())])
    mine = lives[(lives["ended_by"] == "failure") & lives["maintainable_item"].eq(mode.maintainable_item) & named]
    return pd.DataFrame({"asset": mine["asset"].to_numpy(), "end": axis.positions(mine["end"])})


def _count(lives: Ints, groups: Ints) -> tuple[int, int]:
    return len(np.unique(lives)), len(np.unique(groups))


def _sums(values: Floats, groups: Ints) -> Floats:
    """Sum by group, [g]."""
    _, index = np.unique(groups, return_inverse=True)
    return np.asarray(np.bincount(index, values), dtype=np.float64)
