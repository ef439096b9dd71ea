"""The shape of `[[gate]]` in `models/<class>.toml`: a line that a challenger has to pass."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from pdm.catalogue.gate import Gate
from pdm.catalogue.schema_base import Document


class GateDocument(Document):
    """`[[gate]]`: one figure and how much worse than the champion it may be."""

    measure: Literal[
        "rmse", "nasa_mean", "winkler90", "coverage90", "brier", "recall", "false_per_year", "cost_per_year"
    ]
    share: float = Field(0.0, ge=0)
    amount: float = Field(0.0, ge=0)
    confidence: float = Field(0.5, gt=0, le=1)
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _bounds_fit(self) -> Self:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("'at_least' lies above at_most: nothing could pass")
        return self

    def build(self) -> Gate:
        return Gate(**self.model_dump())
