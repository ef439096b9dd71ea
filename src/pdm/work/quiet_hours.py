"""When people sleep: hours of the plant's own clock in which only what is critical may disturb."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from pdm.clock import in_zone


@dataclass(frozen=True)
class QuietHours:
    """From `start` until before `end` on the plant's clock; over midnight when the end comes first. zone: IANA name."""

    start: time
    end: time
    zone: str

    def at(self, moment: datetime) -> bool:
        """Whether people are left alone now.

        >>> from datetime import UTC
        >>> night = quiet_hours("22:00-06:00", "Europe/Berlin")
        >>> night.at(datetime(2026, 7, 1, 20, 30, tzinfo=UTC)), night.at(datetime(2026, 1, 7, 20, 30, tzinfo=UTC))
        (True, False)
        """
        now = in_zone(moment, self.zone).time()
        if self.start <= self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end


def quiet_hours(text: str, zone: str) -> QuietHours | None:
    """Hours from a setting such as `22:00-06:00`; None for an empty one.

    Raises:
        ValueError: it is not written like that.
    """
    if not text.strip():
        return None
    parts = text.split("-")
    try:
        start, end = (time.fromisoformat(part.strip()) for part in parts)
    except ValueError:
        raise ValueError(f"{text!r} are no quiet hours; write 22:00-06:00") from None
    if start == end or start.tzinfo or end.tzinfo:
        raise ValueError(f"{text!r} are no quiet hours; write two different times such as 22:00-06:00")
    return QuietHours(start, end, zone)
