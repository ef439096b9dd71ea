"""Why is there no alert? The way of a decision, question by question, with its numbers, for any asset at any moment.

Nothing is explained from memory: the stored assessments pass through the deciding code once more, with what people did in between,
and the answers are read off what it came to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pdm.alerts.alert import Alert, AlertState
from pdm.alerts.consider import NOT_RUNNING, measure
from pdm.alerts.lifecycle import out_of_service
from pdm.alerts.read_suppressions import read_suppressions
from pdm.alerts.suppression import Interval
from pdm.alerts.suspicion import Suspicion, silenced, suspicions
from pdm.audit.entry import AuditEntry
from pdm.catalogue import AssetClass, Limits, ModelDefinition
from pdm.errors import InputError
from pdm.learning.ladder import AGE_ONLY
from pdm.ports import Plant
from pdm.readings.registry import Asset
from pdm.replay.decisions import Decider
from pdm.scoring.assessment import Assessment, Risk
from pdm.units import duration
from pdm.views import words
from pdm.views.asset import find_asset
from pdm.views.rung import standing_of
from pdm.views.state import four_words

_LOOK_BACK = timedelta(days=14)
_OPEN = {
    AlertState.UNACKNOWLEDGED: "It waits for somebody to acknowledge it.",
    AlertState.ACKNOWLEDGED: "Somebody has acknowledged it.",
    AlertState.RETURNED: "The score went back, and it waits for somebody to say why.",
}


@dataclass(frozen=True)
class Answer:
    """One question on the way, and its answer. stops: nothing after it could raise an alert."""

    question: str
    sentence: str
    stops: bool = False


@dataclass(frozen=True)
class WhyMode:
    """One failure mode at the end of the way. state: `normal` without an alert."""

    mode: str
    title: str
    state: str
    alert: str
    answers: tuple[Answer, ...]
    sentence: str


@dataclass(frozen=True)
class Why:
    """The whole answer. sentence: the shortest true one. replayed: how many assessments were decided upon again."""

    asset: str
    at: datetime
    as_of: datetime | None
    sentence: str
    answers: tuple[Answer, ...]
    modes: tuple[WhyMode, ...]
    replayed: int


def why_no_alert(plant: Plant, tag: str, *, at: datetime | None = None) -> Why:
    """Why an asset had no alert at a moment (or which one it had): default now.

    Raises:
        NotFound: no such asset. InputError: the moment lies in the future.
    """
    now = plant.clock.now()
    moment = at or now
    if moment > now:
        raise InputError(
            f"nobody knows why {tag} has no alert at {moment.isoformat()}", hint="ask for a moment until now"
        )
    asset = find_asset(plant, tag)
    past, trail, alerts = _read(plant, tag, moment)
    newest = past[-1] if past else None
    suppressed = read_suppressions(plant.history, plant.catalogue.models, {tag: asset})
    model = plant.catalogue.models.get(asset.asset_class)
    decider = Decider(
        {asset.asset_class: model.policy} if model else {}, {tag: asset}, suppressed=suppressed, answer_after=None
    )
    _replay(decider, past, trail, moment, alerts)
    interval = suppressed.at(tag, moment, newest.data_usage if newest else None)
    about = _About(plant, asset, model, moment, newest, interval)
    answers = about.whole_asset()
    standing = {alert.failure_mode: alert for alert in decider.standing}
    modes = tuple(about.mode(one, standing.get(one.risk.mode)) for one in about.suspicions(standing))
    known = {one.mode for one in modes}
    modes += tuple(about.silent(alert) for mode, alert in standing.items() if mode not in known)
    modes += about.unheard({one.mode for one in modes})
    return Why(tag, moment, newest.as_of if newest else None, _shortest(answers, modes), answers, modes, len(past))


def _read(plant: Plant, tag: str, at: datetime) -> tuple[list[Assessment], list[AuditEntry], dict[str, Alert]]:
    """The assessments that can matter, oldest first, and what people did to the asset's alerts since then."""
    with plant.unit_of_work() as work:
        alerts = work.alerts.list(asset=tag)
        alive = [
            one.first_seen for one in alerts if one.first_seen <= at and (one.closed_at is None or one.closed_at > at)
        ]
        since = min([at - _LOOK_BACK, *(seen - timedelta(days=1) for seen in alive)])
        trail = [entry for alert in alerts for entry in work.audit.list(subject=f"alert:{alert.id}", limit=1000)]
        past = work.assessments.history(tag, since, at)
    within = sorted((entry for entry in trail if since <= entry.at <= at), key=lambda entry: entry.seq)
    return past, within, {f"alert:{alert.id}": alert for alert in alerts}


