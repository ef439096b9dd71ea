"""A fitted watch list as plain data: how residuals of sound machines move together, and the limits of its signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pdm.learning.expected.design import Floats
from pdm.learning.watch.weighing import Weighing, weighing_from


@dataclass(frozen=True)
class Watch:
    """What the watch list of one class needs to answer.

    channels: [k]. covariance: of fading means of sound machines, [k, k], in spreads. signs: failure mode -> channel -> +1 or -1.
    limits: signal -> value that sound machines pass at `false_per_year` for all signals together.
    block, half_life (in blocks), sisters: how means are made. restless, still, rough: hourly measures of sound sensors, by channel.
    weighing: what recorded failures of several plants taught about levels; None: levels are what they are.
    """

    channels: tuple[str, ...]
    covariance: Floats
    signs: Mapping[str, Mapping[str, int]]
    limits: Mapping[str, float]
    block: float
    half_life: float
    sisters: int
    false_per_year: float
    still: tuple[float, ...] = ()
    rough: tuple[float, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    weighing: Weighing | None = None

    def document(self) -> dict[str, Any]:
        """As JSON."""
        taught = {"weighing": self.weighing.document()} if self.weighing else {}
        return {
            **taught,
            "channels": list(self.channels),
            "covariance": self.covariance.tolist(),
            "signs": {mode: dict(signs) for mode, signs in self.signs.items()},
            "limits": dict(self.limits),
            "block": self.block,
            "half_life": self.half_life,
            "sisters": self.sisters,
            "false_per_year": self.false_per_year,
            "still": list(self.still),
            "rough": list(self.rough),
            "facts": dict(self.facts),
        }


def watch_from(document: Mapping[str, Any]) -> Watch:
    """The inverse of `Watch.document`."""
    return Watch(
        tuple(document["channels"]),
        np.asarray(document["covariance"], dtype=np.float64),
        {mode: {name: int(way) for name, way in signs.items()} for mode, signs in document["signs"].items()},
        {name: float(limit) for name, limit in document["limits"].items()},
        float(document["block"]),
        float(document["half_life"]),
        int(document["sisters"]),
        float(document["false_per_year"]),
        tuple(document["still"]),
        tuple(document["rough"]),
        document["facts"],
        weighing_from(document["weighing"]) if "weighing" in document else None,
    )
