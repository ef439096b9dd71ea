"""Choose the past cases of a finished model: moments before failures, and sound rows that it judged the worst."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pdm.catalogue import AssetClass, Target
from pdm.learning.apply import Predictor
from pdm.learning.cases import by_channel
from pdm.learning.course import Course
from pdm.learning.model import Floats, Model
from pdm.learning.targets import Ints
from pdm.learning.transforms.derive import describe_derived

LEADS = (0.1, 0.5, 0.9)
"""Where before a failure a case is taken, as shares of the horizon: how it looked late, halfway and early."""
NEAR = 0.25
"""How far from there the row may lie, as a share of the horizon."""
MOST_LIVES = 60
MOST_SOUND = 60
MOST_ASKED = 5000
LIFE_SHARE = 0.4
"""Of a remaining-life target's cap: what counts as shortly before the end."""


def case_library(model: Model, course: Course, asset_class: AssetClass) -> dict[str, Any]:
    """The cases of every target as JSON: target -> channels, and cases with their machine, moment, outcome and vector."""
    predictor = Predictor(model, 1)
    owners = [describe_derived(name, course.definition, asset_class).channel or name for name in model.feature_names]
    return {part.target.name: _cases(predictor, course, part.target, owners) for part in model.targets}


def _cases(predictor: Predictor, course: Course, target: Target, owners: Sequence[str]) -> dict[str, Any]:
    horizon = target.horizon if target.kind == "failure_within" else LIFE_SHARE * target.cap
    rows, modes = _before_failures(course, target, horizon)
    sound = _look_alikes(predictor, course, target, horizon)
    chosen = np.concatenate([rows, sound])
    effects = predictor.contributions(course.bench.inputs("all", None, chosen), target.name)[:, :-1]
    channels, vectors = by_channel(owners, effects)
    remaining = course.labels(target, "all").remaining
    assets, times = course.features["asset"].to_numpy(), course.features["time"]
    usage = course.axis.kind == "usage"
    return {
        "channels": list(channels),
        "cases": [
            {
                "asset": str(assets[row]),
                "at": float(times.iloc[row]) if usage else times.iloc[row].isoformat(),
                "mode": mode,
                "lead": round(float(remaining[row]) if mode else horizon, 3),
                "effects": [round(float(value), 4) for value in vector],
            }
            for row, mode, vector in zip(chosen.tolist(), [*modes, *[""] * len(sound)], vectors, strict=True)
        ],
    }


def _before_failures(course: Course, target: Target, horizon: float) -> tuple[Ints, list[str]]:
    """Up to three rows of every life that ended in this failure (or of some, spread over all), and which mode it was."""
    labels = course.labels(target, "all")
    observed = labels.observed & course.usable
    lives = _spread(np.unique(labels.life[observed]), MOST_LIVES)
    named = _ends(course, target)
    rows, modes = list[int](), list[str]()
    for life in lives.tolist():
        own = np.flatnonzero(observed & (labels.life == life))
        away = np.abs(labels.remaining[own][None, :] - horizon * np.array(LEADS)[:, None])
        closest = zip(away.argmin(axis=1).tolist(), away.min(axis=1).tolist(), strict=True)
        for row in sorted({int(own[place]) for place, gap in closest if gap <= NEAR * horizon}):
            end = round(float(course.positions[row] + labels.remaining[row]), 3)
            rows.append(row)
            modes.append(named.get((str(course.features["asset"].iloc[row]), end), target.modes[0]))
    return np.array(rows, dtype=np.int64), modes


def _ends(course: Course, target: Target) -> dict[tuple[str, float], str]:
    """Asset and position of a life's end -> the mode that it failed in, of those the target asks about."""
    failed = course.lives[
        course.lives["ended_by"].eq("failure") & course.lives["failure_mode"].isin(list(target.modes))
    ]
    ends = np.round(course.axis.positions(failed["end"]), 3).tolist()
    return dict(
        zip(zip(failed["asset"].astype(str), ends, strict=True), failed["failure_mode"].astype(str), strict=True)
    )


def _look_alikes(predictor: Predictor, course: Course, target: Target, horizon: float) -> Ints:
    """Of every machine the row that looked worst although nothing failed within the horizon; the worst machines, if there are many."""
    labels = course.labels(target, "all")
    sound = np.flatnonzero((labels.within(horizon) == 0.0) & course.usable)
    asked = _spread(sound, MOST_ASKED)
    if not len(asked):
        return asked
    worst = _score(predictor, course.bench.inputs("all", None, asked), target)
    order = np.argsort(-worst, kind="stable")
    _, first = np.unique(course.assets[asked[order]], return_index=True)
    kept = asked[order[np.sort(first)]][:MOST_SOUND]
    return np.sort(kept)


def _score(predictor: Predictor, matrix: Any, target: Target) -> Floats:
    """How bad the model thinks each row: a probability, or how short the remaining life."""
    said = predictor.predict(matrix)
    return said.probabilities[target.name] if target.name in said.probabilities else -said.remaining[target.name].mean


def _spread(values: Ints, most: int) -> Ints:
    """At most so many of them, evenly spread."""
    if len(values) <= most:
        return values
    chosen: Ints = values[np.linspace(0, len(values) - 1, most).astype(np.int64)]
    return chosen
