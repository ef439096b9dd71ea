"""Transforms are fitted inside the folds: no out-of-fold answer ever knew the asset that it is about."""

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
    Learner,
    RegimeNormaliser,
    Selection,
    Split,
    Target,
    Window,
)
from pdm.catalogue.transforms import ExpectedValue
from pdm.errors import InputError, TooLittleData
from pdm.learning import leak_shuffle, leaks
from pdm.learning.apply import Predictor
from pdm.learning.course import Course
from pdm.learning.derived import Source, derived_of
from pdm.learning.guarding import guard, peek_at_derived
from pdm.learning.leaks import shuffled_line
from pdm.learning.targets import label_rows
from pdm.learning.train import train
from pdm.learning.transforms import FittedTransforms, fit_transforms, transforms_from
from pdm.learning.transforms.derive import derive_features
from pdm.learning.transforms.health import FittedIndices

FEATURES = FeatureSet("engine_derived", ("hi_ridge", "hi_fisher"), (Window(rows=3), Window(rows=12)), {"mean": None})

RESIDUALS = FeatureSet("engine_derived", ("heat_residual",), (Window(rows=3),), {"mean": None})


def a_fleet(life, engines=24, seed=11, lasting=(70, 130)):
    """Engines whose two sensors show wear in the last sixty cycles, each buried in noise."""
    random = np.random.default_rng(seed)
    frames, lives = [], []
    for number in range(engines):
        length = int(random.integers(*lasting))
        cycle = np.arange(1, length + 1, dtype=np.float64)
        wear = np.maximum(0, 60 - (length - cycle)) / 20
        sensors = {name: sign * wear + random.normal(0, 1, length) for name, sign in (("heat", 1), ("flow", -1))}
        frames.append(pd.DataFrame({"asset": f"E-{number:02d}", "time": cycle, **sensors}))
        lives.append(life(f"E-{number:02d}", 0.0, float(length)))
    return pd.concat(frames, ignore_index=True), pd.DataFrame(lives)


@pytest.fixture(scope="module")
def engine():
    channels = (Channel("heat", "heat", "1"), Channel("flow", "flow", "1"))
    features = FeatureSet("engine", ("heat", "flow"), (Window(rows=3),), {"mean": None})
    return AssetClass("engine", "Engine", Axis("usage", 1.0, "cycles", 4.0), channels, features)


@pytest.fixture
def model(definition):
    target = Target("remaining_life", "remaining_life", ("wear",), cap=60.0, grid=(10.0, 30.0, 50.0))
    return definition(
        targets=(target,),
        transforms=(RegimeNormaliser(), HealthIndices(indices=("ridge", "fisher"))),
        derived_features=FEATURES,
        class_features=False,
        learner=Learner(rounds=30, learning_rate=0.1, min_rows_in_leaf=20, row_stride=2, seed=3),
        split=Split(folds=3),
    )


@pytest.fixture
def fleet(life):
    return a_fleet(life)


def keys(readings):
    return readings[["asset", "time"]]


def test_every_fold_has_transforms_that_never_saw_its_assets(fleet, model, engine):
    readings, lives = fleet
    course = Course(keys(readings), lives, model, engine, 1, np.zeros(len(readings), bool), source=Source(readings))

    course.prepare()

    fitted = course.bench.derived.fitted
    assert {without for _, without in fitted} == {0, 1, 2, None}
    for number in (0, 1, 2):
        held = set(readings["asset"][course.bench.fold == number])
        assert held
        assert fitted["all", number].fitted_on == set(readings["asset"]) - held
    assert len({str(item.document()) for item in fitted.values()}) == 4


def test_what_happens_to_one_engine_changes_no_answer_out_of_fold_about_its_own_fold(fleet, model, engine):
    """An engine whose sensors go mad moves the transforms of the other folds, and not those that answer about its own."""
    readings, lives = fleet
    mad = readings.copy()
    rows = (mad["asset"] == "E-05").to_numpy()
    mad.loc[rows, "heat"] += np.random.default_rng(0).normal(0, 50, rows.sum())

    plain, moved = (
        Course(keys(table), lives, model, engine, 1, np.zeros(len(table), bool), source=Source(table))
        for table in (readings, mad)
    )

    own = plain.bench.fold[rows][0]
    mates = (plain.bench.fold == own) & ~rows
    assert np.array_equal(plain.bench.honest("all")[mates], moved.bench.honest("all")[mates])
    others = plain.bench.fold != own
    assert not np.array_equal(plain.bench.honest("all")[others], moved.bench.honest("all")[others])


