"""What crosses the bridge to other systems: messages, the outbox they wait in, and a receiver of work requests.

Listed on the ports page with all other sockets (`pdm.ports`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pdm.work.request import RequestState

WORK_REQUEST = "work_request"
"""The topic of messages to the receiver of work requests."""


@dataclass(frozen=True)
class Message:
    """One thing to be told to a receiver, written in the same transaction as what it tells about.

    failure: why the last attempt failed, as `ReceiverError` has it. next_attempt_at: not before then. dead_at: given up until
    somebody replays it.
    """

    id: str
    topic: str  # `WORK_REQUEST`, or whom else it concerns
    key: str  # idempotency key for the receiver
    body: dict[str, Any]
    created_at: datetime
    sent_at: datetime | None = None
    attempts: int = 0
    last_error: str = ""
    next_attempt_at: datetime | None = None
    failure: str = ""
    dead_at: datetime | None = None


class OutboxStore(Protocol):
    """Messages that must leave, in order. topic: only of this kind; None: of every kind."""

    def add(self, message: Message) -> None:
        """`Conflict` when the key is already there."""
        ...

    def pending(self, limit: int = 100, topic: str | None = None) -> list[Message]:
        """What has neither left nor been given up, oldest first."""
        ...

    def dead(self, limit: int = 100, topic: str | None = None) -> list[Message]:
        """What was given up, oldest first."""
        ...

    def sent(self, since: datetime, topic: str) -> list[Message]:
        """What has left at `since` or later, oldest first."""
        ...

    def save(self, message: Message) -> None: ...


@dataclass(frozen=True)
class Payload:
    """Exactly what would be sent, for a person to read: secrets stand as ***."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class ReceiverStatus:
    """What a receiver says about one request now.

    word: its own word (`WAPPR`), empty when it says nothing. state: what that means for us; None when it cannot be known.
    start, end: the dates that it chose.
    """

    word: str = ""
    state: RequestState | None = None
    reason: str = ""
    start: datetime | None = None
    end: datetime | None = None


class Receiver(Protocol):
    """A system that takes work requests (a CMMS, a webhook, a mailbox, a CSV file).

    A request that it will never take is an `InputError`; everything else (`ReceiverError`, `StoreError`) is tried again.
    """

    @property
    def name(self) -> str: ...

    def find(self, external_ref: str) -> str | None:
        """The receiver's own number for this key, when it has the request already."""
        ...

    def submit(self, body: Mapping[str, Any]) -> str:
        """Hand over one request; the receiver's number for it."""
        ...

    def status(self, number: str) -> ReceiverStatus:
        """How far the request with this number has come over there."""
        ...

    def dry_run(self, body: Mapping[str, Any]) -> Payload:
        """What `submit` would send, without sending it."""
        ...
