"""Which computation made a feature: a bundle trained on one version is not applied to features of another."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

GENERATION = 1
"""Raised by hand when a feature changes its meaning for a reason outside these files."""

_MATTERS = (
    "asof calculators event_features extract fallback history kernel_changes kernel_life kernel_moments kernel_order kernel_places "
    "kernel_sums kernel_trend life names plan scale"
)


@cache
def extraction_version() -> str:
    """`<generation>-<hash>` of the source of everything that decides a feature's value: the same on every machine."""
    digest = hashlib.sha256()
    for name in _MATTERS.split():
        digest.update(Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8").encode())
    return f"{GENERATION}-{digest.hexdigest()[:12]}"
