"""Features on derived channels: readings through fitted transforms, then the model's second feature set, then combinations.

Training (fold by fold) and service call the same function, so that a feature means the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, Combination, FeatureSet, ModelDefinition
from pdm.errors import DefinitionError
from pdm.extraction import FeatureSentence, describe_feature, extract, feature_names
from pdm.learning.transforms.clock import life_clock
from pdm.learning.transforms.fitted import FittedTransforms
from pdm.readings.registry import Asset

KEYS = ("asset", "time")


def derived_names(definition: ModelDefinition, asset_class: AssetClass) -> tuple[str, ...]:
    """The columns of the derived feature table, in order; they follow from the definition alone.

    Raises:
        DefinitionError: a combination uses a feature that is not there.
    """
    features = definition.derived_features
    if features is None:
        return ()
    newest = definition.newest_features
    names = [*feature_names(features, asset_class.axis), *(feature_names(newest, asset_class.axis) if newest else ())]
    known = set(names)
    for combination in definition.combinations:
        for name in (*combination.top, *combination.bottom):
            if name not in known:
                raise DefinitionError(
                    f"{definition.source or definition.asset_class}: combination {combination.name!r} uses {name!r}, which is no feature",
                    hint="[derived_features] has, for example, " + ", ".join(names[:4]),
                )
    return (*names, *(combination.name for combination in definition.combinations))


def derive_features(
    readings: pd.DataFrame,
    transforms: FittedTransforms,
    definition: ModelDefinition,
    asset_class: AssetClass,
    *,
    events: pd.DataFrame | None = None,
    lives: pd.DataFrame | None = None,
    assets: Mapping[str, Asset] | None = None,
    only_last: bool = False,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """`asset`, `time` (as-of) and the columns of `derived_names` as float32.

    readings: `asset`, `time` and the class's channels. The other arguments are those of `pdm.extraction.extract`.
    """
    features = definition.derived_features
    if features is None:
        return readings.loc[[], list(KEYS)]
    channels = (*asset_class.channels, *transforms.channels)
    clock = None
    if transforms.over_life:
        clock = life_clock(readings, asset_class, events=events, lives=lives, assets=assets, known_at=known_at)
    work = transforms.apply(readings, clock)

    def rows_of(chosen: FeatureSet) -> pd.DataFrame:
        return extract(
            work,
            chosen,
            events,
            lives,
            axis=asset_class.axis,
            running=asset_class.running,
            channels=channels,
            assets=assets,
            only_last=only_last,
            known_at=known_at,
        )

    table, newest = rows_of(features), definition.newest_features
    table = table if newest is None else join_derived(table, rows_of(newest))
    made = {item.name: combine(table, item) for item in definition.combinations}
    return pd.concat([table, pd.DataFrame(made, index=table.index)], axis=1) if made else table


def combine(table: pd.DataFrame, combination: Combination) -> Any:
    """One combination of features, float32 [n]; NaN where one of them is missing.

    >>> table = pd.DataFrame({"level": [0.2, 0.7], "slope": [0.1, 0.0]})
    >>> combine(table, Combination("left", "left", {"level": -1.0}, {"slope": 1.0}, offset=1.2, at_least=0.01)).tolist()
    [10.0, 50.0]
    """

    def weighted(part: Mapping[str, float]) -> Any:
        return sum(table[name].to_numpy(dtype=np.float64) * factor for name, factor in part.items())

    value = combination.offset + weighted(combination.top)
    if combination.bottom:
        value = value / np.maximum(weighted(combination.bottom), combination.at_least)
    return np.clip(value, combination.low, combination.high).astype(np.float32)


def join_derived(features: pd.DataFrame, derived: pd.DataFrame) -> pd.DataFrame:
    """The feature table with the derived columns beside, row by row of `features`; NaN where there is no derived row."""
    if features[list(KEYS)].reset_index(drop=True).equals(derived[list(KEYS)].reset_index(drop=True)):
        return pd.concat(
            [features.reset_index(drop=True), derived.drop(columns=list(KEYS)).reset_index(drop=True)], axis=1
        )
    return features.merge(derived, on=list(KEYS), how="left")


def describe_derived(name: str, definition: ModelDefinition, asset_class: AssetClass) -> FeatureSentence:
    """A feature of the model in words, derived or not."""
    for combination in definition.combinations:
        if combination.name == name:
            unit = "" if combination.unit == "1" else combination.unit
            words = f"{combination.title}, {unit}" if unit else combination.title
            channel = next(iter(combination.top)).partition("__")[0].partition("@")[0]
            return FeatureSentence(words, channel, unit, "")
    return describe_feature(
        name, asset_class if definition.derived_features is None else _extended(definition, asset_class, name)
    )


def _extended(definition: ModelDefinition, asset_class: AssetClass, name: str) -> AssetClass:
    """The class as a feature's sentence needs it: with derived channels and the feature set that the feature comes from."""
    from pdm.catalogue import derived_channels

    derived = derived_channels(definition.transforms, asset_class)
    subject = name.partition("__")[0].partition("@")[0]
    features: FeatureSet = asset_class.feature_set
    if definition.newest_features and subject in definition.newest:
        features = definition.newest_features
    elif definition.derived_features and subject in {channel.name for channel in derived}:
        features = definition.derived_features
    return replace(asset_class, channels=(*asset_class.channels, *derived), feature_set=features)
