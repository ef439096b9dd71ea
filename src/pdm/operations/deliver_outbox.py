"""Hand what waits in the outbox to the receiver: at least once from here, exactly once over there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal
from uuid import uuid4

from pdm.audit.entry import AuditEntry
from pdm.errors import InputError, LeaseHeld, PdmError
from pdm.operations._again import again
from pdm.ports import Message, Plant
from pdm.work.request import RequestState
from pdm.work.steps import step

LEASE = "deliver_outbox"
LEASE_TIME = timedelta(minutes=5)

Delivery = Literal["sent", "failed", "refused"]


@dataclass(frozen=True)
class DeliveryReport:
    """How one round of delivery went.

    failed: kept for the next round, with the reason. refused: the receiver will never take it; the request is rejected.
    waiting: held back because an earlier message of the same asset failed: messages arrive in order.
    """

    sent: int = 0
    failed: int = 0
    refused: int = 0
    waiting: int = 0
    errors: tuple[str, ...] = ()


def deliver_outbox(plant: Plant, *, limit: int = 100) -> DeliveryReport:
    """Deliver pending messages in order, one deliverer at a time.

    Each key is looked up at the receiver before it is handed over. So a crash between handing over and writing down here repeats
    the look-up, never the order. An `InputError` of the receiver is a refusal and final; anything else is tried again.

    Raises:
        LeaseHeld: another process is delivering.
    """
    counts = {"sent": 0, "failed": 0, "refused": 0}
    errors: list[str] = []
    blocked: set[str] = set()
    waiting = 0
    with _lease(plant) as renew:
        with plant.unit_of_work() as work:
            messages = work.outbox.pending(limit)
        for message in messages:
            asset = str(message.body.get("asset", ""))
            if asset in blocked:
                waiting += 1
                continue
            renew()
            outcome, error = _deliver(plant, message)
            counts[outcome] += 1
            if error:
                errors.append(f"{message.key}: {error}")
            if outcome == "failed":
                blocked.add(asset)
    return DeliveryReport(**counts, waiting=waiting, errors=tuple(errors))


def _deliver(plant: Plant, message: Message) -> tuple[Delivery, str]:
    receiver = plant.receiver
    try:
        number = receiver.find(message.key)
        if number is None:
            number = receiver.submit(message.body)
    except InputError as error:
        refusal = str(error)
        again(lambda: _refused(plant, message, refusal))
        return "refused", refusal
    except (PdmError, OSError) as error:
        reason = str(error)
        again(lambda: _failed(plant, message, reason))
        return "failed", reason
    again(lambda: _sent(plant, message, number))
    return "sent", ""


def _sent(plant: Plant, message: Message, number: str) -> None:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        work.outbox.save(replace(message, sent_at=now, attempts=message.attempts + 1, last_error=""))
        request = work.requests.by_ref(message.key)
        if request is not None:
            # Cancelled or finished while it was on its way: the number is kept, so that it can be cancelled over there.
            moves = request.state in (RequestState.APPROVED, RequestState.SENT)
            accepted = step(request, "accept") if moves else request
            work.requests.save(replace(accepted, receiver_number=number))
            details = {"receiver": plant.receiver.name, "number": number, "state": accepted.state.value}
            work.audit.append(AuditEntry(now, "outbox", "deliver", f"request:{request.id}", "", details))
        work.commit()


def _failed(plant: Plant, message: Message, error: str) -> None:
    with plant.unit_of_work() as work:
        work.outbox.save(replace(message, attempts=message.attempts + 1, last_error=error))
        work.commit()


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
