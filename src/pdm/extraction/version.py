"""Which computation made a feature: a bundle trained on one version is not applied to features of another."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

GENERATION = 1
"""Raised by hand when a feature changes its meaning for a reason outside these files."""

_MATTERS = (
    "asof",
    "event_features",
    "extract",
    "fallback",
    "held",
    "history",
    "life",
    "names",
    "plan",
    "scale",
    "snapshots",
)
_ELSEWHERE = ("catalogue/axis.py", "catalogue/vibration.py", "readings/order.py", "readings/running.py")
_PATTERNS = ("*calculator*.py", "kernel_*.py")


@cache
def extraction_version() -> str:
    """`<generation>-<hash>` of the source of everything that decides a feature's value: the same on every machine."""
    return version_of(Path(__file__).parents[1])


def version_of(package: Path) -> str:
    """The version of the computation that the source of a `pdm` package gives."""
    digest = hashlib.sha256()
    here = package / "extraction"
    files = {package / name for name in _ELSEWHERE} | {here / "vibration.py", here / "vibration_files.py"}
    files |= {here / f"{name}.py" for name in _MATTERS} | {file for pattern in _PATTERNS for file in here.glob(pattern)}
    for file in sorted(files):
        digest.update(file.read_text(encoding="utf-8").encode())
    return f"{GENERATION}-{digest.hexdigest()[:12]}"


def compiled_here() -> Path:
    """Where compiled kernels are kept: a folder per extraction version.

    numba looks only at the file of the kernel itself and would go on using machine code made with an older helper; with another
    version it finds an empty folder and compiles anew. `NUMBA_CACHE_DIR` says where, else the user's cache folder.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plantpdm" / "kernels"
    return (Path(chosen) if chosen else base) / extraction_version()
