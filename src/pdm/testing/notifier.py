"""Somebody to tell, in memory, who can be made deaf."""

from __future__ import annotations

from dataclasses import dataclass, field

from pdm.errors import ReceiverError
from pdm.ports import Notification


@dataclass
class MemoryNotifier:
    """A `Notifier` that keeps what it was told. deaf: targets that take nothing now."""

    targets: tuple[str, ...] = ("memory-1",)
    told: list[tuple[str, Notification]] = field(default_factory=list)
    deaf: set[str] = field(default_factory=set)

    def notify(self, target: str, what: Notification) -> None:
        """Keep it.

        Raises:
            ReceiverError: the target is deaf.
        """
        if target in self.deaf:
            raise ReceiverError(f"{target} does not answer")
        self.told.append((target, what))
