"""Does a feature know when the next planned maintenance comes? Then it knows the planner, not the machine.

Planned work stands in the calendar long before it is done. A feature that follows it (days until the next service, an order that
was entered ahead) foretells "failures" found at that service, and is worthless the day before the plan is made. How long ago the
last one was may be known: a regular plan is honestly foretold by it, and so is the date.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pdm.catalogue import Axis, Learner
from pdm.learning.boosters import Matrix, Recipe, Trainer, answer
from pdm.learning.leak_report import LeakLine
from pdm.learning.leaks import is_function
from pdm.learning.metrics import roc_auc
from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Ints

PLANNED = ("preventive", "inspection")
TOO_WELL = 0.97
ODD = 0.9
HONEST = 0.85
_FEWEST = 8
_SAMPLE = 4000


@dataclass(frozen=True)
class Calendar:
    """Native units until the next planned work and since the last one, per row; NaN where there is none."""

    until_next: Floats
    since_last: Floats


def calendar_of(rows: pd.DataFrame, events: pd.DataFrame, axis: Axis) -> Calendar:
    """Where every feature row stands between planned works of its asset.

    rows: `asset`, `time`. events: as `pdm.readings.events.read_events` gives them.
    """
    planned = events[events["kind"].isin(PLANNED)]
    place = planned["time"] if axis.kind == "time" else planned["usage"]
    planned = planned[place.notna()]
    moments, assets = axis.positions(place[place.notna()]), planned["asset"].to_numpy(dtype=object)
    at, owner = axis.positions(rows["time"]), rows["asset"].to_numpy(dtype=object)
    until, since = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for asset in np.unique(assets.astype(str)):
        own, mine = np.flatnonzero(owner == asset), np.sort(moments[assets == asset])
        index = np.searchsorted(mine, at[own], side="right")
        ahead, behind = index < len(mine), index > 0
        until[own[ahead]] = mine[index[ahead]] - at[own[ahead]]
        since[own[behind]] = at[own[behind]] - mine[index[behind] - 1]
    return Calendar(until, since)


def maintenance_line(
    matrix: Matrix, names: tuple[str, ...], positions: Floats, groups: Ints, calendar: Calendar, learner: Learner
) -> LeakLine:
    """Whether the features tell the time to the next planned maintenance better than an honest calendar could.

    matrix: features [n, f]. positions, groups: when and whose each row is.
    """
    known = np.flatnonzero(~np.isnan(calendar.until_next))
    works = len(
        np.unique(np.column_stack([groups[known], np.round(positions[known] + calendar.until_next[known], 3)]), axis=0)
    )
    if works < _FEWEST or len(np.unique(groups[known])) < 3:
        return LeakLine("next_maintenance", None, f"Only {works} planned works lie ahead of any row: too few to ask.")
    rows = np.sort(np.random.default_rng(learner.seed).choice(known, min(len(known), _SAMPLE), replace=False))
    until, since = calendar.until_next[rows], np.nan_to_num(calendar.since_last[rows], nan=-1.0)
    if not is_function(since, until, groups[rows]):
        for column, name in enumerate(names):
            if is_function(matrix[rows, column].astype(np.float64), until, groups[rows]):
                sentence = f"Feature {name!r} is the time to the next planned maintenance: it reads the calendar, not the machine."
                return LeakLine("next_maintenance", False, sentence, {"works": float(works)})
    held = np.isin(groups[rows], np.unique(groups[rows])[::3])
    soon = (until <= np.median(until)).astype(np.float64)
    if min(len(np.unique(soon[held])), len(np.unique(soon[~held]))) < 2:
        return LeakLine("next_maintenance", None, "All planned works lie equally far ahead.", {"works": float(works)})
    honest = np.column_stack([since, positions[rows] - positions[rows].min()]).astype(np.float32)
    by_features = _auc(matrix[rows], soon, held, learner)
    by_calendar = _auc(honest, soon, held, learner)
    figures = {"auc": by_features, "auc_calendar": by_calendar, "works": float(works)}
    compared = f"AUC {by_features:.2f}, where the date and the last service reach {by_calendar:.2f}"
    if by_features >= TOO_WELL and by_calendar <= HONEST:
        sentence = f"The features foretell the next planned maintenance too well ({compared}): they know the plan."
        return LeakLine("next_maintenance", False, sentence, figures)
    odd = by_features >= ODD and by_calendar <= HONEST
    sentence = f"The features foretell the next planned maintenance with {compared}."
    return LeakLine("next_maintenance", True, sentence, figures, warning=odd)


def _auc(matrix: Matrix, label: Floats, held: Bools, learner: Learner) -> float:
    booster = Trainer(matrix[~held], learner).grow(label[~held], np.ones(int((~held).sum())), Recipe("binary", 30, 0.1))
    return roc_auc(answer(booster, matrix[held], 1), label[held])
