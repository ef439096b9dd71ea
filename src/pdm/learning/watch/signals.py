"""The questions that the watch list asks of a vector of fading means m with covariance S of sound machines.

alone     channel by channel, what is left after all others have explained it: (S^-1 m)_c / sqrt((S^-1)_cc)
together  Hotelling's T = sqrt(m' S^-1 m): something is different, whatever it is
mode      for each failure mode, how well m is explained by its channels moving their ways, in whatever proportion (`cones`)

A day counts for what two neighbouring days both say. A missing channel is left out of the question, not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdm.learning.expected.design import Floats
from pdm.learning.watch.cones import in_company

NAMES = ("alone", "together", "mode")


@dataclass(frozen=True)
class Signals:
    """Signals of n vectors. alone: [n, k], signed. together: [n]. modes: mode -> [n]."""

    alone: Floats
    together: Floats
    modes: Mapping[str, Floats]

    def of(self, signal: str) -> Floats:
        """The strength of one kind of signal, [n]; NaN where nothing was asked."""
        if signal == "alone":
            return _largest(np.abs(self.alone))
        if signal == "together":
            return self.together
        return (
            _largest(np.column_stack(list(self.modes.values()))) if self.modes else np.full(len(self.together), np.nan)
        )


def signals(
    faded: Floats, covariance: Floats, channels: Sequence[str], signs: Mapping[str, Mapping[str, int]]
) -> Signals:
    """Ask all questions of vectors [n, k]; vectors with the same gaps are asked together."""
    alone = np.full(faded.shape, np.nan)
    together = np.full(len(faded), np.nan)
    places = {name: place for place, name in enumerate(channels)}
    moved = {mode: {places[name]: way for name, way in ways.items() if name in places} for mode, ways in signs.items()}
    modes = {mode: np.full(len(faded), np.nan) for mode in signs}
    known = np.isfinite(faded)
    same = len(known) > 0 and bool((known == known[0]).all())
    patterns, which = (known[:1], np.zeros(len(known))) if same else np.unique(known, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        here = np.flatnonzero(pattern)
        if not len(here):
            continue
        rows = np.flatnonzero(which.reshape(-1) == number)
        inverse = np.linalg.inv(covariance[np.ix_(here, here)])
        m = faded[np.ix_(rows, here)]
        # Summed row by row: a matrix product may round a row differently beside other rows.
        pulled = (m[:, :, None] * inverse).sum(axis=1)
        alone[np.ix_(rows, here)] = pulled / np.sqrt(np.diag(inverse))
        together[rows] = np.sqrt(np.maximum(np.einsum("nk,nk->n", pulled, m), 0.0))
        for mode, ways in moved.items():
            columns = np.array([column for column, place in enumerate(here) if int(place) in ways], dtype=np.intp)
            if len(columns):
                side = np.array([float(ways[int(here[column])]) for column in columns])
                among = np.asarray(inverse[np.ix_(columns, columns)] * np.outer(side, side), dtype=np.float64)
                modes[mode][rows] = in_company(pulled[:, columns] * side, among)
    return Signals(alone, together, modes)


def lasting(values: Floats) -> Floats:
    """What two neighbouring heard days both say, [assets, days]: the smaller one; NaN where a day was not heard."""
    answer = np.full(values.shape, np.nan)
    before = np.full(len(values), np.nan)
    for day in range(values.shape[1]):
        today = values[:, day]
        known = np.isfinite(today)
        answer[:, day] = np.where(known, np.fmin(today, np.where(np.isfinite(before), before, 0.0)), np.nan)
        before = np.where(known, today, before)
    return answer


def _largest(values: Floats) -> Floats:
    """Row maximum, NaN left out; NaN where a row has nothing."""
    return np.where(np.isfinite(values).any(axis=1), np.max(np.nan_to_num(values, nan=-np.inf), axis=1), np.nan)
