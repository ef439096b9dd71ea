"""Judge a stream of alerts, or a policy's acts, against what really happened in a simulated plant.

The result is a tally with one row per asset, of which every figure is a ratio of sums: so plants are pooled by stacking their
tallies, and intervals come from drawing plants (or the assets of one plant) again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pdm.alerts.alert import UNSPECIFIED
from pdm.simulation.honest.truth import Truth
from pdm.simulation.judge import bill
from pdm.simulation.judge.matching import KINDS, alert_table, match, with_deadlines
from pdm.simulation.judge.terms import Period, Prices, Terms, clipped, years

COUNTS = ("failures", "detectable", "found", "found_detectable", "censored")
ALERT_COUNTS = ("named", "named_right", "false_on_sensor_fault")


@dataclass(frozen=True)
class Verdicts:
    """What a policy was worth on one plant over one period.

    policy: its name. tally: one row per asset: plant, asset, asset_class, years, the counts of failures and alerts, and for each
        label of the prices `cost:<label>` (the policy alone) and `beside:<label>` (beside the incumbent).
    alerts: those of the period with `kind` and `failure_id`. failures: the judged ones with deadline, detectable, found, act_at.
    counts_alerts: whether the policy raises alerts at all; without, there is nothing to say about false ones.
    """

    policy: str
    tally: pd.DataFrame = field(repr=False)
    alerts: pd.DataFrame = field(repr=False)
    failures: pd.DataFrame = field(repr=False)
    counts_alerts: bool = True


def judge(
    truth: Truth,
    alerts: pd.DataFrame,
    period: Period,
    *,
    policy: str = "alerts",
    terms: Terms | None = None,
    prices: Prices | None = None,
    plant: str = "",
) -> Verdicts:
    """Judge alerts: asset, raised_at, closed_at (missing while open), failure_mode (missing or `unspecified` when unknown).

    An alert that counts for a failure leads to a planned repair as soon as planning and parts allow: raised_at + lead needed.

    Raises:
        ColumnsError: the alerts lack asset or raised_at.
    """
    terms, prices = terms or Terms(), prices or Prices()
    failures = with_deadlines(truth.failures)
    matched = match(failures, alert_table(alerts), period, terms)
    raised = _raised(matched, failures)
    acts = dict.fromkeys(prices.labels, raised + failures["lead_needed"])
    return _verdicts(truth, failures, acts, raised.notna(), matched, period, prices, policy=policy, plant=plant)


def judge_acts(
    truth: Truth, acts: bill.Acts, period: Period, *, policy: str, prices: Prices | None = None, plant: str = ""
) -> Verdicts:
    """Judge a policy that raises no alerts but acts: for each label of the prices, a moment per row of `with_deadlines`.

    A failure is found when the policy acts on it before, or at, F.
    """
    prices = prices or Prices()
    failures = with_deadlines(truth.failures)
    nothing = match(failures.iloc[:0], alert_table([]), period, Terms())
    found = acts["stated"] <= failures["failure"]
    return _verdicts(truth, failures, acts, found, nothing, period, prices, policy=policy, plant=plant, alerts=False)


def _raised(matched: pd.DataFrame, failures: pd.DataFrame) -> pd.Series:
    """When the alert that counts for each failure was raised; NaT where none does."""
    credited = matched[matched["kind"].isin(["in time", "early"])].groupby("failure")["raised_at"].min()
    return credited.reindex(failures.index)


def _verdicts(
    truth: Truth,
    failures: pd.DataFrame,
    acts: Mapping[str, pd.Series],
    found: pd.Series,
    matched: pd.DataFrame,
    period: Period,
    prices: Prices,
    *,
    policy: str,
    plant: str,
    alerts: bool = True,
) -> Verdicts:
    tally = _exposure(truth, period).assign(plant=plant)
    rows = _standing(failures, found, period).assign(act_at=acts["stated"])
    matched = _described(matched, failures, truth.sensor_faults)
    _add(tally, rows.groupby("asset")[list(COUNTS)].sum())
    for kind in KINDS:
        _add(tally, matched[matched["kind"] == kind].groupby("asset").size().rename(kind.replace(" ", "_")))
    _add(tally, matched.groupby("asset")[list(ALERT_COUNTS)].sum())
    inspections = (tally["false"] + tally["wrong_mode"]) * bill.inspection_costs(
        truth.failures, tally["asset_class"], prices
    )
    incumbent = bill.incumbent_acts(failures)
    for label in prices.labels:
        for world, act_at in (("cost", acts[label]), ("beside", bill.earlier(acts[label], incumbent))):
            costs = pd.Series(bill.repairs(failures, act_at, period, prices, label)).groupby(failures["asset"]).sum()
            _add(tally, costs.rename(f"{world}:{label}"))
            tally[f"{world}:{label}"] += inspections
    return Verdicts(policy, tally, matched, rows[rows["failures"]].reset_index(drop=True), alerts)


def _exposure(truth: Truth, period: Period) -> pd.DataFrame:
    """Asset-years looked at, one row per asset."""
    span = clipped(truth.exposure["end"], period) - clipped(truth.exposure["start"], period)
    table = truth.exposure[["asset", "asset_class"]].assign(years=years(span))
    return table.groupby("asset", as_index=False, sort=True).agg({"asset_class": "first", "years": "sum"})


def _standing(failures: pd.DataFrame, found: pd.Series, period: Period) -> pd.DataFrame:
    """Per failure: is it judged, could the best detector have found it in time, was it found, was it taken away before.

    Censored: somebody ended the life before its last chance, and the policy had not spoken until then; it might have.
    """
    judged = pd.Series(bill.is_judged(failures, period), index=failures.index)
    detectable = judged & (failures["detectable_from"] <= failures["deadline"])
    found = judged & found.to_numpy(dtype=bool)
    censored = (
        judged & ~found & failures["ended_by"].isin(bill.BY_SOMEBODY) & (failures["end"] < failures["last_chance"])
    )
    return failures.assign(
        failures=judged, detectable=detectable, found=found, found_detectable=found & detectable, censored=censored
    )


def _described(matched: pd.DataFrame, failures: pd.DataFrame, faults: pd.DataFrame) -> pd.DataFrame:
    """Alerts with the failure they belong to, whether the mode they name is the right one, and whether a sensor lied."""
    row = matched["failure"].to_numpy(dtype=np.int64)
    belongs, first = row >= 0, (matched["kind"] != "repeat").to_numpy(dtype=bool)
    named = belongs & first & (matched["failure_mode"] != UNSPECIFIED).to_numpy(dtype=bool)
    right = named & (matched["kind"] != "wrong mode").to_numpy(dtype=bool)
    ids = np.where(belongs, failures["failure_id"].to_numpy(dtype=object)[row] if len(failures) else "", "")
    lied = _during(matched, faults) & (matched["kind"] == "false").to_numpy(dtype=bool)
    return matched.assign(failure_id=ids, named=named, named_right=right, false_on_sensor_fault=lied)


def _during(matched: pd.DataFrame, faults: pd.DataFrame) -> np.ndarray:
    """Which alerts were raised while a sensor of their asset was faulty."""
    pairs = matched.reset_index()[["index", "asset", "raised_at"]].merge(faults[["asset", "start", "end"]], on="asset")
    during = (pairs["start"] <= pairs["raised_at"]) & ~(pairs["end"] < pairs["raised_at"])
    return np.isin(matched.index, pairs.loc[during, "index"])


def _add(tally: pd.DataFrame, values: pd.DataFrame | pd.Series) -> None:
    """Put figures by asset into the tally; an asset without any has zero."""
    for name, column in values.to_frame().items() if isinstance(values, pd.Series) else values.items():
        tally[str(name)] = tally["asset"].map(column).fillna(0.0).astype(np.float64)
