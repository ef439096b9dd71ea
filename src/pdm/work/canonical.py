"""A work request as the JSON that every receiver maps from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pdm.audit.canonical import plain
from pdm.work.request import WorkRequest

_OURS = frozenset({"id", "case_id", "state", "version", "receiver_number"})
"""Fields that mean nothing outside."""


def canonical_body(request: WorkRequest) -> dict[str, Any]:
    """The canonical fields with moments as ISO text in UTC; our own book-keeping stays here."""
    return {name: plain(value) for name, value in asdict(request).items() if name not in _OURS}