def test_a_model_on_derived_channels_answers_new_engines_as_training_saw_them(fleet, model, engine):
    readings, lives = fleet
    trained = train(keys(readings), lives, model, engine, threads=2, source=Source(readings))

    table = derive_features(readings, transforms_from(trained.model.transforms), model, engine, lives=lives)
    said = Predictor(trained.model, 1).predict(table[list(trained.model.feature_names)].to_numpy(np.float32))

    figures, naive = trained.evaluation.metrics(), trained.evaluation.baselines()
    assert figures["remaining_life.new_assets.rmse"] < 0.75 * naive["remaining_life.new_assets.rmse_age_only"]
    assert trained.model.feature_names == tuple(table.columns[2:])
    assert (trained.golden.columns == list(trained.model.feature_names)).all()
    left = readings.groupby("asset")["time"].transform("max") - readings["time"]
    out = trained.answers.sort_values(["asset", "position"])["answer"].to_numpy(float)
    assert np.corrcoef(said.remaining["remaining_life"].mean, out)[0, 1] > 0.95
    assert np.corrcoef(out, np.minimum(left, 60))[0, 1] > 0.8


def test_the_same_data_give_the_same_model_whatever_the_threads(fleet, model, engine):
    readings, lives = fleet

    one, two = (
        train(keys(readings), lives, model, engine, threads=threads, source=Source(readings)) for threads in (1, 2)
    )

    assert one.model == two.model


def test_derived_channels_without_readings_are_a_sentence(fleet, model, engine):
    readings, lives = fleet

    with pytest.raises(InputError, match="derived channels, which are learnt from readings"):
        train(keys(readings), lives, model, engine, threads=1)


def test_where_derived_channels_cannot_be_learnt_the_class_s_own_features_still_serve(fleet, model, engine):
    """No life is long enough to count as new: health indices abstain, the rest is trained, and the run says so."""
    readings, lives = fleet
    features = keys(readings).assign(
        heat__mean=readings.groupby("asset")["heat"].transform(lambda heat: heat.rolling(9, 1).mean()).astype("float32")
    )
    greedy = replace(
        model,
        class_features=True,
        transforms=(RegimeNormaliser(), HealthIndices(indices=("ridge", "fisher"), early=5.0)),
    )

    trained = train(features, lives, greedy, engine, threads=1, source=Source(readings))

    assert trained.model.feature_names == ("heat__mean",)
    assert trained.model.transforms == {}
    assert any("Derived channels were left out: health indices" in note for note in trained.evaluation.warnings)


def test_with_nothing_but_derived_channels_that_cannot_be_learnt_training_stops_with_the_reason(fleet, model, engine):
    readings, lives = fleet
    greedy = replace(model, transforms=(RegimeNormaliser(), HealthIndices(indices=("ridge", "fisher"), early=5.0)))

    with pytest.raises(TooLittleData, match="health indices of class engine need"):
        train(keys(readings), lives, greedy, engine, threads=1, source=Source(readings))


def test_transforms_are_asked_about_shuffled_labels_as_well(fleet, model, engine, monkeypatch):
    readings, lives = fleet
    asked = []

    def listening(*given, **more):
        asked.append(more.get("shuffled", False))
        return shuffled_line(*given, **more)

    monkeypatch.setattr(leaks, "shuffled_line", listening)

    trained = train(keys(readings), lives, model, engine, threads=1, source=Source(readings))

    (line,) = [line for line in trained.model.facts["leaks"]["lines"] if line["name"] == "shuffled_labels"]
    assert asked == [False, True]
    assert line["passed"]
    assert 0.3 < line["figures"]["auc"] < 0.7


class Memory:
    """A transform that keeps what it was told about every row: harmless only while it is never told about whom it is judged on."""

    over_life = False

    def __init__(self, frame, labels, outputs):
        self.told = dict(zip(zip(frame["asset"], frame["time"], strict=True), labels.remaining, strict=True))
        self.outputs = outputs

    def columns(self, readings):
        told = [self.told.get(key, np.nan) for key in zip(readings["asset"], readings["time"], strict=True)]
        return {channel.name: np.array(told, dtype=np.float64) for channel in self.outputs}


