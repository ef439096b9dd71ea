"""Hand what waits in the outbox to the receiver: at least once from here, exactly once over there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from pdm.audit.entry import AuditEntry
from pdm.errors import InputError, LeaseHeld, PdmError, ReceiverError
from pdm.operations._again import again
from pdm.ports import WORK_REQUEST, Message, Plant
from pdm.views.held import held
from pdm.work.request import RequestState
from pdm.work.retries import delay, give_up
from pdm.work.steps import step

LEASE = "deliver_outbox"
LEASE_TIME = timedelta(minutes=5)
_ALL = 1_000_000

AWAY_AFTER = 5
"""So many failures in a row, and the receiver counts as away: the rest of the round is spared."""

Delivery = Literal["sent", "failed", "refused"]


@dataclass(frozen=True)
class DeliveryReport:
    """How one round of delivery went.

    failed: kept for a later round, with the reason. refused: the receiver will never take it; the request is rejected.
    waiting: not due yet, spared because the receiver is away, or held back because an earlier message of the same asset failed:
    messages arrive in order. dead: given up in this round, until somebody replays it. held: kept back by the site's limits (open
    requests per asset, requests per day), with the reason; they count as waiting.
    """

    sent: int = 0
    failed: int = 0
    refused: int = 0
    waiting: int = 0
    errors: tuple[str, ...] = ()
    dead: int = 0
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Outcome:
    kind: Delivery
    error: str = ""
    failure: str = ""
    dead: bool = False


def deliver_outbox(plant: Plant, *, limit: int = 100, at_once: bool = False) -> DeliveryReport:
    """Deliver pending messages in order, one deliverer at a time, at most `limit` attempts in one round.

    Each key is looked up at the receiver before it is handed over. So a crash between handing over and writing down here repeats
    the look-up, never the order. An `InputError` of the receiver is a refusal and final. Anything else is tried again, later and
    later (`pdm.work.retries`), and given up in the end. `at_once` tries what is not due yet, too.

    Raises:
        LeaseHeld: another process is delivering.
    """
    waiting, due, gone = _look(plant, at_once)
    if gone:
        sentence = f"{gone} was answered with 410 Gone: nothing more is sent until it is replayed or cancelled"
        return DeliveryReport(waiting=waiting, errors=(sentence,))
    if not due:
        return DeliveryReport(waiting=waiting)
    with _lease(plant) as renew:
        return _round(plant, renew, limit, at_once)


def _look(plant: Plant, at_once: bool) -> tuple[int, bool, str]:
    """How many wait, whether one is due, and the message after which the receiver wanted no more; all without the lease."""
    with plant.unit_of_work() as work:
        messages, dead = work.outbox.pending(_ALL, WORK_REQUEST), work.outbox.dead(_ALL, WORK_REQUEST)
    gone = next((message.key for message in dead if message.failure == "gone"), "")
    return len(messages), any(_due(message, plant.clock.now(), at_once) for message in messages), gone


def _round(plant: Plant, renew: _Renew, limit: int, at_once: bool) -> DeliveryReport:
    with plant.unit_of_work() as work:
        messages = work.outbox.pending(_ALL, WORK_REQUEST)
        limited = held(plant, work, plant.clock.now())
    held_until = max(
        (one.next_attempt_at for one in messages if one.failure == "busy" and one.next_attempt_at), default=None
    )
    away = held_until is not None and held_until > plant.clock.now() and not at_once
    outcomes: list[_Outcome] = []
    errors: list[str] = []
    blocked: set[str] = set()
    in_a_row = 0
    for message in messages:
        asset = str(message.body.get("asset", ""))
        if message.key in limited:
            continue
        if away or len(outcomes) >= limit or asset in blocked or not _due(message, plant.clock.now(), at_once):
            blocked.add(asset)
            continue
        renew()
        outcome = _deliver(plant, message)
        outcomes.append(outcome)
        if outcome.error:
            errors.append(f"{message.key}: {outcome.error}")
        if outcome.kind == "failed" and not outcome.dead:
            blocked.add(asset)
        in_a_row = in_a_row + 1 if outcome.kind == "failed" else 0
        away = outcome.failure in ("busy", "gone") or in_a_row >= AWAY_AFTER
    counts = Counter(outcome.kind for outcome in outcomes)
    return DeliveryReport(
        counts["sent"],
        counts["failed"],
        counts["refused"],
        len(messages) - len(outcomes),
        tuple(errors),
        sum(outcome.dead for outcome in outcomes),
        tuple(f"{key}: {reason}" for key, reason in limited.items()),
    )


def _due(message: Message, now: datetime, at_once: bool) -> bool:
    return at_once or message.next_attempt_at is None or message.next_attempt_at <= now


def _deliver(plant: Plant, message: Message) -> _Outcome:
    receiver = plant.receiver
    try:
        number = receiver.find(message.key)
        if number is None:
            number = receiver.submit(message.body)
    except InputError as error:
        refusal = str(error)
        again(lambda: _refused(plant, message, refusal))
        return _Outcome("refused", refusal)
    except (PdmError, OSError) as error:
        reason = str(error)
        failure, wish = (error.failure, error.retry_after) if isinstance(error, ReceiverError) else ("down", None)
        dead = again(lambda: _failed(plant, message, reason, failure, wish))
        return _Outcome("failed", reason, failure, dead)
    again(lambda: _sent(plant, message, number))
    return _Outcome("sent")


def _sent(plant: Plant, message: Message, number: str) -> None:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        work.outbox.save(replace(message, sent_at=now, attempts=message.attempts + 1, last_error="", failure=""))
        request = work.requests.by_ref(message.key)
        if request is not None:
            # Cancelled or finished while it was on its way: the number is kept, so that it can be cancelled over there.
            moves = request.state in (RequestState.APPROVED, RequestState.SENT)
            accepted = step(request, "accept") if moves else request
            work.requests.save(replace(accepted, receiver_number=number))
            details = {"receiver": plant.receiver.name, "number": number, "state": accepted.state.value}
            work.audit.append(AuditEntry(now, "outbox", "deliver", f"request:{request.id}", "", details))
        work.commit()


def _failed(plant: Plant, message: Message, error: str, failure: str, wish: float | None) -> bool:
    """Write down when to try again; whether it was given up."""
    now, attempts = plant.clock.now(), message.attempts + 1
    dead = give_up(attempts, failure)
    with plant.unit_of_work() as work:
        work.outbox.save(
            replace(
                message,
                attempts=attempts,
                last_error=error,
                failure=failure,
                next_attempt_at=now + delay(message.key, attempts, wish),
                dead_at=now if dead else None,
            )
        )
        request = work.requests.by_ref(message.key) if dead else None
        if request is not None:
            details = {"receiver": plant.receiver.name, "attempts": attempts, "failure": failure}
            work.audit.append(AuditEntry(now, "outbox", "give up", f"request:{request.id}", error, details))
        work.commit()
    return dead


def _refused(plant: Plant, message: Message, error: str) -> None:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        work.outbox.save(replace(message, sent_at=now, attempts=message.attempts + 1, last_error=error))
        request = work.requests.by_ref(message.key)
        if request is not None and request.state in (RequestState.APPROVED, RequestState.SENT):
            work.requests.save(step(request, "reject"))
            details = {"receiver": plant.receiver.name}
            work.audit.append(AuditEntry(now, "outbox", "refuse", f"request:{request.id}", error, details))
        work.commit()


class _Renew:
    """Keeps the lease while a round takes longer than it lasts."""

    def __init__(self, plant: Plant, holder: str) -> None:
        self._plant, self._holder = plant, holder
        self._next = plant.clock.now()

    def __call__(self) -> None:
        now = self._plant.clock.now()
        if now < self._next:
            return
        with self._plant.unit_of_work() as work:
            if not work.leases.acquire(LEASE, self._holder, now, LEASE_TIME):
                other = work.leases.holder(LEASE, now)
                raise LeaseHeld(f"{other} is delivering at the moment", hint="try again when it has finished")
            work.commit()
        self._next = now + LEASE_TIME / 4


@contextmanager
def _lease(plant: Plant) -> Iterator[_Renew]:
    holder = f"deliverer {uuid4().hex[:8]}"
    renew = _Renew(plant, holder)
    renew()
    try:
        yield renew
    finally:
        with plant.unit_of_work() as work:
            work.leases.release(LEASE, holder)
            work.commit()
