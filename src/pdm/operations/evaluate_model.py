"""Ask what a model is worth: how it was judged in training, and how it has done on what came since."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, Target
from pdm.learning.evaluation import Evaluation, Rows, View, judge_life, judge_probability
from pdm.learning.model import Prediction
from pdm.learning.naive import learn_naive, say_naive
from pdm.learning.targets import Labels, label_rows
from pdm.operations._model_rows import model_rows
from pdm.operations.build_features import build_features
from pdm.operations.load_model import load_model
from pdm.ports import Plant
from pdm.readings.exclusions import excluded, read_exclusions
from pdm.readings.lives import read_lives
from pdm.registry.bundle import Bundle, read_manifest
from pdm.registry.card import metrics as trained_metrics
from pdm.registry.keys import public_key
from pdm.registry.manifest import Manifest
from pdm.registry.shelf import BundleShelf


def evaluate_model(plant: Plant, asset_class: str, version: str = "champion") -> dict[str, float]:
    """The figures of a version (or `champion`, `challenger`), by name.

    `<target>.new_assets.*` and `<target>.later.*` were measured in training; `<target>.since_training.*` are its answers to every
    feature row newer than its training data, where history has meanwhile shown what was true.

    Raises:
        NotFound: no such class or version.
        BundleError: the bundle cannot be trusted.
    """
    bundle = load_model(plant, asset_class, version)
    since = _views_since(plant, bundle)
    renamed = {
        name.replace(".later.", ".since_training."): value for name, value in Evaluation(tuple(since)).metrics().items()
    }
    return trained_metrics(bundle.manifest) | renamed


def card_of(plant: Plant, asset_class: str, version: str = "champion") -> Manifest:
    """What the model says about itself.

    Raises:
        NotFound: no such class or version.
        BundleError: the bundle cannot be trusted.
    """
    shelf = BundleShelf(plant.workspace.bundles)
    return read_manifest(shelf.path(asset_class, shelf.resolve(asset_class, version)), public_key(plant.workspace))


def _views_since(plant: Plant, bundle: Bundle) -> list[View]:
    """One view per target with any known answer after training; a usage axis, where every asset has its own time, has none."""
    asset_class = plant.catalogue.asset_class(bundle.asset_class.name)
    if asset_class.axis.kind == "usage":
        return []
    frame = build_features(plant, asset_class.name).frame
    seen = asset_class.axis.positions(frame["time"]) <= float(bundle.manifest.facts["until_position"])
    if seen.all():
        return []
    frame = model_rows(plant, bundle, frame)
    if not set(bundle.feature_names) <= set(frame.columns):
        return []
    left_out = excluded(frame, read_exclusions(plant.history), use="learn")
    lives = read_lives(plant.history, asset_class, bundle.definition)
    fresh = ~seen & ~left_out
    matrix = frame.loc[fresh, list(bundle.feature_names)].to_numpy(dtype=np.float32)
    prediction = bundle.predictor.predict(matrix)
    views = []
    for part in bundle.predictor.model.targets:
        labels = label_rows(frame, lives, bundle.definition, part.target, asset_class.axis)
        view = _judge(bundle, asset_class, part.target, prediction, frame, labels.only(~left_out), fresh, seen)
        views += [view] if view else []
    return views


def _judge(
    bundle: Bundle,
    asset_class: AssetClass,
    target: Target,
    prediction: Prediction,
    frame: pd.DataFrame,
    labels: Labels,
    fresh: np.ndarray[tuple[int], np.dtype[np.bool_]],
    seen: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> View | None:
    """The view of one target on the fresh rows; None where nothing is known about them yet."""
    truth = labels.within(target.horizon) if target.kind == "failure_within" else labels.capped(target.cap)
    seen = seen & labels.kept
    rows = fresh & labels.kept
    past = truth[seen]
    if np.isnan(truth[rows]).all() or np.isnan(past).all():
        return None
    codes = pd.factorize(frame["asset"])[0].astype(np.int64)
    view_rows = Rows(asset_class.axis.positions(frame["time"]), codes, codes, labels).take(rows)
    naive = say_naive(target, learn_naive(labels, truth, codes, seen), view_rows.labels.age)
    answered = rows[fresh]
    if target.kind == "failure_within":
        return judge_probability(
            target,
            "later",
            prediction.probabilities[target.name][answered],
            view_rows,
            bundle.definition,
            asset_class.axis,
            naive=naive,
        )
    life = prediction.remaining[target.name].take(answered)
    return judge_life(target, "later", life, view_rows, naive=naive)
