"""Propose a policy that keeps to an alert budget: found on stored scores that no model has learnt from, written as TOML for review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pdm.alerts.read_suppressions import read_suppressions
from pdm.alerts.suppression import Suppressions
from pdm.catalogue import Policy
from pdm.errors import InputError, TooLittleData
from pdm.operations.replay_policy import ANSWER_AFTER, Past, read_past
from pdm.operations.score_fleet import champion
from pdm.operations.score_past import score_past
from pdm.ports import Plant
from pdm.replay.budget import Solution, Trial, candidates, solve
from pdm.replay.decisions import replay_policy
from pdm.replay.outcomes import RIGHT, Span, judge_alerts
from pdm.replay.scored import Rounds

_FEWEST_WEEKS = 8.0
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class PolicyProposal:
    """The proposal and where it was written. path: None when no candidate keeps the budget."""

    asset_class: str
    start: datetime
    end: datetime
    per_week: float
    solution: Solution
    path: Path | None


@dataclass(frozen=True)
class _Bench:
    """One class over one stretch, ready for any candidate."""

    name: str
    rounds: Rounds
    past: Past
    critical: int
    suppressed: Suppressions

    def within(self, start: datetime, end: datetime) -> _Bench:
        rounds = [(now, some) for now, some in self.rounds if start < now <= end]
        return replace(self, rounds=rounds, past=replace(self.past, start=start, end=end))

    def try_out(self, policy: Policy) -> Trial:
        """What one candidate does."""
        past = self.past
        done = replay_policy(
            self.rounds, {self.name: policy}, past.assets, suppressed=self.suppressed, answer_after=ANSWER_AFTER
        )
        outcomes = judge_alerts(
            done.alerts, past.failures, past.work, Span(past.start, past.end, past.horizon, 3 * past.horizon)
        )
        missed = {id(one.failure) for one in outcomes.missed}
        critical = [one for one in outcomes.failures if past.assets[one.asset].criticality <= self.critical]
        return Trial(
            policy=policy,
            weeks=max((past.end - past.start) / _WEEK, 1.0),
            alerts=len(outcomes.alerts),
            unfounded=sum(one.kind not in RIGHT and one.kind != "undecided" for one in outcomes.alerts),
            failures=len(outcomes.failures),
            found=len(outcomes.failures) - len(missed),
            critical=len(critical),
            critical_found=sum(id(one) not in missed for one in critical),
        )


def solve_policy(
    plant: Plant,
    asset_class: str,
    *,
    per_week: float,
    critical: int = 2,
    start: datetime | None = None,
    end: datetime | None = None,
    every: timedelta = timedelta(hours=12),
) -> PolicyProposal:
    """Find limits, persistence and hysteresis for a class that raise at most `per_week` alerts and miss no critical failure.

    critical: assets up to this criticality must not be missed. start: not before the model in charge had stopped learning (the
    default); what it says about earlier times is not out of sample. The proposal goes into `reports/policy` and changes nothing.

    Raises:
        InputError: a budget that is not positive, or a start within what the model has learnt from.
        TooLittleData: fewer than eight weeks lie after that moment.
        NotFound: no such class, or no model is defined for it.
    """
    if per_week <= 0:
        raise InputError(f"a budget of {per_week:g} alerts a week allows none", hint="--per-week 5")
    policy = plant.catalogue.model(asset_class).policy
    until = end or plant.clock.now()
    learnt = _learnt_until(plant, asset_class)
    begin = start or learnt
    if begin < learnt:
        raise InputError(
            f"the model of {asset_class} has learnt from everything before {learnt:%Y-%m-%d}",
            hint="its scores before that are not out of sample: begin there, or train with an earlier --known-at",
        )
    if until - begin < _FEWEST_WEEKS * _WEEK:
        raise TooLittleData(
            f"only {(until - begin) / _WEEK:.1f} weeks of {asset_class} lie after what its model has learnt from",
            hint=f"{_FEWEST_WEEKS:g} are needed; train as of an earlier moment, or wait",
        )
    scored = score_past(plant, begin, until, every=every, classes=[asset_class])
    past = read_past(plant, begin, until, [asset_class])
    suppressed = read_suppressions(plant.history, plant.catalogue.models, past.assets)
    bench = _Bench(asset_class, scored.rounds, past, critical, suppressed)
    middle = begin + (until - begin) / 2
    halves = bench.within(begin, middle).try_out, bench.within(middle, until).try_out
    tried = candidates(policy, (one for _, some in scored.rounds for one in some))
    solution = solve(tried, bench.try_out, halves, per_week=per_week)
    path = None
    if solution.best is not None:
        path = plant.workspace.reports / "policy" / f"{asset_class}-{plant.clock.now():%Y%m%d-%H%M%S}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_toml(asset_class, solution, per_week, begin, until), encoding="utf-8")
    return PolicyProposal(asset_class, begin, until, per_week, solution, path)


def as_toml(asset_class: str, solution: Solution, per_week: float, start: datetime, end: datetime) -> str:
    """The `[policy]` of the best candidate, with what is known about it as comments."""
    best = solution.best
    if best is None:
        return ""
    policy = best.policy
    head = [
        f"# A proposal for models/{asset_class}.toml: at most {per_week:g} alerts a week.",
        f"# From scores between {start:%Y-%m-%d} and {end:%Y-%m-%d} that the model has not learnt from.",
        *(f"# {sentence}" for sentence in solution.sentences),
        "# Lines of the present [policy] that are not named here stay as they are.",
        "[policy]",
    ]
    lines: Mapping[str, object] = {
        "raise_at": policy.raise_at,
        "clear_at": policy.clear_at,
        "raise_deviation": policy.raise_deviation,
        "clear_deviation": policy.clear_deviation,
        "persistence": list(policy.persistence),
        "by_criticality": "{}",
    }
    return "\n".join([*head, *(f"{key} = {value}" for key, value in lines.items())]) + "\n"


def _learnt_until(plant: Plant, asset_class: str) -> datetime:
    bundle = champion(plant, asset_class)
    if bundle is None:
        raise InputError(f"no model is in charge of {asset_class}", hint="plantpdm train, then plantpdm promote")
    known_at = bundle.manifest.facts.get("known_at")
    return datetime.fromisoformat(str(known_at)) if known_at else bundle.manifest.created_at
