"""Apply what recorded failures taught about evidence: a level on the same scale, 1 is the limit.

The weighing is a booster's text and a table from its score to levels; it was fitted offline (`weigh`), on evidence of several plants.
At every level it disturbed as rarely, out of fold and on record, as the level that it takes the place of.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from pdm.errors import BundleError
from pdm.learning.expected.design import Bools, Floats
from pdm.learning.watch.pieces import FLOOR, NAMES, VERSION

_HINT = "weigh the evidence again: plantpdm evidence weigh"


@dataclass(frozen=True)
class Weighing:
    """booster: LightGBM text over `NAMES`. scores, levels: rising, the level of each score. facts: what it rests on, for people."""

    booster: str = field(repr=False)
    scores: tuple[float, ...]
    levels: tuple[float, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "version": VERSION,
            "evidence": list(NAMES),
            "booster": self.booster,
            "scores": list(self.scores),
            "levels": list(self.levels),
            "facts": dict(self.facts),
        }

    @property
    def pieces(self) -> tuple[str, ...]:
        """What the booster is asked about, in order."""
        return NAMES

    @property
    def words(self) -> str:
        """What it rests on, as the model card says it."""
        failures, plants = self.facts.get("failures", "?"), self.facts.get("plants", "?")
        return f"watch list, weighed by {failures} recorded failures of {plants} plants"


def weighing_from(document: Mapping[str, Any]) -> Weighing:
    """The inverse of `Weighing.document`.

    Raises:
        BundleError: it is of another version, or is no such document.
    """
    if document.get("version") != VERSION or list(document.get("evidence", ())) != list(NAMES):
        raise BundleError("this weighing is about evidence that this version does not have", hint=_HINT)
    booster, facts = document["booster"], document["facts"]
    scores, levels = (tuple(float(value) for value in document[name]) for name in ("scores", "levels"))
    rising = all(a < b for line in (scores, levels) for a, b in pairwise(line))
    finite = all(math.isfinite(value) for value in (*scores, *levels))
    if not isinstance(booster, str) or not isinstance(facts, Mapping):
        raise BundleError("the weighing has no booster, or does not say what it rests on", hint=_HINT)
    if len(scores) < 2 or len(scores) != len(levels) or not rising or not finite or levels[0] < 0:
        raise BundleError("the scores and levels of the weighing do not rise together", hint=_HINT)
    return Weighing(booster, scores, levels, dict(facts))


def weighed(weighing: Weighing, evidence: Floats, told: Bools, plain: Floats) -> Floats:
    """The level of each machine, [machines]: weighed where there is evidence, at most `FLOOR` where there is none.

    evidence, told: as `evidence_of` gives them. plain: the level without weighing, NaN where nothing was asked.
    """
    answer = np.minimum(plain, FLOOR)
    rows = np.flatnonzero(told)
    if len(rows):
        score = scores_of(weighing.booster, evidence[rows])
        answer[rows] = np.interp(score, weighing.scores, weighing.levels)
    return answer


def scores_of(booster: str, evidence: Floats) -> Floats:
    """What a booster says about evidence, [n]: logarithm of the odds."""
    matrix = evidence.astype(np.float32).astype(np.float64)
    return np.asarray(_read(booster).predict(matrix, raw_score=True, num_threads=1), dtype=np.float64)


@lru_cache(maxsize=8)
def _read(text: str) -> Any:
    import lightgbm

    return lightgbm.Booster(model_str=text)
