"""The shape of `[[transform]]` and `[derived_features]` in `models/<class>.toml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pdm.catalogue.asset_class import AssetClass
from pdm.catalogue.axis import Axis
from pdm.catalogue.feature_set import FeatureSet
from pdm.catalogue.schema_base import Document
from pdm.catalogue.schema_features import FeaturesDocument
from pdm.catalogue.transforms import (
    Combination,
    ExpectedValue,
    HealthIndices,
    Index,
    RegimeNormaliser,
    Transform,
    WearPaths,
    derived_channels,
)


class RegimesDocument(Document):
    """`[[transform]]` with `kind = "regimes"`."""

    kind: Literal["regimes"]
    settings: dict[str, float] = Field(default_factory=dict)
    count: int = Field(6, ge=1)
    clip: float = Field(8.0, gt=0)
    channels: tuple[str, ...] = ()

    def build(self, _axis: Axis) -> Transform:
        return RegimeNormaliser(**self.model_dump())


class HealthIndicesDocument(Document):
    """`[[transform]]` with `kind = "health_indices"`."""

    kind: Literal["health_indices"]
    indices: tuple[Index, ...] = Field(("ridge", "near_end", "fisher", "principal"), min_length=1)
    channels: tuple[str, ...] = ()
    cap: str = ""
    near_end: float = Field(0.48, gt=0, le=1)
    early: float = Field(1.2, gt=0)
    late: float = Field(0.2, gt=0, lt=1)
    components: int = Field(3, ge=1)
    endings: int = Field(2, ge=1)
    alpha: float = Field(10.0, gt=0)

    def build(self, axis: Axis) -> Transform:
        cap = axis.span(self.cap) if self.cap else 0.0
        return HealthIndices(**(self.model_dump() | {"cap": cap}))


class ExpectedDocument(Document):
    """`[[transform]]` with `kind = "expected"`."""

    kind: Literal["expected"]
    channels: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    learner: Literal["auto", "ridge", "lightgbm"] = "auto"
    share: float = Field(0.8, gt=0, lt=1)

    def build(self, _axis: Axis) -> Transform:
        return ExpectedValue(**self.model_dump())


class WearPathsDocument(Document):
    """`[[transform]]` with `kind = "wear_paths"`."""

    kind: Literal["wear_paths"]
    channels: tuple[str, ...] = ()
    directions: int = Field(4, ge=1, le=6)
    endings: int = Field(2, ge=1)
    soon: float = Field(0.48, gt=0, le=1)
    later: float = Field(0.8, gt=0, le=1)

    def build(self, _axis: Axis) -> Transform:
        return WearPaths(**self.model_dump())


TransformDocument = Annotated[
    RegimesDocument | HealthIndicesDocument | ExpectedDocument | WearPathsDocument, Field(discriminator="kind")
]


class CombinationDocument(Document):
    """`[[derived_features.combination]]`: a feature made of features; `{channel}` and `{rows}` in it stand for each of a list."""

    name: str
    title: str
    top: dict[str, float] = Field(min_length=1)
    bottom: dict[str, float] = Field(default_factory=dict)
    offset: float = 0.0
    at_least: float = Field(1.0, gt=0)
    low: float = float("-inf")
    high: float = float("inf")
    unit: str = "1"
    channels: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()

    def build(self, everyone: tuple[str, ...], kinds: set[str]) -> list[Combination]:
        """One combination per channel and number of rows.

        everyone: the derived channels, meant where no list is given. kinds: what the names of features begin with.
        """
        channels = (self.channels or everyone) if "{channel}" in self.name else ("",)
        rows = self.rows if "{rows}" in self.name else (0,)
        return [self._one({"channel": channel, "rows": str(count)}, kinds) for channel in channels for count in rows]

    def _one(self, words: dict[str, str], kinds: set[str]) -> Combination:
        def filled(text: str) -> str:
            for word, value in words.items():
                text = text.replace(f"{{{word}}}", value)
            return text

        top, bottom = ({filled(name): factor for name, factor in part.items()} for part in (self.top, self.bottom))
        for name in (*top, *bottom):
            if name.partition("__")[0] not in kinds:
                raise ValueError(f"combination '{self.name}' uses {name}, which is no derived feature")
        numbers = {key: getattr(self, key) for key in ("offset", "at_least", "low", "high", "unit")}
        return Combination(filled(self.name), filled(self.title), top, bottom, **numbers)


class DerivedFeaturesDocument(FeaturesDocument):
    """`[derived_features]`: the second feature set, on derived channels; of those in `newest` the newest value alone."""

    newest: tuple[str, ...] = ()
    combination: tuple[CombinationDocument, ...] = ()

    def build_derived(
        self, transforms: tuple[Transform, ...], asset_class: AssetClass
    ) -> tuple[FeatureSet, tuple[Combination, ...]]:
        """The feature set and the combinations of its features."""
        derived = tuple(channel.name for channel in derived_channels(transforms, asset_class))
        if not derived:
            raise ValueError("'derived_features' need a [[transform]] that gives channels")
        for name in (*self.channels, *self.per_channel):
            if name not in (*derived, *asset_class.channel_names):
                raise ValueError(f"channel '{name}' is neither measured nor derived")
        if stranger := next((name for name in self.newest if name not in derived), ""):
            raise ValueError(f"'newest' names '{stranger}', which no transform gives")
        if stranger := next((name for name in self.newest if name in self.channels), ""):
            raise ValueError(f"'{stranger}' stands in 'newest' and in 'channels': choose one")
        features = self.feature_set(
            f"{asset_class.name}_derived", tuple(name for name in derived if name not in self.newest)
        )
        if features.life is None and any(isinstance(one, WearPaths) for one in transforms):
            raise ValueError("'wear_paths' look at the whole life: give [derived_features.life] with age = true")
        own = asset_class.feature_set.windows[0]
        if (own.rows is None, own.every) != (features.windows[0].rows is None, features.windows[0].every):
            raise ValueError(f"'derived_features' and the class's own share their as-of rows: every={own.every!r}")
        kinds = {features.kind(channel, window) for channel in features.channels for window in features.windows}
        kinds |= {*features.channels, *self.newest, "life"}
        return features, tuple(made for part in self.combination for made in part.build(features.channels, kinds))
