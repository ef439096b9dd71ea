"""What the leak guard asks of one training run: its cut, single features, shuffled labels, its folds, and its derived channels."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import Target
from pdm.learning import leaks
from pdm.learning.course import KEYS, Course
from pdm.learning.derived import Derived
from pdm.learning.leak_peek import cut_lives, peek_line, sample_rows, with_an_end
from pdm.learning.leak_report import LeakLine, worst
from pdm.learning.leak_shuffle import shuffled_transforms_line
from pdm.learning.model import Floats
from pdm.learning.selecting import choices_line, chosen_anew
from pdm.learning.transforms.derive import derive_features
from pdm.learning.transforms.fitted import life_target

PEEKED = 12
"""Rows of derived features that are computed once more: each of them takes transforms and windows of its own."""


def guard(course: Course) -> list[LeakLine]:
    """The leak guard's answers to what can be asked of this run alone."""
    bench, seed, single = course.bench, course.definition.learner.seed, list[LeakLine]()
    matrix = bench.honest("past")
    for target in course.definition.targets:
        labels = course.labels(target, "past")
        single.append(
            leaks.feature_line(
                matrix,
                course.candidates,
                labels.within(_horizon(target)),
                np.where(labels.observed, labels.remaining, np.nan),
                labels.age,
                bench.groups,
                seed,
            )
        )
    longest = max(target.horizon for target in course.definition.targets)
    first = course.definition.targets[0]
    within = course.labels(first, "past").within(_horizon(first))
    return [
        *([peek_at_derived(bench.derived, course.judged)] if bench.derived else []),
        leaks.cut_line(course.positions, bench.rows["past"], course.cut, longest, course.window),
        worst("single_feature", single, "No feature alone gives the answer away."),
        _shuffled(course, within),
        _folds_line(course),
    ]


def together(lines: Iterable[LeakLine]) -> tuple[LeakLine, ...]:
    """One line per question: history and derived channels may both have answered it."""
    answers: dict[str, list[LeakLine]] = {}
    for line in lines:
        answers.setdefault(line.name, []).append(line)
    return tuple(
        found[0]
        if len(found) == 1
        else worst(name, [one for one in found if one.passed is not None], " ".join(one.sentence for one in found))
        for name, found in answers.items()
    )


def peek_at_derived(derived: Derived, period: str) -> LeakLine:
    """The future-peek question for features on derived channels: as each fold's transforms make them for machines held out of it."""
    sampled = sample_rows(derived.rows, PEEKED)
    place = pd.MultiIndex.from_frame(derived.rows[list(KEYS)])
    row = place.get_indexer(pd.MultiIndex.from_frame(sampled[list(KEYS)]))
    folds = {(str(asset), time): int(derived.fold[at]) for asset, time, at in zip(*_keys(sampled), row, strict=True)}
    shown = [derived.block(period, int(derived.fold[at]))[at] for at in row]
    features = pd.DataFrame(np.array(shown).reshape(len(row), -1), columns=list(derived.names))
    # A row that no derived table has holds nothing that could have been seen.
    told = np.asarray(features.notna().any(axis=1))
    table = pd.concat([sampled[list(KEYS)].reset_index(drop=True), features], axis=1)[told].reset_index(drop=True)
    return peek_line(
        "future_peek",
        table,
        lambda asset, time: _again(derived, period, folds[asset, time], asset, time),
        cut="on derived channels from history that ends at them",
    )


def _keys(rows: pd.DataFrame) -> tuple[list[Any], list[Any]]:
    return rows["asset"].tolist(), rows["time"].tolist()


def _again(derived: Derived, period: str, fold: int, asset: str, time: Any) -> pd.DataFrame:
    """The derived row of one machine from what lies before it, by the transforms of its fold."""
    source, axis = derived.source, derived.asset_class.axis
    own = source.readings[source.readings["asset"] == asset]
    before = own[own["time"] <= time].reset_index(drop=True)
    if before.empty:
        return pd.DataFrame(before)
    place = "time" if axis.kind == "time" else "usage"
    events = source.events
    found = derive_features(
        with_an_end(before, time),
        derived.fitted[period, fold].joined_by(before, derived.asset_class),
        derived.definition,
        derived.asset_class,
        events=None if events is None else events[(events["asset"] == asset) & ~(events[place] > time)],
        lives=cut_lives(derived.lives[derived.lives["asset"] == asset], time),
        assets=source.assets,
        only_last=True,
        known_at=source.known_at,
    )
    row: pd.DataFrame = found[found["time"] == time]
    return row


def _shuffled(course: Course, within: Floats) -> LeakLine:
    """The shuffled-label question: features chosen anew, and where transforms learn from labels, these learnt anew as well."""
    bench, seed = course.bench, course.definition.learner.seed
    lives = course.labels(course.definition.targets[0], "past").life
    anew = chosen_anew(bench.selector, lives) if bench.selector else None
    line = leaks.shuffled_line(bench.honest("past"), within, bench.fold, bench.learner, seed=seed, prepare=anew)
    if bench.derived is None or line.passed is False:
        return line
    target = life_target(course.definition)
    horizon = target.cap / 4 if target.cap else _horizon(course.definition.targets[0])
    return shuffled_transforms_line(bench.derived, target, bench.learner, horizon=horizon)


def _folds_line(course: Course) -> LeakLine:
    """The question about everything that is fitted inside folds: derived channels, and the choice of features."""
    lines, selector = [leaks.folds_line(*_folds(course))], course.bench.selector
    if selector is not None:
        names = np.asarray(course.features["asset"], dtype=np.str_)
        chosen = choices_line(selector, course.judged, names, course.bench.fold)
        lines = [chosen] if course.bench.derived is None else [*lines, chosen]
    return worst("folds", lines, " ".join(line.sentence for line in lines))


def _folds(course: Course) -> tuple[dict[int, frozenset[str]], dict[int, list[str]], dict[int, str]]:
    """Per fold: whom its transforms know, which assets it holds out, and what was learnt."""
    derived = course.bench.derived
    if derived is None:
        return {}, {}, {}
    fitted = {fold: item for (name, fold), item in derived.fitted.items() if name == course.judged and fold is not None}
    held = {fold: course.features["asset"][course.bench.fold == fold].unique().tolist() for fold in fitted}
    return (
        {fold: item.fitted_on for fold, item in fitted.items()},
        held,
        {fold: json.dumps(item.document()["steps"]) for fold, item in fitted.items()},
    )


def _horizon(target: Target) -> float:
    """A horizon for which the guard asks; remaining life is probed at a quarter of its cap."""
    return target.horizon or target.cap / 4
