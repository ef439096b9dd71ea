"""Expected values as derived channels: residuals in their unit, and two numbers that grow when a machine leaves what is sound."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue.transforms import ExpectedValue, derived_channels
from pdm.learning.expected.settle import SETTLE_ROWS
from pdm.learning.transforms import fit_transforms, transforms_from
from pdm.readings.registry import LIFE_COLUMNS
from pdm.testing.machines import A_FAN, A_FAN_MODEL, START, fan_readings

DEFINITION = replace(A_FAN_MODEL, transforms=(ExpectedValue(learner="ridge"),))


@pytest.fixture(scope="module")
def readings():
    return fan_readings(3, 60)


def open_lives(days=61):
    return pd.DataFrame(
        {
            "asset": ["F-1", "F-2", "F-3"],
            "maintainable_item": "bearing",
            "item": ["a", "b", "c"],
            "life": ["a#1", "b#1", "c#1"],
            "start": pd.Timestamp(START),
            "end": pd.Timestamp(START) + pd.Timedelta(days=days),
            "ended_by": "open",
            "failure_mode": "",
            "severity": "",
            "known_at": pd.NaT,
        }
    ).reindex(columns=list(LIFE_COLUMNS))


@pytest.fixture(scope="module")
def fitted(readings):
    return fit_transforms(readings, open_lives(), DEFINITION, A_FAN)


def test_channels_follow_from_the_definition_with_the_unit_of_a_difference():
    found = {channel.name: channel.unit for channel in derived_channels(DEFINITION.transforms, A_FAN)}

    assert found == {
        "temperature_residual": "K",
        "vibration_residual": "mm/s",
        "current_residual": "A",
        "t2": "1",
        "spe": "1",
    }


def test_one_sound_row_in_a_hundred_passes_the_limits_at_times_that_were_not_fitted_on():
    later = fan_readings(3, 240, seed=4)
    cut = pd.Timestamp(START) + pd.Timedelta(days=130)
    past = later[later["time"] < cut].reset_index(drop=True)

    found = fit_transforms(past, open_lives(130), DEFINITION, A_FAN)
    told = found.apply(later[later["time"] >= cut].reset_index(drop=True))

    t2, spe = found.steps[0].limits
    assert 0.003 < (told["t2"] > t2).mean() < 0.02
    assert 0.003 < (told["spe"] > spe).mean() < 0.02
    assert told["spe"].median() > 0.1  # as many directions as channels would leave nothing beside them


def test_what_a_machine_showed_before_it_was_repaired_is_not_learnt_as_normal():
    """F-2 gets 6 K warmer over the last fifty days of a life that a repair cut short, before it failed."""
    readings = fan_readings(3, 120)
    cut = pd.Timestamp(START) + pd.Timedelta(days=80)
    ill = ((readings["asset"] == "F-2") & (readings["time"] < cut)).to_numpy()
    days = ((readings["time"] - pd.Timestamp(START)).dt.total_seconds() / 86400).to_numpy()
    readings.loc[ill, "temperature"] += 6.0 * np.maximum(days[ill] - 30, 0) / 50
    lives = open_lives(121)
    repaired = lives[lives["asset"] == "F-2"]
    lives = pd.concat(
        [
            lives[lives["asset"] != "F-2"],
            repaired.assign(end=cut, ended_by="repair"),
            repaired.assign(start=cut, life="b#2"),
        ],
        ignore_index=True,
    )

    residual = fit_transforms(readings, lives, DEFINITION, A_FAN).apply(readings)["temperature_residual"]

    sound = (readings["asset"] == "F-2").to_numpy() & ~ill
    assert abs(residual[sound].mean()) < 0.15


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


def test_a_machine_it_was_not_fitted_on_is_told_by_the_class_and_its_own_first_rows(fitted):
    """A newcomer runs 9 K warmer than any that is known, and shakes from day 30 on."""
    new = fan_readings(1, 60, seed=5).assign(asset="F-9")
    new["temperature"] += 9.0
    late = new["time"] >= pd.Timestamp(START) + pd.Timedelta(days=30)
    new.loc[late, "vibration"] += 1.5

    alone, joined = fitted.apply(new), fitted.joined_by(new, A_FAN).apply(new)

    assert alone["temperature_residual"].isna().all()
    assert joined["temperature_residual"].head(SETTLE_ROWS).isna().all()
    assert joined["temperature_residual"].iloc[SETTLE_ROWS:].notna().all()
    assert abs(joined.loc[late, "temperature_residual"].mean()) < 1.5
    assert joined.loc[late, "vibration_residual"].mean() == pytest.approx(1.5, abs=0.2)


def test_what_a_newcomer_shows_later_changes_no_earlier_value(fitted):
    new = fan_readings(1, 30, seed=5).assign(asset="F-9")
    short = new.head(SETTLE_ROWS + 50)

    some, whole = fitted.joined_by(short, A_FAN).apply(short), fitted.joined_by(new, A_FAN).apply(new)

    pd.testing.assert_frame_equal(some, whole.head(len(short)))


def test_machines_that_were_fitted_on_keep_their_values_when_others_join(readings, fitted):
    new = fan_readings(1, 30, seed=5).assign(asset="F-9")

    joined = fitted.joined_by(pd.concat([readings, new], ignore_index=True), A_FAN)

    pd.testing.assert_frame_equal(joined.apply(readings), fitted.apply(readings))


def test_a_newcomer_with_too_few_rows_gets_no_value(fitted):
    new = fan_readings(1, 5, seed=5).assign(asset="F-9")

    assert fitted.joined_by(new, A_FAN).apply(new)["temperature_residual"].isna().all()