def _replay(
    decider: Decider, past: Sequence[Assessment], trail: Sequence[AuditEntry], at: datetime, alerts: Mapping[str, Alert]
) -> None:
    """Let assessments and people's steps pass in their order."""
    people = [entry for entry in trail if entry.who != "scoring"]
    for assessment in past:
        while people and people[0].at < assessment.as_of:
            _apply(decider, people.pop(0), alerts)
        decider.round(assessment.as_of, [assessment])
    for entry in people:
        _apply(decider, entry, alerts)
    decider.round(at, [])


def _apply(decider: Decider, entry: AuditEntry, alerts: Mapping[str, Alert]) -> None:
    """What somebody did, as the audit has it; on an alert that the replay does not know it changes nothing."""
    alert = next((one for one in decider.standing if f"alert:{one.id}" == entry.subject), None)
    if entry.verb == "raise" and "repeats" in entry.details:
        decider.take_over(_raised_again(alert or alerts[entry.subject], entry))
        return
    target = AlertState.CLOSED if entry.verb == "close" else entry.details.get("to")
    if alert is None and entry.details.get("from") == "normal":  # people may silence what was never raised
        known = alerts[entry.subject]
        silent = out_of_service(None, known.asset, known.asset_class, known.failure_mode, now=entry.at, nth=0)
        alert = replace(silent, id=known.id)
    if alert is None or target is None:
        return
    state = AlertState(str(target))
    until = entry.details.get("until")
    decider.take_over(
        replace(
            alert,
            state=state,
            state_since=entry.at,
            closed_at=entry.at if state is AlertState.CLOSED else None,
            shelved_until=datetime.fromisoformat(str(until)) if until and state is AlertState.SHELVED else None,
            shelved_reason=entry.why if state is AlertState.SHELVED else "",
        )
    )


def _raised_again(alert: Alert, entry: AuditEntry) -> Alert:
    """An alert at the moment at which a person opened its case again: as it is stored, without what happened to it since."""
    return replace(
        alert,
        state=AlertState.UNACKNOWLEDGED,
        raised_at=entry.at,
        state_since=entry.at,
        last_seen=min(alert.last_seen, entry.at),
        closed_at=None,
        shelved_until=None,
        recent=(),
        below_since=None,
    )


