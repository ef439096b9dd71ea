"""What a kind of machine is: its channels, its running rule and the axis along which it ages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import FeatureSet
from pdm.errors import NotFound

Role = Literal["condition", "setting", "ambient"]
Sampling = Literal["regular", "averaged", "exception"]


@dataclass(frozen=True)
class Channel:
    """One measured quantity of an asset class.

    unit: a symbol of `pdm.units`.
    low, high: the range that is physically possible; a value outside is stored with quality `bad`.
    sampling: `regular` (a value per step), `averaged` (mean over the step before `time`) or
        `exception` (written when it moved by more than `dead_band`; it holds its value until the next row).
    role: `condition` answers to wear, `setting` and `ambient` explain it.
    """

    name: str
    title: str
    unit: str
    low: float | None = None
    high: float | None = None
    sampling: Sampling = "regular"
    dead_band: float = 0.0
    role: Role = "condition"


@dataclass(frozen=True)
class RunningRule:
    """When a machine of this class runs: `channel` above `above`; the first `settle` native units after a start are transient.

    Without a rule a machine counts as running whenever it has readings.
    """

    channel: str
    above: float
    settle: float = 0.0


@dataclass(frozen=True)
class AssetClass:
    """One kind of machine, as `features/<name>.toml` defines it."""

    name: str
    title: str
    axis: Axis
    channels: tuple[Channel, ...]
    feature_set: FeatureSet
    running: RunningRule | None = None
    source: Path | None = None

    @property
    def channel_names(self) -> tuple[str, ...]:
        return tuple(channel.name for channel in self.channels)

    def channel(self, name: str) -> Channel:
        """The channel called `name`.

        Raises:
            NotFound: this class has no such channel.
        """
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise NotFound(f"class {self.name} has no channel {name!r}", hint="channels: " + ", ".join(self.channel_names))
