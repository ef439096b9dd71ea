"""An evaluation with known truth: machines whose wear and leaks follow distributions that the answers know, with noise on top.

For tests of what is made from an evaluation: figures, charts, the report. No booster is grown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pdm.catalogue import Axis, ModelDefinition, Target
from pdm.learning.evaluation import Evaluation, Question, Rows, View, judge_life, judge_probability
from pdm.learning.model import Floats
from pdm.learning.naive import Naive
from pdm.learning.race_check import Said, checked
from pdm.learning.survival import remaining_life
from pdm.learning.targets import Bools, Ints, Labels

WEAR_SCALE, WEAR_SHAPE, LEAK_MEAN = 60 * 24.0, 3.0, 90 * 24.0
"""Hours: bearing wear is Weibull, seal leaks are exponential."""
_RIVALS = {
    "brier_ridge": 0.2,
    "recall_limit": 0.4,
    "false_per_year_limit": 1.5,
    "recall_ewma": 0.5,
    "false_per_year_ewma": 2.5,
}
_CAUSES = {"bearing_wear": 1, "seal_leak": 2}


@dataclass(frozen=True)
class Lived:
    """Rows of machines from new to the end. cause: 1 wear, 2 leak, 0 taken out before."""

    positions: Floats
    asset: Ints
    remaining: Floats
    age: Floats
    cause: Ints

    def rows(self, causes: tuple[int, ...]) -> Rows:
        """As an evaluation takes them, with the failures of these causes observed."""
        observed = np.isin(self.cause, causes)
        return Rows(self.positions, self.asset, self.asset, Labels(self.remaining, observed, self.age, self.asset))


def lived(machines: int = 60, every: float = 24.0, seed: int = 3) -> Lived:
    """Machines that ran one after the other until wear, a leak, or a removal after some 50 days ended it."""
    random = np.random.default_rng(seed)
    wear, leak = WEAR_SCALE * random.weibull(WEAR_SHAPE, machines), random.exponential(LEAK_MEAN, machines)
    taken = random.uniform(30 * 24, 120 * 24, machines)
    end = np.minimum(np.minimum(wear, leak), taken)
    cause = np.where(end == wear, 1, np.where(end == leak, 2, 0))
    ages = [np.arange(every, length, every) for length in end]
    asset = np.repeat(np.arange(machines), [len(age) for age in ages])
    age = np.concatenate(ages)
    return Lived(age, asset, end[asset] - age, age, cause[asset])


def chances(life: Lived, horizon: float) -> tuple[Floats, Floats]:
    """P(wear within), P(leak within) of every row, each if the other could not happen."""
    wear = ((life.age + horizon) / WEAR_SCALE) ** WEAR_SHAPE - (life.age / WEAR_SCALE) ** WEAR_SHAPE
    return -np.expm1(-wear), np.full(len(life.age), -np.expm1(-horizon / LEAK_MEAN))


def an_evaluation(definition: ModelDefinition, *, noise: float = 0.3) -> Evaluation:
    """Views of the pump's three targets and their race. noise: on the log-odds."""
    life, random, views = lived(), np.random.default_rng(5), list[View]()
    for said in told(definition, life):
        moved = _moved(said.chances, noise, random)
        rows = life.rows(tuple(_CAUSES[mode] for mode in said.target.modes))
        questions: tuple[Question, ...] = ("new_assets", "later")
        views += [_view(said.target, question, moved, said.horizons, rows, definition) for question in questions]
    return Evaluation(tuple(views), race=a_race(definition, life))


def a_race(definition: ModelDefinition, life: Lived, *, swapped: bool = False) -> tuple[dict[str, float], ...]:
    """What the race of the pump's modes comes to. swapped: wear is told as a leak, and a leak as wear."""
    return checked(told(definition, life, swapped=swapped), life.asset)


def told(definition: ModelDefinition, life: Lived, *, swapped: bool = False) -> list[Said]:
    """What answers that know the distributions say, target by target."""
    found = []
    for target in definition.targets:
        causes = tuple(_CAUSES[mode] for mode in target.modes)
        grid = np.array(target.grid or [target.horizon])
        parts = [chances(life, float(horizon)) for horizon in grid]
        place = (causes[0] == 2) != swapped
        said = [1 - (1 - wear) * (1 - leak) if len(causes) > 1 else (wear, leak)[place] for wear, leak in parts]
        found.append(Said(target, "all", grid, np.column_stack(said), life.rows(causes).labels))
    return found


def _moved(said: Floats, noise: float, random: np.random.Generator) -> Floats:
    """The chances with noise on their log-odds, rising still."""
    clipped = np.clip(said, 1e-9, 1 - 1e-9)
    odds = np.log(clipped / (1 - clipped)) + random.normal(0, noise, (len(said), 1))
    return np.asarray(np.maximum.accumulate(1 / (1 + np.exp(-odds)), axis=1), dtype=np.float64)


def _view(
    target: Target, question: Question, said: Floats, grid: Floats, rows: Rows, definition: ModelDefinition
) -> View:
    chosen: Bools = rows.groups % 3 == 0 if question == "later" else np.ones(len(rows.groups), dtype=bool)
    some = rows.take(chosen)
    if target.kind == "failure_within":
        truth = some.labels.within(target.horizon)
        naive = Naive(np.full(len(truth), float(np.nanmean(truth))), said[chosen, 0])
        view = judge_probability(target, question, said[chosen, 0], some, definition, Axis(), naive=naive)
        return replace(view, baselines={**view.baselines, **_RIVALS})
    truth = some.labels.capped(target.cap)
    naive = Naive(np.full(len(truth), float(np.nanmean(truth))), np.full(len(truth), target.cap / 2))
    return judge_life(target, question, remaining_life(grid, said[chosen], None, target.cap), some, naive=naive)
