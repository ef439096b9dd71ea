"""The hash chain: each entry seals the one before it, so that a past changed behind our back is noticed.

hash = sha256(canonical JSON of every other field, among them the previous entry's hash). Changing, removing, inserting or
reordering an entry breaks the chain at a link that can be named. Cutting off the end leaves a chain that is whole in itself:
against that the store keeps the newest hash apart, and `verify` compares.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from pdm.audit.canonical import canonical, plain
from pdm.audit.entry import AuditEntry
from pdm.clock import aware
from pdm.errors import StoreError

GENESIS = "0" * 64
"""What the first entry seals."""


def digest(entry: AuditEntry) -> str:
    """sha256 (hex) over everything the entry says and the hash before it."""
    fields = {
        "seq": entry.seq,
        "at": aware(entry.at).isoformat(),
        "who": entry.who,
        "verb": entry.verb,
        "subject": entry.subject,
        "why": entry.why,
        "details": entry.details,
        "previous": entry.previous,
    }
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def link(entry: AuditEntry, seq: int, previous: str) -> AuditEntry:
    """`entry` as the link after number `seq` whose hash is `previous` (0 and `GENESIS` for the first one).

    >>> from datetime import UTC, datetime
    >>> first = link(AuditEntry(datetime(2026, 1, 1, tzinfo=UTC), "ada", "acknowledge", "alert:1"), 0, GENESIS)
    >>> first.seq, first.hash == digest(first)
    (1, True)
    """
    chained = replace(entry, at=aware(entry.at), details=plain(entry.details), seq=seq + 1, previous=previous)
    return replace(chained, hash=digest(chained))


def verify(entries: Iterable[AuditEntry], *, head: tuple[int, str] | None = None) -> int:
    """Walk the chain from its first link; the number of entries.

    head: number and hash of the newest entry as the store remembers them apart from the chain.

    Raises:
        StoreError: naming the first broken link.
    """
    seq, previous = 0, GENESIS
    for entry in entries:
        if entry.seq != seq + 1:
            raise _broken(seq + 1, f"entry {entry.seq} stands where {seq + 1} should")
        if entry.previous != previous:
            raise _broken(entry.seq, "it does not follow the entry before it")
        if digest(entry) != entry.hash:
            raise _broken(entry.seq, "its contents do not match its hash")
        seq, previous = entry.seq, entry.hash
    if head is not None and head != (seq, previous):
        raise _broken(seq + 1, f"the chain ends at {seq}, but {head[0]} entries were written")
    return seq


def _broken(seq: int, how: str) -> StoreError:
    return StoreError(
        f"the audit chain is broken at entry {seq}: {how}", hint="compare with a backup; do not delete anything"
    )
