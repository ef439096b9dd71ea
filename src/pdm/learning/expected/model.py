"""A fitted expectation as plain data: one regression per channel for the class, and each machine's own level and gains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pdm.learning.expected.design import Design


@dataclass(frozen=True)
class Own:
    """What is a machine's own about one channel. level: in the channel's unit. gains: added to the coefficients. spread: of residuals.

    rows: healthy rows behind it. until: position of the newest row behind the level, in native units of the axis.
    """

    level: float
    gains: tuple[float, ...]
    spread: float
    rows: int
    until: float


@dataclass(frozen=True)
class ChannelModel:
    """One channel of a class. coefficients: of the design's terms. learner: which one won.

    skill: share of the mean absolute deviation that is explained out of fold.
    booster: LightGBM text over the scaled inputs where the trees won, else empty.
    own: by asset; a machine without an entry has no baseline yet.
    """

    channel: str
    coefficients: tuple[float, ...]
    spread: float
    own: Mapping[str, Own]
    learner: str = "ridge"
    skill: float = 0.0
    booster: str = ""


@dataclass(frozen=True)
class ExpectedModel:
    """The expected values of all condition channels of one class."""

    design: Design
    channels: tuple[ChannelModel, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(model.channel for model in self.channels)

    @property
    def assets(self) -> frozenset[str]:
        """Machines that have a baseline in at least one channel: whose readings it was fitted on."""
        return frozenset(asset for model in self.channels for asset in model.own)

    def document(self) -> dict[str, Any]:
        """As JSON, with assets sorted so that the same fit gives the same bytes."""
        return {
            "inputs": list(self.design.inputs),
            "centre": list(self.design.centre),
            "scale": list(self.design.scale),
            "channels": [_channel(model) for model in self.channels],
            "facts": dict(self.facts),
        }


def expected_from(document: Mapping[str, Any]) -> ExpectedModel:
    """The inverse of `document`."""
    design = Design(tuple(document["inputs"]), tuple(document["centre"]), tuple(document["scale"]))
    return ExpectedModel(design, tuple(_model(plain) for plain in document["channels"]), document["facts"])


def _channel(model: ChannelModel) -> dict[str, Any]:
    own = {
        asset: [one.level, list(one.gains), one.spread, one.rows, one.until] for asset, one in sorted(model.own.items())
    }
    return {
        "channel": model.channel,
        "coefficients": list(model.coefficients),
        "spread": model.spread,
        "learner": model.learner,
        "skill": model.skill,
        "booster": model.booster,
        "own": own,
    }


def _model(plain: Mapping[str, Any]) -> ChannelModel:
    own = {
        asset: Own(float(level), tuple(gains), float(spread), int(rows), float(until))
        for asset, (level, gains, spread, rows, until) in plain["own"].items()
    }
    return ChannelModel(
        plain["channel"],
        tuple(plain["coefficients"]),
        float(plain["spread"]),
        own,
        plain["learner"],
        float(plain["skill"]),
        plain["booster"],
    )
