"""How many windows had too few values to say anything: a gap never stops the job, and is never passed over in silence either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Gap:
    """Windows of one channel that gave NaN throughout. windows: all of them. short: those with fewer than `needs` values."""

    channel: str
    window: str
    needs: int
    windows: int
    short: int

    @property
    def sentence(self) -> str:
        """In words, for people who wonder why a table is empty.

        >>> Gap("flow", "24h", 6, 200, 50).sentence
        'flow: 50 of 200 windows of 24h have fewer than 6 values (25 %)'
        """
        share = 100.0 * self.short / max(self.windows, 1)
        few = f"{self.short} of {self.windows} windows of {self.window} have fewer than {self.needs} values"
        return f"{self.channel}: {few} ({share:.3g} %)"


def short_windows(counts: npt.NDArray[np.int64], min_rows: int) -> int:
    """How many windows hold fewer values than they need."""
    return int(np.count_nonzero(counts < max(min_rows, 1)))


def worst(gaps: Sequence[Gap]) -> list[Gap]:
    """Those with any short window, the worst first."""
    return sorted((gap for gap in gaps if gap.short), key=lambda gap: -gap.short / gap.windows)
