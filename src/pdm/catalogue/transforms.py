"""Derived channels: quantities that are computed from the measured ones by something learnt, such as a health index.

A model lists its transforms in order (`[[transform]]` in `models/<class>.toml`); each may use what the ones before it gave. Which
channels come out follows from the definition alone, never from the data, so that features on them have the same names in every fold.
What is learnt, and from whom, is the matter of `pdm.learning.transforms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pdm.catalogue.asset_class import AssetClass, Channel

Index = Literal["ridge", "near_end", "fisher", "principal", "endings"]

REGIME = "regime"
"""The channel with the number of the operating regime."""


@dataclass(frozen=True)
class RegimeNormaliser:
    """Every channel as standard deviations from its mean in the present operating regime: channels `<c>_z`, and `regime`.

    settings: channel -> weight. Points whose weighted settings lie within a distance of 1 are the same regime; none: one regime.
    count: at most so many regimes. clip: standard deviations beyond which a value is cut.
    channels: what is normalised; empty: all condition channels of the class.
    """

    settings: Mapping[str, float] = field(default_factory=dict)
    count: int = 6
    clip: float = 8.0
    channels: tuple[str, ...] = ()
    kind: Literal["regimes"] = "regimes"

    def chosen(self, known: Iterable[Channel]) -> tuple[Channel, ...]:
        """What is normalised, out of the channels known so far."""
        return _pick(known, self.channels)

    def outputs(self, known: Iterable[Channel], asset_class: AssetClass) -> tuple[Channel, ...]:
        """The derived channels.

        Raises:
            ValueError: a channel that nobody measures.
        """
        for name in self.settings:
            if name not in asset_class.channel_names:
                raise ValueError(f"setting '{name}' is no channel of class {asset_class.name}")
        scaled = (
            Channel(f"{channel.name}_z", f"{channel.title}, in standard deviations from its regime's mean", "1")
            for channel in self.chosen(known)
        )
        return (*scaled, Channel(REGIME, "number of the operating regime", "1", role="setting"))


@dataclass(frozen=True)
class HealthIndices:
    """Many channels fused into a few numbers per reading that follow damage.

    | index | channel | what it says |
    |---|---|---|
    | ridge | `hi_ridge` | remaining life up to the cap, as one reading tells it: noisy, without bias |
    | near_end | `hi_near_end` | the same with a shorter cap: sharper at the end |
    | fisher | `hi_fisher` | 0 = as new, 1 = as at failure |
    | principal | `hi_pc1` ... | the directions in which lives end; several tell kinds of failure apart |

    channels: inputs; empty: all `<c>_z` where regimes were normalised, else all condition channels.
    cap: native units; 0: the cap of the class's remaining-life target, else 0.6 of the median observed life.
    near_end: the shorter cap. early: a life with more left than this is as new. late: one with less is near failure. All shares of the cap.
    components: how many principal directions. alpha: the ridge penalty.
    """

    indices: tuple[Index, ...] = ("ridge", "near_end", "fisher", "principal")
    channels: tuple[str, ...] = ()
    cap: float = 0.0
    near_end: float = 0.48
    early: float = 1.2
    late: float = 0.2
    components: int = 3
    endings: int = 2
    alpha: float = 10.0
    kind: Literal["health_indices"] = "health_indices"

    def chosen(self, known: Iterable[Channel]) -> tuple[Channel, ...]:
        """The inputs, out of the channels known so far."""
        known = tuple(known)
        scaled = tuple(channel for channel in known if channel.name.endswith("_z"))
        return _pick(known, self.channels) if self.channels or not scaled else scaled

    def outputs(self, known: Iterable[Channel], asset_class: AssetClass) -> tuple[Channel, ...]:
        """The derived channels.

        Raises:
            ValueError: an input that is neither measured nor derived before.
        """
        if not self.chosen(known):
            raise ValueError(f"'health_indices' of class {asset_class.name} have no inputs")
        unit = asset_class.axis.unit
        titles: Mapping[Index, tuple[tuple[str, str, str], ...]] = {
            "ridge": (("hi_ridge", "remaining life as one reading tells it", unit),),
            "near_end": (("hi_near_end", "remaining life near the end as one reading tells it", unit),),
            "fisher": (("hi_fisher", "health index (0 = as new, 1 = as at failure)", "1"),),
            "endings": tuple(
                channel
                for number in range(1, self.endings + 1)
                for channel in (
                    (f"hi_end{number}", f"health index for ending {number} (0 = as new, 1 = as at failure)", "1"),
                    (f"hi_left{number}", f"remaining life as one reading tells it if this is ending {number}", unit),
                )
            ),
            "principal": tuple(
                (f"hi_pc{number}", f"wear direction {number} (0 = as new)", "1")
                for number in range(1, self.components + 1)
            ),
        }
        return tuple(Channel(*words) for index in self.indices for words in titles[index])


@dataclass(frozen=True)
class ExpectedValue:
    """What a channel has left over after load and weather: channels `<c>_residual`, and `t2` and `spe` for all of them together.

    channels: what is expected; empty: every condition channel that is no input. inputs: what explains them; empty: settings and
    weather, without a setting also what the running rule looks at. learner: `auto` takes what explains more of machines never seen.
    share: of the variance of sound residuals that the principal directions of `t2` hold.

    A machine that was not learnt from has no baseline, and its residuals have no value.
    """

    channels: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    learner: Literal["auto", "ridge", "lightgbm"] = "auto"
    share: float = 0.8
    kind: Literal["expected"] = "expected"

    def explained_by(self, asset_class: AssetClass) -> tuple[str, ...]:
        """The inputs."""
        if self.inputs:
            return self.inputs
        explain = [channel.name for channel in asset_class.channels if channel.role != "condition"]
        load = asset_class.running.channel if asset_class.running else ""
        if load and load not in explain and not any(one.role == "setting" for one in asset_class.channels):
            explain.append(load)
        return tuple(explain)

    def chosen(self, asset_class: AssetClass) -> tuple[Channel, ...]:
        """What is expected."""
        inputs = self.explained_by(asset_class)
        known = [channel for channel in asset_class.channels if channel.name not in inputs]
        return _pick(known, self.channels)

    def outputs(self, known: Iterable[Channel], asset_class: AssetClass) -> tuple[Channel, ...]:  # noqa: ARG002  one shape for all kinds
        """The derived channels.

        Raises:
            ValueError: a channel that nobody measures, or nothing to expect.
        """
        for name in self.inputs:
            if name not in asset_class.channel_names:
                raise ValueError(f"input '{name}' is no channel of class {asset_class.name}")
        if not self.chosen(asset_class):
            raise ValueError(f"'expected' of class {asset_class.name} has no channel to expect")
        left = (
            Channel(f"{channel.name}_residual", f"{channel.title}, above what is expected", _difference(channel.unit))
            for channel in self.chosen(asset_class)
        )
        return (
            *left,
            Channel("t2", "how far all channels together are from sound", "1"),
            Channel("spe", "how little all channels together fit a sound pattern", "1"),
        )


@dataclass(frozen=True)
class WearPaths:
    """Remaining life as the whole path of wear since the life began tells it (`pdm.learning.transforms.paths`).

    | channel | what it says |
    |---|---|
    | `path_left` | remaining life up to the cap, expected |
    | `path_spread` | its standard deviation |
    | `path_rate` | log of the rate at which wear grows |
    | `path_soon`, `path_later` | chance that the life ends within `soon` and `later`, shares of the cap |
    | `path_ending` | chance that it ends in the first of its ways |

    channels: inputs; empty: the health indices before, else all `<c>_z`, else all condition channels.
    directions: at most so many directions of wear. endings: at most so many ways in which lives end.
    """

    channels: tuple[str, ...] = ()
    directions: int = 4
    endings: int = 2
    soon: float = 0.48
    later: float = 0.8
    kind: Literal["wear_paths"] = "wear_paths"

    def chosen(self, known: Iterable[Channel]) -> tuple[Channel, ...]:
        """The inputs, out of the channels known so far."""
        known = tuple(known)
        if self.channels:
            return _pick(known, self.channels)
        indices = tuple(channel for channel in known if channel.name.startswith("hi_"))
        scaled = tuple(channel for channel in known if channel.name.endswith("_z"))
        return indices or scaled or _pick(known, ())

    def outputs(self, known: Iterable[Channel], asset_class: AssetClass) -> tuple[Channel, ...]:
        """The derived channels.

        Raises:
            ValueError: an input that is neither measured nor derived before.
        """
        if not self.chosen(known):
            raise ValueError(f"'wear_paths' of class {asset_class.name} have no inputs")
        unit = asset_class.axis.unit
        return (
            Channel("path_left", "remaining life as the path of wear tells it", unit),
            Channel("path_spread", "how far the path of wear leaves remaining life open", unit),
            Channel("path_rate", "log of the rate at which wear grows", "1"),
            Channel("path_soon", "chance of the end coming soon, by the path of wear", "1"),
            Channel(
                "path_later", "chance of the end coming before most of the cap has passed, by the path of wear", "1"
            ),
            Channel("path_ending", "chance of ending in the first of its ways, by the path of wear", "1"),
        )


def _difference(unit: str) -> str:
    """The unit of a difference."""
    return "K" if unit == "degC" else unit


Transform = RegimeNormaliser | HealthIndices | ExpectedValue | WearPaths
"""Every kind of transform; `kind` tells them apart in TOML and JSON."""


def derived_channels(transforms: Iterable[Transform], asset_class: AssetClass) -> tuple[Channel, ...]:
    """The channels that a model's transforms add to those of the class, in order."""
    known = list(asset_class.channels)
    for transform in transforms:
        known += transform.outputs(known, asset_class)
    return tuple(known[len(asset_class.channels) :])


def _pick(known: Iterable[Channel], names: tuple[str, ...]) -> tuple[Channel, ...]:
    """The channels with these names in their order; without names all that answer to wear."""
    if not names:
        return tuple(channel for channel in known if channel.role == "condition")
    table = {channel.name: channel for channel in known}
    if missing := [name for name in names if name not in table]:
        raise ValueError(f"channel '{missing[0]}' is neither measured nor derived before this transform")
    return tuple(table[name] for name in names)


@dataclass(frozen=True)
class Combination:
    """A feature made of others in the same row: `(offset + sum of top) / max(sum of bottom, at_least)`, held within [low, high].

    "Readings until the health index reaches its limit at the present slope" is one, the difference of two windows another.

    top, bottom: feature -> factor. Without a bottom nothing is divided. at_least: the smallest divisor, positive.
    title, unit: what it says, for people.
    """

    name: str
    title: str
    top: Mapping[str, float]
    bottom: Mapping[str, float] = field(default_factory=dict)
    offset: float = 0.0
    at_least: float = 1.0
    low: float = float("-inf")
    high: float = float("inf")
    unit: str = "1"
