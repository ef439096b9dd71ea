"""Definitions go through JSON and come back equal, with their tuples."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pdm.catalogue import AssetClass, FeatureSet, ModelDefinition, load_catalogue
from pdm.errors import BundleError
from pdm.registry.codec import decode, encode, pack, unpack
from pdm.workspace import Workspace


def through_json(value):
    return json.loads(json.dumps(value, allow_nan=False))


def test_a_definition_made_of_everything_survives_json(asset_class, definition):
    assert decode(AssetClass, through_json(encode(asset_class))) == asset_class
    assert decode(FeatureSet, through_json(encode(asset_class.feature_set))) == asset_class.feature_set
    assert decode(ModelDefinition, through_json(encode(definition))) == definition


def test_tsfresh_parameters_keep_their_tuples(asset_class):
    again = decode(FeatureSet, through_json(encode(asset_class.feature_set)))

    parameters = again.calculators["cwt_coefficients"]
    assert parameters is not None
    assert parameters[0]["widths"] == (2, 5, 10, 20)
    assert isinstance(parameters[0]["widths"], tuple)


def test_every_bundled_definition_survives_json(tmp_path: Path):
    catalogue = load_catalogue(Workspace(tmp_path))

    for asset_class in catalogue.classes.values():
        assert decode(AssetClass, through_json(encode(asset_class))) == replace(asset_class, source=None)
    for model in catalogue.models.values():
        assert decode(ModelDefinition, through_json(encode(model))) == replace(model, source=None)


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, True, "x"]},
        (1, (2, [3, ()])),
        {1: "one", (2, 3): "pair"},
        [float("inf"), float("-inf")],
        {"$odd": 1},
    ],
)
def test_tables_survive_json(value):
    assert unpack(through_json(pack(value))) == value


def test_what_json_cannot_say_is_refused():
    with pytest.raises(BundleError, match="a set cannot be stored"):
        pack({"a": {1, 2}})


def test_a_definition_of_another_shape_is_refused(asset_class):
    plain = encode(asset_class)
    del plain["axis"]
    plain["channels"] = 5

    with pytest.raises(BundleError, match="AssetClass cannot be read"):
        decode(AssetClass, plain)


def test_calculators_come_back_in_the_order_in_which_they_were_written(asset_class):
    calculators = {"minimum": None, "mean": None, "absolute_maximum": None}
    written = replace(asset_class.feature_set, calculators=calculators, per_channel={"vibration": calculators})

    plain = json.loads(json.dumps(encode(written), sort_keys=True))
    again = decode(FeatureSet, plain)

    assert list(again.calculators) == list(calculators)
    assert list(again.per_channel["vibration"]) == list(calculators)
