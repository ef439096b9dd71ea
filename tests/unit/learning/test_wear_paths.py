"""Wear paths: what is left, judged from the whole life so far; beside a slow twin that knows nothing of running sums."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import (
    AssetClass,
    Axis,
    Channel,
    FeatureSet,
    LifeFeatures,
    RunningRule,
    Target,
    WearPaths,
    Window,
    derived_channels,
)
from pdm.errors import BundleError, InputError, TooLittleData
from pdm.learning.transforms import fit_transforms, transforms_from
from pdm.learning.transforms.clock import life_clock
from pdm.learning.transforms.derive import derive_features, derived_names
from pdm.learning.transforms.path_kernel import posterior
from pdm.learning.transforms.paths import first_rows

CAP = 60.0
LEARNT = [f"P-{number:02d}" for number in range(24)]
FEATURES = FeatureSet(
    "pump_derived", ("path_left",), (Window(rows=1),), {"mean": None}, life=LifeFeatures(5, 5, (), age=True)
)


@pytest.fixture(scope="module")
def pump():
    channels = (
        Channel("heat", "bearing temperature", "K"),
        Channel("flow", "flow", "kg/s"),
        Channel("speed", "speed", "rpm", role="setting"),
    )
    return AssetClass("pump", "Pump", Axis("usage", 1.0, "cycles", 4.0), channels, FEATURES)


def a_fleet(pumps=32, seed=3):
    """Pumps whose wear grows as exp(rate * age ** 1.5), every one with its own rate and level; they fail where heat - flow is 12."""
    random = np.random.default_rng(seed)
    frames, lives = [], []
    for number in range(pumps):
        length = int(random.integers(80, 200))
        gain = random.normal(1.0, 0.05)
        growth = np.log1p(6.0 / gain)
        age = np.arange(1, length + 1, dtype=np.float64)
        wear = gain * (np.exp(growth * (age / length) ** 1.5) - 1.0)
        frame = {
            "asset": f"P-{number:02d}",
            "time": age,
            "heat": 80.0 + wear + random.normal(0, 0.4, length),
            "flow": 30.0 - wear + random.normal(0, 0.4, length),
            "speed": 1500.0,
        }
        frames.append(pd.DataFrame(frame))
        lives.append((f"P-{number:02d}", 0.0, float(length)))
    return pd.concat(frames, ignore_index=True), lives


@pytest.fixture
def fleet(life):
    readings, spans = a_fleet()
    return readings, pd.DataFrame([life(*span) for span in spans])


@pytest.fixture
def model(definition):
    target = Target("remaining_life", "remaining_life", ("wear",), cap=CAP)
    return definition(
        targets=(target,), transforms=(WearPaths(),), derived_features=FEATURES, combinations=(), class_features=False
    )


def told(fitted, readings, pump, **kept):
    return fitted.apply(readings, life_clock(readings, pump, **kept))


def remaining(readings):
    return (readings.groupby("asset")["time"].transform("max") - readings["time"]).to_numpy()


def test_the_path_tells_what_is_left_of_pumps_that_it_never_saw_and_how_sure_it_is(fleet, model, pump):
    readings, lives = fleet

    derived = told(fit_transforms(readings, lives, model, pump, fit_on=LEARNT), readings, pump, lives=lives)

    new = ~derived["asset"].isin(LEARNT).to_numpy() & (derived["time"] >= 30).to_numpy()
    off = (derived["path_left"].to_numpy() - np.minimum(remaining(readings), CAP))[new]
    ill = np.minimum(remaining(readings), CAP)[new]
    assert np.sqrt((off**2).mean()) < 0.35 * ill.std()
    assert np.sqrt((off[ill < 15] ** 2).mean()) < 3.0
    spread = derived["path_spread"].to_numpy()[new]
    assert np.mean(np.abs(off[ill < CAP]) < 1.64 * spread[ill < CAP] + 1.0) > 0.5
    assert ((derived["path_soon"] <= derived["path_later"]) & (derived["path_later"] <= 1)).all()


def test_nothing_that_came_later_changes_a_row_and_a_pump_alone_answers_as_among_others(fleet, model, pump):
    readings, lives = fleet
    fitted = fit_transforms(readings, lives, model, pump, fit_on=LEARNT)
    names = [channel.name for channel in fitted.channels]

    whole = told(fitted, readings, pump, lives=lives)

    own = (readings["asset"] == "P-30") & (readings["time"] <= 50)
    alone = told(fitted, readings[own].iloc[::-1].reset_index(drop=True), pump, lives=lives).sort_values("time")
    np.testing.assert_array_equal(alone[names].to_numpy(), whole.loc[own, names].to_numpy())


def test_what_was_learnt_goes_through_json_and_answers_alike(fleet, model, pump):
    readings, lives = fleet
    fitted = fit_transforms(readings, lives, model, pump)

    again = transforms_from(json.loads(json.dumps(fitted.document())))

    pd.testing.assert_frame_equal(told(fitted, readings, pump), told(again, readings, pump))
    assert again.origins["path_left"] == {"heat", "flow"}
    assert any("what is left is judged from the whole life" in sentence for sentence in fitted.describe())


def _cut(value):
    return value[:-1]


def _nan(value):
    return np.full(np.shape(value), np.nan).tolist()


def _minus(value):
    return (-np.array(value)).tolist()


DAMAGES = (
    *((name, _cut) for name in ("mean", "mix", "rate", "scores", "means", "precisions", "ends", "limits")),
    *((name, _nan) for name in ("mean", "rate", "means", "precisions", "shape", "trust", "cap")),
    *((name, _minus) for name in ("rate", "precisions", "trust", "cap", "tick", "shape")),
    ("rate", lambda _: 1.0),
    ("mix", lambda value: [row[:1] * 9 for row in value]),
    ("precisions", lambda value: np.triu(np.array(value)).tolist()),
)


def test_a_damaged_path_is_refused_before_the_compiled_loop_sees_it(fleet, model, pump):
    learnt = json.dumps(fit_transforms(*fleet, model, pump).document())
    for part, damage in DAMAGES:
        document = json.loads(learnt)
        step = next(step for step in document["steps"] if step["kind"] == "wear_paths")
        step["model"][part] = damage(step["model"][part])

        with pytest.raises(BundleError, match="cannot be read"):
            transforms_from(document)


def test_after_an_overhaul_the_path_begins_anew(fleet, model, pump, life):
    readings, lives = fleet
    fitted = fit_transforms(readings, lives, model, pump, fit_on=LEARNT)
    old, new = (readings[readings["asset"] == name] for name in ("P-30", "P-31"))
    end = float(old["time"].max())
    twice = pd.concat([old, new.assign(asset="P-30", time=new["time"] + end)], ignore_index=True)
    begun = pd.DataFrame([life("P-30", 0.0, end), life("P-30", end, end + 1000.0, "now")])

    after = told(fitted, twice, pump, lives=begun)["path_left"].to_numpy()[len(old) :]

    fresh = told(fitted, new, pump, lives=lives)["path_left"].to_numpy()
    np.testing.assert_allclose(after, fresh, rtol=1e-5, atol=1e-4)


def test_readings_that_say_nothing_leave_the_answer_as_it_was(fleet, model, pump):
    readings, lives = fleet
    running = replace(pump, running=RunningRule("speed", above=100.0))
    fitted = fit_transforms(readings, lives, model, running, fit_on=LEARNT)
    own = readings[readings["asset"] == "P-31"].reset_index(drop=True)
    cold = own.copy()
    cold.loc[10:14, ["speed", "heat"]] = 0.0
    gone = own.copy()
    gone.loc[10:14, "heat"] = np.nan

    standing, missing = (told(fitted, table, running)["path_left"].to_numpy() for table in (cold, gone))

    np.testing.assert_array_equal(standing, missing)
    assert np.isfinite(missing).all()
    assert abs(standing[-1] - told(fitted, own, running)["path_left"].to_numpy()[-1]) < 2.0


def test_the_feature_table_of_a_plant_has_the_path_beside_its_other_features(fleet, model, pump):
    readings, lives = fleet
    fitted = fit_transforms(readings, lives, model, pump)

    last = derive_features(readings, fitted, model, pump, lives=lives, only_last=True)

    assert list(last.columns) == ["asset", "time", *derived_names(model, pump)]
    assert (last["path_left__mean"] < 6).all()
    assert tuple(c.name for c in fitted.channels) == tuple(c.name for c in derived_channels(model.transforms, pump))


def test_few_lives_and_channels_that_do_not_move_are_told(fleet, model, pump):
    readings, lives = fleet

    with pytest.raises(TooLittleData, match=r"need 2 lives of 12 readings seen to their failure: there are 1"):
        fit_transforms(readings, lives, model, pump, fit_on=LEARNT[:1])
    noise = np.random.default_rng(5).normal(0, 1, (len(readings), 2))
    with pytest.raises(TooLittleData, match="moves along with wear"):
        fit_transforms(readings.assign(heat=noise[:, 0], flow=noise[:, 1]), lives, model, pump)


def test_without_a_clock_nobody_knows_when_a_life_began(fleet, model, pump):
    readings, lives = fleet

    with pytest.raises(InputError, match="when each life began"):
        fit_transforms(readings, lives, model, pump).apply(readings)


def test_the_compiled_loop_says_what_bayes_rule_says():
    """Every remaining life on the grid by a dense Gaussian over all readings, without running sums or Cholesky by hand."""
    random = np.random.default_rng(4)
    n, k, rate, shape = 25, 2, np.array([0.01, 0.02]), 1.25
    at, y = np.arange(1.0, n + 1), random.normal(0, 1, (n, k)) + np.arange(n)[:, None] * 0.1
    means, scores = random.normal(0, 1, (1, 2, 2 * k)), np.zeros((1, 2))
    precision = np.linalg.inv(np.cov(random.normal(0, 1, (2 * k, 40))) + np.eye(2 * k))
    end, limit = np.array([[0.6, 0.4]]), np.array([[3.0, 0.5]])
    left, shares, trust = np.array([2.0, 10.0, 30.0, 60.0]), np.log([4.0, 12.0, 28.0, 32.0]), 0.7
    scores[0] = [-0.5 * mean @ precision @ mean + 0.5 * np.linalg.slogdet(precision)[1] for mean in means[0]]
    found = posterior(
        y, at, np.ones(n, bool), np.zeros(n), np.zeros(n, np.int64), rate, shape, scores, means, precision[None], end,
        limit, left, shares, trust, np.array([40.0, 10.0, 30.0]),
    )  # fmt: skip

    logs = np.empty((2, 4))
    for t in range(2):
        x = np.exp(rate[t] * at**shape) - 1
        design = np.kron(np.column_stack([np.ones(n), x]), np.eye(k))
        whole = precision + trust * design.T @ design
        covariance = np.linalg.inv(whole)
        centre = covariance @ (precision @ means[0, t] + trust * design.T @ y.ravel())
        evidence = scores[0, t] - 0.5 * np.linalg.slogdet(whole)[1] + 0.5 * centre @ whole @ centre
        for g in range(4):
            age = at[-1] + left[g]
            where = np.concatenate([end[0], end[0] * (np.exp(rate[t] * age**shape) - 1)])
            off, spread = where @ centre - limit[0, 0], where @ covariance @ where + limit[0, 1]
            steep = rate[t] * age**shape + np.log(rate[t] * shape) + (shape - 1) * np.log(age)
            logs[t, g] = evidence - 0.5 * np.log(spread) - 0.5 * off**2 / spread + steep + shares[g]
    chance = np.exp(logs - logs.max())
    chance = chance.sum(axis=0) / chance.sum()
    assert found[-1, 0] == pytest.approx(chance @ np.minimum(left, 40.0), rel=1e-9)
    assert found[-1, 3:] == pytest.approx([chance[:2].sum(), chance[:3].sum(), 1.0], rel=1e-9)


def test_a_life_that_was_known_later_to_have_begun_counts_from_there():
    at, begins = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 0.0, 0.0, 2.0])

    assert first_rows(np.zeros(4, dtype=np.int64), at, begins, 1.0).tolist() == [0, 0, 0, 2]
