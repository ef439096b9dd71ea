"""Alerts as a planner counts them: one episode is one alert, one failure is found or missed, however many rows say so.

An episode begins when `n` of the last `m` answers reach the raising threshold and ends when one falls below the clearing
threshold or the life ends. It is *true* if it begins between the horizon and the minimum lead before a failure, *early* if it
begins before the horizon and still stands when the failure comes, *undecided* if history ends before its horizon does, else *false*.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdm.catalogue import Policy
from pdm.learning.economy import SeenLives
from pdm.learning.metrics import binomial_interval
from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Ints, Labels


@dataclass(frozen=True)
class AlertCount:
    """What alerts at one threshold would have done over a period.

    warned: failures before which an alert stood, begun within the horizon or before it.
    leads: for every found failure, native units between the first true episode and the failure.
    years: asset-years looked at. interval: exact 95 % interval of the share found.
    """

    failures: int
    found: int
    episodes: int
    false: int
    early: int
    undecided: int
    warned: int
    years: float
    leads: tuple[float, ...]
    interval: tuple[float, float]

    @property
    def recall(self) -> float:
        """Share of failures found; NaN when there were none."""
        return self.found / self.failures if self.failures else float("nan")

    @property
    def precision(self) -> float:
        """Share of the decided episodes that were not false; NaN without any."""
        decided = self.episodes - self.undecided
        return 1 - self.false / decided if decided else float("nan")

    @property
    def false_per_year(self) -> float:
        """False episodes per asset-year."""
        return self.false / self.years if self.years else float("nan")


@dataclass(frozen=True)
class Episodes:
    """Every episode that a threshold would have raised, judged by what came after.

    rows: the rows looked at, sorted by asset, life and position. segment: a rising number per life of an asset [rows].
    starts: where each episode begins, as places in `rows`; lead: native units from there to the life's end.
    true, late, early, undecided, false: what it was; exactly one of them per episode.
    """

    rows: Ints
    segment: Ints
    starts: Ints
    lead: Floats
    true: Bools
    late: Bools
    early: Bools
    undecided: Bools

    @property
    def false(self) -> Bools:
        return ~(self.true | self.late | self.early | self.undecided)

    @property
    def owner(self) -> Ints:
        """The segment of every episode."""
        return self.segment[self.starts]


def judge_episodes(
    probability: Floats,
    positions: Floats,
    assets: Ints,
    labels: Labels,
    policy: Policy,
    *,
    horizon: float,
    minimum_lead: float = 0.0,
) -> Episodes:
    """Replay a threshold over rows: every episode with its outcome; arguments as in `count_alerts`."""
    rows = np.flatnonzero(labels.kept)
    rows = rows[np.lexsort((positions[rows], labels.life[rows], assets[rows]))]
    segment = _segments(assets[rows], labels.life[rows])
    remaining, observed = labels.remaining[rows], labels.observed[rows]
    starts, lasts = _episodes(probability[rows], segment, policy)
    lead, failed, persists = remaining[starts], observed[starts], remaining[lasts] <= horizon
    return Episodes(
        rows=rows,
        segment=segment,
        starts=starts,
        lead=lead,
        true=failed & (lead <= horizon) & (lead > minimum_lead),
        late=failed & (lead <= minimum_lead),
        early=failed & (lead > horizon) & persists,
        undecided=~failed & (lead < horizon),
    )


def count_alerts(
    probability: Floats,
    positions: Floats,
    assets: Ints,
    labels: Labels,
    policy: Policy,
    *,
    horizon: float,
    per_year: float,
    minimum_lead: float = 0.0,
) -> AlertCount:
    """Replay a threshold over rows and count episodes and failures.

    probability: P(failure within `horizon`) [n].
    positions, assets: when and whose each row is [n]; any order.
    labels: remaining life, its end and its number per row; rows outside a life are left out.
    policy: thresholds and persistence.
    per_year: native units in a year.
    """
    found = judge_episodes(probability, positions, assets, labels, policy, horizon=horizon, minimum_lead=minimum_lead)
    remaining, observed = labels.remaining[found.rows], labels.observed[found.rows]
    leads = {}
    for place in np.flatnonzero(found.true)[::-1]:
        leads[int(found.owner[place])] = float(found.lead[place])
    # A failure can only be found when rows reach into its window.
    open_to_finding = observed & (remaining <= horizon) & (remaining > minimum_lead)
    failures = len(np.unique(found.segment[open_to_finding]))
    return AlertCount(
        failures=failures,
        found=len(leads),
        episodes=len(found.starts),
        false=int(found.false.sum()),
        early=int(found.early.sum()),
        undecided=int(found.undecided.sum()),
        warned=len(np.unique(found.owner[found.true | found.early])),
        years=_exposure(positions[found.rows], found.segment) / per_year,
        leads=tuple(leads.values()),
        interval=binomial_interval(len(leads), failures),
    )


def seen_lives(found: Episodes, labels: Labels, *, planning_time: float) -> SeenLives:
    """The lives under this policy, for their costs: the first alert that is not false has the item repaired `planning_time` later.

    An episode that history does not decide (the life was cut before its horizon ended) costs nothing either way.
    """
    count = int(found.segment[-1]) + 1 if len(found.segment) else 0
    entry, end, failed = np.full(count, np.inf), np.zeros(count), np.zeros(count, dtype=bool)
    age = labels.age[found.rows]
    np.minimum.at(entry, found.segment, age)
    np.maximum.at(end, found.segment, age + labels.remaining[found.rows])
    np.logical_or.at(failed, found.segment, labels.observed[found.rows])
    repaired = np.full(count, np.nan)
    acted = np.flatnonzero((found.true | found.early) & (found.lead >= planning_time))
    np.fmax.at(repaired, found.owner[acted], found.lead[acted] - planning_time)
    false = np.bincount(found.owner[found.false], minlength=count).astype(np.float64)
    return SeenLives(entry, end, failed, repaired, false)


def _segments(assets: Ints, lives: Ints) -> Ints:
    """A rising number for every stretch of one asset's one life."""
    if not len(assets):
        return np.zeros(0, dtype=np.int64)
    new = (np.diff(assets, prepend=assets[0]) != 0) | (np.diff(lives, prepend=lives[0]) != 0)
    return np.cumsum(new).astype(np.int64)


def _episodes(probability: Floats, segment: Ints, policy: Policy) -> tuple[Ints, Ints]:
    """First and last row of every episode; memory never reaches over the start of a segment."""
    n, m = policy.persistence
    at = np.arange(len(segment))
    first = np.searchsorted(segment, segment, side="left")
    high = np.concatenate([[0], np.cumsum(probability >= policy.raise_at)])
    raised = high[at + 1] - high[np.maximum(at + 1 - m, first)] >= n
    cleared = probability < policy.clear_at
    last_raised = np.maximum.accumulate(np.where(raised & ~cleared, at, -1)) if len(at) else at
    last_cleared = np.maximum.accumulate(np.where(cleared, at, -1)) if len(at) else at
    standing: Bools = (last_raised >= first) & (last_raised > last_cleared)
    before = np.concatenate([[False], standing[:-1]]) & (at > first)
    after = np.concatenate([standing[1:], [False]]) & (np.append(segment[1:], -1) == segment)
    return np.flatnonzero(standing & ~before), np.flatnonzero(standing & ~after)


def _exposure(positions: Floats, segment: Ints) -> float:
    """Native units from the first to the last row of every segment, summed."""
    if not len(positions):
        return 0.0
    inside = np.diff(segment) == 0
    return float(np.diff(positions)[inside].sum())