@pytest.mark.parametrize(("everything", "passed"), [(True, False), (False, True)], ids=["on everything", "in its fold"])
def test_a_transform_that_was_fitted_on_whom_it_is_judged_is_caught_by_shuffled_labels(
    fleet, model, engine, monkeypatch, everything, passed
):
    readings, lives = fleet

    def remember(readings, lives, definition, asset_class, *, fit_on, relabel):
        frame = readings if everything else readings[readings["asset"].isin(fit_on)].reset_index(drop=True)
        labels = relabel(frame, label_rows(frame, lives, definition, definition.targets[0], asset_class.axis))
        real = fit_transforms(readings, lives, definition, asset_class, fit_on=fit_on, relabel=relabel)
        return FittedTransforms((Memory(frame, labels, real.channels),), (), frozenset(fit_on))

    monkeypatch.setattr(leak_shuffle, "fit_transforms", remember)
    windows = replace(FEATURES, windows=(Window(rows=1),))
    fold = pd.factorize(readings["asset"])[0] % 3
    shown = replace(model, derived_features=windows)
    derived = derived_of(Source(readings), lives, shown, engine, keys(readings), fold, None, None)

    line = leak_shuffle.shuffled_transforms_line(derived, model.targets[0], model.learner, horizon=15.0)

    assert line.passed is passed


def test_derived_features_are_computed_once_more_from_history_that_ends_at_them(fleet, model, engine):
    readings, lives = fleet
    combined = Combination("ratio", "ratio", {"hi_fisher@3rows__mean": 1.0}, {"hi_ridge@12rows__mean": 1.0})
    shown = replace(model, combinations=(combined,))
    course = Course(keys(readings), lives, shown, engine, 1, np.zeros(len(readings), bool), source=Source(readings))

    course.prepare()
    line = next(line for line in guard(course) if line.name == "future_peek")

    assert line.passed is True
    assert line.figures["features"] == 5
    assert "12 rows x 5 features came out the same" in line.sentence


def test_levels_of_machines_that_were_not_fitted_on_are_computed_once_more_as_well(life, model, engine):
    """A newcomer's level rests on its first rows: those that come later must not move it."""
    readings, lives = a_fleet(life, engines=6, lasting=(400, 460))
    shown = replace(
        model, transforms=(ExpectedValue(inputs=("flow",), channels=("heat",)),), derived_features=RESIDUALS
    )
    course = Course(keys(readings), lives, shown, engine, 1, np.zeros(len(readings), bool), source=Source(readings))
    course.prepare()

    line = peek_at_derived(course.bench.derived, "all")

    assert line.passed is True
    assert line.figures["rows"] >= 3


def test_a_derived_channel_that_knows_the_rest_of_the_life_is_caught(fleet, model, engine, monkeypatch):
    readings, lives = fleet

    def looks_ahead(step, table):
        found = columns(step, table)
        ahead = table.groupby("asset")["heat"].transform("max").to_numpy(np.float64)
        return found | {"hi_fisher": found["hi_fisher"] + ahead}

    columns = FittedIndices.columns
    monkeypatch.setattr(FittedIndices, "columns", looks_ahead)
    course = Course(keys(readings), lives, model, engine, 1, np.zeros(len(readings), bool), source=Source(readings))
    course.prepare()

    line = peek_at_derived(course.bench.derived, "all")

    assert line.passed is False
    assert "hi_fisher@" in line.sentence
    assert "hi_ridge@" not in line.sentence


def test_derived_features_are_chosen_in_every_fold_like_all_others(fleet, model, engine):
    readings, lives = fleet
    choosing = replace(model, selection=Selection(method="bh"))
    course = Course(keys(readings), lives, choosing, engine, 1, np.zeros(len(readings), bool), source=Source(readings))

    course.prepare()
    line = next(line for line in guard(course) if line.name == "folds")

    assert set(course.names) <= set(course.candidates) == set(course.bench.derived.names)
    assert "hi_fisher@12rows__mean" in course.names
    assert line.passed is True
    assert "transforms of its own" in line.sentence
    assert "a choice of features of its own" in line.sentence
    for number in (0, 1, 2):
        kept = course.bench.kept("all", number)
        assert not set(readings["asset"].iloc[kept.rows]) & set(readings["asset"][course.bench.fold == number])
