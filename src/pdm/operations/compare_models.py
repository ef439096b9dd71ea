"""Lay two models side by side on the same held-out rows: rows that neither of them has learnt from.

Three kinds of answers are honest: those of a model's folds about assets that they had not seen, those of its twin that knew the past
alone about what came later, and those of a finished model about what came after its training. Champion and challenger are compared
row by row where both have an honest answer to the same question; where they share no such rows they cannot be compared, and that is
said rather than guessed around.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, Target
from pdm.errors import BundleError, NotFound, TooLittleData
from pdm.learning.answers import ANSWERS, KEY, read_answers
from pdm.learning.paired import Difference, difference, figures
from pdm.operations._model_rows import model_rows
from pdm.operations.build_features import build_features
from pdm.ports import Plant
from pdm.registry.bundle import Bundle
from pdm.registry.manifest import Manifest

FEWEST_ITEMS = 3


@dataclass(frozen=True)
class Comparison:
    """What was compared, on how many rows and items, and why some of it was not.

    compared: figure by name, `bearing_wear.later.brier`. grounds: a sentence per target and question. left_out: why not.
    """

    compared: Mapping[str, Difference]
    grounds: tuple[str, ...]
    left_out: tuple[str, ...]


def compare_models(plant: Plant, challenger: Bundle, champion: Bundle) -> Comparison:
    """The figures of both on the rows that neither has learnt from.

    Raises:
        TooLittleData: there are no such rows.
        NotFound: the held-out answers of the challenger are not there.
        BundleError: they were changed since training.
    """
    asset_class = plant.catalogue.asset_class(challenger.asset_class.name)
    new = answers_of(plant, challenger.manifest)
    old = _answers_of_champion(plant, champion, new, asset_class)
    compared, grounds, left_out = dict[str, Difference](), list[str](), list[str]()
    for target in challenger.definition.targets:
        for question in ("later", "new_assets"):
            name = f"{target.name}.{question}"
            if problem := _not_alike(target, champion):
                left_out.append(f"{name}: {problem}")
                continue
            rows = _shared(new, old, target.name, question)
            items = rows["group"].nunique()
            if items < FEWEST_ITEMS:
                left_out.append(
                    f"{name}: {items} items have rows that neither has learnt from, {FEWEST_ITEMS} are needed"
                )
                continue
            one = figures(rows, target, challenger.definition, asset_class.axis)
            answers = {column: rows[f"{column}_champion"] for column in ANSWERS}
            other = figures(rows.assign(**answers), target, challenger.definition, asset_class.axis)
            compared |= {f"{name}.{measure}": difference(ratio, other[measure]) for measure, ratio in one.items()}
            grounds.append(f"{name}: {len(rows):,} rows of {items} items that neither model has learnt from")
    if not compared:
        raise TooLittleData(
            f"{challenger.version} and {champion.version} share no rows that neither has learnt from: "
            + "; ".join(left_out),
            hint="wait until enough has happened after the champion's training, or decide with --force and a reason",
        )
    return Comparison(compared, tuple(grounds), tuple(left_out))


def answers_of(plant: Plant, manifest: Manifest) -> pd.DataFrame:
    """The held-out answers of a model, as they were when it was trained.

    Raises:
        NotFound: they are not there. BundleError: they were changed.
    """
    kept = manifest.facts.get("answers")
    if not isinstance(kept, Mapping) or "sha256" not in kept:
        raise NotFound(f"{manifest.version} was made before held-out answers were kept", hint="train it again")
    return read_answers(plant.workspace.reports / manifest.asset_class.name / manifest.version, str(kept["sha256"]))


def _answers_of_champion(plant: Plant, champion: Bundle, asked: pd.DataFrame, asset_class: AssetClass) -> pd.DataFrame:
    """Its own held-out answers, and those of the finished model to later rows that came after its training."""
    try:
        kept = answers_of(plant, champion.manifest)[[*KEY, *ANSWERS]]
    except (NotFound, BundleError):
        kept = pd.DataFrame(columns=[*KEY, *ANSWERS])
    until = champion.manifest.facts.get("until_position")
    if asset_class.axis.kind == "usage" or until is None:
        return kept
    fresh = asked[(asked["question"] == "later") & (asked["position"] > float(until))]
    found = [kept] if len(kept) else []
    if len(fresh):
        found.append(_fresh_answers(plant, champion, fresh, asset_class))
    # What the finished model says of rows after its training is what it would have said in use: it comes before the twin's.
    return pd.concat(found[::-1], ignore_index=True).drop_duplicates(list(KEY)) if found else kept


def _fresh_answers(plant: Plant, champion: Bundle, asked: pd.DataFrame, asset_class: AssetClass) -> pd.DataFrame:
    """Answers of the finished champion to rows that are newer than everything it has learnt from."""
    table = model_rows(plant, champion, build_features(plant, asset_class.name).frame)
    if not set(champion.feature_names) <= set(table.columns):
        return pd.DataFrame(columns=[*KEY, *ANSWERS])
    table = table.assign(position=asset_class.axis.positions(table["time"]))
    wanted = asked[["asset", "position"]].drop_duplicates()
    rows = wanted.merge(table, on=["asset", "position"], how="inner")
    matrix = rows[list(champion.feature_names)].to_numpy(dtype=np.float32)
    said = champion.predictor.predict(matrix)
    parts = [
        rows[["asset", "position"]].assign(target=name, question="later", answer=chance, low=np.nan, high=np.nan)
        for name, chance in said.probabilities.items()
    ] + [
        rows[["asset", "position"]].assign(
            target=name, question="later", answer=life.mean, low=life.low, high=life.high
        )
        for name, life in said.remaining.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _shared(new: pd.DataFrame, old: pd.DataFrame, target: str, question: str) -> pd.DataFrame:
    """Rows that both have answered, with the truth as the challenger's training knew it."""
    mine = new[(new["target"] == target) & (new["question"] == question)]
    theirs = old[(old["target"] == target) & (old["question"] == question)]
    place = ["asset", "position"]
    if mine.empty or theirs.empty:
        return mine.head(0)
    both = mine.merge(theirs[[*place, *ANSWERS]], on=place, how="inner", suffixes=("", "_champion"))
    return both[both["answer_champion"].notna() & both["answer"].notna()].reset_index(drop=True)


def _not_alike(target: Target, champion: Bundle) -> str:
    """Why the two answer different questions; empty when they do not."""
    theirs = {entry.target.name: entry.target for entry in champion.manifest.targets}
    other = theirs.get(target.name)
    if other is None:
        return "the champion does not answer it"
    if (other.kind, other.horizon, other.cap) != (target.kind, target.horizon, target.cap):
        return "the champion was trained for another horizon or cap"
    return ""
