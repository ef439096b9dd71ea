"""What closed cases mean for the trust ladder, inside a unit of work that is open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pdm.alerts.alert import Alert
from pdm.audit.entry import AuditEntry
from pdm.catalogue import Catalogue
from pdm.feedback.outcome import RIGHT, derive
from pdm.feedback.verdict import Verdict
from pdm.ports import UnitOfWork
from pdm.work.trust import Answer, Trust, judge, rung_named, starting

Key = tuple[str, str]


def trust_of(work: UnitOfWork, catalogue: Catalogue, key: Key) -> Trust:
    """Where a (class, failure mode) stands; where nobody decided otherwise, the definition's word is the ceiling."""
    definition = catalogue.models.get(key[0])
    begin = starting(*key, definition.policy.auto_request if definition else "suggest")
    known = work.trust.get(*key)
    if known is None:
        return begin
    if known.raised_by:
        return known
    return Trust(
        *key,
        rung=known.rung,
        ceiling=rung_named(begin.ceiling),
        since=known.since,
        why=known.why,
        version=known.version,
    )


def answers_of(alerts: Iterable[Alert], verdicts: Iterable[Verdict], since: datetime | None) -> list[Answer]:
    """What closed cases said about these alerts of one (class, mode) since a moment, oldest first; undecided ones say nothing."""
    newest = {verdict.case_id: verdict for verdict in sorted(verdicts, key=lambda one: one.recorded_at)}
    found: list[tuple[datetime, Answer]] = []
    for alert in alerts:
        verdict = newest.get(alert.case_id)
        if verdict is None or alert.raised_at is None or (since is not None and verdict.recorded_at <= since):
            continue
        outcome = derive(verdict, [alert])
        if outcome in RIGHT:
            found.append((verdict.recorded_at, "right"))
        elif outcome == "false":
            found.append((verdict.recorded_at, "no fault"))
        elif outcome != "undecided":
            found.append((verdict.recorded_at, "wrong"))
    return [answer for _, answer in sorted(found, key=lambda one: one[0])]


def review(work: UnitOfWork, catalogue: Catalogue, keys: Iterable[Key], *, now: datetime) -> list[Trust]:
    """Take the step that each ladder is due, and write it down; the ladders that moved."""
    moved = []
    verdicts: list[Verdict] | None = None
    for key in sorted(set(keys)):
        trust = trust_of(work, catalogue, key)
        alerts = [alert for alert in work.alerts.list(asset_class=key[0]) if alert.failure_mode == key[1]]
        verdicts = work.verdicts.list() if verdicts is None else verdicts
        after = judge(trust, answers_of(alerts, verdicts, trust.since), catalogue.planning.trust, now=now)
        if after is not trust:
            moved.append(write(work, trust, after, by="trust ladder", now=now))
    return moved


def write(work: UnitOfWork, before: Trust, after: Trust, *, by: str, now: datetime, why: str = "") -> Trust:
    """Store a ladder and who moved it."""
    saved = work.trust.save(after)
    details = {
        "from": before.rung,
        "to": after.rung,
        "ceiling": after.ceiling,
        "asset_class": after.asset_class,
        "failure_mode": after.failure_mode,
    }
    verb = "trust" if before.rung != after.rung else "ceiling"
    subject = f"trust:{after.asset_class}/{after.failure_mode}"
    work.audit.append(AuditEntry(now, by, verb, subject, why or after.why, details))
    return saved
