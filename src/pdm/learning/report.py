"""What a training run has to say for itself: one self-contained page for people, the same as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pdm.catalogue import AssetClass, ModelDefinition
from pdm.catalogue.transforms import derived_channels
from pdm.learning import boosters, metrics
from pdm.learning.evaluation import Evaluation, View
from pdm.learning.model import Model, TargetModel
from pdm.learning.report_page import report_page


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
        "race": [dict(row) for row in evaluation.race],
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


def reading_of(definition: ModelDefinition, asset_class: AssetClass) -> dict[str, Any]:
    """How the figures of a class are read by people: unit of lengths, currency, times to plan, and every name in words. JSON."""
    axis = asset_class.axis
    days = axis.kind == "time"
    channels = (*asset_class.channels, *derived_channels(definition.transforms, asset_class))
    modes = {mode.name: mode.title for mode in definition.failure_modes}
    titles, planning = {}, {}
    for target in definition.targets:
        what = " or ".join(_mid(modes.get(mode, mode)) for mode in target.modes)
        if target.kind == "failure_within":
            span = f"{target.horizon / 24:g} d" if days and target.horizon >= 72 else f"{target.horizon:g} {axis.unit}"
            titles[target.name] = f"{what[:1].upper()}{what[1:]} within {span}"
        else:
            titles[target.name] = f"Remaining life until {what}"
        asked = [definition.mode(mode) for mode in target.modes]
        planning[target.name] = max(mode.planning_time + mode.parts_time for mode in asked)
    longest = max((target.horizon or target.cap for target in definition.targets), default=0.0)
    in_days = days and longest >= 72
    return {
        "unit": "days" if in_days else axis.unit,
        "per": 24.0 if in_days else 1.0,
        "currency": definition.costs.currency,
        "planning": planning,
        "titles": titles,
        "modes": modes,
        "channels": {channel.name: channel.title for channel in channels},
    }


def write_report(folder: Path, evaluation: Evaluation, report: Mapping[str, Any], *, title: str) -> tuple[Path, Path]:
    """Write `report.html`, one page that needs nothing else, and `report.json`.

    Returns:
        The two files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page, data = folder / "report.html", folder / "report.json"
    data.write_text(json.dumps(_jsonable(report), indent=1, sort_keys=True), encoding="utf-8")
    page.write_text(report_page(evaluation, report, title), encoding="utf-8")
    return page, data


def _mid(title: str) -> str:
    """A title in the middle of a sentence."""
    return f"{title[:1].lower()}{title[1:]}"


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
