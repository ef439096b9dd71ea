"""Notices and comments as rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, insert, select

from pdm.adapters.sql import tables
from pdm.adapters.sql.engine import Transaction
from pdm.adapters.sql.stores import save_versioned
from pdm.alerts.comment import Comment
from pdm.alerts.notice import Notice
from pdm.errors import NotFound


class SqlNotices:
    """Notices as rows of `notices`."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def get(self, notice_id: str) -> Notice:
        row = self._work.read(select(tables.notices).where(tables.notices.c.id == notice_id)).first()
        if row is None:
            raise NotFound(f"no notice {notice_id}", hint="`plantpdm alerts notices` lists the questions")
        return _notice(row)

    def list(self, *, state: str | None = None) -> list[Notice]:
        """Notices, newest first."""
        notices = tables.notices.c
        statement = select(tables.notices).order_by(notices.opened_at.desc(), notices.id)
        if state is not None:
            statement = statement.where(notices.state == state)
        return [_notice(row) for row in self._work.read(statement)]

    def save(self, notice: Notice) -> Notice:
        return save_versioned(self._work, tables.notices, notice, f"notice {notice.id} is there already")


class SqlComments:
    """Comments as rows of `comments`: written once, never changed."""

    def __init__(self, work: Transaction) -> None:
        self._work = work

    def add(self, comment: Comment) -> None:
        self._work.write(insert(tables.comments), asdict(comment), conflict=f"comment {comment.id} is there already")

    def list(self, subject: str) -> list[Comment]:
        """Comments on one subject, oldest first."""
        comments = tables.comments.c
        statement = select(tables.comments).where(comments.subject == subject).order_by(comments.at, comments.id)
        return [Comment(**row._mapping) for row in self._work.read(statement)]


def _notice(row: Row[Any]) -> Notice:
    values = dict(row._mapping)
    return Notice(**values | {"assets": tuple(values["assets"]), "cases": tuple(values["cases"])})
