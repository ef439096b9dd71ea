"""From a feature table and lives to a model and an honest account of it: the one function that trains."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, ModelDefinition, Target
from pdm.errors import TooLittleData
from pdm.learning import boosters
from pdm.learning.answers import digest, held_out
from pdm.learning.apply import PROBABILITY
from pdm.learning.calibration import apply_platt
from pdm.learning.calibration_report import life_calibration, probability_calibration
from pdm.learning.case_library import case_library
from pdm.learning.course import Course, course_of
from pdm.learning.derived import Source
from pdm.learning.evaluation import Evaluation, Question, View, judge_life, judge_probability
from pdm.learning.fitting import (
    Answers,
    Period,
    calibrate_life,
    calibrate_probability,
    check_learnt,
    life_from,
    questions,
)
from pdm.learning.guarding import guard, together
from pdm.learning.leak_report import LeakLine, LeakReport
from pdm.learning.model import Floats, Model, RemainingLifeArrays, TargetModel
from pdm.learning.race_check import checked, said_of
from pdm.learning.report import reading_of, summarise
from pdm.learning.rivals import rivals
from pdm.learning.targets import Bools


class Stages(Protocol):
    """Shows how far training has come."""

    def stage(self, title: str, total: int | None = None) -> AbstractContextManager[Callable[[int], None]]:
        """`with progress.stage("training", 12) as advance: advance(1)`."""
        ...


@dataclass(frozen=True)
class Trained:
    """A model, what it is worth, and the same as JSON for the report.

    golden: feature rows spread over the table as the finished model takes them, which a bundle proves itself with.
    answers: what was said about rows that had not been seen, by view, for whoever compares models or reproduces this one.
    """

    model: Model
    evaluation: Evaluation
    report: dict[str, Any]
    answers: pd.DataFrame
    golden: pd.DataFrame


def train(
    features: pd.DataFrame,
    lives: pd.DataFrame,
    definition: ModelDefinition,
    asset_class: AssetClass,
    *,
    threads: int,
    progress: Stages | None = None,
    exclusions: pd.DataFrame | None = None,
    held_out: Collection[str] = (),
    leaks: Sequence[LeakLine] = (),
    source: Source | None = None,
) -> Trained:
    """Train, calibrate and evaluate all targets of one asset class.

    Every target is grown three times over: out of fold (by asset) for calibration and the new-assets view, on the past alone for the
    later view, and on everything for use. A target without enough failures is left out with a sentence in `facts["abstained"]`.

    features: one row per asset and as-of time: `asset`, `time`, and the features as float32.
    lives: `pdm.readings.registry.LIFE_COLUMNS`.
    threads: how many folds are grown at once; the answer does not depend on it.
    exclusions: marked intervals (`pdm.readings.exclusions`), some of which say that nothing shall be learnt of them.
    held_out: assets that are never trained on, nor used for calibration.
    leaks: what the leak guard has found in history before; the questions about the table are asked here.
    source: the readings, for a model with derived channels: these are learnt anew in every fold.

    Raises:
        TooLittleData: no target can be learnt.
        LeakFound: the features know the future.
    """
    course = course_of(
        features,
        lives,
        definition,
        asset_class,
        threads=threads,
        exclusions=exclusions,
        held_out=held_out,
        source=source,
    )
    models, views, abstained = list[TargetModel](), list[View](), dict[str, str]()
    calibration: dict[str, Any] = {}
    shown = progress.stage(f"training {asset_class.name}") if progress else nullcontext(lambda _steps: None)
    with shown as advance:
        course.bench.advance = advance
        notes = course.prepare()
        asked = LeakReport(together((*leaks, *guard(course))))
        asked.refuse()
        for target in definition.targets:
            try:
                learnt, seen, calibration[target.name] = _learn(course, target)
            except TooLittleData as error:
                abstained[target.name] = f"{target.name} was left out: {error}."
            else:
                models.append(learnt)
                views += seen
    if not models:
        raise TooLittleData(f"nothing can be learnt about class {asset_class.name}: " + " ".join(abstained.values()))
    cut = [f"{name}: {told['censoring']['words']}." for name, told in calibration.items() if "censoring" in told]
    warnings = [*asked.warnings, *notes, *cut]
    race = checked(list(course.said.values()), course.bench.groups)
    evaluation = Evaluation(tuple(views), abstained, tuple(warnings), race)
    answers = pd.concat(course.answers, ignore_index=True)
    facts = course.facts() | {
        "abstained": abstained,
        "warnings": warnings,
        "leaks": asked.plain(),
        "reading": reading_of(definition, asset_class),
        "answers": {"sha256": digest(answers), "rows": len(answers)},
        "calibration": calibration,
        "typical": course.typical(),
        "metrics": evaluation.metrics(),
        "baselines": evaluation.baselines(),
    }
    model = Model(
        asset_class.name, course.names, asset_class.axis.unit, tuple(models), facts, course.transforms_document()
    )
    model = replace(model, cases=case_library(model, course, asset_class))
    return Trained(model, evaluation, summarise(model, evaluation), answers, course.sample())


def _learn(course: Course, target: Target) -> tuple[TargetModel, list[View], dict[str, Any]]:
    """One target: its boosters on everything, its views, and how well the out-of-fold answers are calibrated.

    Raises:
        TooLittleData: it cannot be learnt.
    """
    bench = course.bench
    asked, recipes = questions(target, course.labels(target, "all"), bench, "all")
    period, past = _honest_period(course, target, asked)
    asked = {role: asked[role] for role in past}
    answers = bench.out_of_fold(period, past, recipes)
    check_learnt(answers, bench.rows[period], bench.fold)
    cut, shares = course.censored(target, period, answers)
    weights = shares if course.definition.learner.ipcw else None
    if weights is not None:
        answers = bench.out_of_fold(period, past, recipes, weights)
    said = answers
    calibration, honest = _calibrate(course, target, answers, period)
    course.said[target.name] = said_of(target, period, answers, honest, course.labels(target, period))
    truth, groups = course.truth(target, period), bench.groups
    account = (
        life_calibration(honest, truth, groups)
        if isinstance(honest, RemainingLifeArrays)
        else probability_calibration(answers[PROBABILITY], honest, truth, groups)
    )
    account |= {"age_only": course.age_only(target, period)} | ({"censoring": cut} if cut else {})
    views = [_judge(course, target, "new_assets", honest, period, period)]
    later = course.later(target)
    if period == "past" and (~np.isnan(course.truth(target, "all")[later])).any():
        answers = bench.answer("past", bench.grow("past", None, past, recipes, weights), later)
        views.append(_judge(course, target, "later", _calibrated(target, answers, calibration), "all", "past", later))
    final = weights if weights is None or period == "all" else course.censored(target, "all", said)[1]
    grown = bench.grow("all", None, asked, recipes, final)
    texts = {role: boosters.text_of(booster) for role, booster in grown.items()}
    return TargetModel(target, texts, calibration), views, account


def _honest_period(course: Course, target: Target, asked: dict[str, Floats]) -> tuple[Period, dict[str, Floats]]:
    """The past where it alone has enough failures to ask the same, else everything (and then there is no later view)."""
    if course.cut is None:
        return "all", asked
    try:
        past, _ = questions(target, course.labels(target, "past"), course.bench, "past")
    except TooLittleData:
        return "all", asked
    shared = {role: label for role, label in past.items() if role in asked}
    fewest = 1 if target.kind == "failure_within" else 2
    return ("past", shared) if len(shared) >= fewest else ("all", asked)


def _calibrate(
    course: Course, target: Target, answers: Answers, period: Period
) -> tuple[dict[str, Any], Floats | RemainingLifeArrays]:
    """The calibration tables, and the out-of-fold answers as tables from the other folds would have corrected them."""
    truth, groups, fold = course.truth(target, period), course.bench.groups, course.bench.fold
    if target.kind == "failure_within":
        return calibrate_probability(answers[PROBABILITY], truth, groups, fold)
    return calibrate_life(target, answers, truth, groups, fold)


def _calibrated(target: Target, answers: Answers, calibration: dict[str, Any]) -> Floats | RemainingLifeArrays:
    """Answers as the finished model would give them."""
    if target.kind == "remaining_life":
        return life_from(target, answers, calibration["conformal"])
    platt = calibration.get("platt")
    raw = answers[PROBABILITY]
    return apply_platt(raw, platt["slope"], platt["intercept"]) if platt else raw


def _judge(
    course: Course,
    target: Target,
    question: Question,
    answer: Floats | RemainingLifeArrays,
    period: Period,
    trained_on: Period,
    chosen: Bools | None = None,
) -> View:
    """The view of answers to all (or the chosen) rows of a period, beside what the training period says without sensors."""
    chosen = course.labels(target, period).kept if chosen is None else chosen
    rows, naive = course.rows(target, period, chosen), course.naive_rows(target, question, trained_on, chosen)
    beside = rivals(course, target, question, trained_on, chosen)
    if isinstance(answer, RemainingLifeArrays):
        life = answer.take(chosen)
        view = judge_life(target, question, life, rows, naive=naive)
        course.answers.append(held_out(view, course.names_of(chosen), rows, life))
        return replace(view, baselines={**view.baselines, **beside})
    chance = answer[chosen]
    view = judge_probability(
        target,
        question,
        chance,
        rows,
        course.definition,
        course.axis,
        naive=naive,
    )
    course.answers.append(held_out(view, course.names_of(chosen), rows, chance))
    return replace(view, baselines={**view.baselines, **beside})
