"""What a work order's text is about, suggested by a small model that was learnt from texts with codes. It abstains rather than guess.

TF-IDF of words, pairs of words and letter groups, and one linear score per answer: a document of plain numbers, applied here with the
standard library and numpy alone. Letter groups carry over spelling mistakes, which half of these texts have.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.errors import InputError

NOTHING = ""
"""The answer of texts that say none of the known ones."""

_WORD = re.compile(r"[^\W\d_]+|\d+")
_PLACES = {"l": "lh", "r": "rh", "left": "lh", "right": "rh", "lhs": "lh", "rhs": "rh"}


@dataclass(frozen=True)
class Suggestion:
    """One answer with its probability. sure: probable enough to be suggested; a person confirms it in any case."""

    answer: str
    probability: float
    sure: bool
    runner_up: str = NOTHING


@dataclass(frozen=True)
class TextModel:
    """A linear model over text features.

    features: n-gram -> column. idf: [columns]. weights: [answers, columns], bias: [answers]; answers in the order of rows.
    threshold: least probability of a suggestion. facts: what it was learnt from, and how good it was on what it had not seen.
    """

    field_name: str
    answers: tuple[str, ...]
    features: Mapping[str, int]
    idf: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64]
    threshold: float
    facts: Mapping[str, Any] = field(default_factory=dict)

    def probabilities(self, text: str) -> npt.NDArray[np.float64]:
        """Of every answer, in the order of `answers`; they add up to one."""
        columns, values = vector(text, self.features, self.idf)
        scores = self.bias + (self.weights[:, columns] @ values if len(columns) else 0.0)
        spread = np.exp(scores - scores.max())
        return np.asarray(spread / spread.sum(), dtype=np.float64)

    def suggest(self, text: str) -> Suggestion:
        """The most probable answer. Nothing that it knows, or not probable enough: not sure."""
        chances = self.probabilities(text)
        order = np.argsort(-chances, kind="stable")
        best, second = self.answers[order[0]], self.answers[order[1]] if len(order) > 1 else NOTHING
        probability = float(chances[order[0]])
        return Suggestion(best, probability, best != NOTHING and probability >= self.threshold, second)

    def document(self) -> dict[str, Any]:
        """The model as JSON; weights with four digits."""
        return {
            "kind": "text model",
            "version": 1,
            "field": self.field_name,
            "answers": list(self.answers),
            "features": sorted(self.features, key=lambda name: self.features[name]),
            "idf": [round(float(value), 5) for value in self.idf],
            "weights": [[round(float(value), 4) for value in row] for row in self.weights],
            "bias": [round(float(value), 5) for value in self.bias],
            "threshold": self.threshold,
            "facts": dict(self.facts),
        }


def text_model(document: Mapping[str, Any]) -> TextModel:
    """The model of a document.

    Raises:
        InputError: it is none, or its parts do not fit together.
    """
    try:
        names = [str(name) for name in document["features"]]
        model = TextModel(
            str(document["field"]),
            tuple(str(name) for name in document["answers"]),
            {name: place for place, name in enumerate(names)},
            np.asarray(document["idf"], dtype=np.float64),
            np.asarray(document["weights"], dtype=np.float64),
            np.asarray(document["bias"], dtype=np.float64),
            float(document["threshold"]),
            dict(document.get("facts", {})),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"this is no text model: {error}", hint="`plantpdm labels train` makes one") from None
    fits = model.weights.shape == (len(model.answers), len(names)) and model.idf.shape == (len(names),)
    if document.get("version") != 1 or not fits or model.bias.shape != (len(model.answers),) or not model.answers:
        raise InputError("the parts of this text model do not fit together", hint="`plantpdm labels train` makes one")
    if not (np.isfinite(model.weights).all() and np.isfinite(model.idf).all() and np.isfinite(model.bias).all()):
        raise InputError("this text model holds numbers that are none", hint="`plantpdm labels train` makes one")
    return model


def grams(text: str) -> list[str]:
    """Words, pairs of words and groups of three to five letters, marked by a prefix; sides are one word each, numbers a sign.

    >>> grams("R/H seal leaks")[:5]
    ['w:rh', 'w:seal', 'w:leaks', 'p:rh seal', 'p:seal leaks']
    """
    found = words(text)
    pairs = [f"p:{first} {second}" for first, second in pairwise(found)]
    letters = []
    for word in found:
        padded = f" {word} "
        letters += [f"c:{padded[at : at + n]}" for n in (3, 4, 5) for at in range(len(padded) - n + 1)]
    return [*(f"w:{word}" for word in found), *pairs, *letters]


def words(text: str) -> list[str]:
    """The words of a text in small letters.

    >>> words("Replace L/H #4 hose"), words("RHS TRACK")
    (['replace', 'lh', '#', 'hose'], ['rh', 'track'])
    """
    low = re.sub(r"\b([lr])\s*[/.]\s*h\b\.?", r"\1h", text.casefold())
    found = ["#" if word.isdigit() else word for word in _WORD.findall(low)]
    return [_PLACES.get(word, word) for word in found]


def vector(
    text: str, features: Mapping[str, int], idf: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Columns and values of a text: (1 + ln count) times idf, the whole of length one."""
    counts = Counter(column for gram in grams(text) if (column := features.get(gram)) is not None)
    columns = np.fromiter(sorted(counts), dtype=np.int64, count=len(counts))
    values = np.array([1.0 + math.log(counts[int(column)]) for column in columns]) * idf[columns]
    length = float(np.sqrt(np.square(values).sum()))
    return columns, values / length if length else values


def accuracy_by_coverage(
    probabilities: Sequence[float], right: Sequence[bool], shares: Sequence[float] = (0.25, 0.5, 0.75, 0.9, 1.0)
) -> list[dict[str, float]]:
    """How often the surest answers are right, for growing shares of all texts.

    >>> accuracy_by_coverage([0.9, 0.8, 0.7, 0.6], [True, True, True, False], (0.5, 1.0))
    [{'coverage': 0.5, 'accuracy': 1.0, 'threshold': 0.8}, {'coverage': 1.0, 'accuracy': 0.75, 'threshold': 0.6}]
    """
    order = np.argsort(-np.asarray(probabilities), kind="stable")
    correct, chance = np.asarray(right, dtype=float)[order], np.asarray(probabilities)[order]
    rows = []
    for share in shares:
        count = max(1, round(share * len(order)))
        rows.append(
            {
                "coverage": share,
                "accuracy": round(float(correct[:count].mean()), 4),
                "threshold": round(float(chance[count - 1]), 4),
            }
        )
    return rows
