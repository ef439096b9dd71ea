"""Say something about an alert, a case or a notice, for whoever comes next."""

from __future__ import annotations

import hashlib

from pdm.alerts.comment import Comment
from pdm.audit.entry import AuditEntry
from pdm.errors import InputError
from pdm.ports import Plant

LONGEST = 4000


def add_comment(plant: Plant, subject: str, *, by: str, text: str) -> Comment:
    """Append one comment. subject: `alert:<id>`, `case:<id>` or `notice:<id>`. Comments are never changed or removed.

    Raises:
        InputError: nobody, nothing or too much is said, or the subject is of no known kind.
        NotFound: there is no such alert, case or notice.
    """
    if not by.strip() or not text.strip():
        raise InputError(f"a comment on {subject} needs a name and a text", hint="say who you are, and what")
    if len(text) > LONGEST:
        raise InputError(f"a comment has at most {LONGEST} characters, this one {len(text)}", hint="shorten it")
    kind, _, key = subject.partition(":")
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        find = {"alert": work.alerts.get, "case": work.cases.get, "notice": work.notices.get}.get(kind)
        if find is None or not key:
            raise InputError(f"nobody can comment on {subject!r}", hint="alert:<id>, case:<id> or notice:<id>")
        find(key)
        number = len(work.comments.list(subject))
        content = f"{subject}|{number}|{now.isoformat()}|{by}|{text}"
        comment = Comment(
            "co-" + hashlib.sha256(content.encode()).hexdigest()[:16], subject, now, by.strip(), text.strip()
        )
        work.comments.add(comment)
        work.audit.append(AuditEntry(now, comment.by, "comment", subject, comment.text, {"comment": comment.id}))
        work.commit()
        return comment
