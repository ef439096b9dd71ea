"""Expected values as derived channels: residuals in their unit, and two numbers that grow when a machine leaves what is sound."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue.transforms import ExpectedValue, derived_channels
from pdm.learning.transforms import fit_transforms, transforms_from
from pdm.readings.registry import LIFE_COLUMNS
from pdm.testing.machines import A_FAN, A_FAN_MODEL, START, fan_readings

DEFINITION = replace(A_FAN_MODEL, transforms=(ExpectedValue(learner="ridge"),))


@pytest.fixture(scope="module")
def readings():
    return fan_readings(3, 60)


@pytest.fixture(scope="module")
def fitted(readings):
    lives = pd.DataFrame(
        {
            "asset": ["F-1", "F-2", "F-3"],
            "maintainable_item": "bearing",
            "item": ["a", "b", "c"],
            "life": ["a#1", "b#1", "c#1"],
            "start": pd.Timestamp(START),
            "end": pd.Timestamp(START) + pd.Timedelta(days=61),
            "ended_by": "open",
            "failure_mode": "",
            "severity": "",
            "known_at": pd.NaT,
        }
    ).reindex(columns=list(LIFE_COLUMNS))
    return fit_transforms(readings, lives, DEFINITION, A_FAN)


def test_channels_follow_from_the_definition_with_the_unit_of_a_difference():
    found = {channel.name: channel.unit for channel in derived_channels(DEFINITION.transforms, A_FAN)}

    assert found == {
        "temperature_residual": "K",
        "vibration_residual": "mm/s",
        "current_residual": "A",
        "t2": "1",
        "spe": "1",
    }


def test_a_deviation_shows_in_its_residual_and_in_the_sums(readings, fitted):
    ill = readings.assign(vibration=readings["vibration"] + 1.5)

    sound, moved = fitted.apply(readings), fitted.apply(ill)

    assert abs(sound["vibration_residual"].mean()) < 0.02
    assert moved["vibration_residual"].mean() == pytest.approx(1.5, abs=0.05)
    assert (moved["t2"] + moved["spe"]).median() > 10 * (sound["t2"] + sound["spe"]).median()


def test_a_row_alone_and_a_copy_out_of_json_say_the_same(readings, fitted):
    among = fitted.apply(readings).iloc[[77]]
    again = transforms_from(json.loads(json.dumps(fitted.document())))

    pd.testing.assert_frame_equal(again.apply(readings.iloc[[77]]), among, check_exact=True)
    assert np.isfinite(among[["t2", "spe"]].to_numpy()).all()


def test_it_is_described_in_plain_words(fitted):
    first, second = fitted.describe()

    assert "the reading less what is expected of a sound machine" in first
    assert "1 % of sound rows" in second
