"""The pictures of a training report: four small charts per view, as one PNG inside the page. The only file that draws."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pdm.learning import metrics
from pdm.learning.evaluation import View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TOP_CHANNELS = 12
_MARGINS = {"left": 0.05, "right": 0.99, "top": 0.9, "bottom": 0.17, "wspace": 0.22}
_POLICIES = {
    "this model": "cost_per_year",
    "run to failure": "cost_run_to_failure",
    "best fixed interval": "cost_fixed_interval",
    "perfect knowledge": "cost_perfect",
}


def charts(view: View, shares: Mapping[str, float], unit: str) -> str:
    """The charts of one view side by side as base64 PNG.

    A probability: reliability, lead times, costs, importance. Remaining life: predicted against true, error by band, share of lives
    within a fifth of the truth on the way to the end (alpha-lambda), importance.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Margins of our own: measuring every label for a layout costs more than drawing the four charts.
    figure: Figure = Figure(figsize=(14, 3.2), dpi=80)
    FigureCanvasAgg(figure)
    first, second, third, last = figure.subplots(1, 4, gridspec_kw=_MARGINS)
    if view.kind == "failure_within":
        _reliability(first, view)
        _leads(second, view, unit)
        _costs(third, view)
    else:
        _predicted_against_true(first, view, unit)
        _bands(second, view, unit)
        _alpha_lambda(third, view)
    _shares(last, shares)
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _reliability(axes: Axes, view: View) -> None:
    table = metrics.reliability(view.predicted, view.truth, view.weight)
    top = max(float(table[:, :2].max()), 0.01)
    axes.plot([0, top], [0, top], color="0.7", linewidth=1)
    axes.plot(table[:, 0], table[:, 1], marker="o")
    axes.set(title="stated and seen", xlabel="stated probability", ylabel="share of failures")


def _leads(axes: Axes, view: View, unit: str) -> None:
    leads = view.alerts.leads if view.alerts else ()
    if leads:
        axes.hist(np.array(leads), bins=12)
    axes.set(title=f"lead time of {len(leads)} found failures", xlabel=unit, ylabel="failures")


def _costs(axes: Axes, view: View) -> None:
    """What a year of one asset costs under the alerts, and under the three policies that need no model."""
    figures = {**view.baselines, **view.metrics}
    known = [(name, figures[key]) for name, key in _POLICIES.items() if np.isfinite(figures.get(key, np.nan))][::-1]
    _bars(axes, known)
    axes.set(title="cost per asset and year", xlabel="currency of the class")


def _predicted_against_true(axes: Axes, view: View, unit: str) -> None:
    step = max(len(view.truth) // 3000, 1)
    top = float(view.truth.max()) if len(view.truth) else 1.0
    axes.plot([0, top], [0, top], color="0.7", linewidth=1)
    axes.scatter(view.truth[::step], view.predicted[::step], s=4, alpha=0.4)
    axes.set(title="predicted against true", xlabel=f"true remaining life, {unit}", ylabel="predicted")


def _bands(axes: Axes, view: View, unit: str) -> None:
    rows = view.tables.get("bands", [])
    names = [f"{row['from']:.3g}" for row in rows]
    axes.bar(names, [row["mae"] for row in rows], color="0.75", label="mean absolute error")
    axes.plot(names, [row["bias"] for row in rows], marker="o", label="mean error")
    axes.axhline(0, color="0.7", linewidth=1)
    axes.legend(fontsize=7)
    axes.set(title="error by true remaining life", xlabel=f"from, {unit}", ylabel=unit)


def _alpha_lambda(axes: Axes, view: View) -> None:
    points = [point for point in view.tables.get("alpha_lambda", []) if point["lives"]]
    axes.plot([point["way"] for point in points], [point["within"] for point in points], marker="o")
    axes.set(title="within a fifth of the truth", xlabel="share of the way to the end", ylabel="share of lives")
    axes.set_ylim(0, 1.02)


def _shares(axes: Axes, shares: Mapping[str, float]) -> None:
    top = list(shares.items())[:_TOP_CHANNELS][::-1]
    _bars(axes, top)
    axes.set(title="importance by channel", xlabel="share of gain")


def _bars(axes: Axes, rows: Sequence[tuple[str, float]]) -> None:
    """Lying bars with their names on them: a name of any length has room."""
    axes.barh(range(len(rows)), [value for _, value in rows], color="#9ec5e8")
    for place, (name, _) in enumerate(rows):
        axes.annotate(name, (0, place), xytext=(3, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_yticks([])
    axes.locator_params(axis="x", nbins=4)
