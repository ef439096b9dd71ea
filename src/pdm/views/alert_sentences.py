"""The sentences of an alert: what is suspected, since when, what speaks for it, whether it is the sensor, and what waiting costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pdm.alerts.alert import Alert, AlertState, Case
from pdm.audit.entry import AuditEntry
from pdm.catalogue import AssetClass, Axis, ModelDefinition
from pdm.feedback.verdict import Verdict
from pdm.scoring.assessment import Assessment, Contribution
from pdm.views import words
from pdm.work.draft import compare_costs
from pdm.work.request import WorkRequest

_ONE_CHANNEL = 0.7


@dataclass(frozen=True)
class Facts:
    """What the operational store knows around one alert, read in one transaction."""

    alert: Alert
    case: Case | None
    latest: Assessment | None
    history: Sequence[Assessment]
    requests: Sequence[WorkRequest]
    sisters: Sequence[Alert]
    verdicts: Sequence[Verdict]
    audit: Sequence[AuditEntry]


def suspicions(facts: Facts, asset_class: AssetClass, model: ModelDefinition | None) -> tuple[str, str]:
    """The suspected failure mode with its probability, and the runner-up."""
    alert = facts.alert
    title = words.mode_title(alert.failure_mode, model)
    known = facts.latest.risks if facts.latest else ()
    others = sorted(
        (risk for risk in known if risk.mode != alert.failure_mode and not risk.abstained),
        key=lambda risk: -risk.probability,
    )
    runner_up = (
        words.risk(others[0], asset_class.axis, model) if others else "no other mode is predicted for this class"
    )
    if not alert.horizon:
        return title, runner_up
    if alert.state in (AlertState.RETURNED, AlertState.CLOSED):
        return f"{title}, {words.percent(alert.peak_probability)} at its highest", runner_up
    return f"{title}, {words.percent(alert.probability)}", runner_up


def risk(alert: Alert, asset_class: AssetClass) -> str:
    """An alert on a short remaining life or a deviation alone has no horizon."""
    if not alert.horizon and not alert.remaining and alert.deviation:
        return f"no probability: too few failures are on record; {alert.deviation}"
    if not alert.horizon:
        return "judged by its remaining life alone"
    return f"{words.percent(alert.probability)} within {words.horizon(alert.horizon, asset_class.axis)}"


def persistence(alert: Alert, model: ModelDefinition | None) -> str:
    """How many of the last assessments were over the threshold."""
    text = f"{sum(alert.recent)} of the last {len(alert.recent)} assessments were over the threshold"
    return f"{text} ({model.policy.persistence[0]} of {model.policy.persistence[1]} raise it)" if model else text


def trend(history: Sequence[Assessment], alert: Alert, axis: Axis) -> str:
    """How the probability moved over the assessments on record; of an alert without a probability, the remaining life."""
    if not alert.horizon and alert.remaining:
        return _life_trend(history, axis)
    seen = [
        (item.as_of, risk.probability) for item in history for risk in item.risks if risk.mode == alert.failure_mode
    ]
    if len(seen) < 2:
        return "too few assessments for a trend"
    (first_at, first), (last_at, last) = seen[0], seen[-1]
    moved = "rising" if last > first else "falling"
    word = "steady" if abs(last - first) < 0.05 else moved
    days = max((last_at - first_at).total_seconds() / 86400, 0.0)
    span = words.plural(days, "day") if days >= 2 else words.plural(days * 24, "hour")
    return f"{word}: {words.percent(first)} to {words.percent(last)} in {span}, {words.percent(alert.peak_probability)} at most"


def _life_trend(history: Sequence[Assessment], axis: Axis) -> str:
    lives = [item.remaining_life for item in history if item.remaining_life is not None]
    if len(lives) < 2:
        return "too few assessments for a trend"
    first, last = words.band(lives[0], axis), words.band(lives[-1], axis)
    return f"remaining life was {first}, and is {last}" if first != last else f"steady: remaining life {last}"


def regime(assessment: Assessment | None, asset_class: AssetClass) -> str:
    """The operating regime: the running state, and what is known of the settings behind the score."""
    if assessment is None:
        return "unknown"
    settings = {channel.name for channel in asset_class.channels if channel.role != "condition"}
    parts = [item.sentence for item in assessment.contributions if item.channel in settings]
    return "; ".join([assessment.equipment, *parts[:3]])


def evidence(facts: Facts, zone: str) -> tuple[tuple[Contribution, ...], str]:
    """What speaks for the suspicion: as of now while the score stands, else as of when it was raised."""
    raised = tuple(Contribution(**item) for item in facts.alert.evidence.get("contributions", ()))
    went_back = facts.alert.state in (AlertState.RETURNED, AlertState.CLOSED)
    if raised and (went_back or facts.latest is None or not facts.latest.contributions):
        return raised, f"as of {words.when(datetime.fromisoformat(facts.alert.evidence['as_of']), zone)}"
    if facts.latest is None:
        return (), ""
    return facts.latest.contributions, f"as of {words.when(facts.latest.as_of, zone)}"


def is_it_the_sensor(told: Sequence[Contribution], flags: Sequence[str], asset_class: AssetClass) -> str:
    """Whether one channel alone carries the evidence: then a sensor fault explains it as well as wear does."""
    if flags:
        return "Perhaps: the readings have quality flags. Check the instrument before the machine."
    worse = [item for item in told if item.effect > 0]
    if not worse:
        return "There is no evidence by channel to judge by."
    name, share = _strongest(worse, sum(item.effect for item in worse))
    title = next((channel.title for channel in asset_class.channels if channel.name == name), name or "one input")
    if share >= _ONE_CHANNEL:
        return (
            f"Perhaps: {title} alone carries {words.percent(share)} of the evidence. "
            "Compare it with a hand measurement first."
        )
    count = len({item.channel for item in worse})
    return (
        f"Hardly: {words.plural(count, 'channel')} point the same way, "
        f"{title} with {words.percent(share)} of the evidence."
    )


def _strongest(worse: Sequence[Contribution], total: float) -> tuple[str, float]:
    shares: dict[str, float] = {}
    for item in worse:
        shares[item.channel] = shares.get(item.channel, 0.0) + item.effect / total
    name = max(shares, key=lambda channel: shares[channel])
    return name, shares[name]


def cost(alert: Alert, model: ModelDefinition | None, asset_class: AssetClass) -> str:
    """What acting costs against waiting until the horizon; empty without a model definition."""
    if model is None:
        return ""
    costs = compare_costs(model.costs, alert)
    currency = costs["currency"]
    sentence = (
        f"A planned repair costs {words.money(costs['acting'], currency)}; "
        f"a missed failure costs {words.money(costs['missed_failure'], currency)}."
    )
    if not alert.horizon:
        return sentence
    horizon = words.length(alert.horizon, asset_class.axis)
    waiting = words.money(round(costs["waiting"], -2), currency)
    return f"{sentence} Waiting {horizon} therefore costs about {waiting} on average."


def reproduce(facts: Facts, zone: str) -> str:
    """Which bundle, readings and moment give the same numbers again."""
    if facts.latest is None:
        return "No assessment is on record."
    return (
        f"Assessed {words.when(facts.latest.as_of, zone)} ({facts.latest.as_of.isoformat()}), {facts.latest.rung}. "
        "The same bundle over the readings known at that moment gives the same numbers; the API lists every assessment with its features."
    )
