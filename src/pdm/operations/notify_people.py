"""Tell people what waits for them: gathered by line, at most one message per group and interval, and quiet at night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from pdm.alerts.alert import UNSPECIFIED
from pdm.alerts.notice import Notice
from pdm.errors import LeaseHeld, PdmError, ReceiverError
from pdm.operations._again import again
from pdm.ports import Message, Notifier, Plant, UnitOfWork
from pdm.readings.registry import Asset, read_assets
from pdm.units import duration
from pdm.views.digest import digest, digest_key
from pdm.work.notification import INTENT, NOTIFICATION, Notification, compose, criticality, group_of
from pdm.work.quiet_hours import quiet_hours
from pdm.work.retries import delay, give_up

LEASE = "notify_people"
LEASE_TIME = timedelta(minutes=5)
_ALL = 1_000_000
MORE = ", and more since"
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class NotifyReport:
    """How one round went. composed: new messages; sent: taken by their target; held: intents that wait for their moment."""

    composed: int = 0
    sent: int = 0
    held: int = 0
    failed: int = 0
    dead: int = 0
    errors: tuple[str, ...] = ()


def notify_people(plant: Plant) -> NotifyReport:
    """Compose what is due and send what waits. Without anybody to tell nothing happens.

    A group waits `notify_wait` after its first intent, so that a burst comes together, and then `notify_every` after each message.
    In quiet hours a group waits until they end, unless a machine in it is critical enough to pass. Composing is one transaction: the
    intents are used up by the message that tells them. A message that could not be sent is tried again, later and later; what is
    composed meanwhile for the same group and target joins it, so an outage ends in one message and not in fifty.

    Questions to operations are told too, and alerts that one is about come together with it, whatever lines their machines stand on;
    a question that was answered meanwhile is not told any more.

    Raises:
        LeaseHeld: another process is telling people.
    """
    notifier = plant.notifier
    if notifier is None:
        return NotifyReport()
    holder = f"notifier {uuid4().hex[:8]}"
    _take_lease(plant, holder)
    try:
        composed, held = again(lambda: _compose(plant, notifier))
        return replace(_send(plant, notifier), composed=composed, held=held)
    finally:
        with plant.unit_of_work() as work:
            work.leases.release(LEASE, holder)
            work.commit()


def _compose(plant: Plant, notifier: Notifier) -> tuple[int, int]:
    """How many messages were composed, and how many intents still wait."""
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        intents = work.outbox.pending(_ALL, INTENT)
        groups: dict[str, list[Message]] = {}
        assets = read_assets(plant.history, known_at=now) if intents else {}
        asked = work.notices.list(state="open") if intents else []
        answered = _answered(intents, asked)
        for one in answered:
            work.outbox.save(replace(one, sent_at=now, last_error="answered before it was told"))
        for one in (one for one in intents if one not in answered):
            tag = str(one.body["asset"])
            asset = assets.get(tag) or Asset(tag, "unknown")
            groups.setdefault(group_of(asset, _cause(one, asked)), []).append(one)
        resting = _resting(work, now - duration(plant.settings.notify_every))
        composed = held = 0
        for group, waiting in sorted(groups.items()):
            ripe = now - waiting[0].created_at >= duration(plant.settings.notify_wait)
            urgent = _urgent(plant, waiting, assets)
            if not ripe or group in resting or (_quiet(plant, now) and not urgent):
                held += len(waiting)
                continue
            base = plant.settings.base_url or ""
            _queue(
                work, notifier, compose(group, waiting, assets, now=now, base_url=base, urgent=bool(urgent)), now=now
            )
            for one in waiting:
                work.outbox.save(replace(one, sent_at=now))
            composed += 1
        composed += _digest(plant, work, notifier, now)
        if composed or answered:
            work.commit()
        return composed, held


def _answered(intents: Sequence[Message], asked: Sequence[Notice]) -> list[Message]:
    """Questions that operations answered before anybody was told of them."""
    waiting = {notice.id for notice in asked}
    return [one for one in intents if "notice" in one.body and one.body["notice"] not in waiting]


def _cause(message: Message, asked: Sequence[Notice]) -> str:
    """What the machine of an intent shares with its sisters, as far as operations is being asked about it."""
    if "notice" in message.body:
        return str(message.body["cause"])
    tag, mode = str(message.body["asset"]), message.body["failure_mode"]
    mine = (one for one in asked if tag in one.assets and mode in (one.suspicion, UNSPECIFIED))
    return next((one.cause for one in mine), "")


def _resting(work: UnitOfWork, since: datetime) -> set[str]:
    """Groups for which something was composed since."""
    known = [*work.outbox.sent(since, NOTIFICATION), *work.outbox.pending(_ALL, NOTIFICATION)]
    known += work.outbox.dead(_ALL, NOTIFICATION)
    return {str(one.body["group"]) for one in known if datetime.fromisoformat(one.body["composed_at"]) > since}


def _urgent(plant: Plant, waiting: Sequence[Message], assets: Mapping[str, Asset]) -> bool:
    return any(criticality(one, assets) <= plant.settings.quiet_hours_pass for one in waiting)


def _quiet(plant: Plant, now: datetime) -> bool:
    hours = quiet_hours(plant.settings.quiet_hours, plant.settings.time_zone)
    return hours is not None and hours.at(now)


def _digest(plant: Plant, work: UnitOfWork, notifier: Notifier, now: datetime) -> int:
    """The week's digest, once in every week from its day on; the key in the outbox is what says that it was told."""
    key = digest_key(plant, now)
    if not key or _quiet(plant, now) or _told(work, key, notifier, now):
        return 0
    _queue(work, notifier, digest(plant, now, key=key), now=now)
    return 1


