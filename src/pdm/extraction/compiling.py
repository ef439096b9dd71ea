"""The first extraction after an installation compiles the kernels it needs: say so, and how long it took, instead of seeming to hang.

What is compiled stays on disk (see `pdm.extraction.version.compiled_here`), so this happens once per version and machine; an image
that has run one extraction while it was built never does it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from contextlib import nullcontext

import numpy as np

from pdm.extraction.calculators import CALCULATORS, Output, calculate_into
from pdm.extraction.executor import Progress
from pdm.extraction.version import compiled_here

_READY: set[str] = set()
_ENTRIES = ("run", "run_at", "_fill", "_apply")
"""What a family is called by; where that is Python around a transform, what it calls in turn."""
_LOG = logging.getLogger("pdm.extraction")


def compile_kernels(outputs: Iterable[Output], progress: Progress | None = None) -> dict[str, float]:
    """Compile what these columns need and what is not on disk yet; CPU seconds by family of kernels, empty when all is there.

    Told through `progress` where there is one, else in two lines of the log of `pdm.extraction`.
    """
    wanted = {CALCULATORS[output.calculator].family: output for output in outputs}
    missing = sorted(set(wanted) - _READY)
    if missing:
        kept = {file.name.partition("-")[0] for file in compiled_here().rglob("kernel_*.nbi")}
        missing = [family for family in missing if not kept & {f"kernel_{family}.{entry}" for entry in _ENTRIES}]
    seconds = _compile(missing, wanted, progress) if missing else {}
    _READY.update(wanted)
    return seconds


def _compile(missing: list[str], wanted: dict[str, Output], progress: Progress | None) -> dict[str, float]:
    count = f"{len(missing)} {'family' if len(missing) == 1 else 'families'} of feature kernels"
    title = f"compiling {count}, once for this version"
    if progress is None:
        _LOG.warning("%s: a few seconds each", title)
    values, starts = np.sin(np.arange(80.0)), np.array([0, 1, 2])
    seconds: dict[str, float] = {}
    with progress.stage(title, len(missing)) if progress else nullcontext() as advance:
        for family in missing:
            begun = time.process_time()
            matrix = np.empty((3, 1), dtype=np.float32)
            calculate_into(values, starts, starts + 70, (wanted[family],), matrix, np.zeros(1, dtype=np.int64))
            seconds[family] = time.process_time() - begun
            if advance:
                advance(1)
    if progress is None:
        _LOG.warning("compiled %s in %.0f s of processor time", count, sum(seconds.values()))
    return seconds
