"""The schema of `[policy]` in `models/*.toml`: limits for the class, per criticality and per failure mode, as people write them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pdm.catalogue.axis import Axis
from pdm.catalogue.policy import ModePolicy, Policy
from pdm.catalogue.schema_base import Document
from pdm.units import duration

Criticality = Annotated[int, Field(ge=1, le=5)]
Probability = Annotated[float, Field(gt=0, le=1)]
Level = Annotated[float, Field(ge=0)]


class ModePolicyDocument(Document):
    """`[policy.modes.<failure mode>]`: what is different for one failure mode."""

    raise_at: float | None = Field(None, gt=0, le=1)
    clear_at: float | None = Field(None, ge=0, lt=1)
    raise_below: str | None = None
    raise_deviation: float | None = Field(None, ge=0)
    clear_deviation: float | None = Field(None, ge=0)
    persistence: tuple[int, int] | None = None
    on_delay: str | None = None
    off_delay: str | None = None
    raise_abstained: bool | None = None
    by_criticality: dict[Criticality, Probability] = Field(default_factory=dict)
    below_by_criticality: dict[Criticality, str] = Field(default_factory=dict)
    deviation_by_criticality: dict[Criticality, Level] = Field(default_factory=dict)

    def build(self, axis: Axis) -> ModePolicy:
        values = self.model_dump()
        values["raise_below"] = None if self.raise_below is None else _length(axis, self.raise_below)
        values["on_delay"] = None if self.on_delay is None else _hours(self.on_delay)
        values["off_delay"] = None if self.off_delay is None else _hours(self.off_delay)
        values["below_by_criticality"] = {key: _length(axis, text) for key, text in self.below_by_criticality.items()}
        return ModePolicy(**values)


class PolicyDocument(Document):
    """`[policy]`: when someone is disturbed."""

    raise_at: float = Field(0.5, gt=0, le=1)
    clear_at: float = Field(0.25, ge=0, lt=1)
    persistence: tuple[int, int] = (2, 3)
    raise_below: str = ""
    by_criticality: dict[Criticality, Probability] = Field(default_factory=dict)
    auto_request: Literal["show", "suggest", "draft", "automatic"] = "suggest"
    raise_deviation: float = Field(1.0, ge=0)
    clear_deviation: float = Field(0.5, ge=0)
    on_delay: str = ""
    off_delay: str = ""
    below_by_criticality: dict[Criticality, str] = Field(default_factory=dict)
    deviation_by_criticality: dict[Criticality, Level] = Field(default_factory=dict)
    modes: dict[str, ModePolicyDocument] = Field(default_factory=dict)
    escalate_after: dict[Criticality, str] = Field(default_factory=dict)
    quiet_after_work: str = ""
    sisters_within: str = "6h"
    common_causes: tuple[str, ...] = ()
    raise_abstained: bool = False

    def build(self, axis: Axis) -> Policy:
        values = self.model_dump()
        for key in ("on_delay", "off_delay", "quiet_after_work", "sisters_within"):
            values[key] = _hours(values[key])
        values["raise_below"] = _length(axis, self.raise_below)
        values["below_by_criticality"] = {key: _length(axis, text) for key, text in self.below_by_criticality.items()}
        values["escalate_after"] = {key: _hours(text) for key, text in self.escalate_after.items()}
        values["modes"] = {name: one.build(axis) for name, one in self.modes.items()}
        policy = Policy(**values)
        for mode in ("", *self.modes):
            _check_limits(policy, mode)
        return policy


def _check_limits(policy: Policy, mode: str) -> None:
    """No dead band may be upside down, and n of m must be possible; by criticality a limit may lie in the dead band."""
    limits = policy.limits(mode, 0)
    of = f" of {mode}" if mode else ""
    if limits.clear_at > limits.raise_at:
        raise ValueError(f"'clear_at'{of} lies above raise_at: the dead band would be upside down")
    if limits.raise_deviation and limits.clear_deviation > limits.raise_deviation:
        raise ValueError(f"'clear_deviation'{of} lies above raise_deviation: the dead band would be upside down")
    if not 1 <= limits.persistence[0] <= limits.persistence[1]:
        raise ValueError(f"'persistence'{of} is [n, m] with 1 <= n <= m")


def _length(axis: Axis, text: str) -> float:
    return axis.span(text) if text else 0.0


def _hours(text: str) -> float:
    return duration(text).total_seconds() / 3600 if text else 0.0
