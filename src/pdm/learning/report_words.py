"""What the figures of an evaluation are called, and what they mean: for readers who have not written the code."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pdm.learning.evaluation import View
from pdm.learning.report_picture import Reading
from pdm.learning.report_svg import shown

QUESTIONS: Mapping[str, str] = {"new_assets": "machines it had never seen", "later": "the same machines later"}

FIGURES: Mapping[str, tuple[str, str]] = {
    "rows": ("rows", "answers that were judged"),
    "base_rate": ("base rate", "share of rows that were followed by a failure within the horizon"),
    "brier": ("Brier score", "mean squared error of the probability; less is better"),
    "ece": ("calibration error", "mean distance between stated and seen, in ten groups"),
    "pr_auc": ("average precision", "area under the precision-recall curve; the base rate is chance"),
    "auc": ("AUC", "chance that a row before a failure stands above one without"),
    "failures": ("failures", "in the judged time"),
    "detected": ("found", "failures with an alert that began within the horizon before them"),
    "recall": ("share found", "found of all failures; exact 95 % interval"),
    "warned": ("warned", "share of failures before which an alert stood, however early it began"),
    "episodes": ("alerts", "under the class's alert policy"),
    "early": ("early alerts", "began before the horizon, and stood until the failure"),
    "false_per_year": ("false alerts per asset-year", "no failure followed"),
    "false_per_month": ("false alerts per asset-month", "no failure followed"),
    "asset_years": ("asset-years", "looked at"),
    "lead_median": ("median lead", "from the alert to the failure"),
    "planned": ("in time to plan", "share of found failures with time for planning and parts"),
    "precision": ("precision", "share of decided alerts that were not false"),
    "cost_per_year": ("cost per asset-year", "with these alerts"),
    "regret": ("regret", "how much more it costs than perfect knowledge, as a multiple of that"),
    "rmse": ("root mean square error", "of remaining life up to the cap"),
    "mae": ("mean absolute error", "of remaining life up to the cap"),
    "rmse_median": ("root mean square error of the median", "the median instead of the mean as the answer"),
    "coverage90": ("coverage", "share of true lives inside the 90 % interval"),
    "width90": ("width", "mean width of the 90 % interval"),
    "winkler90": ("Winkler score", "width, with a penalty for what lies outside; less is better"),
    "nasa_mean": ("PHM score per row", "late answers cost more than early ones; less is better"),
    "nasa_score": ("PHM score", "the same, times the number of assets"),
    "lives_judged": ("lives judged", "whole ways to the end"),
    "alpha_lambda": ("alpha-lambda", "share of lives within a fifth of the truth half way to the end"),
    "prognostic_horizon": ("prognostic horizon", "how long before the end the answers stay within a tenth of the life"),
    "relative_accuracy": ("relative accuracy", "1 is perfect; below 0 the error is larger than what is left"),
    "cost_run_to_failure": ("cost of waiting for the failure", "per asset-year, without a model"),
    "cost_fixed_interval": ("cost of the best fixed interval", "per asset-year, without a model"),
    "cost_perfect": ("cost of perfect knowledge", "per asset-year, the least possible"),
    "brier_constant": ("Brier score, constant", "always the base rate"),
    "brier_age_only": ("Brier score, age alone", "Weibull of the lives, no sensor"),
    "brier_ridge": ("Brier score, straight line", "ridge regression on the same features"),
    "brier_crow_amsaa": ("Brier score, repaired items", "Crow-AMSAA on component age, no sensor"),
    "crow_amsaa_shape": ("growth of repaired items", "above 1 failures come faster with age"),
    "auc_age_only": ("AUC, age alone", "Weibull of the lives, no sensor"),
    "auc_ridge": ("AUC, straight line", "ridge regression on the same features"),
    "recall_limit": ("share found by a limit", "one fixed limit on the best feature, set on the same history"),
    "recall_ewma": ("share found by EWMA", "a smoothed limit on the best feature, set on the same history"),
    "false_per_year_limit": ("false alerts per asset-year of a limit", "the same limit"),
    "false_per_year_ewma": ("false alerts per asset-year of EWMA", "the same smoothed limit"),
    "rmse_constant": ("root mean square error, constant", "always the mean"),
    "rmse_age_only": ("root mean square error, age alone", "Weibull of the lives, no sensor"),
    "rmse_ridge": ("root mean square error, straight line", "ridge regression on the same features"),
}
_LENGTHS = ("rmse", "mae", "width90", "winkler90", "prognostic_horizon", "lead_median")
_SHARES = (
    "base_rate",
    "recall",
    "recall_limit",
    "recall_ewma",
    "warned",
    "planned",
    "precision",
    "coverage90",
    "alpha_lambda",
    "ece",
)
_MONEY = ("cost_",)
_COUNTS = ("rows", "failures", "detected", "episodes", "early", "lives_judged")


def title_of(view: View, reading: Reading) -> str:
    """What a view asks, about whom."""
    asked = (reading.titles or {}).get(view.target, view.target.replace("_", " "))
    return f"{asked}: {QUESTIONS[view.question]}"


def name_of(figure: str, reading: Reading) -> tuple[str, str]:
    """Name and meaning of a figure."""
    if figure.startswith("mae_from_"):
        start = reading.length(float(figure.removeprefix("mae_from_")))
        return f"mean absolute error from {start} on", "in this band of the true remaining life"
    return FIGURES.get(figure, (figure.replace("_", " "), ""))


def value_of(figure: str, value: float, reading: Reading) -> str:
    """A figure with its unit."""
    if not np.isfinite(value):
        return "–"
    if figure.startswith(_MONEY):
        return f"{shown(round(value))} {reading.currency}"
    if figure.startswith(_LENGTHS):
        return reading.length(value)
    if figure in _COUNTS:
        return f"{value:,.0f}".replace(",", " ")
    return f"{100 * value:.3g} %" if figure in _SHARES else shown(value)


def headline(view: View, reading: Reading) -> str:
    """The view in one sentence, beside the best answer that needs no sensor."""
    own, naive = view.metrics, view.baselines
    if view.kind == "failure_within":
        best = _best(naive, "brier_")
        said = (
            f"{own['detected']:.0f} of {own['failures']:.0f} failures found with {shown(own['false_per_year'])} false alerts "
            f"per asset-year"
        )
        lead = f", {reading.length(own['lead_median'])} ahead at the median" if np.isfinite(own["lead_median"]) else ""
        return f"{said}{lead}; Brier score {shown(own['brier'])}{_against(own['brier'], best)}."
    best = _best(naive, "rmse_")
    scaled = (best[0], best[1] / reading.per) if best else None
    return (
        f"Root mean square error {reading.length(own['rmse'])}{_against(own['rmse'] / reading.per, scaled)}; "
        f"{100 * own['coverage90']:.0f} % of the true lives inside the 90 % interval."
    )


def _best(naive: Mapping[str, float], prefix: str) -> tuple[str, float] | None:
    known = {name: value for name, value in naive.items() if name.startswith(prefix) and np.isfinite(value)}
    if not known:
        return None
    name = min(known, key=lambda one: known[one])
    return FIGURES.get(name, (name,))[0].rpartition(", ")[2], known[name]


def _against(own: float, best: tuple[str, float] | None) -> str:
    return f" ({best[0]}: {shown(best[1])}{', which is better' if best[1] < own else ''})" if best else ""
