"""Exact positions along an axis: whole microseconds on the calendar, the counter itself on a usage axis.

Window bounds are compared exactly (`t - 24h` is outside, `t` is inside), so hours as floating point numbers would not do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pdm.catalogue.axis import Axis, microseconds
from pdm.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Ticks = npt.NDArray[Any]
"""int64 microseconds since 1970, or float64 counter values."""

_HOUR = 3_600_000_000


@dataclass(frozen=True)
class Scale:
    """One axis with exact arithmetic."""

    axis: Axis

    @property
    def calendar(self) -> bool:
        return self.axis.kind == "time"

    @property
    def never(self) -> Any:
        """Before everything."""
        return np.iinfo(np.int64).min // 2 if self.calendar else -np.inf

    @property
    def beyond(self) -> Any:
        """After everything."""
        return np.iinfo(np.int64).max // 2 if self.calendar else np.inf

    def ticks(self, times: pd.Series) -> Ticks:
        """A `time` column as ticks.

        Raises:
            InputError: times without a zone on a calendar axis, or timestamps on a usage axis.
        """
        import pandas as pd

        if not self.calendar:
            if not pd.api.types.is_numeric_dtype(times.dtype):
                raise InputError(f"the time column holds {times.dtype}, but this class ages in {self.axis.unit}")
            return times.to_numpy(dtype=np.float64)
        if not isinstance(times.dtype, pd.DatetimeTZDtype):
            raise InputError(
                f"the time column holds {times.dtype}", hint="times are UTC timestamps: pd.to_datetime(..., utc=True)"
            )
        return microseconds(times)

    def times(self, ticks: Ticks) -> pd.Series:
        """Ticks as a `time` column: UTC datetime64[us], or float64."""
        import pandas as pd

        if not self.calendar:
            return pd.Series(ticks, dtype=np.float64)
        return pd.Series(pd.DatetimeIndex(ticks.astype("datetime64[us]"), tz="UTC"))

    def span(self, text: str) -> Any:
        """A length in ticks."""
        native = self.axis.span(text)
        return round(native * _HOUR) if self.calendar else native

    def native(self, ticks: Ticks) -> npt.NDArray[np.float64]:
        """Differences of ticks in native units."""
        return ticks / _HOUR if self.calendar else ticks

    def after(self, ticks: Ticks) -> Ticks:
        """The first tick later than each."""
        return ticks + 1 if self.calendar else np.nextafter(ticks, np.inf)
