"""Assessments say what is known, and never more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis, Policy
from pdm.errors import InputError
from pdm.scoring.assess import assess
from pdm.scoring.assessment import Deviation
from pdm.scoring.watching import Watched

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RUNNING = {"P-1": "running", "P-2": "running", "P-3": "running"}


@pytest.fixture
def ask(make_bundle, features, assets, last_readings, recent):
    """Assess with everything in order but what a test changes; answers by asset."""

    def _ask(bundle="all", **changes):
        chosen = make_bundle() if bundle == "all" else bundle
        values = {
            "features": features,
            "assets": assets,
            "last_readings": last_readings,
            "equipment": RUNNING,
            "recent": recent,
            "now": NOW,
            "stale_after": timedelta(hours=24),
        } | changes
        return {item.asset: item for item in assess(chosen, values.pop("features"), **values)}

    return _ask


def test_a_vibrating_machine_shall_be_acted_on_and_a_quiet_one_is_normal(ask):
    found = ask()

    assert found["P-1"].condition == "act"
    assert found["P-1"].worst.mode == "wear"
    assert (found["P-1"].worst.horizon, found["P-1"].worst.unit) == (48.0, "h")
    assert found["P-2"].condition == "normal"
    assert found["P-3"].worst.mode == "leak"
    assert found["P-3"].worst.horizon == 96.0
    assert {item.data for item in found.values()} == {"fresh"}
    assert {item.bundle for item in found.values()} == {"v1"}


def test_remaining_life_has_a_band_in_native_units_and_as_dates(ask):
    found = ask()
    short, long = found["P-1"].remaining_life, found["P-2"].remaining_life

    assert short.low <= short.median <= short.high
    assert short.unit == "h"
    assert short.median_date == NOW + timedelta(hours=short.median)
    assert not short.at_cap
    assert long.at_cap
    assert short.expected < long.expected


def test_reasons_name_real_channels_with_their_units_and_direction(ask):
    worst, well = ask()["P-1"].contributions, ask()["P-2"].contributions

    assert worst[0].channel == "vibration"
    assert worst[0].unit == "mm/s"
    assert worst[0].effect > 0
    assert worst[0].sentence == "Mean of vibration velocity over the last 24 h: 9 mm/s, raises the risk"
    assert well[0].effect < 0
    assert "lowers the risk" in well[0].sentence
    channels = [item.channel or item.feature for item in worst]
    assert len(channels) == len(set(channels)) <= 5
    assert set(channels) <= {"pressure", "vibration", "repair.bearing__since"}


def test_reasons_are_those_of_the_worst_risk(ask):
    assert ask()["P-3"].contributions[0].channel == "pressure"


@pytest.mark.parametrize("age", [timedelta(hours=25), timedelta(days=300)])
def test_old_data_is_stale_and_never_normal(ask, age):
    for item in ask(now=NOW + age).values():
        assert (item.data, item.condition, item.equipment) == ("stale", "unknown", "unknown")
        assert item.data_time == NOW


def test_an_asset_without_readings_has_no_data_and_no_condition(ask, assets):
    found = ask(assets=assets | {"P-9": replace(assets["P-1"], asset="P-9")})["P-9"]

    assert (found.data, found.condition, found.equipment, found.model) == ("no data", "unknown", "unknown", "ok")
    assert found.risks == ()


def test_readings_from_the_future_are_bad_data(ask):
    for item in ask(now=NOW - timedelta(hours=1)).values():
        assert (item.data, item.condition, item.risks) == ("bad quality", "unknown", ())
        assert "in the future" in item.quality_flags[-1]


@pytest.mark.parametrize("value", [np.nan, None])
def test_a_silent_sensor_is_bad_quality_and_says_which(ask, recent, value):
    recent.loc[(recent["asset"] == "P-2") & (recent["time"] > NOW - timedelta(hours=3)), "vibration"] = value

    found = ask(recent=recent)

    assert (found["P-2"].data, found["P-2"].condition, found["P-2"].risks) == ("bad quality", "unknown", ())
    assert found["P-2"].quality_flags == ("Vibration velocity: no usable value in the newest readings",)
    assert found["P-1"].data == "fresh"


def test_gaps_are_said_but_do_not_stop_the_answer(ask, recent):
    recent.loc[(recent["asset"] == "P-2") & (recent["time"].dt.hour % 3 == 0), "pressure"] = np.nan

    found = ask(recent=recent)["P-2"]

    assert found.data == "fresh"
    assert found.condition == "normal"
    assert "of the newest values are missing or bad" in found.quality_flags[0]


def test_with_most_features_missing_nobody_guesses(ask, features):
    features.loc[1, ["pressure__mean", "vibration__mean", "vibration__maximum"]] = np.nan

    found = ask(features=features)["P-2"]
    standby = ask(features=features, equipment=RUNNING | {"P-2": "standby"})["P-2"]

    assert (found.data, found.condition, found.risks) == ("bad quality", "unknown", ())
    assert "75% of the features have no value" in found.quality_flags
    assert (standby.data, standby.condition, standby.risks) == ("fresh", "unknown", ())
    assert standby.quality_flags[-1] == "it has not run long enough lately to be judged"


def test_an_asset_whose_features_are_not_there_yet_is_unknown(ask, features):
    found = ask(features=features[features["asset"] != "P-2"])["P-2"]

    assert (found.data, found.condition) == ("fresh", "unknown")
    assert "no features could be computed" in found.quality_flags[0]


def test_features_older_than_the_readings_make_the_answer_as_old_as_they_are(ask, features):
    features["time"] -= pd.Timedelta(hours=30)

    for item in ask(features=features).values():
        assert (item.data, item.condition) == ("stale", "unknown")
        assert item.data_time == NOW - timedelta(hours=30)


def test_the_order_of_rows_does_not_matter(ask, features, last_readings, recent):
    older = features.assign(time=features["time"] - pd.Timedelta(hours=6), vibration__mean=np.float32(1))
    table = pd.concat([features, older], ignore_index=True)

    found = ask(
        features=table.sample(frac=1, random_state=5),
        last_readings=last_readings.iloc[::-1],
        recent=recent.sample(frac=1, random_state=5),
    )

    assert list(found.values()) == list(ask().values())


def test_without_a_model_every_asset_still_gets_its_words(ask, asset_class, features):
    found = ask(None, features=features[["asset", "time"]].iloc[:0], asset_class=asset_class)

    assert {item.model for item in found.values()} == {"no model"}
    assert {item.condition for item in found.values()} == {"unknown"}
    assert {item.data for item in found.values()} == {"fresh"}
    assert {item.equipment for item in found.values()} == {"running"}
    with pytest.raises(InputError, match="asset class must be named"):
        ask(None)


def test_a_model_that_cannot_be_applied_is_an_error_on_every_asset_and_not_a_crash(ask, make_bundle, features):
    bundle = make_bundle()

    class Broken:
        def predict(self, _matrix):
            raise RuntimeError("boosters are gone")

    broken = ask(replace(bundle, predictor=Broken()))
    unfed = ask(features=features.drop(columns="pressure__mean"))

    for item in (*broken.values(), *unfed.values()):
        assert (item.model, item.condition, item.risks) == ("error", "unknown", ())
    assert "boosters are gone" in broken["P-1"].quality_flags[-1]
    assert "1 features of the model were not computed" in unfed["P-1"].quality_flags[-1]


def test_the_threshold_of_a_critical_asset_is_lower(ask, make_bundle, assets):
    worst = ask()["P-1"].worst.probability
    policy = Policy(raise_at=min(worst + 0.001, 1.0), clear_at=0.2, by_criticality={1: worst - 0.001})
    bundle = make_bundle("wear", policy=policy)

    assert ask(bundle)["P-1"].condition == "watch"
    assert ask(bundle, assets={"P-1": replace(assets["P-1"], criticality=1)})["P-1"].condition == "act"


def test_a_short_remaining_life_is_enough_to_act(ask, make_bundle):
    policy = Policy(raise_at=1.0, clear_at=0.999, raise_below=240.0)
    found = ask(make_bundle("life", policy=policy))

    assert found["P-1"].remaining_life.median < 240.0
    assert found["P-1"].condition == "act"
    assert found["P-2"].condition == "normal"


def test_modes_that_nobody_asks_about_take_their_risk_from_the_life_curve(ask, make_bundle):
    found = ask(make_bundle("life", policy=Policy(raise_below=200.0)))["P-1"]

    assert [(risk.mode, risk.horizon) for risk in found.risks] == [("unspecified", 240.0)]
    assert found.contributions[0].channel == "vibration"
    both = ask(make_bundle("wear", "life"))["P-1"]
    assert [risk.mode for risk in both.risks] == ["wear"]


def test_what_the_model_abstains_from_is_shown_and_asks_nobody_to_act(ask, make_bundle):
    leaking = ask(make_bundle("wear", "leak", abstained=["leak"]))["P-3"]

    shown = {risk.mode: risk for risk in leaking.risks}
    assert shown["leak"].abstained
    assert shown["leak"].probability > 0.5
    assert not shown["wear"].abstained
    assert leaking.worst.mode == "wear"
    assert leaking.condition == "normal"
    assert ask(make_bundle("wear", "leak"))["P-3"].condition == "act"


@pytest.mark.parametrize(("skill", "condition"), [(-0.4, "normal"), (0.3, "act")])
def test_a_model_that_is_no_better_than_age_alone_is_shown_and_asks_nobody_to_act(ask, make_bundle, skill, condition):
    """The watch list sees nothing; the leak is certain for a model that never foretold one on a machine it had not seen."""
    step = {"target": "leak_soon", "rung": "none", "failures": 4, "skill": skill, "why": "4 failures"}
    ladder = {"rung": "watch list", "why": "", "steps": [step], "abstained": {}}
    calm = {"P-3": Watched((Deviation("unspecified", 0.2, ("pressure",), ""),))}

    (risk,) = (found := ask(make_bundle("leak", facts={"ladder": ladder}), watched=calm)["P-3"]).risks

    assert (risk.probability > 0.5, risk.abstained) == (True, skill < 0)
    assert found.condition == condition


def test_nobody_knows_how_a_machine_is_whose_only_failure_the_model_abstains_from(ask, make_bundle):
    assert {one.condition for one in ask(make_bundle("leak", abstained=["leak"])).values()} == {"unknown"}


def test_a_policy_may_act_on_what_the_model_abstains_from(ask, make_bundle):
    policy = Policy(raise_at=0.5, clear_at=0.25, raise_abstained=True)

    assert ask(make_bundle("leak", policy=policy, abstained=["leak"]))["P-3"].condition == "act"


def test_a_target_about_several_modes_goes_on_when_one_of_them_is_abstained_from(ask, make_bundle):
    policy = Policy(raise_at=1.0, clear_at=0.999, raise_below=240.0)

    one, all_of_them = (
        ask(make_bundle("life", policy=policy, abstained=modes))["P-1"] for modes in (["leak"], ["leak", "wear"])
    )

    assert not one.remaining_life.abstained
    assert one.condition == "act"
    assert all_of_them.remaining_life.abstained
    assert all_of_them.condition == "unknown"


def test_on_a_usage_axis_age_counts_from_when_the_platform_knew_and_dates_from_the_rate(
    ask, make_bundle, features, last_readings
):
    axis = Axis("usage", 1.0, "cycles", 4.0)
    features["time"], last_readings["time"] = 120.0, 120.0
    last_readings["recorded_at"] = pd.Timestamp(NOW - timedelta(hours=2))

    found = ask(make_bundle(axis=axis), features=features, last_readings=last_readings)["P-1"]

    assert found.data == "fresh"
    assert (found.data_usage, found.data_time) == (120.0, NOW - timedelta(hours=2))
    assert found.remaining_life.unit == "cycles"
    assert found.remaining_life.low_date == found.data_time + timedelta(days=found.remaining_life.low / 4.0)


def test_the_values_behind_the_reasons_are_kept(ask):
    found = ask()["P-1"]

    assert found.features["vibration__mean"] == 9.0
    assert set(found.features) == {item.feature for item in found.contributions}
