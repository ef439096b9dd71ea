"""The shape of `[watch]` in `models/<class>.toml`."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from pdm.catalogue.schema_base import Document
from pdm.catalogue.watch import WatchSettings
from pdm.units import duration

DAY = timedelta(days=1)


class WatchDocument(Document):
    """`[watch]`: what readings are compared with when no failure is on record."""

    keep: bool = True
    false_per_year: float = Field(0.01, gt=0)
    block: str = "1d"
    half_life: str = "3d"
    before: str = "60d"
    sisters: int = Field(3, ge=2)
    inputs: tuple[str, ...] = ()
    new_baseline_after: tuple[Literal["installation", "repair", "preventive"], ...] = ()
    learner: Literal["auto", "ridge", "lightgbm"] = "auto"

    def build(self) -> WatchSettings:
        days = {f"{name}_days": duration(getattr(self, name)) / DAY for name in ("block", "half_life", "before")}
        if not 0 < days["block_days"] <= days["half_life_days"]:
            raise ValueError("'half_life' of [watch] is at least one block, and a block is longer than nothing")
        return WatchSettings(
            keep=self.keep,
            false_per_year=self.false_per_year,
            sisters=self.sisters,
            inputs=self.inputs,
            new_baseline_after=self.new_baseline_after,
            learner=self.learner,
            **days,
        )
