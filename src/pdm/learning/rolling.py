"""Rolling origin: at each of several moments a model learns from what came before, chooses its limits, and is tried on what came next.

One test period is one draw. Several origins in a row give more machine-years, every one of them later than all that its model and its
limits were chosen from, and they show how much history a model needs. Figures of one period stay out of the choice for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, ModelDefinition, Target
from pdm.errors import TooLittleData
from pdm.learning.answers import held_out
from pdm.learning.apply import PROBABILITY
from pdm.learning.calibration import apply_platt
from pdm.learning.course import Course
from pdm.learning.evaluation import Question, View
from pdm.learning.fitting import calibrate_probability, questions
from pdm.learning.model import Floats
from pdm.learning.targets import Bools


@dataclass(frozen=True)
class Origin:
    """Tested from `start` on until `end` (ISO moments, the end excluded); learnt before `start` less the gap."""

    start: str
    end: str


def origin_answers(
    features: pd.DataFrame,
    lives: pd.DataFrame,
    definition: ModelDefinition,
    asset_class: AssetClass,
    origin: Origin,
    *,
    gap: float,
    threads: int,
) -> pd.DataFrame:
    """Answers at one origin (`pdm.learning.answers.COLUMNS`): `new_assets` out of fold before it, and `later` in its test period.

    features: as for training; rows from the end of the test period on are left out. gap: hours between learning and testing.

    Raises:
        TooLittleData: some target cannot be learnt from what came before, or no row is to be tested.
    """
    rows = features[features["time"] < _moment(origin.end)].reset_index(drop=True)
    at = replace(definition, split=replace(definition.split, test_from=origin.start, gap=gap))
    course = Course(rows, lives, at, asset_class, threads, np.zeros(len(rows), dtype=bool))
    if course.cut is None:
        raise TooLittleData(
            f"nothing lies before {origin.start} or from there to {origin.end}", hint="choose another origin"
        )
    course.prepare()
    parts = [part for target in at.targets if target.kind == "failure_within" for part in _of_target(course, target)]
    return pd.concat(parts, ignore_index=True)


def _of_target(course: Course, target: Target) -> list[pd.DataFrame]:
    bench = course.bench
    asked, recipes = questions(target, course.labels(target, "past"), bench, "past")
    truth = course.truth(target, "past")
    raw = bench.out_of_fold("past", asked, recipes)[PROBABILITY]
    calibration, honest = calibrate_probability(raw, truth, bench.groups, bench.fold)
    later = course.later(target)
    said = bench.answer("past", bench.grow("past", None, asked, recipes), later)[PROBABILITY]
    if platt := calibration.get("platt"):
        said = apply_platt(said, platt["slope"], platt["intercept"])
    before = course.labels(target, "past").kept
    return [
        _table(course, target, "new_assets", before, honest),
        _table(course, target, "later", later, said),
    ]


def _table(course: Course, target: Target, question: Question, chosen: Bools, answer: Floats) -> pd.DataFrame:
    rows = course.rows(target, "past" if question == "new_assets" else "all", chosen)
    nothing = np.empty(0)
    view = View(target.name, target.kind, question, {}, {}, {}, nothing, nothing, nothing)
    return held_out(view, course.names_of(chosen), rows, answer[chosen])


def _moment(text: str) -> pd.Timestamp:
    moment = pd.Timestamp(text)
    return moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
