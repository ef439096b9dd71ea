"""Who is who: assets (functional positions), the serial items installed in them, and the lives that follow from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

UNIT = "unit"
"""The maintainable item that is the whole machine."""


@dataclass(frozen=True)
class Asset:
    """A functional position, such as pump P-101.

    asset: tag. asset_class: name in the catalogue. location: path such as `site/area/line`. criticality: 1 (matters most) to 5.
    """

    asset: str
    asset_class: str
    description: str = ""
    location: str = ""
    criticality: int = 3
    parent: str = ""
    redundancy: str = ""
    commissioned: datetime | None = None
    attributes: Mapping[str, str | float | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Installation:
    """A serial item in a position, from `start` until `end` (None: it still sits there).

    maintainable_item: `unit` for the whole machine, else `bearing`, `seal` ... as the failure modes name it.
    start_usage, end_usage: the same moments on a usage axis.
    """

    asset: str
    item: str
    start: datetime
    maintainable_item: str = UNIT
    end: datetime | None = None
    start_usage: float | None = None
    end_usage: float | None = None


LIFE_COLUMNS = (
    "life",  # "<item>#<n>"
    "asset",
    "item",
    "maintainable_item",
    "start",  # in the type of the class's `time` column
    "end",  # last moment of the life, or the last moment known for an open one
    "ended_by",  # failure, repair, removal, open
    "failure_mode",  # of the failure that ended it, else ""
    "severity",
    "known_at",  # when the platform knew that it had ended
)
"""Columns of the `lives` table that learning builds its targets on: one row per life of a serial item.

A life runs from installation (or restoring repair) to failure, removal, restoring repair or now.
"""
