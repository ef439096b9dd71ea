"""What a training run has to say for itself: one self-contained page for people, the same as JSON for machines."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pdm.learning import boosters, metrics
from pdm.learning.evaluation import Evaluation, View
from pdm.learning.model import Model, TargetModel
from pdm.learning.report_charts import charts

_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2630}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .8rem;border-bottom:1px solid #d5dce3;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}img{max-width:100%}.note{color:#52606d}"""


def summarise(model: Model, evaluation: Evaluation) -> dict[str, Any]:
    """The account of a training run as JSON: every view with protocol, figures, baselines, intervals and importances."""
    return {
        "asset_class": model.asset_class,
        "unit": model.unit,
        "features": len(model.feature_names),
        "facts": dict(model.facts),
        "views": [_view(view) for view in evaluation.views],
        "importance": {target.target.name: importance(target, model.feature_names) for target in model.targets},
        "abstained": dict(evaluation.abstained),
        "warnings": list(evaluation.warnings),
    }


def importance(target: TargetModel, names: tuple[str, ...]) -> dict[str, float]:
    """Share of the boosters' gain by channel, largest first; `pressure@24h__mean` belongs to `pressure`."""
    gain = np.zeros(len(names))
    for text in target.boosters.values():
        own = boosters.load(text).feature_importance("gain")
        gain += own / max(float(own.sum()), 1e-12)
    shares: dict[str, float] = {}
    for name, value in zip(names, gain / max(float(gain.sum()), 1e-12), strict=True):
        channel = name.partition("__")[0].partition("@")[0]
        shares[channel] = shares.get(channel, 0.0) + float(value)
    return dict(sorted(shares.items(), key=lambda entry: -entry[1]))


def write_report(folder: Path, evaluation: Evaluation, report: Mapping[str, Any], *, title: str) -> tuple[Path, Path]:
    """Write `report.html` (self-contained) and `report.json`; needs matplotlib.

    Returns:
        The two files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page, data = folder / "report.html", folder / "report.json"
    data.write_text(json.dumps(_jsonable(report), indent=1, sort_keys=True), encoding="utf-8")
    parts = [
        _section(view, report["importance"].get(view.target, {}), str(report["unit"])) for view in evaluation.views
    ]
    notes = [*evaluation.abstained.values(), *evaluation.warnings]
    listed = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    page.write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title><style>{_STYLE}</style>"
        f"<h1>{html.escape(title)}</h1>{_facts(report['facts'])}{f'<ul>{listed}</ul>' if listed else ''}{''.join(parts)}</html>",
        encoding="utf-8",
    )
    return page, data


def _view(view: View) -> dict[str, Any]:
    content: dict[str, Any] = {
        "target": view.target,
        "kind": view.kind,
        "question": view.question,
        "protocol": view.protocol,
        "metrics": dict(view.metrics),
        "baselines": dict(view.baselines),
        "intervals": {name: list(bounds) for name, bounds in view.intervals.items()},
    }
    if view.kind == "failure_within":
        content["reliability"] = metrics.reliability(view.predicted, view.truth, view.weight).tolist()
    if view.alerts:
        content["leads"] = list(view.alerts.leads)
    if view.tables:
        content["tables"] = {name: [dict(row) for row in rows] for name, rows in view.tables.items()}
    return content


def _facts(facts: Mapping[str, Any]) -> str:
    return (
        f"<p>{facts['rows']} feature rows of {facts['assets']} assets, from {html.escape(facts['from'])} "
        f"to {html.escape(facts['until'])}. {html.escape(facts.get('selection', {}).get('words', ''))}</p>"
    )


def _section(view: View, shares: Mapping[str, float], unit: str) -> str:
    rows = [(name, value, view.intervals.get(name)) for name, value in view.metrics.items()]
    rows += [(name, value, None) for name, value in view.baselines.items()]
    table = "".join(
        f"<tr><td>{html.escape(name)}</td><td class=n>{_number(value)}</td>"
        f"<td class=n>{f'{bounds[0]:.3g} to {bounds[1]:.3g}' if bounds else ''}</td></tr>"
        for name, value, bounds in rows
    )
    heading = f"{view.target}: {view.question.replace('_', ' ')}"
    return (
        f"<h2>{html.escape(heading)}</h2><p class=note>{html.escape(view.protocol)}</p>"
        f'<img alt="{html.escape(heading)}" src="data:image/png;base64,{charts(view, shares, unit)}">'
        f"<table><tr><th>figure</th><th>value</th><th>interval</th></tr>{table}</table>"
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}"


def _jsonable(value: Any) -> Any:
    """JSON knows no NaN: a figure that does not exist is null."""
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value
