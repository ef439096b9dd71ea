"""What a policy would have led to over a stretch of history, and what that would have cost beside other ways to run the plant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from pdm.alerts.read_suppressions import read_suppressions
from pdm.catalogue import Policy
from pdm.operations._limits import Limits, limits_before
from pdm.operations.score_past import ScoredPast, score_past
from pdm.ports import Plant
from pdm.readings.lives import read_lives
from pdm.readings.registry import Asset, read_assets
from pdm.replay.age import cheapest_age
from pdm.replay.decisions import Replayed, replay_policy
from pdm.replay.figures import Figure, Tally, anecdote, as_dict, difference, figures, tally, weekly
from pdm.replay.outcomes import Failure, Outcomes, Span, judge_alerts

ANSWER_AFTER = timedelta(days=14)
_WEEK = timedelta(days=7)
_YEAR = timedelta(days=365.25)
_REOPENED = timedelta(days=14)


@dataclass(frozen=True)
class Past:
    """What is on record of a stretch of history, for judging any policy over it.

    failures: those that count, with what planning and parts need. work: asset -> planned work that ended a life.
    years: asset -> watched in the stretch. lives: of all items, as known now. limits: on raw readings, chosen before the stretch.
    """

    start: datetime
    end: datetime
    assets: Mapping[str, Asset]
    failures: tuple[Failure, ...]
    work: Mapping[str, tuple[datetime, ...]]
    years: Mapping[str, float]
    lives: pd.DataFrame = field(repr=False)
    horizon: timedelta
    limits: Limits = field(default_factory=Limits)

    @property
    def span(self) -> Span:
        """How far alerts reach."""
        return Span(self.start, self.end, self.horizon, 3 * self.horizon)


@dataclass(frozen=True)
class PolicyReport:
    """One policy over one stretch of history. against: way to run the plant -> its cost, and what the policy saves against it."""

    start: datetime
    end: datetime
    classes: tuple[str, ...]
    figures: dict[str, Figure]
    weekly: tuple[int, ...]
    outcomes: Outcomes
    against: dict[str, dict[str, Any]]
    reopenings: int
    warning: str
    replayed: Replayed = field(repr=False)

    def document(self) -> dict[str, Any]:
        """The report as JSON."""
        kinds = Counter(one.kind for one in self.outcomes.alerts)
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "classes": list(self.classes),
            "figures": as_dict(self.figures),
            "alerts_by_kind": dict(kinds),
            "alerts_each_week": list(self.weekly),
            "lead_days": sorted(round(lead / timedelta(days=1), 2) for lead in self.outcomes.leads.values()),
            "missed": [
                {
                    "asset": one.failure.asset,
                    "failure_mode": one.failure.failure_mode,
                    "at": one.failure.at.isoformat(),
                    "why": one.why,
                }
                for one in self.outcomes.missed
            ],
            "reopenings": self.reopenings,
            "against": self.against,
            "warning": self.warning,
        }


def replay_over(
    plant: Plant,
    start: datetime,
    end: datetime,
    *,
    every: timedelta,
    classes: Sequence[str] | None = None,
    policies: Mapping[str, Policy] | None = None,
) -> PolicyReport:
    """Score the stretch (or take the scores that are kept), let the policies decide, and judge what they would have done.

    policies: instead of those in force, by class.

    Raises:
        InputError: an empty stretch, or no model in charge.
    """
    scored = score_past(plant, start, end, every=every, classes=classes)
    past = with_limits(plant, read_past(plant, start, end, sorted(scored_classes(scored))))
    return judge_policy(plant, scored, past, policies or {})


def scored_classes(scored: ScoredPast) -> set[str]:
    """Classes with at least one assessment."""
    return {one.asset_class for _, some in scored.rounds[:1] for one in some} or set(scored.learnt_until)


def read_past(
    plant: Plant, start: datetime, end: datetime, classes: Sequence[str], *, known_at: datetime | None = None
) -> Past:
    """Failures, work and exposure of these classes between two moments, as known (default: now); classes on a counter are left out."""
    failures: list[Failure] = []
    work: dict[str, list[datetime]] = {}
    tables = []
    horizon = timedelta(0)
    assets = {tag: one for tag, one in read_assets(plant.history).items() if one.asset_class in classes}
    for name in classes:
        asset_class, model = plant.catalogue.asset_class(name), plant.catalogue.models.get(name)
        if model is None or asset_class.axis.kind != "time":
            continue
        horizon = max([horizon, *(timedelta(hours=target.horizon) for target in model.targets)])
        lives = read_lives(plant.history, asset_class, model, known_at=known_at)
        tables.append(lives.assign(asset_class=name))
        leads = {mode.name: max(mode.planning_time, mode.parts_time) for mode in model.failure_modes}
        columns = (lives["asset"], lives["end"], lives["ended_by"], lives["failure_mode"])
        for tag, moment, ended_by, mode in zip(*columns, strict=True):
            at = moment.to_pydatetime()
            if ended_by == "failure":
                failures.append(Failure(tag, name, mode, at, timedelta(hours=leads.get(mode, 0.0))))
            elif ended_by in ("repair", "removal"):
                work.setdefault(tag, []).append(at)
    years = dict.fromkeys(assets, (end - start) / _YEAR)
    lives = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    ordered = tuple(sorted(set(failures), key=lambda one: (one.at, one.asset, one.failure_mode)))
    done = {tag: tuple(sorted(set(times))) for tag, times in work.items()}
    return Past(start, end, assets, ordered, done, years, lives, horizon or timedelta(days=30))


def with_limits(plant: Plant, past: Past) -> Past:
    """The same, with the limits that a plant would have set by what was on record when the stretch began."""
    before = read_past(
        plant, past.start, past.end, sorted({one.asset_class for one in past.assets.values()}), known_at=past.start
    )
    found = []
    for name in sorted({one.asset_class for one in past.assets.values()}):
        model = plant.catalogue.models.get(name)
        if model is not None and plant.catalogue.asset_class(name).axis.kind == "time":
            own = [one for one in before.failures if one.asset_class == name]
            found.append(
                limits_before(plant, plant.catalogue.asset_class(name), model.costs, own, before.work, past.span)
            )
    rules = tuple(rule for one in found for rule in one.rules)
    return replace(past, limits=Limits(rules, tuple(alert for one in found for alert in one.alerts)))


def judge_policy(plant: Plant, scored: ScoredPast, past: Past, policies: Mapping[str, Policy]) -> PolicyReport:
    """Let policies decide over what was scored, and judge it by what is on record."""
    in_force = {name: model.policy for name, model in plant.catalogue.models.items()}
    suppressed = read_suppressions(plant.history, plant.catalogue.models, past.assets)
    replayed = replay_policy(
        scored.rounds, {**in_force, **policies}, past.assets, suppressed=suppressed, answer_after=ANSWER_AFTER
    )
    outcomes = judge_alerts(replayed.alerts, past.failures, past.work, past.span)
    reopened = _reopened(replayed)
    counted = _tally(plant, outcomes, past, reopened)
    weeks = max((past.end - past.start) / _WEEK, 1.0)
    raised = [(one.alert.raised_at - past.start) / _WEEK for one in outcomes.alerts if one.alert.raised_at is not None]
    return PolicyReport(
        past.start,
        past.end,
        tuple(sorted({asset.asset_class for asset in past.assets.values()})),
        figures(counted, weeks),
        tuple(weekly(raised, int(np.ceil(weeks)))),
        outcomes,
        _against(plant, counted, past),
        sum(reopened.values()),
        _warning(scored, past, len(outcomes.failures)),
        replayed,
    )


def _tally(plant: Plant, outcomes: Outcomes, past: Past, reopened: Mapping[str, int]) -> Tally:
    costs = {name: model.costs for name, model in plant.catalogue.models.items()}
    classes = {tag: asset.asset_class for tag, asset in past.assets.items()}
    return tally(outcomes, past.years, costs, classes, reopened)


def _reopened(replayed: Replayed) -> Counter[str]:
    """Alerts that came back: re-trips, and repeats within a fortnight of their closing."""
    found = Counter(step.asset for step in replayed.steps if step.step == "retrip")
    closed = {alert.id: alert.closed_at for alert in replayed.alerts}
    for alert in replayed.alerts:
        before = closed.get(alert.repeat_of)
        if before is not None and alert.raised_at is not None and alert.raised_at - before <= _REOPENED:
            found[alert.asset] += 1
    return found


def _against(plant: Plant, counted: Tally, past: Past) -> dict[str, dict[str, Any]]:
    """Other ways to run the plant, by asset in the order of the tally; planned work that was done is paid for by each of them.

    run to failure: at least this much, because failures that planned work prevented are not on record.
    limits: on raw readings, set by the failures on record when the stretch began; without any, as the incumbent.
    """
    models = plant.catalogue.models
    price = {tag: models[asset.asset_class].costs for tag, asset in past.assets.items() if asset.asset_class in models}
    missed = np.array([price[tag].missed_failure if tag in price else 0.0 for tag in counted.assets])
    planned = np.array([price[tag].planned_repair if tag in price else 0.0 for tag in counted.assets])
    done = np.array(
        [float(sum(past.start < at <= past.end for at in past.work.get(tag, ()))) for tag in counted.assets]
    )
    mine = Tally(**{**vars(counted), "cost": counted.cost + done * planned})
    limits = judge_alerts(past.limits.alerts, past.failures, past.work, past.span)
    ways = {
        "run to failure": counted.failures * missed,
        "incumbent": counted.failures * missed + done * planned,
        "age replacement": _age_replacement(plant, past, counted.assets),
        "limits": _tally(plant, limits, past, {}).cost + done * planned,
        "perfect knowledge": (counted.failures + done) * planned,
    }
    currency = next((model.costs.currency for model in models.values()), "")
    against: dict[str, dict[str, Any]] = {
        name: {"cost": round(float(cost.sum()), 2), "saved": as_dict({"saved": difference(mine, cost)})["saved"]}
        for name, cost in ways.items()
    }
    against["limits"] |= {"rules": [str(rule) for rule in past.limits.rules], "alerts": len(limits.alerts)}
    return {"policy": {"cost": round(float(mine.cost.sum()), 2), "currency": currency}} | against


def _age_replacement(plant: Plant, past: Past, assets: Sequence[str]) -> np.ndarray:
    """Cost by asset when every kind of item is replaced at the age that was cheapest by the lives known before the stretch."""
    place = {tag: number for number, tag in enumerate(assets)}
    cost = np.zeros(len(assets))
    if past.lives.empty:
        return cost
    start, end = pd.Timestamp(past.start), pd.Timestamp(past.end)
    for (name, _), lives in past.lives.groupby(["asset_class", "maintainable_item"]):
        model = plant.catalogue.models[str(name)]
        before = lives[lives["start"] < start]
        left = before["end"].where(before["end"] < start, start)
        failed = ((before["ended_by"] == "failure") & (before["end"] <= start)).to_numpy(dtype=bool)
        seconds = (left - before["start"]).dt.total_seconds().to_numpy(dtype=np.float64)
        ages = np.asarray(seconds / _YEAR.total_seconds(), dtype=np.float64)
        kept = ages > 0
        missed, planned = model.costs.missed_failure, model.costs.planned_repair
        age = float("inf")
        if failed[kept].sum() >= 3:
            age = cheapest_age(np.zeros(int(kept.sum())), ages[kept], failed[kept], missed, planned)
        inside = lives[(lives["end"] > start) & (lives["start"] < end)]
        columns = (inside["asset"], inside["start"], inside["end"], inside["ended_by"])
        for tag, begun, ended, ended_by in zip(*columns, strict=True):
            whole = (min(ended, end) - begun) / pd.Timedelta(_YEAR)
            earlier = max((start - begun) / pd.Timedelta(_YEAR), 0.0)
            replaced = int(whole // age) - int(earlier // age) if np.isfinite(age) else 0
            failing = ended_by == "failure" and ended <= end and not (np.isfinite(age) and whole >= age)
            cost[place[tag]] += replaced * planned + failing * missed
    return cost


def _warning(scored: ScoredPast, past: Past, failures: int) -> str:
    """What nobody may overlook: scores on data that the model has learnt from, and too few failures."""
    seen = sorted(name for name, until in scored.learnt_until.items() if until > past.start)
    told = ""
    if seen:
        told = (
            f"The models of {', '.join(seen)} have learnt from this time: "
            "what they say about it is not out of sample, and looks better than it will be. "
        )
    return (told + anecdote(failures)).strip()
