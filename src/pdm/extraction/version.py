"""Which computation made a feature: a bundle trained on one version is not applied to features of another."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

GENERATION = 1
"""Raised by hand when a feature changes its meaning for a reason outside these files."""

_MATTERS = ("asof", "event_features", "extract", "fallback", "history", "life", "names", "plan", "scale")
_PATTERNS = ("*calculator*.py", "kernel_*.py")


@cache
def extraction_version() -> str:
    """`<generation>-<hash>` of the source of everything that decides a feature's value: the same on every machine."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    files = {here / f"{name}.py" for name in _MATTERS} | {file for pattern in _PATTERNS for file in here.glob(pattern)}
    for file in sorted(files):
        digest.update(file.read_text(encoding="utf-8").encode())
    return f"{GENERATION}-{digest.hexdigest()[:12]}"
