"""The naive answers beside every model: each against something that can be computed by hand."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis, FailureMode, Target
from pdm.learning.apply import Predictor
from pdm.learning.beside import births, repaired_process, ridge_figures, ridge_line
from pdm.learning.train import train


def test_ridge_finds_the_straight_line_and_takes_a_missing_value_for_the_mean():
    random = np.random.default_rng(1)
    matrix = random.normal(size=(4000, 3)).astype(np.float32)
    truth = 5 + 2 * matrix[:, 0].astype(float) - matrix[:, 1]
    asked = np.array([[1, 1, 0], [np.nan, 1, 0], [np.inf, 1, np.nan]], dtype=np.float32)

    said = ridge_line(matrix, truth, np.ones(4000), asked)

    np.testing.assert_allclose(said, [6.0, 4.0, 4.0], atol=0.1)


def test_the_figures_of_the_line_are_those_of_its_target():
    truth, groups = np.array([10.0, 30.0, np.nan]), np.array([0, 1, 2])

    life = ridge_figures(
        Target("life", "remaining_life", ("wear",), cap=40.0), np.array([13.0, 90.0, 1.0]), truth, groups
    )
    soon = ridge_figures(
        Target("soon", "failure_within", ("wear",), horizon=5.0),
        np.array([1.4, 0.5, 0.0]),
        np.array([1.0, 0.0, np.nan]),
        groups,
    )

    assert life == {"rmse_ridge": pytest.approx(np.sqrt((9 + 100) / 2))}
    assert soon == {"brier_ridge": 0.125, "auc_ridge": 1.0}


def test_every_new_assets_view_has_a_straight_line_beside_it_and_the_model_beats_it(trained_engines, trained_pumps):
    for trained in (trained_engines, trained_pumps):
        figures, naive = trained.evaluation.metrics(), trained.evaluation.baselines()
        assert figures["remaining_life.new_assets.rmse"] < naive["remaining_life.new_assets.rmse_ridge"]
        assert naive["remaining_life.new_assets.rmse_ridge"] < naive["remaining_life.new_assets.rmse_constant"]
        assert 0 < naive["wear_within_20.new_assets.brier_ridge"] < naive["wear_within_20.new_assets.brier_constant"]


def test_the_account_of_calibration_stands_in_the_facts(trained_pumps, trained_engines):
    for trained in (trained_engines, trained_pumps):
        account = json.loads(json.dumps(trained.model.facts["calibration"]))
        bands = account["remaining_life"]["bands"]
        assert sum(band["share"] for band in bands) == pytest.approx(1.0)
        assert [band["from"] for band in bands] == sorted(band["from"] for band in bands)
        middle = sum(band["share"] * band["coverage90"] for band in bands)
        assert middle == pytest.approx(account["remaining_life"]["coverage90"])
        soon = account["wear_within_20"]
        assert soon["brier"] <= soon["brier_raw"]
        assert soon["age_only"]["wears_out"] == float(soon["age_only"]["shape"] > 1)


def test_repaired_machines_are_counted_along_one_clock(life, definition):
    """Two machines, failures at 25, 50 and 100 and at 50: shape = n / sum(log(T / t)), by hand."""
    lives = pd.DataFrame(
        [
            life("A", 0.0, 25.0),
            life("A", 25.0, 50.0),
            life("A", 50.0, 100.0),
            life("B", 0.0, 50.0),
            life("B", 50.0, 100.0, "open"),
        ]
    )
    target = Target("soon", "failure_within", ("wear",), horizon=10.0)

    axis = Axis("usage", 1.0, "h", 24.0)
    process, new = (
        repaired_process(lives, definition(), target, axis, {"A", "B"}, None),
        births(lives, definition(), target, axis),
    )

    assert process.shape == pytest.approx(4 / (np.log(4) + 2 * np.log(2)))
    assert process.failures == 4
    assert new == {"A": 0.0, "B": 0.0}
    assert repaired_process(lives[3:], definition(), target, Axis("usage", 1.0, "h", 24.0), {"B"}, None) is None


def test_modes_that_race_each_other_add_up_to_the_chance_of_any_failure(pumps):
    """Two parts that wear: each target has its own chance, and the chance to come first is smaller."""
    modes = (FailureMode("wear", "Wear", "unit"), FailureMode("leak", "Leak", "unit"))
    lives = pumps.lives.copy()
    failed = lives.index[lives["ended_by"] == "failure"]
    lives.loc[failed[::2], "failure_mode"] = "leak"
    targets = tuple(Target(f"{name}_soon", "failure_within", (name,), horizon=20.0) for name in ("wear", "leak"))
    both = replace(pumps.definition, failure_modes=modes, targets=targets)

    trained = train(pumps.features, lives, both, pumps.asset_class, threads=1)
    rows = pumps.features[list(trained.model.feature_names)].to_numpy(np.float32)[::50]
    said = Predictor(trained.model, 1).predict(rows)

    total = 1 - (1 - said.probabilities["wear_soon"]) * (1 - said.probabilities["leak_soon"])
    np.testing.assert_allclose(sum(said.first.values()), total, atol=1e-9)
    assert (said.first["wear_soon"] <= said.probabilities["wear_soon"] + 1e-12).all()


def test_rows_can_stand_for_those_that_repairs_have_cut_short(pumps):
    """Some lives were repaired in the last hours before they would have failed: bounds are told, and weights are used when asked for."""
    lives = pumps.lives.copy()
    failed = lives.index[lives["ended_by"] == "failure"]
    early = failed[::4]
    lives.loc[early, ["ended_by", "failure_mode", "severity"]] = ["repair", "", ""]
    lives.loc[early, "end"] = lives.loc[early, "end"] - pd.Timedelta(hours=10)
    plain = replace(pumps.definition, targets=pumps.definition.targets[:1])
    weighted = replace(plain, learner=replace(plain.learner, ipcw=True))

    one, two = (train(pumps.features, lives, asked, pumps.asset_class, threads=1) for asked in (plain, weighted))

    told = one.model.facts["calibration"]["wear_within_20"]["censoring"]
    assert told["lowest"] < told["known"] < told["highest"]
    assert told["known"] < told["weighted"] <= told["highest"]
    assert one.model.targets[0].boosters != two.model.targets[0].boosters
