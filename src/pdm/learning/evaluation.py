"""What a model's answers are worth: two questions (new assets; the same assets later), each beside naive baselines.

A view holds the figures of one target under one protocol, with the arrays that the report draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

from pdm.catalogue import Axis, ModelDefinition, Target
from pdm.learning import metrics
from pdm.learning.economy import CostRates, cost_rates
from pdm.learning.episodes import AlertCount, count_alerts, judge_episodes, seen_lives
from pdm.learning.model import Floats, RemainingLifeArrays
from pdm.learning.naive import Naive
from pdm.learning.prognostics import alpha_lambda_curve, by_band, foresight
from pdm.learning.splits import equal_weights
from pdm.learning.survival import BAND_SHARES
from pdm.learning.targets import Bools, Ints, Labels

Question = Literal["new_assets", "later"]

PROTOCOLS: Mapping[Question, str] = {
    "new_assets": "New assets: every row was answered by a model that had seen no row of the same asset (grouped folds).",
    "later": "The same assets later: the model knew nothing after the gap that lies before the test period.",
}
DAYS_A_YEAR = 365.25
DRAWS, MANY = 200, 100_000
"""How often items are drawn again for an interval; where rows are many, a quarter of that."""
CYCLES = 125.0
"""The score of the PHM challenge counts cycles, and its engines are asked about the last 125: a cap stands for as many."""


@dataclass(frozen=True)
class Rows:
    """The rows of one view: positions on the axis, asset codes and groups, and what was true of them."""

    positions: Floats
    assets: Ints
    groups: Ints
    labels: Labels

    def take(self, rows: Bools) -> Rows:
        """Some of the rows."""
        labels = self.labels
        return Rows(
            self.positions[rows],
            self.assets[rows],
            self.groups[rows],
            Labels(labels.remaining[rows], labels.observed[rows], labels.age[rows], labels.life[rows]),
        )


@dataclass(frozen=True)
class View:
    """One target under one protocol.

    metrics: figure -> value. baselines: the same figures of naive models. intervals: 90 % bootstrap intervals over assets.
    truth, predicted, weight: what the charts draw; low, high and leads where the target has them.
    tables: figures that come in rows: `reliability`; `bands` of the true remaining life, `alpha_lambda`.
    """

    target: str
    kind: str
    question: Question
    metrics: Mapping[str, float]
    baselines: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    truth: Floats
    predicted: Floats
    weight: Floats
    low: Floats | None = None
    high: Floats | None = None
    alerts: AlertCount | None = None
    tables: Mapping[str, list[dict[str, float]]] = field(default_factory=dict)

    @property
    def protocol(self) -> str:
        """How the figures were made, in words."""
        return PROTOCOLS[self.question]


@dataclass(frozen=True)
class Evaluation:
    """All views of a training run, what was left out, and what the leak guard had to say.

    race: cumulative incidence by failure mode, stated and seen (`pdm.learning.race_check`); empty where modes do not race each other.
    """

    views: tuple[View, ...]
    abstained: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    race: tuple[Mapping[str, float], ...] = ()

    def metrics(self) -> dict[str, float]:
        """Every figure by name, `bearing_wear.later.brier`; figures that do not exist (no failure, no row) are left out.

        `alerts.later.recall` and its neighbours count the failures of all `failure_within` targets together.
        """
        return _flat((view, view.metrics) for view in self.views) | self._together()

    def _together(self) -> dict[str, float]:
        questions: tuple[Question, ...] = ("new_assets", "later")
        pooled = {
            question: _pooled(counts)
            for question in questions
            if (counts := [view.alerts for view in self.views if view.alerts and view.question == question])
        }
        named = {f"alerts.{key}.{name}": value for key, figures in pooled.items() for name, value in figures.items()}
        return {name: value for name, value in named.items() if np.isfinite(value)}

    def baselines(self) -> dict[str, float]:
        """The figures of the naive models, by name as in `metrics`."""
        return _flat((view, view.baselines) for view in self.views)


def _pooled(counts: Sequence[AlertCount]) -> dict[str, float]:
    failures, found = sum(count.failures for count in counts), sum(count.found for count in counts)
    low, high = metrics.binomial_interval(found, failures)
    years = max(count.years for count in counts)
    leads = [lead for count in counts for lead in count.leads]
    return {
        "failures": float(failures),
        "detected": float(found),
        "recall": found / failures if failures else float("nan"),
        "warned": sum(count.warned for count in counts) / failures if failures else float("nan"),
        "recall_low95": low,
        "recall_high95": high,
        "false_per_year": sum(count.false for count in counts) / years if years else float("nan"),
        "lead_median": float(np.median(leads)) if leads else float("nan"),
    }


def _flat(tables: Iterable[tuple[View, Mapping[str, float]]]) -> dict[str, float]:
    return {
        f"{view.target}.{view.question}.{name}": float(value)
        for view, figures in tables
        for name, value in figures.items()
        if np.isfinite(value)
    }


def judge_probability(
    target: Target,
    question: Question,
    probability: Floats,
    rows: Rows,
    definition: ModelDefinition,
    axis: Axis,
    *,
    naive: Naive,
) -> View:
    """The view of a `failure_within` target.

    naive: what needs no sensor says about the same rows.
    """
    truth = rows.labels.within(target.horizon)
    known = ~np.isnan(truth)
    weight = equal_weights(rows.groups, known)[known]
    y, p, groups = truth[known], probability[known], rows.groups[known]
    per_year = axis.per_day * DAYS_A_YEAR
    alerts = count_alerts(
        probability,
        rows.positions,
        rows.assets,
        rows.labels,
        definition.policy,
        horizon=target.horizon,
        per_year=per_year,
    )
    figures = {
        "rows": float(len(y)),
        "base_rate": float(np.average(y, weights=weight)),
        "brier": metrics.brier(p, y, weight),
        "ece": metrics.expected_calibration_error(p, y, weight),
        "pr_auc": metrics.average_precision(p, y, weight),
        "auc": metrics.roc_auc(p, y),
        **alert_figures(alerts, planning_time(definition, target)),
    }
    money = _money(target, probability, rows, definition)
    figures |= {
        "false_per_month": alerts.false_per_year / 12,
        "precision": alerts.precision,
        "cost_per_year": money.policy * per_year,
        "regret": money.regret,
    }
    constant, age = naive.constant[known], naive.age[known]
    baselines = {
        "cost_run_to_failure": money.run_to_failure * per_year,
        "cost_fixed_interval": money.fixed_interval * per_year,
        "cost_perfect": money.perfect * per_year,
        "brier_constant": metrics.brier(constant, y, weight),
        "brier_age_only": metrics.brier(age, y, weight),
        "auc_age_only": metrics.roc_auc(age, y),
    }
    order = np.argsort(p, kind="stable")  # sorted once, so that no draw has to sort again
    q, z, w, g = p[order], y[order], weight[order], groups[order]
    draws = DRAWS if len(q) <= MANY else DRAWS // 4
    intervals = {
        "brier": metrics.bootstrap_interval(lambda draw: metrics.brier(p[draw], y[draw], weight[draw]), groups),
        "ece": metrics.interval_by_item(lambda w: metrics.expected_calibration_error(q, z, w), w, g, draws=draws),
        "recall": alerts.interval,
    }
    if y.any():
        intervals["pr_auc"] = metrics.interval_by_item(lambda w: metrics.average_precision(q, z, w), w, g, draws=draws)
    tables = {"reliability": metrics.reliability_table(p, y, weight, groups)}
    return View(
        target.name, target.kind, question, figures, baselines, intervals, y, p, weight, alerts=alerts, tables=tables
    )


def alert_figures(alerts: AlertCount, planning_time: float) -> dict[str, float]:
    """The figures of an alert count; leads in native units, `planned` the share of found failures with time enough to plan.

    recall: an alert began within the horizon before the failure. warned: or earlier, and still stood.
    """
    leads = np.array(alerts.leads)
    return {
        "failures": float(alerts.failures),
        "detected": float(alerts.found),
        "recall": alerts.recall,
        "warned": alerts.warned / alerts.failures if alerts.failures else float("nan"),
        "episodes": float(alerts.episodes),
        "early": float(alerts.early),
        "false_per_year": alerts.false_per_year,
        "asset_years": alerts.years,
        "lead_median": float(np.median(leads)) if len(leads) else float("nan"),
        "planned": float(np.mean(leads >= planning_time)) if len(leads) else float("nan"),
    }


def judge_life(
    target: Target,
    question: Question,
    answer: RemainingLifeArrays,
    rows: Rows,
    *,
    naive: Naive,
) -> View:
    """The view of a `remaining_life` target, on the rows whose life up to the cap is known; everything capped.

    naive: what needs no sensor says about the same rows.
    """
    truth = rows.labels.capped(target.cap)
    known = ~np.isnan(truth)
    weight = equal_weights(rows.groups, known)[known]
    y, groups = truth[known], rows.groups[known]
    p, low, high = answer.mean[known], answer.low[known], answer.high[known]
    figures = {
        "rows": float(len(y)),
        "rmse": metrics.rmse(p, y, weight),
        "mae": metrics.mae(p, y, weight),
        "rmse_median": metrics.rmse(answer.median[known], y, weight),
        "coverage90": metrics.coverage(low, high, y, weight),
        "width90": metrics.width(low, high, weight),
        "winkler90": metrics.winkler(low, high, y, weight),
        **_by_band(target, p, y, weight),
    }
    nasa = metrics.nasa_mean(p, y, weight, scale=target.cap / CYCLES)
    told = rows.labels.observed[known]
    course = (p[told], rows.labels.remaining[known][told], rows.labels.age[known][told], rows.labels.life[known][told])
    seen = foresight(*course, target.cap)
    figures |= {
        "nasa_mean": nasa,
        "nasa_score": nasa * len(np.unique(groups)),
        "lives_judged": float(seen.lives),
        "alpha_lambda": seen.alpha_lambda,
        "prognostic_horizon": seen.horizon,
        "relative_accuracy": seen.relative_accuracy,
    }
    tables = {
        "bands": by_band(np.array(BAND_SHARES) * target.cap, y, weight, _band_measures(p, y, low, high)),
        "alpha_lambda": alpha_lambda_curve(*course, target.cap),
    }
    baselines = {
        "rmse_constant": metrics.rmse(naive.constant[known], y, weight),
        "rmse_age_only": metrics.rmse(naive.age[known], y, weight),
    }
    scale = target.cap / CYCLES
    asked: dict[str, Callable[[Floats], float]] = {
        "mae": lambda w: metrics.mae(p, y, w),
        "coverage90": lambda w: metrics.coverage(low, high, y, w),
        "width90": lambda w: metrics.width(low, high, w),
        "winkler90": lambda w: metrics.winkler(low, high, y, w),
        "nasa_mean": lambda w: metrics.nasa_mean(p, y, w, scale=scale),
    }
    draws = DRAWS if len(p) <= MANY else DRAWS // 4
    intervals = {"rmse": metrics.bootstrap_interval(lambda draw: metrics.rmse(p[draw], y[draw], weight[draw]), groups)}
    intervals |= {name: metrics.interval_by_item(one, weight, groups, draws=draws) for name, one in asked.items()}
    return View(
        target.name, target.kind, question, figures, baselines, intervals, y, p, weight, low, high, tables=tables
    )


def _band_measures(p: Floats, y: Floats, low: Floats, high: Floats) -> dict[str, Callable[[Ints, Floats], float]]:
    """What is measured in every band of the true remaining life."""
    return {
        "rmse": lambda rows, weight: metrics.rmse(p[rows], y[rows], weight),
        "mae": lambda rows, weight: metrics.mae(p[rows], y[rows], weight),
        "bias": lambda rows, weight: float(np.average(p[rows] - y[rows], weights=weight)),
        "coverage90": lambda rows, weight: metrics.coverage(low[rows], high[rows], y[rows], weight),
        "width90": lambda rows, weight: metrics.width(low[rows], high[rows], weight),
        "winkler90": lambda rows, weight: metrics.winkler(low[rows], high[rows], y[rows], weight),
    }


def _money(target: Target, probability: Floats, rows: Rows, definition: ModelDefinition) -> CostRates:
    """What the class's alert policy costs per native unit of time, beside the three policies without a model."""
    found = judge_episodes(
        probability, rows.positions, rows.assets, rows.labels, definition.policy, horizon=target.horizon
    )
    lives = seen_lives(found, rows.labels, planning_time=planning_time(definition, target))
    return cost_rates(lives, definition.costs)


def _by_band(target: Target, predicted: Floats, truth: Floats, weight: Floats) -> dict[str, float]:
    """Mean absolute error by band of the true remaining life: the last one matters most."""
    edges = [0.0, *(share * target.cap for share in BAND_SHARES), np.inf]
    return {
        f"mae_from_{low:g}": metrics.mae(predicted[inside], truth[inside], weight[inside])
        for low, high in pairwise(edges)
        if (inside := (truth >= low) & (truth < high)).any()
    }


def planning_time(definition: ModelDefinition, target: Target) -> float:
    """The longest time to plan and to get parts among the target's modes."""
    modes = [definition.mode(name) for name in target.modes]
    return max(mode.planning_time + mode.parts_time for mode in modes)
