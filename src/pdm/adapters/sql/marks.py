"""Small marks that the service leaves: how far each heartbeat has come, and what was answered under an idempotency key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from pdm.adapters.sql import tables
from pdm.adapters.sql.engine import Transaction
from pdm.ports import Beat, KeptAnswer


class SqlBeats:
    """One row per stage."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def save(self, beat: Beat) -> None:
        """Put the newest beat in the place of the former one."""
        beats = tables.heartbeats
        values = {"stage": beat.stage, "number": beat.number, "at": beat.at, "said": beat.said}
        if self._work.write(update(beats).where(beats.c.stage == beat.stage).values(values)).rowcount == 0:
            self._work.write(insert(beats), values)

    def list(self) -> list[Beat]:
        """By name of the stage."""
        return [Beat(**row._mapping) for row in self._work.read(select(tables.heartbeats).order_by("stage"))]


class SqlAnswers:
    """One row per idempotency key."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def begin(self, answer: KeptAnswer) -> KeptAnswer:
        """Looked at and taken under the write lock, so that of two who come at once one is told of the other."""
        self._work.lock()
        answers = tables.kept_answers
        row = self._work.read(select(answers).where(answers.c.key == answer.key)).first()
        if row is None:
            self._work.write(insert(answers), _columns(answer))
            return answer
        values = dict(row._mapping)
        return KeptAnswer(**values | {"headers": tuple((name, text) for name, text in values["headers"])})

    def finish(self, answer: KeptAnswer) -> None:
        """Write down what was answered."""
        answers = tables.kept_answers
        self._work.write(update(answers).where(answers.c.key == answer.key).values(_columns(answer)))

    def forget(self, before: datetime) -> int:
        """Drop what is older."""
        return self._work.write(delete(tables.kept_answers).where(tables.kept_answers.c.at < before)).rowcount


def _columns(answer: KeptAnswer) -> dict[str, Any]:
    return {
        "key": answer.key,
        "fingerprint": answer.fingerprint,
        "at": answer.at,
        "status": answer.status,
        "headers": [list(pair) for pair in answer.headers],
        "body": answer.body,
    }