@dataclass(frozen=True)
class _About:
    """Everything the answers are made from."""

    plant: Plant
    asset: Asset
    model: ModelDefinition | None
    at: datetime
    newest: Assessment | None
    interval: Interval | None

    @property
    def zone(self) -> str:
        return self.plant.settings.time_zone

    @property
    def asset_class(self) -> AssetClass:
        return self.plant.catalogue.asset_class(self.asset.asset_class)

    def suspicions(self, standing: dict[str, Alert]) -> tuple[Suspicion, ...]:
        if self.newest is None or self.model is None:
            return ()
        return suspicions(self.newest, standing, self.model.policy)

    def unheard(self, known: Collection[str]) -> tuple[WhyMode, ...]:
        """Failure modes that the model abstains from: their number, and why it raises no alert. known: modes that are told already."""
        policy = self.model.policy if self.model else None
        risks = self.newest.risks if self.newest and policy else ()
        return tuple(self._abstained(one) for one in risks if silenced(one, policy) and one.mode not in known)

    def _abstained(self, risk: Risk) -> WhyMode:
        title = words.mode_title(risk.mode, self.model)
        within = words.horizon(risk.horizon, self.asset_class.axis)
        standing = standing_of(self.plant, self.asset.asset_class)
        because = standing.abstained.get(risk.mode, "") or standing.unproven.get(risk.mode, "")
        said = (
            f"no alert rests on it: {words.percent(risk.probability)} within {within} is shown, and the model abstains"
        )
        answer = Answer("May it raise an alert?", f"No: {said}. {because}".strip(), stops=True)
        return WhyMode(risk.mode, title, "normal", "", (answer,), f"{said}.")

    def whole_asset(self) -> tuple[Answer, ...]:
        """What holds for every failure mode: was it looked at, on good data, with a model, while it ran, and might it be alerted."""
        one = self.newest
        if one is None:
            return (Answer("Was it assessed?", "It had not been assessed until then.", stops=True),)
        made = f"It was assessed {words.when(one.as_of, self.zone)}"
        if self.at - one.as_of > duration(self.plant.settings.stale_after):
            late = f"{made}, {words.ago(one.as_of, self.at)}: scoring had stopped."
            return (Answer("Was it assessed?", late, stops=True),)
        told = four_words(one, self.at, duration(self.plant.settings.stale_after))
        return (
            Answer("Was it assessed?", f"{made}."),
            Answer("Could the data be trusted?", *self._data(one, told.why)),
            Answer("Was there a model?", *self._model(one)),
            Answer("Did it run?", *self._running(one)),
            Answer("Might it be alerted?", *self._suppressed()),
            *(Answer("What cannot be seen coming?", sentence) for sentence in self.blind),
        )

    @property
    def blind(self) -> tuple[str, ...]:
        """Failures that the sensors of this class do not show coming."""
        return standing_of(self.plant, self.asset.asset_class).blind

    def _data(self, one: Assessment, why: str) -> tuple[str, bool]:
        newest = (
            f"the newest reading was of {words.when(one.data_time, self.zone)}" if one.data_time else "without readings"
        )
        if one.data != "fresh":
            flags = "" if why or not one.quality_flags else "; ".join(one.quality_flags) + "."
            return f"No: {one.data} ({newest}). {why}{flags}".strip(), True
        flags = f" To be known: {'; '.join(one.quality_flags)}." if one.quality_flags else ""
        return f"Yes: fresh, {newest}.{flags}", False

    def _model(self, one: Assessment) -> tuple[str, bool]:
        if self.model is None:
            return f"No: nothing is predicted for {self.asset_class.title}.", True
        if one.model != "ok":
            return f"No: {one.model}. {'; '.join(one.quality_flags)}".strip(), True
        if one.rung == AGE_ONLY:
            told = "; ".join(reason.sentence for reason in one.contributions)
            return f"Only age answers ({one.bundle}), and no alert rests on age. {told}".strip(), True
        return f"Yes: {one.bundle or 'without a bundle'}, {one.rung}.", False

    def _running(self, one: Assessment) -> tuple[str, bool]:
        if one.equipment in NOT_RUNNING:
            return f"No: {one.equipment}. A machine that does not run in its normal way says nothing about wear.", True
        return ("Yes." if one.equipment == "running" else "Nobody knows: it is taken as running."), False

    def _suppressed(self) -> tuple[str, bool]:
        if self.interval is None:
            return "Yes: no interval is marked in which nobody is alerted.", False
        end = self.interval.end
        until = words.when(end, self.zone) if isinstance(end, datetime) else "further notice"
        return f"No: suppressed until {until} ({self.interval.reason}).", True

    def mode(self, one: Suspicion, alert: Alert | None) -> WhyMode:
        """One suspicion against its limits, and what persistence and its state make of it."""
        mode = one.risk.mode
        limits = self._limits(mode)
        life = self.newest.remaining_life if self.newest and one.counts_life else None
        found = measure(one.risk, life, one.deviation, limits)
        answers = [Answer("Is the probability of failure at its limit?", self._risk(one, limits, found.by_risk))]
        if one.counts_life and limits.raise_below:
            answers.append(Answer("Is the remaining life below its limit?", self._life(limits, found.by_life)))
        if limits.raise_deviation and one.deviation is not None:
            level = f"it stands at {one.deviation.level:.2f} of its limit, {limits.raise_deviation:.2f} raise"
            told = f" ({one.deviation.sentence})" if one.deviation.sentence else ""
            answers.append(
                Answer("Does it deviate from what is expected?", f"{_yes(found.by_deviation)}: {level}{told}.")
            )
        stops = not found.above and alert is None
        answers[-1] = replace(answers[-1], stops=stops)
        if alert is not None:
            answers.append(self._persistence(alert, limits))
            answers.append(self._state(alert))
        title = words.mode_title(mode, self.model)
        sentence = answers[-1].sentence if alert else self._below(one, limits)
        return WhyMode(
            mode, title, alert.state.value if alert else "normal", alert.id if alert else "", tuple(answers), sentence
        )

    def silent(self, alert: Alert) -> WhyMode:
        """An alert that the newest assessment says nothing about."""
        answer = self._state(alert)
        title = words.mode_title(alert.failure_mode, self.model)
        return WhyMode(alert.failure_mode, title, alert.state.value, alert.id, (answer,), answer.sentence)

    def _limits(self, mode: str) -> Limits:
        if self.model is None:
            raise InputError(f"{self.asset.asset_class} has no policy")
        return self.model.policy.limits(mode, self.asset.criticality)

    def _risk(self, one: Suspicion, limits: Limits, above: bool) -> str:
        limit = f"{words.percent(limits.raise_at)} raise on an asset of criticality {self.asset.criticality}"
        if not one.risk.horizon:
            return f"No probability is known for it ({limit})."
        within = words.horizon(one.risk.horizon, self.asset_class.axis)
        return f"{_yes(above)}: {words.percent(one.risk.probability)} within {within}; {limit}."

    def _life(self, limits: Limits, short: bool) -> str:
        limit = words.length(limits.raise_below, self.asset_class.axis)
        life = self.newest.remaining_life if self.newest else None
        if life is None:
            return f"No remaining life is known ({limit} raise)."
        band = words.band(life, self.asset_class.axis)
        median = "" if life.at_cap else f", median {words.length(life.median, self.asset_class.axis)}"
        return f"{_yes(short)}: {band}{median}; less than {limit} raise."

    def _persistence(self, alert: Alert, limits: Limits) -> Answer:
        n, m = limits.persistence
        seen = f"{sum(alert.recent)} of the last {len(alert.recent)} assessments were at a limit, {n} of {m} are needed"
        waited = (
            f", and {limits.on_delay:g} h since {words.when(alert.first_seen, self.zone)}" if limits.on_delay else ""
        )
        return Answer("Often and long enough?", f"{seen}{waited}.", stops=alert.state is AlertState.PENDING)

    def _state(self, alert: Alert) -> Answer:
        question = "Is one open already?"
        if alert.state is AlertState.PENDING:
            said = f"No: seen since {words.when(alert.first_seen, self.zone)}, but not yet {_needed(self._limits(alert.failure_mode))}."
            return Answer(question, said, stops=True)
        if alert.state is AlertState.SHELVED:
            until = words.when(alert.shelved_until, self.zone)
            return Answer(question, f"Yes, shelved until {until}: {alert.shelved_reason}.", stops=True)
        if alert.state is AlertState.SUPPRESSED:
            return Answer(question, "Yes, suppressed by design while an interval is marked.", stops=True)
        if alert.state is AlertState.OUT_OF_SERVICE:
            since = words.when(alert.state_since, self.zone)
            return Answer(
                question, f"This suspicion is out of service since {since}, until somebody returns it.", stops=True
            )
        raised = words.when(alert.raised_at, self.zone)
        return Answer(question, f"There is an alert, raised {raised}. {_OPEN[alert.state]}", stops=True)

    def _below(self, one: Suspicion, limits: Limits) -> str:
        if self.interval is not None:
            return self._suppressed()[0]
        risk = words.percent(one.risk.probability) if one.risk.horizon else "no probability"
        return f"below its limits ({risk} against {words.percent(limits.raise_at)})."


def _shortest(answers: tuple[Answer, ...], modes: tuple[WhyMode, ...]) -> str:
    """What somebody at the door would be told."""
    raised = [one for one in modes if one.state in {state.value for state in _OPEN}]
    if raised:
        return f"There is an alert: {raised[0].title}. " + raised[0].sentence
    stop = next((one for one in answers if one.stops), None)
    if stop is not None:
        return f"No alert. {stop.question} {stop.sentence}"
    waiting = [one for one in modes if one.state != "normal"]
    if waiting:
        return f"No alert that asks for anybody: {waiting[0].title}. " + waiting[0].sentence
    if not modes:
        return "No alert: the model says nothing about any failure mode."
    return "No alert: " + "; ".join(f"{one.title}: {one.sentence.rstrip('.')}" for one in modes) + "."


def _yes(answer: bool) -> str:
    return "Yes" if answer else "No"


def _needed(limits: Limits) -> str:
    n, m = limits.persistence
    delay = f" and for {limits.on_delay:g} h" if limits.on_delay else ""
    return f"{n} of {m} times{delay}"
