"""The report of a contest over several plants: one dictionary for machines, one table for people, both with their versions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from pdm.simulation.judge.contest import BASELINES, PRODUCT, Outcome
from pdm.simulation.judge.figures import DRAWS, Figure, figures
from pdm.simulation.judge.protocol import Stamp, standing
from pdm.simulation.judge.saving import OF_REFERENCE, best_baseline, recall_against, savings
from pdm.simulation.judge.terms import Prices, Terms

ORDER = (PRODUCT, "oracle@", "limit_rules", "ewma_rules", "incumbent", "age_replacement", "run_to_failure", "perfect")
COLUMNS = {
    "recall_detectable": "found of findable",
    "recall_all": "found of all",
    "false_per_year": "false/yr",
    "early_per_year": "early/yr",
    "precision": "precision",
    "mode_precision": "mode right",
}


def report(
    outcomes: Sequence[Outcome],
    stamp: Stamp,
    *,
    honest: bool = True,
    terms: Terms | None = None,
    prices: Prices | None = None,
    draws: int = DRAWS,
) -> dict[str, Any]:
    """All figures of all policies over these plants, pooled; JSON-ready, NaN as None.

    Raises:
        InputError: no plant, or plants judged by different policies.
    """
    terms, prices = terms or Terms(), prices or Prices()
    names = sorted(outcomes[0].tallies, key=_place) if outcomes else []
    tallies = {name: [one.tallies[name] for one in outcomes] for name in names}
    counted = {
        name: figures(parts, alerts=name not in outcomes[0].silent, draws=draws) for name, parts in tallies.items()
    }
    oracle = _same_rate(names, counted)
    saved = savings(tallies, BASELINES, reference=oracle, draws=draws)
    product = counted[PRODUCT]
    findable, failures = (product[name].of or (0, 0) for name in ("recall_detectable", "recall_all"))
    return {
        "benchmark": "alert_economy",
        "standing": str(standing([one.seed for one in outcomes], findable[1], honest=honest)),
        "versions": asdict(stamp),
        "seeds": sorted(one.seed for one in outcomes),
        "assets": int(sum(len(part) for part in tallies[PRODUCT])),
        "asset_years": round(float(sum(part["years"].sum() for part in tallies[PRODUCT])), 2),
        "failures": failures[1],
        "detectable": findable[1],
        "terms": {
            "tolerance_h": terms.tolerance.total_seconds() / 3600,
            "horizon_d": terms.horizon.total_seconds() / 86400,
            "episode_gap_d": terms.episode_gap.total_seconds() / 86400,
            **asdict(prices),
        },
        "reference": oracle,
        "recall_of_reference": {
            name: _plain(recall_against(tallies[name], tallies[oracle], draws=draws))
            for name in (names if oracle else ())
        },
        "best_baseline": {label: best_baseline(tallies, BASELINES, f"cost:{label}") for label in prices.labels},
        "policies": {
            name: {
                "figures": {key: _plain(figure) for key, figure in counted[name].items()},
                "median_lead_days": _median([day for one in outcomes for day in one.leads.get(name, ())]),
                "saving": {key: _plain(figure) for key, figure in saved[name].items()},
            }
            for name in names
        },
        "notes": {str(one.seed): one.notes for one in outcomes},
    }


def _same_rate(names: Sequence[str], counted: Mapping[str, Mapping[str, Figure]]) -> str:
    """The oracle that was asked at the product's rate of false alerts or the next one below it, else the quietest; empty without one."""
    rates = {name: float(name.partition("@")[2]) for name in names if name.startswith("oracle@")}
    if not rates:
        return ""
    allowed = [name for name in rates if rates[name] <= counted[PRODUCT]["false_per_year"].value]
    return max(allowed, key=rates.__getitem__) if allowed else min(rates, key=rates.__getitem__)


def as_table(found: dict[str, Any]) -> str:
    """The report for people: what was found, what it cost, with 95 % intervals over plants (or over assets of one plant)."""
    policies = found["policies"]
    head = [
        f"alert economy: {len(found['seeds'])} plants, {found['asset_years']:g} asset-years, {found['failures']} failures, "
        f"{found['detectable']} of them could be found in time",
        f"standing: {found['standing']}",
        "versions: " + ", ".join(f"{name} {value}" for name, value in found["versions"].items()),
        "",
    ]
    counts = [["policy", *COLUMNS.values(), f"findable, of {found['reference'] or 'no oracle'}", "median lead"]]
    for name, one in policies.items():
        lead = one["median_lead_days"]
        row = [_cell(one["figures"].get(key)) for key in COLUMNS]
        row.append(_cell(found["recall_of_reference"].get(name)))
        counts.append([name, *row, "-" if lead is None else f"{lead:.0f} d"])
    labels = [label for label in policies[PRODUCT]["saving"] if label.startswith("cost:")]
    counted = [name for name in policies if name not in ("perfect", "run_to_failure")]
    shown = ["cost:stated", "beside:stated", *(label for label in labels if label != "cost:stated")]
    words = {"cost:stated": "alone", "beside:stated": "beside the incumbent"}
    over = [words.get(label, label.partition(":")[2]) for label in shown]
    money = [["saved, of what perfect knowledge saves", *over]]
    money += [[name, *(_cell(one["saving"][label]) for label in shown)] for name, one in policies.items()]
    seen = []
    if found["reference"]:
        seen = [[f"saved, of what {found['reference']} saves", *over]]
        seen += [
            [name, *(_cell(policies[name]["saving"][f"{OF_REFERENCE}{label}"]) for label in shown)] for name in counted
        ]
    best = ", ".join(f"{label}: {name}" for label, name in found["best_baseline"].items())
    tail = ["", "alone and beside: at the truth's own costs; 0.1 to 0.5: alone, planned cost over unplanned."]
    beside = ["", *_aligned(seen)] if seen else []
    return "\n".join([*head, *_aligned(counts), "", *_aligned(money), *beside, *tail, f"best without a model: {best}"])


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _cell(figure: dict[str, Any] | None) -> str:
    if figure is None or figure["value"] is None:
        return "-"
    low, high = (figure[side] if figure[side] is not None else math.nan for side in ("low", "high"))
    return f"{figure['value']:.2f} [{low:.2f}, {high:.2f}]"


def _plain(figure: Figure) -> dict[str, Any]:
    exact = (
        {} if figure.of is None or figure.exact is None else {"of": figure.of, "exact": [*map(_number, figure.exact)]}
    )
    return {"value": _number(figure.value), "low": _number(figure.low), "high": _number(figure.high), **exact}


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None


def _median(days: Sequence[float]) -> float | None:
    return round(float(np.median(days)), 2) if days else None


def _place(name: str) -> tuple[int, str]:
    return next((at for at, start in enumerate(ORDER) if name.startswith(start)), len(ORDER)), name
