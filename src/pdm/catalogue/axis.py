"""Along what a machine ages: the calendar, or a counter such as cycles or running hours.

Remaining life, horizons and windows are measured in the axis's native unit: hours on the calendar, else the counter's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from pdm.errors import InputError
from pdm.units import duration

if TYPE_CHECKING:
    import pandas as pd

_HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Axis:
    """The time axis of an asset class.

    kind: `time` (UTC timestamps) or `usage` (a counter).
    step: expected distance between two readings, in native units (hours, or the counter's unit).
    unit: `h` on the calendar, else the counter's unit, such as `cycles`.
    per_day: how far a usage counter moves on an average day; turns remaining life into a date.
    """

    kind: Literal["time", "usage"] = "time"
    step: float = 1.0
    unit: str = "h"
    per_day: float = 24.0

    def span(self, text: str) -> float:
        """A length along this axis in native units.

        >>> Axis().span("14d")
        336.0
        >>> Axis("usage", 1.0, "cycles", 4.0).span("30 cycles")
        30.0

        Raises:
            InputError: the text is neither a length of time nor a number of this axis's units.
        """
        if self.kind == "time":
            return duration(text).total_seconds() / 3600.0
        found = re.fullmatch(rf"\s*(\d+(?:\.\d+)?)\s*(?:{re.escape(self.unit)})?\s*", text)
        if not found:
            raise InputError(f"{text!r} is no length along {self.unit}", hint=f"write `30 {self.unit}`")
        return float(found[1])

    def calendar(self, length: float) -> timedelta:
        """How long `length` native units take on the calendar."""
        return timedelta(days=length / self.per_day)

    def positions(self, times: pd.Series) -> npt.NDArray[np.float64]:
        """The `time` column of a table as float64 positions in native units (hours since 1970, or the counter)."""
        if self.kind == "usage":
            return times.to_numpy(dtype=np.float64)
        return microseconds(times) / _HOUR_US


def microseconds(times: pd.Series) -> npt.NDArray[np.int64]:
    """Timestamps as int64 microseconds since 1970 in UTC."""
    import pandas as pd

    return pd.DatetimeIndex(times).as_unit("us").asi8
