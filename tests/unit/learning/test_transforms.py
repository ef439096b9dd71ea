import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import (
    AssetClass,
    Axis,
    Channel,
    Combination,
    FeatureSet,
    HealthIndices,
    LifeFeatures,
    RegimeNormaliser,
    RunningRule,
    Target,
    Window,
    derived_channels,
)
from pdm.errors import BundleError, DefinitionError, TooLittleData
from pdm.learning.transforms import fit_transforms, transforms_from
from pdm.learning.transforms.derive import derive_features, derived_names, describe_derived, join_derived
from pdm.registry.codec import decode, encode, pack, unpack

TRANSFORMS = (RegimeNormaliser({"load": 1.0}, count=4), HealthIndices(components=2))
FEATURES = FeatureSet(
    "engine_derived",
    ("hi_ridge", "hi_fisher"),
    (Window(rows=5), Window(rows=20)),
    {"mean": None, "linear_trend": [{"attr": "slope"}]},
    life=LifeFeatures(5, 5, (0.1,), expanding=True, age=True),
)
BREAK = Combination("hi_fisher__break", "level break", {"hi_fisher@5rows__mean": 1.0, "hi_fisher@20rows__mean": -1.0})


def a_fleet(lives_of, engines=12, seed=2, loads=(0.0, 10.0)):
    """Engines under two loads; load shifts every sensor far more than wear does. `heat` rises at the end, `flow` falls."""
    random = np.random.default_rng(seed)
    frames, lives = [], []
    for number in range(engines):
        length = int(random.integers(80, 140))
        left = length - np.arange(1, length + 1, dtype=np.float64)
        wear = np.maximum(0, 60 - left) / 60
        load = random.choice(loads, length)
        frame = {
            "asset": f"E-{number:02d}",
            "time": np.arange(1, length + 1, dtype=np.float64),
            "load": load + random.normal(0, 0.01, length),
            "heat": 500 + 20 * load + 4 * wear + random.normal(0, 0.5, length),
            "flow": 80 - 5 * load - 3 * wear + random.normal(0, 0.5, length),
            "still": 14.7,
        }
        frames.append(pd.DataFrame(frame))
        lives.append(lives_of(f"E-{number:02d}", 0.0, float(length)))
    return pd.concat(frames, ignore_index=True), pd.DataFrame(lives)


@pytest.fixture(scope="module")
def engine():
    channels = (
        Channel("load", "load", "1", role="setting"),
        Channel("heat", "exhaust temperature", "K"),
        Channel("flow", "flow", "kg/s"),
        Channel("still", "inlet pressure", "psi"),
    )
    features = FeatureSet("engine", ("heat", "flow"), (Window(rows=5),), {"mean": None})
    return AssetClass("engine", "Engine", Axis("usage", 1.0, "cycles", 4.0), channels, features)


@pytest.fixture
def fleet(life):
    return a_fleet(life)


@pytest.fixture
def model(definition):
    target = Target("remaining_life", "remaining_life", ("wear",), cap=50.0)
    return definition(
        targets=(target,), transforms=TRANSFORMS, derived_features=FEATURES, combinations=(BREAK,), class_features=False
    )


def remaining(readings):
    return (readings.groupby("asset")["time"].transform("max") - readings["time"]).to_numpy()


def test_two_ways_of_running_become_two_regimes_in_which_wear_can_be_seen(fleet, model, engine):
    readings, lives = fleet

    derived = fit_transforms(readings, lives, model, engine).apply(readings)

    assert sorted(derived["regime"].unique()) == [0.0, 1.0]
    assert ((derived["regime"] == 1.0) == (readings["load"] > 5)).all()
    new = remaining(readings) > 60
    raw, scaled = (abs(np.corrcoef(derived[name], remaining(readings))[0, 1]) for name in ("heat", "heat_z"))
    assert raw < 0.2 < 0.5 < scaled
    assert derived.loc[new, "heat_z"].groupby(derived["regime"]).mean().abs().max() < 1.0


def test_a_class_that_runs_in_one_way_gets_one_regime_without_being_told(life, model, engine):
    readings, lives = a_fleet(life, loads=(3.0,))

    fitted = fit_transforms(readings, lives, model, engine)

    assert set(fitted.apply(readings)["regime"]) == {0.0}
    assert fitted.describe()[0].startswith("One operating regime")


def test_a_channel_that_stands_still_says_nothing(fleet, model, engine):
    readings, lives = fleet

    assert set(fit_transforms(readings, lives, model, engine).apply(readings)["still_z"]) == {0.0}


