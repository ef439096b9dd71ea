"""Two models with derived channels on the same later rows: each answers with what itself has learnt, and a difference is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import (
    AssetClass,
    Axis,
    Catalogue,
    Channel,
    Costs,
    FailureMode,
    FeatureSet,
    HealthIndices,
    Learner,
    ModelDefinition,
    RegimeNormaliser,
    Split,
    Target,
    Window,
)
from pdm.catalogue.transforms import ExpectedValue
from pdm.catalogue.watch import WatchSettings
from pdm.errors import TooLittleData
from pdm.extraction import extraction_version
from pdm.learning.answers import read_answers, write_answers
from pdm.learning.model import Prediction
from pdm.learning.train import train
from pdm.learning.transforms.derive import derive_features
from pdm.operations._model_rows import read_source
from pdm.operations.build_features import build_features
from pdm.operations.compare_models import compare_models
from pdm.operations.load_model import load_model
from pdm.readings.events import append_events
from pdm.readings.lives import read_lives
from pdm.readings.registry import Asset, register
from pdm.readings.store import ReadingStore
from pdm.registry.bundle import write_bundle
from pdm.registry.keys import plant_key
from pdm.testing.plants import a_plant

START, DAYS, MACHINES = datetime(2025, 1, 1, tzinfo=UTC), 400, 5
EARLY = START + timedelta(days=270)
LATE = START + timedelta(days=DAYS)
CHANNELS = ("heat", "vibration")
WINDOWS = (Window(duration="2d", every="1d"), Window(duration="6d", every="1d"))

FAN = AssetClass(
    "fan",
    "Fan",
    Axis("time", 12.0),
    (
        Channel("speed", "shaft speed", "rpm", role="setting"),
        Channel("heat", "bearing temperature", "degC"),
        Channel("vibration", "vibration", "mm/s"),
    ),
    FeatureSet("fan", CHANNELS, WINDOWS, {"mean": None}),
)
DERIVED = FeatureSet("fan_derived", ("heat_z", "hi_fisher", "vibration_residual"), WINDOWS, {"mean": None})
MODEL = ModelDefinition(
    "fan",
    "Failures of fans",
    (FailureMode("wear", "Bearing wear", "bearing"),),
    (Target("wear_soon", "failure_within", ("wear",), 240.0),),
    Costs(10_000, 1_000, 100),
    split=Split(test_share=0.3, folds=2),
    learner=Learner(rounds=10, learning_rate=0.3, leaves=7, min_rows_in_leaf=10),
    watch=WatchSettings(keep=False, before_days=30.0),
    transforms=(
        RegimeNormaliser(settings={"speed": 0.01}, count=2),
        ExpectedValue(learner="ridge"),
        HealthIndices(indices=("fisher",), cap=480.0),
    ),
    derived_features=DERIVED,
    class_features=False,
)


def readings(seed=5):
    """Two readings a day: two speeds with levels of their own, and wear that grows over the last thirty days of sixty or so."""
    random = np.random.default_rng(seed)
    frames, failures = [], []
    for number in range(MACHINES):
        tag, day, ends = f"F-{number}", np.arange(0, DAYS, 0.5), []
        while not ends or ends[-1] < DAYS:
            ends.append((ends[-1] if ends else 0) + int(random.integers(50, 75)))
        left = np.array([min(end for end in ends if end > one) - one for one in day])
        wear = np.maximum(0, 30 - left) / 10
        fast = random.integers(0, 2, len(day))
        frames.append(
            pd.DataFrame(
                {
                    "asset": tag,
                    "time": pd.date_range(START, periods=len(day), freq="12h", unit="us"),
                    "speed": 1000.0 + 500 * fast + random.normal(0, 5, len(day)),
                    "heat": 40.0 + 20 * fast + 3 * wear + random.normal(0, 2, len(day)),
                    "vibration": 2.0 + 2 * fast + 0.5 * wear + random.normal(0, 0.4, len(day)),
                }
            )
        )
        failures += [(tag, START + timedelta(days=end, hours=-6)) for end in ends if end < DAYS]
    return pd.concat(frames, ignore_index=True), failures


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    plant = a_plant(tmp_path_factory.mktemp("fans"), now=LATE)
    plant = replace(plant, catalogue=Catalogue({"fan": FAN}, {"fan": MODEL}))
    table, failures = readings()
    register(plant.history, [Asset(f"F-{n}", "fan", commissioned=START) for n in range(MACHINES)], [], now=START)
    ReadingStore(plant.history).merge(FAN, table.assign(recorded_at=table["time"]), source="test", recorded_at=None)
    tags, times = zip(*failures, strict=True)
    events = {"asset": tags, "time": times, "recorded_at": times, "kind": "failure", "failure_mode": "wear"}
    append_events(plant.history, pd.DataFrame({**events, "severity": "critical", "restores": True}), now=LATE)
    return plant


@pytest.fixture(scope="module")
def models(plant):
    """A champion that knew the first 270 days, and a challenger that knows all of them."""

    def trained(known_at):
        source = read_source(plant, FAN, MODEL, known_at=known_at)
        lives = read_lives(plant.history, FAN, MODEL, known_at=known_at)
        frame = build_features(plant, "fan", known_at=known_at).frame
        found = train(frame, lives, MODEL, FAN, threads=1, source=source)
        manifest = write_bundle(
            plant.workspace.bundles,
            found.model,
            feature_set=FAN.feature_set,
            asset_class=FAN,
            definition=MODEL,
            extraction_version=extraction_version(),
            data_versions={},
            golden=found.golden,
            key=plant_key(plant.workspace),
            created_by="ada",
        )
        write_answers(plant.workspace.reports / "fan" / manifest.version, found.answers)
        return load_model(plant, "fan", manifest.version)

    return {"old": trained(EARLY), "new": trained(LATE)}


class Average:
    """A predictor that says the same of every row."""

    def predict(self, matrix):
        return Prediction({"wear_soon": np.full(len(matrix), 0.17)}, {}, {})


def later_rows(plant, bundle):
    kept = bundle.manifest.facts["answers"]["sha256"]
    answers = read_answers(plant.workspace.reports / "fan" / bundle.version, kept)
    return answers[answers["question"] == "later"]


def test_a_model_compared_with_itself_is_a_tie(plant, models):
    found = compare_models(plant, models["new"], models["new"])

    assert set(found.compared) >= {"wear_soon.later.brier", "wear_soon.new_assets.brier", "wear_soon.later.recall"}
    for one in found.compared.values():
        assert one.challenger == one.champion or np.isnan(one.challenger)
        assert (one.low, one.high) == (0.0, 0.0) or np.isnan(one.low)
    assert found.left_out == ()


def test_a_planted_difference_is_found_on_rows_that_neither_has_learnt_from(plant, models):
    idle = replace(models["old"], predictor=Average())

    found = compare_models(plant, models["new"], idle)

    brier = found.compared["wear_soon.later.brier"]
    assert brier.challenger < brier.champion
    assert brier.low <= brier.high < 0
    until = idle.manifest.facts["until_position"]
    fresh = later_rows(plant, models["new"])
    assert (fresh["position"] > until).all()
    assert found.grounds[0] == (
        f"wear_soon.later: {len(fresh):,} rows of {MACHINES} items that neither model has learnt from"
    )


def test_the_champion_answers_with_the_transforms_of_its_own_bundle(plant, models):
    """Nothing is fitted again: its figures are those of its own normaliser, expected values and health index, applied to the rows."""
    old, new = models["old"], models["new"]
    assert old.manifest.transforms != new.manifest.transforms
    swapped = replace(old, manifest=replace(old.manifest, transforms=new.manifest.transforms))

    own, other = (compare_models(plant, new, champion) for champion in (old, swapped))

    brier = own.compared["wear_soon.later.brier"]
    assert brier.champion != other.compared["wear_soon.later.brier"].champion
    assert brier.champion == pytest.approx(_brier_by_hand(plant, old, later_rows(plant, new)))


def _brier_by_hand(plant, bundle, rows):
    """The mean over machines of the squared error of a bundle's answers, on features made here with its transforms."""
    lives = read_lives(plant.history, FAN, MODEL)
    table = derive_features(ReadingStore(plant.history).scan(FAN), bundle.transforms, MODEL, FAN, lives=lives)
    table = table.assign(position=FAN.axis.positions(table["time"]))
    joined = rows.merge(table, on=["asset", "position"])
    said = bundle.predictor.predict(joined[list(bundle.feature_names)].to_numpy(np.float32))
    truth = np.where(joined["observed"] & (joined["remaining"] <= 240.0), 1.0, 0.0)
    truth[~joined["observed"].to_numpy(bool) & (joined["remaining"] < 240.0).to_numpy()] = np.nan
    error = pd.Series((said.probabilities["wear_soon"] - truth) ** 2)
    return error.groupby(joined["group"]).mean().mean()


def test_models_that_share_no_rows_are_not_compared(plant, models):
    with pytest.raises(TooLittleData, match="share no rows that neither has learnt from"):
        compare_models(plant, models["old"], _without_answers(models["new"]))


def _without_answers(bundle):
    facts = {name: value for name, value in bundle.manifest.facts.items() if name != "answers"}
    return replace(bundle, manifest=replace(bundle.manifest, facts=facts))
