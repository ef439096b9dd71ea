"""What a plant can do without any model: nothing, what it does today, or replacing by age; and what a prophet would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from pdm.catalogue.axis import microseconds
from pdm.readings.registry import Installation
from pdm.replay.age import cheapest_age
from pdm.simulation.honest.truth import Truth
from pdm.simulation.judge.bill import Acts, incumbent_acts, planned_costs
from pdm.simulation.judge.matching import with_deadlines
from pdm.simulation.judge.terms import YEAR, Period, Prices, clipped
from pdm.simulation.judge.verdicts import Verdicts, judge_acts

_YEAR_US = YEAR.total_seconds() * 1e6
KIND = ["asset_class", "maintainable_item"]


def run_to_failure(truth: Truth, period: Period, *, prices: Prices | None = None, plant: str = "") -> Verdicts:
    """Nobody acts: everything fails at F."""
    never = with_deadlines(truth.failures)["failure"]
    never = never.where(never.isna())
    return _same(truth, never, period, "run_to_failure", prices, plant)


def perfect(truth: Truth, period: Period, *, prices: Prices | None = None, plant: str = "") -> Verdicts:
    """Every failure is known long before, and the planned repair takes place in the last moment: nothing is wasted."""
    return _same(truth, with_deadlines(truth.failures)["failure"], period, "perfect", prices, plant)


def incumbent(truth: Truth, period: Period, *, prices: Prices | None = None, plant: str = "") -> Verdicts:
    """What the plant's own people, limits and plans really did, as `ended_by` says.

    Their unfounded inspections are not in the truth and cost nothing here, which is in the incumbent's favour.
    """
    return _same(truth, incumbent_acts(with_deadlines(truth.failures)), period, "incumbent", prices, plant)


def age_replacement(
    truth: Truth,
    installations: Sequence[Installation],
    training: Period,
    period: Period,
    *,
    prices: Prices | None = None,
    plant: str = "",
) -> Verdicts:
    """Every item is replaced at the age that is cheapest by the lives of the training months; one age per kind of item and price."""
    prices = prices or Prices()
    failures = with_deadlines(truth.failures)
    begun = installed_at(failures, installations)
    acts: Acts = {}
    for label in prices.labels:
        ages = replacement_ages(truth, installations, training, label)
        kinds = pd.MultiIndex.from_frame(failures[KIND])
        age = pd.Series(ages, dtype=np.float64).reindex(kinds).to_numpy() if ages else np.full(len(failures), np.nan)
        due = begun + pd.to_timedelta(pd.Series(np.where(np.isfinite(age), age, np.nan) * 365.25), unit="D")
        due = due.astype("datetime64[us, UTC]")
        acts[label] = due.where(due < failures["failure"])
    return judge_acts(truth, acts, period, policy="age_replacement", prices=prices, plant=plant)


def installed_at(failures: pd.DataFrame, installations: Sequence[Installation]) -> pd.Series:
    """When the item of each failure was put in; NaT when nobody knows."""
    known = {(one.asset, one.item): one.start for one in installations}
    begun = [known.get(key) for key in zip(failures["asset"], failures["item"], strict=True)]
    return pd.Series(pd.to_datetime(pd.Series(begun, dtype=object), utc=True)).astype("datetime64[us, UTC]")


def replacement_ages(
    truth: Truth, installations: Sequence[Installation], training: Period, label: str
) -> dict[tuple[str, str], float]:
    """The cheapest age in years of each (asset class, maintainable item) that should be replaced by age at all.

    From the lives that were under observation in the training months: left-truncated at its start, censored by whatever else
    than a failure ended them. A kind with fewer than three failures is left to run: nothing can be optimised on less.
    """
    lives = _lives(truth, installations, training)
    failures = truth.failures.assign(planned=planned_costs(truth.failures, label))
    means = failures.groupby(KIND)[["cost_unplanned", "planned"]].mean()
    ages = {}
    for kind, some in lives.groupby(KIND):
        if some["failed"].sum() < 3 or kind not in means.index:
            continue
        unplanned, planned = means.loc[[kind]].to_numpy(dtype=np.float64)[0]
        entry, leave = some["entry"].to_numpy(dtype=np.float64), some["leave"].to_numpy(dtype=np.float64)
        age = cheapest_age(entry, leave, some["failed"].to_numpy(dtype=bool), unplanned, planned)
        if np.isfinite(age):
            ages[str(kind[0]), str(kind[1])] = age
    return ages


def _lives(truth: Truth, installations: Sequence[Installation], training: Period) -> pd.DataFrame:
    """Lives under observation in the training months: kind, age in years at entry and leaving, and whether it failed then."""
    table = pd.DataFrame(
        [asdict(one) for one in installations], columns=["asset", "item", "maintainable_item", "start", "end"]
    )
    for name in ("start", "end"):
        table[name] = pd.to_datetime(table[name], utc=True).astype("datetime64[us, UTC]")
    ends = truth.failures[["asset", "item", "ended_at", "ended_by"]].drop_duplicates(["asset", "item"])
    table = table.merge(ends, on=["asset", "item"], how="left").merge(
        truth.exposure[["asset", "asset_class"]], on="asset"
    )
    until = clipped(table["ended_at"].fillna(table["end"]).fillna(pd.Timestamp(training.end)), training)
    since = clipped(table["start"], training)
    failed = (table["ended_by"] == "failure") & (table["ended_at"] <= training.end)
    born = microseconds(table["start"])
    table = table.assign(
        entry=(microseconds(since) - born) / _YEAR_US, leave=(microseconds(until) - born) / _YEAR_US, failed=failed
    )
    return table[table["leave"] > table["entry"]]


def _same(truth: Truth, act_at: pd.Series, period: Period, policy: str, prices: Prices | None, plant: str) -> Verdicts:
    """One act for every price: what these policies do does not depend on costs."""
    prices = prices or Prices()
    return judge_acts(truth, dict.fromkeys(prices.labels, act_at), period, policy=policy, prices=prices, plant=plant)