def test_the_health_index_is_zero_when_new_and_one_at_failure(fleet, model, engine):
    readings, lives = fleet

    derived = fit_transforms(readings, lives, model, engine).apply(readings)

    left = remaining(readings)
    assert derived.loc[left > 60, "hi_fisher"].mean() == pytest.approx(0.0, abs=0.02)
    assert derived.loc[left <= 10, "hi_fisher"].mean() == pytest.approx(1.0, abs=0.02)
    assert derived.loc[left <= 10, "hi_pc1"].mean() > 5 * abs(derived.loc[left > 60, "hi_pc1"].mean())


def test_the_ridge_index_is_a_meter_without_bias(fleet, model, engine):
    """Its slope against the truth is one: shrinkage towards the mean is given back."""
    readings, lives = fleet

    derived = fit_transforms(readings, lives, model, engine).apply(readings)

    capped = np.minimum(remaining(readings), 50.0)
    slope, intercept = np.polyfit(capped, derived["hi_ridge"], 1)
    assert slope == pytest.approx(1.0, abs=0.02)
    assert intercept == pytest.approx(0.0, abs=1.0)


def test_one_reading_alone_gets_the_value_it_gets_among_all_to_the_last_bit(fleet, model, engine):
    readings, lives = fleet
    fitted = fit_transforms(readings, lives, model, engine)

    whole = fitted.apply(readings)

    for row in (0, 137, len(readings) - 1):
        pd.testing.assert_frame_equal(fitted.apply(readings.iloc[[row]]), whole.iloc[[row]], check_exact=True)


def test_transforms_go_through_json_exactly(fleet, model, engine):
    readings, lives = fleet
    fitted = fit_transforms(readings, lives, model, engine)

    again = transforms_from(json.loads(json.dumps(fitted.document(), allow_nan=False)))

    pd.testing.assert_frame_equal(again.apply(readings), fitted.apply(readings), check_exact=True)
    assert again.document() == fitted.document()
    assert again.channels == fitted.channels == derived_channels(TRANSFORMS, engine)


def test_what_is_no_document_of_transforms_is_refused():
    with pytest.raises(BundleError, match="fitted transforms cannot be read"):
        transforms_from({"steps": [{"kind": "magic"}]})


def test_only_the_named_assets_are_learnt_from(fleet, model, engine):
    readings, lives = fleet
    some = sorted(readings["asset"].unique())[:8]
    changed = readings.copy()
    changed.loc[~changed["asset"].isin(some), ["heat", "flow", "load"]] = 1e6

    fitted = fit_transforms(changed, lives, model, engine, fit_on=some)

    assert fitted.document() == fit_transforms(readings, lives, model, engine, fit_on=some).document()
    assert fitted.fitted_on == set(some)
    assert fitted.document() != fit_transforms(readings, lives, model, engine).document()


def test_nothing_after_the_cut_is_learnt_from(fleet, model, engine):
    readings, lives = fleet
    late = readings.copy()
    late.loc[late["time"] > 110, "heat"] = -1e6

    fitted = fit_transforms(late, lives, model, engine, until=110.0)

    assert fitted.document() == fit_transforms(readings, lives, model, engine, until=110.0).document()


def test_a_reading_with_a_missing_input_gets_no_index(fleet, model, engine):
    readings, lives = fleet
    fitted = fit_transforms(readings, lives, model, engine)
    holes = readings.copy()
    holes.loc[3, "heat"] = np.nan
    holes.loc[4, "load"] = np.nan

    derived = fitted.apply(holes)

    assert derived.loc[[3, 4], ["heat_z", "hi_fisher", "hi_ridge"]].isna().all().all()
    assert derived.loc[4, ["regime", "flow_z"]].isna().all()
    assert derived.drop(index=[3, 4])["hi_fisher"].notna().all()


def test_a_channel_written_on_change_keeps_its_value(fleet, model, engine):
    readings, lives = fleet
    on_change = replace(engine, channels=(replace(engine.channels[0], sampling="exception"), *engine.channels[1:]))
    fitted = fit_transforms(readings, lives, model, on_change)
    written = readings.copy()
    written.loc[1, "load"] = np.nan

    derived = fitted.apply(written)

    assert derived.loc[1, "regime"] == derived.loc[0, "regime"]
    assert np.isnan(derived.loc[1, "load"])


def test_standstill_is_not_learnt_as_normal(fleet, model, engine):
    readings, lives = fleet
    stopped = readings.copy()
    stopped["speed"] = 1.0
    rows = stopped.index[::3]
    stopped.loc[rows, ["heat", "flow", "speed"]] = 0.0
    channels = (*engine.channels, Channel("speed", "speed", "rpm", role="setting"))
    ruled = replace(engine, channels=channels, running=RunningRule("speed", 0.5))

    fitted = fit_transforms(stopped, lives, model, ruled)

    assert fitted.document()["steps"][0]["mean"][0][0] > 400


