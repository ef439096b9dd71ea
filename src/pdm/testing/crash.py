"""Die at a chosen moment: every write, commit and call to a receiver is a fail point, before it and after it.

The process kills itself with SIGKILL, so nothing is tidied up: no `finally`, no rollback that was asked for, no lease given back.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

from pdm.ports import Payload, Receiver, ReceiverStatus

_WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class FailPoints:
    """Counts the moments at which a process can die. at: the one at which it does (1 is the first); 0: it lives.

    seen: the names of the moments that have passed.
    """

    at: int = 0
    seen: list[str] = field(default_factory=list)

    def reach(self, name: str) -> None:
        """One more moment has come."""
        self.seen.append(name)
        if len(self.seen) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine) -> None:
        """Take every write and every commit of an engine for a moment, before it and after it."""
        event.listen(engine, "before_cursor_execute", _on_write(self, "before"))
        event.listen(engine, "after_cursor_execute", _on_write(self, "after"))
        dialect: Any = engine.dialect
        commit = dialect.do_commit

        def noticed(connection: Any) -> None:
            self.reach("before commit")
            commit(connection)
            self.reach("after commit")

        dialect.do_commit = noticed


def _on_write(points: FailPoints, when: str) -> Callable[..., None]:
    def notice(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        words = statement.split(maxsplit=3)
        if words[0].upper() in _WRITES:
            table = words[1] if words[0].upper() == "UPDATE" else words[2]
            points.reach(f"{when} {words[0].lower()} {table}")

    return notice


@dataclass(frozen=True)
class MortalReceiver:
    """A receiver whose caller may die before or after each call."""

    receiver: Receiver
    points: FailPoints

    @property
    def name(self) -> str:
        return self.receiver.name

    def find(self, external_ref: str) -> str | None:
        """Look up."""
        self.points.reach("before look-up")
        found = self.receiver.find(external_ref)
        self.points.reach("after look-up")
        return found

    def submit(self, body: Mapping[str, Any]) -> str:
        """Hand over."""
        self.points.reach("before send")
        number = self.receiver.submit(body)
        self.points.reach("after send")
        return number

    def status(self, number: str) -> ReceiverStatus:
        """Ask."""
        return self.receiver.status(number)

    def dry_run(self, body: Mapping[str, Any]) -> Payload:
        """Show."""
        return self.receiver.dry_run(body)
