"""The past cases of a model as plain data, and how near a new score is to them.

Every case is a vector: how far each channel moved the score then (Shapley values in log-odds, added up by channel). A new score is
explained by the cases nearest to its own vector: *this looks like P-017 twelve days before its bearing failed*. Sound look-alikes
are kept beside them, so that a likeness never claims more than it may. `pdm.learning.case_library` makes them; scoring reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdm.learning.model import Floats


@dataclass(frozen=True)
class PastMoment:
    """One case. at: ISO moment, or position on the counter. mode: what failed, empty where nothing did.

    lead: native units until the failure, or for how long nothing failed.
    """

    asset: str
    at: str | float
    mode: str
    lead: float


@dataclass(frozen=True, eq=False)
class Library:
    """The cases of one target. vectors: log-odds by channel, float64 [cases, channels]."""

    channels: tuple[str, ...]
    cases: tuple[PastMoment, ...]
    vectors: Floats


def by_channel(owners: Sequence[str], effects: Floats) -> tuple[tuple[str, ...], Floats]:
    """Contributions added up by channel: the channels in order, and float64 [n, channels].

    owners: the channel of each feature. effects: float64 [n, features], without the bias.

    >>> by_channel(("flow", "flow", "age"), np.array([[0.5, 0.25, -1.0]]))
    (('age', 'flow'), array([[-1.  ,  0.75]]))
    """
    groups, index = np.unique(np.array(owners, dtype=object).astype(str), return_inverse=True)
    member = np.zeros((len(owners), len(groups)))
    member[np.arange(len(owners)), index] = 1.0
    return tuple(groups.tolist()), effects @ member


def library_from(plain: Mapping[str, Any]) -> dict[str, Library]:
    """The libraries that `case_library` wrote, by target; none where a model came before there were any."""
    return {name: _library(part) for name, part in plain.items()}


def _library(plain: Mapping[str, Any]) -> Library:
    channels = tuple(str(name) for name in plain["channels"])
    cases = tuple(
        PastMoment(str(one["asset"]), one["at"], str(one["mode"]), float(one["lead"])) for one in plain["cases"]
    )
    vectors = np.array([one["effects"] for one in plain["cases"]], dtype=np.float64).reshape(len(cases), len(channels))
    if not np.isfinite(vectors).all():
        raise ValueError("a case library with numbers that are none")
    return Library(channels, cases, vectors)


def nearest(library: Library, vector: Floats, *, top: int, not_of: str = "") -> list[tuple[PastMoment, float]]:
    """The cases most like `vector` [channels], one for each machine, with their likeness: 1 the same, 0 nothing in common.

    Likeness is 1 - |a - b| / (|a| + |b|) in log-odds: what moved neither score counts for nothing.
    not_of: the machine itself, which is not its own precedent.
    """
    norms = np.linalg.norm(library.vectors, axis=1) + float(np.linalg.norm(vector))
    apart = np.linalg.norm(library.vectors - vector, axis=1)
    likeness = 1.0 - np.divide(apart, norms, out=np.ones_like(apart), where=norms > 0)
    found: dict[str, tuple[PastMoment, float]] = {}
    for place in np.argsort(-likeness, kind="stable").tolist():
        case = library.cases[place]
        if case.asset != not_of and case.asset not in found:
            found[case.asset] = case, round(float(likeness[place]), 3)
        if len(found) == top:
            break
    return list(found.values())