def test_too_few_failures_are_told_with_what_is_needed(fleet, model, engine):
    readings, lives = fleet
    lives = lives.assign(ended_by="open", failure_mode="", severity="")

    with pytest.raises(TooLittleData, match=r"need 2 lives seen to their failure.*there are 0"):
        fit_transforms(readings, lives, model, engine)


def test_features_on_derived_channels_are_the_same_for_the_newest_row_alone(fleet, model, engine):
    readings, lives = fleet
    fitted = fit_transforms(readings, lives, model, engine)

    table = derive_features(readings, fitted, model, engine, lives=lives)
    newest = derive_features(readings, fitted, model, engine, lives=lives, only_last=True)

    assert tuple(table.columns[2:]) == derived_names(model, engine)
    last = table.groupby("asset").tail(1).reset_index(drop=True)
    pd.testing.assert_frame_equal(newest, last, check_exact=True)
    expected = table["hi_fisher@5rows__mean"] - table["hi_fisher@20rows__mean"]
    np.testing.assert_allclose(table["hi_fisher__break"], expected, atol=1e-6)


def test_derived_features_stand_beside_the_class_s_own(fleet, model, engine):
    readings, lives = fleet
    derived = derive_features(readings, fit_transforms(readings, lives, model, engine), model, engine, lives=lives)
    own = pd.DataFrame({"asset": ["E-03", "E-00"], "time": [7.0, 900.0], "heat__mean": [1.0, 2.0]})

    joined = join_derived(own, derived)

    seventh = derived[(derived["asset"] == "E-03") & (derived["time"] == 7.0)].iloc[0]
    assert joined["heat__mean"].tolist() == [1.0, 2.0]
    assert joined.loc[0, "life__age"] == seventh["life__age"]
    assert np.isnan(joined.loc[1, "life__age"])


def test_derived_features_have_words(model, engine):
    def words(name):
        return describe_derived(name, model, engine).sentence

    assert (
        words("hi_fisher@5rows__mean")
        == "mean of health index (0 = as new, 1 = as at failure) over the last 5 readings"
    )
    assert words("hi_ridge__ewm_mean__alpha_0.1").endswith("(smoothing 0.1), cycles")
    assert words("hi_fisher__break") == "level break"


def test_a_combination_of_what_is_not_there_is_refused(model, engine):
    wrong = replace(model, combinations=(replace(BREAK, top={"hi_fisher@5rows__median": 1.0}),))

    with pytest.raises(DefinitionError, match=r"hi_fisher@5rows__median.*no feature"):
        derived_names(wrong, engine)


def test_a_definition_with_transforms_survives_json(model):
    assert decode(type(model), json.loads(json.dumps(encode(model), allow_nan=False))) == model


def test_lives_that_end_in_different_ways_get_an_index_each(life, model, engine):
    """Half of the engines heat up, the other half lose flow: each index rises for its own half."""
    readings, lives = a_fleet(life, engines=16, loads=(0.0,))
    odd = readings["asset"].str[-1].astype(int) % 2 == 1
    left = remaining(readings)
    wear = np.maximum(0, 60 - left) / 60
    noise = np.random.default_rng(4).normal(0, 0.5, (len(readings), 2))
    readings["heat"] = 500 + np.where(odd, 6 * wear, 0) + noise[:, 0]
    readings["flow"] = 80 - np.where(odd, 0, 6 * wear) + noise[:, 1]
    ends = replace(model, transforms=(TRANSFORMS[0], HealthIndices(indices=("endings",), endings=2)))

    derived = fit_transforms(readings, lives, ends, engine).apply(readings)

    late = left <= 10
    means = [derived.loc[late & half, ["hi_end1", "hi_end2"]].mean().to_numpy() for half in (odd, ~odd)]
    assert {int(np.argmax(mean)) for mean in means} == {0, 1}
    for mean in means:
        assert mean.max() == pytest.approx(1.0, abs=0.05)
        assert mean.min() < 0.3


def test_the_order_of_settings_survives_a_manifest_that_sorts_its_keys(fleet, model, engine):
    """Centres stand in the order of the settings: sorted by name, a distance would be taken between load and heat."""
    readings, lives = fleet
    (regimes, *others) = model.transforms
    settings = {"load": 1.0, "heat": 0.05}
    turned = replace(model, transforms=(replace(regimes, settings=settings), *others))
    fitted = fit_transforms(readings, lives, turned, engine)

    stored = json.dumps(pack(fitted.document()), sort_keys=True)
    again = transforms_from(unpack(json.loads(stored)))
    definition = decode(type(model), json.loads(json.dumps(encode(turned), sort_keys=True)))

    pd.testing.assert_frame_equal(again.apply(readings), fitted.apply(readings))
    assert list(definition.transforms[0].settings) == list(settings)
    pd.testing.assert_frame_equal(
        fit_transforms(readings, lives, definition, engine).apply(readings), fitted.apply(readings)
    )
