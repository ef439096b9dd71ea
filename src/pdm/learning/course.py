"""One training run's table with its cuts: which rows belong to which period, fold and life."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, Learner, ModelDefinition, Target
from pdm.errors import TooLittleData
from pdm.learning import leaks
from pdm.learning.apply import PROBABILITY
from pdm.learning.baselines import Weibull
from pdm.learning.boosters import Matrix
from pdm.learning.calibration import log_odds
from pdm.learning.censoring import censoring_bounds, chance_seen, cut_rows, ipcw_weights
from pdm.learning.derived import Source, derived_of
from pdm.learning.evaluation import Question, Rows
from pdm.learning.fitting import Answers, Bench, Period
from pdm.learning.model import Floats
from pdm.learning.naive import Naive, learn_naive, naive_out_of_fold, say_naive
from pdm.learning.race_check import Said
from pdm.learning.rules import level_columns, ranked
from pdm.learning.selecting import Asked, Selector
from pdm.learning.splits import by_time, grouped_folds, groups_of
from pdm.learning.targets import Bools, Labels, label_rows
from pdm.readings.exclusions import excluded

KEYS = ("asset", "time")
COVARIATES = 3
"""So many levels of channels stand for what people saw when they had a machine repaired."""
TYPICAL_ROWS = 2000
"""So many rows say what is typical of a feature."""


class Course:
    """The rows of one run and the labels of all targets, for two periods: the `past` before the cut, and `all`.

    On a usage axis, where every asset has its own time, both periods are the same.
    """

    def __init__(
        self,
        features: pd.DataFrame,
        lives: pd.DataFrame,
        definition: ModelDefinition,
        asset_class: AssetClass,
        threads: int,
        left_out: Bools,
        *,
        source: Source | None = None,
        exclusions: pd.DataFrame | None = None,
    ) -> None:
        self.features, self.lives, self.definition, self.axis = features, lives, definition, asset_class.axis
        own = tuple(str(name) for name in features.columns if name not in KEYS)
        self.own_names = own if definition.class_features else ()
        self._make = source, lives, asset_class, exclusions
        self.positions = self.axis.positions(features["time"])
        self.assets = pd.factorize(features["asset"])[0].astype(np.int64)
        self.usable = ~left_out
        self.answers: list[pd.DataFrame] = []
        self.said: dict[str, Said] = {}
        self.window = longest_window(definition, asset_class)
        self.cut = by_time(self.positions, definition, self.axis, window=self.window)
        self._labels: dict[tuple[str, Period], Labels] = {}
        for target in definition.targets:
            self._labels[target.name, "all"] = self._label(target, "all")
            self._labels[target.name, "past"] = self._label(target, "past")
        self.bench = self._bench(threads)
        self.candidates = self.names = (*self.own_names, *(self.bench.derived.names if self.bench.derived else ()))

    def prepare(self) -> list[str]:
        """Learn the derived channels of every fold and choose its features; sentences about what could not be learnt.

        Where the past alone is too short for derived channels, there is no later view; where everything is, the model does without.

        Raises:
            TooLittleData: derived features are all that this model learns from, and they cannot be learnt; or no feature has to do with
                any target.
        """
        notes = self._derive()
        self._choose()
        return notes

    def _derive(self) -> list[str]:
        derived = self.bench.derived
        if derived is None:
            return []
        try:
            self._prepare("all")
        except TooLittleData as error:
            if not self.definition.class_features:
                raise
            self.bench.derived, self.candidates, self.names = None, self.own_names, self.own_names
            return [f"Derived channels were left out: {error}."]
        if self.cut:
            try:
                self._prepare("past")
            except TooLittleData as error:
                self.cut = derived.cut = None
                return [
                    f"There is no later view, because derived channels cannot be learnt from the past alone: {error}."
                ]
        return []

    def _prepare(self, period: Period) -> None:
        folds = np.unique(self.bench.fold[self.bench.rows[period]]).tolist()
        derived = self.bench.derived
        if derived is not None:
            with ThreadPoolExecutor(self.bench.threads) as pool:
                list(pool.map(lambda without: derived.block(period, without), [*folds, None]))

    def _choose(self) -> None:
        final = self.bench.kept("all", None)
        if final is None:
            return
        folds = np.unique(self.bench.fold[self.bench.rows[self.judged]]).tolist()
        with ThreadPoolExecutor(self.bench.threads) as pool:
            kept = list(pool.map(lambda without: self.bench.kept(self.judged, without), folds))
        nowhere = not any(len(one.columns) for one in kept if one)
        if nowhere or not len(final.columns):
            raise TooLittleData(
                f"none of {len(self.candidates)} features has to do with what is predicted{' in any fold' * nowhere}, "
                f"judged on one row of each of {self._tested_lives()} lives",
                hint='leave [selection] out, raise its fdr_level, choose method = "bh", or wait for more failures on record',
            )
        self.names = tuple(self.candidates[column] for column in final.columns)

    @property
    def judged(self) -> Period:
        """The period whose folds are judged."""
        return "past" if self.cut else "all"

    def labels(self, target: Target, period: Period) -> Labels:
        """What is known about every row, in this period."""
        return self._labels[target.name, period]

    def truth(self, target: Target, period: Period) -> Floats:
        """The right answer per row: 1 or 0, or remaining life up to the cap; NaN where nobody knows."""
        labels = self.labels(target, period)
        return labels.within(target.horizon) if target.kind == "failure_within" else labels.capped(target.cap)

    def names_of(self, chosen: Bools) -> list[str]:
        """The asset of some rows."""
        return [str(name) for name in self.features["asset"].to_numpy()[chosen]]

    def later(self, target: Target) -> Bools:
        """Rows of the test period."""
        if self.cut is None:
            return np.zeros(len(self.features), dtype=bool)
        return self.labels(target, "all").kept & self.cut.test(self.positions)

    def rows(self, target: Target, period: Period, chosen: Bools) -> Rows:
        """Some rows with what is true of them."""
        return Rows(self.positions, self.assets, self.bench.groups, self.labels(target, period)).take(chosen)

    def naive(self, target: Target, period: Period) -> tuple[float, Weibull]:
        """The two answers that need no sensor: the mean of the training rows, and age alone."""
        labels = self.labels(target, period)
        return learn_naive(labels, self.truth(target, period), self.bench.groups, labels.kept)

    def naive_rows(self, target: Target, question: Question, period: Period, chosen: Bools) -> Naive:
        """What these two say about the chosen rows: learnt on the other folds of a period, or for what came later on all of it."""
        if question == "later":
            return say_naive(target, self.naive(target, period), self.labels(target, "all").age[chosen])
        labels, truth = self.labels(target, period), self.truth(target, period)
        bench = self.bench
        return naive_out_of_fold(target, labels, truth, bench.groups, bench.fold, bench.rows[period]).take(chosen)

    def age_only(self, target: Target, period: Period) -> dict[str, float]:
        """The Weibull of these lives: with a shape of 1 or less, age is no reason to intervene."""
        _, weibull = self.naive(target, period)
        return {"shape": weibull.shape, "scale": weibull.scale, "wears_out": float(weibull.shape > 1.0)}

    def censored(self, target: Target, period: Period, answers: Answers) -> tuple[dict[str, Any], Floats | None]:
        """What repairs before failure do to a target: bounds and weights; nothing where no life was cut short.

        The weights come from what people could see when they decided: what the model said out of fold, age, and the few levels of
        channels that tell cut rows best from those that were seen to their end.
        """
        labels = self.labels(target, period)
        if target.kind != "failure_within" or not labels.kept.any():
            return {}, None
        within, end = labels.within(target.horizon), self.positions + labels.remaining
        last = pd.Series(np.where(labels.kept, end, -np.inf)).groupby(self.assets).transform("max").to_numpy()
        cut = cut_rows(labels, target.horizon, history_ends=end >= last - self.axis.step)
        if not cut.any():
            return {}, None
        own = [str(name) for name in self.features.columns if name not in KEYS]
        levels = self.features[level_columns(own)].to_numpy(dtype=np.float64)
        levels = np.where(np.isfinite(levels), levels, np.nan)
        asked = np.where(cut, 1.0, np.where(np.isnan(within), np.nan, 0.0))
        shown = [levels[:, column] for column in ranked(levels, asked)[:COVARIATES]]
        seen = np.column_stack([log_odds(answers[PROBABILITY]), labels.age, *shown])
        kept, weights = chance_seen(within, cut, seen), ipcw_weights(within, cut, seen)
        found = censoring_bounds(within, cut, weights, kept)
        return asdict(found) | {"words": found.words}, weights

    def facts(self) -> dict[str, Any]:
        """What a model card prints: counts, cuts, settings. JSON."""
        cut = {"train_until": self.cut.train_until, "test_from": self.cut.test_from} if self.cut else None
        return {
            "rows": len(self.features),
            "rows_excluded": int((~self.usable).sum()),
            "assets": int(self.assets.max()) + 1,
            "from": str(self.features["time"].min()),
            "until": str(self.features["time"].max()),
            "until_position": float(self.positions.max()),
            "lives": {target.name: self._count(target, failed=False) for target in self.definition.targets},
            "failures": {target.name: self._count(target, failed=True) for target in self.definition.targets},
            "split": asdict(self.definition.split) | {"cut": cut},
            "learner": asdict(self.definition.learner),
        } | self._selection()

    def _selection(self) -> dict[str, Any]:
        selector = self.bench.selector
        if selector is None:
            return {}
        return {"selection": selector.facts(self.judged, len(self.candidates), self.names, self._tested_lives())}

    def _tested_lives(self) -> int:
        """Lives on which the features of the finished model were judged."""
        final = self.bench.kept("all", None)
        rows = final.rows if final else np.empty(0, dtype=np.int64)
        labels = [self.labels(target, "all").life[rows] for target in self.definition.targets]
        return max((len(np.unique(life[life >= 0])) for life in labels), default=0)

    def sample(self, count: int = 200) -> pd.DataFrame:
        """Up to `count` rows, spread over the table, with all columns as the finished model takes them."""
        rows = np.unique(np.linspace(0, len(self.features) - 1, count).round().astype(np.int64))
        return pd.DataFrame(self.bench.inputs("all", None, rows), columns=list(self.names))

    def seen(self) -> Matrix:
        """Every row with all columns there are to choose from, as a model could see it that had not seen its item, float32 [n, f].

        Rows after the past are seen as by the model that knew the past alone.
        """
        period = self.judged
        table = self.bench.honest(period)
        rest = np.flatnonzero(~self.bench.rows[period])
        if self.bench.derived is not None and len(rest):
            table[rest] = self.bench.shown(period, None, rest)
        return table

    def typical(self) -> list[float | None]:
        """The median of every column of the finished model over the rows it learnt from; None where some of them had none themselves."""
        rows = np.flatnonzero(self.bench.training_rows("all", None))
        seen = self.bench.inputs("all", None, rows)
        whole: Bools = np.asarray(np.isfinite(seen).all(axis=0), dtype=bool)
        middle = np.median(seen[:: max(1, len(rows) // TYPICAL_ROWS)], axis=0)
        return [float(value) if known else None for value, known in zip(middle.tolist(), whole.tolist(), strict=True)]

    def transforms_document(self) -> dict[str, Any]:
        """What was learnt for the derived channels from everything, as JSON; empty where there are none."""
        derived = self.bench.derived
        if derived is None:
            return {}
        derived.block("all", None)
        return derived.fitted["all", None].document()

    def _count(self, target: Target, *, failed: bool) -> int:
        labels = self.labels(target, "all")
        return len(np.unique(labels.life[labels.kept & labels.observed if failed else labels.kept]))

    def _label(self, target: Target, period: Period) -> Labels:
        cut = self.cut if period == "past" else None
        labels = label_rows(
            self.features,
            self.lives,
            self.definition,
            target,
            self.axis,
            known_until=cut.test_from if cut else None,
        )
        return labels.only(self.usable & cut.train(self.positions) if cut else self.usable)

    def _bench(self, threads: int) -> Bench:
        targets, learner = self.definition.targets, self.definition.learner
        past, everything = (
            np.logical_or.reduce([self.labels(target, period).kept for target in targets]) for period in ("past", "all")
        )
        failed = np.logical_or.reduce([self.labels(target, "all").observed for target in targets])
        groups = groups_of(self.features["asset"], self.lives)
        number = self.features.groupby("asset", sort=False).cumcount().to_numpy()
        fold = grouped_folds(groups, failed, self.definition.split.folds, learner.seed)
        source, lives, asset_class, exclusions = self._make
        return Bench(
            matrix=np.ascontiguousarray(self.features[list(self.own_names)].to_numpy(dtype=np.float32)),
            groups=groups,
            fold=fold,
            rows={"past": past, "all": everything},
            grown=number % _stride(learner, int(everything.sum())) == 0,
            learner=learner,
            threads=threads,
            selector=self._selector(),
            derived=derived_of(
                source, lives, self.definition, asset_class, self.features[list(KEYS)], fold, self.cut, exclusions
            ),
        )

    def _selector(self) -> Selector | None:
        settings = self.definition.selection
        if settings is None:
            return None

        def asked(period: Period) -> list[Asked]:
            targets = self.definition.targets
            return [Asked(self.truth(target, period), self.labels(target, period).life) for target in targets]

        return Selector(settings, {"past": asked("past"), "all": asked("all")}, self.definition.learner.seed)


def course_of(
    features: pd.DataFrame,
    lives: pd.DataFrame,
    definition: ModelDefinition,
    asset_class: AssetClass,
    *,
    threads: int,
    exclusions: pd.DataFrame | None = None,
    held_out: Collection[str] = (),
    source: Source | None = None,
) -> Course:
    """The course of a training run: its periods and folds know nothing of what is held out. Arguments as `pdm.learning.train.train`.

    Raises:
        TooLittleData: no row is left.
    """
    features = features[~features["asset"].isin(list(held_out))].reset_index(drop=True)
    if features.empty:
        raise TooLittleData(f"class {asset_class.name} has no feature rows to learn from", hint="build features first")
    left_out = np.zeros(len(features), dtype=bool)
    if exclusions is not None:
        left_out = excluded(features, exclusions, use="learn")
    return Course(features, lives, definition, asset_class, threads, left_out, source=source, exclusions=exclusions)


def longest_window(definition: ModelDefinition, asset_class: AssetClass) -> float:
    """The longest window of time of anything that is learnt from, in native units: how far the test period must lie apart."""
    sets = (asset_class.feature_set, definition.derived_features)
    return max(leaks.longest_window(one, asset_class.axis) for one in sets if one is not None)


def _stride(learner: Learner, rows: int) -> int:
    """How far apart the rows of an asset lie that are learnt from."""
    crowded = -(-rows // learner.most_rows) if learner.most_rows else 1
    return max(learner.row_stride, crowded)
