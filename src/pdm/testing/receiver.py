"""A maintenance system in memory, which can be made to fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pdm.errors import InputError, StoreError
from pdm.ports import Payload, ReceiverStatus
from pdm.work.request import RequestState


@dataclass
class MemoryReceiver:
    """A `Receiver` that keeps every order it is given, twice if it is given twice.

    down: it cannot be reached. refuses: keys that it will never take. loses_answers: so many orders are kept, but the answer
    never arrives. says: what it answers about a number, `NEW` and accepted unless it is given.
    """

    orders: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    down: bool = False
    refuses: set[str] = field(default_factory=set)
    loses_answers: int = 0
    name: str = "memory"
    says: dict[str, ReceiverStatus] = field(default_factory=dict)

    def find(self, external_ref: str) -> str | None:
        """The number of the first order with this key."""
        self._reach()
        return next((f"M-{n}" for n, (key, _) in enumerate(self.orders, 1) if key == external_ref), None)

    def submit(self, body: Mapping[str, Any]) -> str:
        """Keep an order; its number.

        Raises:
            StoreError: it is down, or its answer was lost.
            InputError: it refuses.
        """
        self._reach()
        key = str(body["external_ref"])
        if key in self.refuses:
            raise InputError(f"{self.name} refuses {key}: no such asset")
        self.orders.append((key, body))
        if self.loses_answers:
            self.loses_answers -= 1
            raise StoreError(f"{self.name} did not answer")
        return f"M-{len(self.orders)}"

    def status(self, number: str) -> ReceiverStatus:
        """What it was told to say."""
        self._reach()
        return self.says.get(number, ReceiverStatus("NEW", RequestState.ACCEPTED))

    def dry_run(self, body: Mapping[str, Any]) -> Payload:
        """The body as it is."""
        return Payload("KEEP", self.name, {}, dict(body))

    def _reach(self) -> None:
        if self.down:
            raise StoreError(f"{self.name} cannot be reached")
