"""A machine with a doubtful sensor is scored once more without it; what other machines are told does not change."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from pdm.catalogue import Combination
from pdm.learning.transforms.fitted import FittedTransforms
from pdm.scoring.assess import assess
from pdm.scoring.assessment import Deviation
from pdm.scoring.masking import columns_by_channel
from pdm.scoring.watching import Watched

TYPICAL = {"typical": [4.0, 3.0, 3.5, 5.0]}


@pytest.fixture
def ask(features, last_readings, assets, recent):
    def ask(bundle, watched=None, **more):
        found = assess(
            bundle,
            features,
            assets=assets,
            last_readings=last_readings,
            now=features["time"].iloc[0].to_pydatetime(),
            stale_after=timedelta(hours=6),
            recent=recent,
            watched=watched,
            **more,
        )
        return {one.asset: one for one in found}

    return ask


def watched(suspects):
    nobody = Deviation("unspecified", 0.2, ("pressure",), "")
    return {tag: Watched((nobody,), suspects.get(tag, ())) for tag in ("P-1", "P-2", "P-3")}


def test_a_doubtful_sensor_has_no_say_in_the_score(make_bundle, ask):
    bundle = make_bundle("wear", "leak", facts=TYPICAL)

    before, after = ask(bundle, watched({})), ask(bundle, watched({"P-1": ("vibration",)}))

    wear = {one.mode: one.probability for one in before["P-1"].risks}["wear"]
    assert wear > 0.9
    assert {one.mode: one.probability for one in after["P-1"].risks}["wear"] < 0.1
    assert after["P-1"].suspect_channels == ("vibration",)
    assert not any("vibration" in reason.feature for reason in after["P-1"].contributions)


def test_what_the_other_sensors_say_still_counts(make_bundle, ask):
    bundle = make_bundle("wear", "leak", facts=TYPICAL)

    after = ask(bundle, watched({"P-3": ("vibration",)}))["P-3"]

    assert after.worst.mode == "leak"
    assert after.worst.probability > 0.9


def test_machines_without_a_doubt_are_told_the_same_to_the_last_bit(make_bundle, ask):
    bundle = make_bundle(facts=TYPICAL)

    before, after = ask(bundle, watched({})), ask(bundle, watched({"P-1": ("vibration",)}))

    for tag in ("P-2", "P-3"):
        assert after[tag] == before[tag]


def test_remaining_life_and_its_curve_are_made_without_it_as_well(make_bundle, ask):
    bundle = make_bundle("wear", "life", facts=TYPICAL)

    before, after = (ask(bundle, watched(doubt))["P-1"] for doubt in ({}, {"P-1": ("vibration",)}))

    assert after.remaining_life.median > before.remaining_life.median
    assert [p for _, p in after.curve] < [p for _, p in before.curve]


def test_answers_that_were_asked_before_are_asked_again_too(make_bundle, features, ask):
    bundle = make_bundle("wear", facts=TYPICAL)
    told = bundle.predictor.predict(features[list(bundle.feature_names)].to_numpy(np.float32))

    again = ask(bundle, watched({"P-1": ("vibration",)}), prediction=told)

    assert again["P-1"].worst.probability < 0.1
    assert told.probabilities["wear_soon"][0] > 0.9


def test_a_model_that_sees_little_else_is_not_asked_and_the_watch_list_still_is(make_bundle, ask):
    bundle = make_bundle("wear", facts=TYPICAL)
    both = {"P-1": ("vibration", "pressure")}

    one = ask(bundle, watched(both))["P-1"]

    assert one.risks == ()
    assert one.data == "fresh"
    assert one.deviations
    assert any("most of what it looks at rests on a doubtful sensor" in flag for flag in one.quality_flags)


def test_features_of_derived_channels_and_combinations_rest_on_what_these_are_made_from(make_bundle):
    bundle = make_bundle("wear")
    names = ("hi_fisher__mean", "vibration_z__mean", "ratio", "pressure@24h__mean", "repair.bearing__since")
    steps = (
        SimpleNamespace(origins={"vibration_z": ("vibration", "speed")}),
        SimpleNamespace(origins={"hi_fisher": ("vibration_z", "pressure")}),
    )
    ratio = Combination("ratio", "ratio", {"hi_fisher__mean": 1.0}, {"vibration_z__mean": 1.0})
    definition = replace(bundle.definition, combinations=(ratio,))
    made = SimpleNamespace(transforms=FittedTransforms(steps), definition=definition, feature_names=names)

    table = {channel: places.tolist() for channel, places in columns_by_channel.__wrapped__(made).items()}

    assert table["vibration"] == [0, 1, 2]
    assert table["speed"] == [0, 1, 2]
    assert table["pressure"] == [0, 2, 3]


def test_a_gap_that_training_never_had_counts_as_typical_and_not_as_zero(make_bundle):
    usual, bare = make_bundle("wear", facts={"typical": [4.0, 9.0, 9.5, 5.0]}), make_bundle("wear")
    gap = np.array([[4.0, np.nan, np.nan, 5.0]], np.float32)

    assert usual.predictor.predict(gap).probabilities["wear_soon"][0] > 0.9
    assert bare.predictor.predict(gap).probabilities["wear_soon"][0] < 0.1