def _told(work: UnitOfWork, key: str, notifier: Notifier, now: datetime) -> bool:
    known = [*work.outbox.sent(now - 2 * _WEEK, NOTIFICATION), *work.outbox.pending(_ALL, NOTIFICATION)]
    known += work.outbox.dead(_ALL, NOTIFICATION)
    keys = {one.key for one in known}
    return all(f"{key}-{target}" in keys for target in notifier.targets)


def _queue(work: UnitOfWork, notifier: Notifier, what: Notification, *, now: datetime) -> None:
    """One row per target: a target that fails does not make the others hear it twice."""
    stuck = {(one.body["target"], one.body["group"]): one for one in work.outbox.pending(_ALL, NOTIFICATION)}
    for target in notifier.targets:
        body = {**asdict(what), "target": target, "composed_at": now.isoformat()}
        before = stuck.get((target, what.group))
        if before is not None:
            text = f"{before.body['text']}\n\n{what.title}\n{what.text}"
            title = f"{str(before.body['title']).removesuffix(MORE)}{MORE}"
            work.outbox.save(replace(before, body=body | {"key": before.body["key"], "title": title, "text": text}))
            continue
        name = f"{what.key}-{target}"
        work.outbox.add(Message(f"message-{name}", NOTIFICATION, name, body, now))


def _send(plant: Plant, notifier: Notifier) -> NotifyReport:
    sent = failed = dead = 0
    errors: list[str] = []
    away: set[str] = set()
    with plant.unit_of_work() as work:
        waiting = work.outbox.pending(_ALL, NOTIFICATION)
    for message in waiting:
        target, now = str(message.body["target"]), plant.clock.now()
        if target in away or (message.next_attempt_at is not None and message.next_attempt_at > now):
            away.add(target)  # in order: what came later waits behind what failed
            continue
        error = _attempt(notifier, target, message)
        if error is None:
            sent += 1
            again(lambda message=message, now=now: _save(plant, replace(message, sent_at=now, last_error="")))  # type: ignore[misc]  # mypy cannot infer lambdas with defaults
            continue
        away.add(target)
        failed += 1
        errors.append(f"{target}: {error}")
        attempts = message.attempts + 1
        over = give_up(attempts, error.failure) or target not in notifier.targets
        dead += over
        changed = replace(
            message,
            attempts=attempts,
            last_error=str(error),
            failure=error.failure,
            next_attempt_at=now + delay(message.key, attempts, error.retry_after),
            dead_at=now if over else None,
        )
        again(lambda changed=changed: _save(plant, changed))  # type: ignore[misc]
    return NotifyReport(sent=sent, failed=failed, dead=dead, errors=tuple(errors))


def _attempt(notifier: Notifier, target: str, message: Message) -> ReceiverError | None:
    body = message.body
    what = Notification(body["key"], body["group"], body["title"], body["text"], bool(body["urgent"]))
    try:
        notifier.notify(target, what)
    except ReceiverError as error:
        return error
    except (PdmError, OSError) as error:
        return ReceiverError(str(error))
    return None


def _save(plant: Plant, message: Message) -> None:
    with plant.unit_of_work() as work:
        work.outbox.save(replace(message, attempts=max(message.attempts, 1)))
        work.commit()


def _take_lease(plant: Plant, holder: str) -> None:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        if not work.leases.acquire(LEASE, holder, now, LEASE_TIME):
            raise LeaseHeld(
                f"{work.leases.holder(LEASE, now)} is telling people at the moment", hint="it does so anyway"
            )
        work.commit()
