"""One training run's table with its cuts: which rows belong to which period, fold and life, and what the leak guard says of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, ModelDefinition, Target
from pdm.learning import leaks
from pdm.learning.baselines import Weibull, age_only
from pdm.learning.evaluation import Rows
from pdm.learning.fitting import Bench, Period
from pdm.learning.leak_report import LeakLine, worst
from pdm.learning.model import Floats
from pdm.learning.splits import by_time, grouped_folds, groups_of
from pdm.learning.targets import Bools, Labels, label_rows

KEYS = ("asset", "time")


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
        excluded: Bools,
    ) -> None:
        self.features, self.lives, self.definition, self.axis = features, lives, definition, asset_class.axis
        self.names = tuple(str(name) for name in features.columns if name not in KEYS)
        self.positions = self.axis.positions(features["time"])
        self.assets = pd.factorize(features["asset"])[0].astype(np.int64)
        self.usable = ~excluded
        self.answers: list[pd.DataFrame] = []
        self.window = leaks.longest_window(asset_class.feature_set, self.axis)
        self.cut = by_time(self.positions, definition, self.axis, window=self.window)
        self._labels: dict[tuple[str, Period], Labels] = {}
        for target in definition.targets:
            self._labels[target.name, "all"] = self._label(target, "all")
            self._labels[target.name, "past"] = self._label(target, "past")
        self.bench = self._bench(threads)

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
        return float(np.nanmean(self.truth(target, period))), age_only(labels, labels.kept)

    def guard(self) -> list[LeakLine]:
        """The leak guard's answers to what can be asked of this table alone."""
        bench, seed, single = self.bench, self.definition.learner.seed, list[LeakLine]()
        for target in self.definition.targets:
            labels = self.labels(target, "past")
            single.append(
                leaks.feature_line(
                    bench.matrix,
                    self.names,
                    labels.within(_horizon(target)),
                    np.where(labels.observed, labels.remaining, np.nan),
                    labels.age,
                    bench.groups,
                    seed,
                )
            )
        longest = max(target.horizon for target in self.definition.targets)
        first = self.definition.targets[0]
        within = self.labels(first, "past").within(_horizon(first))
        return [
            leaks.cut_line(self.positions, bench.rows["past"], self.cut, longest, self.window),
            worst("single_feature", single, "No feature alone gives the answer away."),
            leaks.shuffled_line(bench.matrix, within, bench.fold, bench.learner, seed=seed),
            leaks.folds_line({}, {}, {}),
        ]

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
        }

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
        return Bench(
            matrix=np.ascontiguousarray(self.features[list(self.names)].to_numpy(dtype=np.float32)),
            groups=groups,
            fold=grouped_folds(groups, failed, self.definition.split.folds, learner.seed),
            rows={"past": past, "all": everything},
            grown=number % learner.row_stride == 0,
            learner=learner,
            threads=threads,
        )


def _horizon(target: Target) -> float:
    """A horizon for which the guard asks; remaining life is probed at a quarter of its cap."""
    return target.horizon or target.cap / 4
