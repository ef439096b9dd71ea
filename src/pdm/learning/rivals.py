"""What stands beside a model in each of its views: a straight line, repaired items by age, and the alarms that a plant has anyway.

Every one of them is learnt where the model of that view was learnt: on the other folds, or on the past.
"""

from __future__ import annotations

import numpy as np

from pdm.catalogue import Target
from pdm.learning.beside import births, repaired_process, ridge_between, ridge_figures, ridge_out_of_fold
from pdm.learning.course import Course
from pdm.learning.episodes import count_alerts
from pdm.learning.evaluation import DAYS_A_YEAR, Question
from pdm.learning.fitting import Period
from pdm.learning.metrics import brier
from pdm.learning.model import Floats
from pdm.learning.rules import KINDS, as_policy, choose_rule, level_columns, rule_values
from pdm.learning.splits import equal_weights
from pdm.learning.targets import Bools


def rivals(course: Course, target: Target, question: Question, period: Period, chosen: Bools) -> dict[str, float]:
    """Figures of all rivals on the chosen rows, by name.

    period: where the model of this view was learnt; `later` judges rows after it, `new_assets` rows of it, fold by fold.
    """
    later = question == "later"
    truth = course.truth(target, "all" if later else period)
    known = np.where(chosen, truth, np.nan)
    learnt_from = course.truth(target, period)
    said = (
        ridge_between(course.bench, period, learnt_from, chosen)
        if later
        else ridge_out_of_fold(course.bench, period, learnt_from)
    )
    figures = ridge_figures(target, said, known, course.bench.groups)
    if target.kind != "failure_within":
        return figures
    return figures | _repaired(course, target, period, known, later) | _rules(course, target, period, chosen, later)


def _repaired(course: Course, target: Target, period: Period, truth: Floats, later: bool) -> dict[str, float]:
    """How good the count of failures by age is; nothing where no machine failed twice."""
    names = course.features["asset"].astype(str)
    until = course.cut.test_from if course.cut and period == "past" else None
    new = births(course.lives, course.definition, target, course.axis)
    age = course.positions - names.map(new).to_numpy(dtype=np.float64)
    said, shapes = np.full(len(truth), np.nan), []
    rows, fold = course.bench.rows[period], course.bench.fold
    for number in [None] if later else np.unique(fold[rows]).tolist():
        others, held = (rows, ~np.isnan(truth)) if number is None else (rows & (fold != number), fold == number)
        process = repaired_process(
            course.lives, course.definition, target, course.axis, set(names[others].tolist()), until
        )
        if process is not None:
            said[held] = process.failure_within(age[held], target.horizon)
            shapes.append(process.shape)
    known = ~np.isnan(truth) & ~np.isnan(said)
    if not known.any() or known.sum() < (~np.isnan(truth)).sum() / 2:
        return {}
    weight = equal_weights(course.bench.groups, known)[known]
    return {
        "brier_crow_amsaa": brier(said[known], truth[known], weight),
        "crow_amsaa_shape": float(np.median(shapes)),
    }


def _rules(course: Course, target: Target, period: Period, chosen: Bools, later: bool) -> dict[str, float]:
    """What a limit and a drift limit would have raised: share found, false alerts and money per asset-year."""
    own = [str(name) for name in course.features.columns if name not in ("asset", "time")]
    if not own:
        return {}
    table = course.features[level_columns(own)].to_numpy(dtype=np.float64)
    rows, fold, every = course.bench.rows[period], course.bench.fold, np.ones(len(table), dtype=bool)
    learnt = course.rows(target, period, every)
    judged = course.rows(target, "all" if later else period, chosen)
    per_year = course.axis.per_day * DAYS_A_YEAR
    figures: dict[str, float] = {}
    for kind in KINDS:
        values, score = rule_values(kind, table, course.assets), np.zeros(len(table))
        for number in [None] if later else np.unique(fold[rows]).tolist():
            others, held = (rows, chosen) if number is None else (rows & (fold != number), chosen & (fold == number))
            rule = choose_rule(values[others], learnt.take(others), target, course.definition)
            score[held] = rule.score(values[held])
        alerts = count_alerts(
            score[chosen],
            judged.positions,
            judged.assets,
            judged.labels,
            as_policy(course.definition.policy),
            horizon=target.horizon,
            per_year=per_year,
        )
        figures |= {f"recall_{kind}": alerts.recall, f"false_per_year_{kind}": alerts.false_per_year}
    return figures
