"""What limits on raw readings would have cost a plant, by the failures on its own record: chosen before a stretch, judged within it.

A limit alert names no failure mode. It is right when a failure of the machine follows within `reach`, in time when planning and parts still
fit in between; one after which somebody worked on the machine, or the record ends, is left undecided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from pdm.alerts.alert import UNSPECIFIED, Alert, AlertState
from pdm.catalogue import Costs
from pdm.replay.outcomes import Failure, Span
from pdm.replay.rules import Stream

Ints = npt.NDArray[np.int64]
_APART = 2**52  # microseconds until the year 2112: sets the assets apart on one axis
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Record:
    """Failures and work of the machines of one class on one axis of time. span: alerts outside it are not looked at. lead: microseconds."""

    assets: tuple[str, ...]
    failed: Ints
    lead: Ints
    worked: Ints
    span: Span
    costs: Costs

    @property
    def without_alerts(self) -> float:
        """What all failures cost unseen."""
        return len(self.failed) * self.costs.missed_failure

    def price(self, stream: Stream) -> float:
        """What failures and inspections cost when somebody follows these alerts."""
        start, end = _tick(self.span.start), _tick(self.span.end)
        inside = (stream.raised > start) & (stream.raised <= end)
        raised = stream.raised[inside]
        place = np.array([self.assets.index(asset) for asset in stream.assets], dtype=np.int64)[stream.which[inside]]
        at, reach = raised + place * _APART, self.span.reach // _TICK
        hit, following = _next(self.failed, at, reach)
        in_time = hit & (self.failed[following] - at >= self.lead[following]) if len(self.failed) else hit
        open_end = raised + self.span.horizon // _TICK > end
        false = ~hit & ~_next(self.worked, at, reach)[0] & ~open_end
        found = len(np.unique(following[in_time]))
        costs = self.costs
        missed = len(self.failed) - found
        return float(
            found * costs.planned_repair + missed * costs.missed_failure + int(false.sum()) * costs.false_alert
        )


def record(
    assets: Sequence[str],
    failures: Sequence[Failure],
    work: Mapping[str, Sequence[datetime]],
    span: Span,
    costs: Costs,
) -> Record:
    """The record of one class within a span; assets sorted by tag."""
    place = {asset: number for number, asset in enumerate(assets)}
    mine = sorted(
        (place[one.asset] * _APART + _tick(one.at), one.lead // _TICK)
        for one in failures
        if one.asset in place and span.start < one.at <= span.end
    )
    worked = sorted(
        place[asset] * _APART + _tick(at) for asset, times in work.items() if asset in place for at in times
    )
    failed, lead = (np.array([pair[side] for pair in mine], dtype=np.int64) for side in (0, 1))
    return Record(tuple(assets), failed, lead, np.array(worked, dtype=np.int64), span, costs)


def as_alerts(streams: Sequence[Stream], asset_class: str) -> list[Alert]:
    """What rules raised, as alerts of no named mode."""
    found = []
    for stream in streams:
        for which, raised, closed in zip(stream.which, stream.raised, stream.closed, strict=True):
            first, last = (_EPOCH + int(moment) * _TICK for moment in (raised, closed))
            name = stream.assets[which]
            words = (f"limit-{name}-{raised}", name, asset_class, UNSPECIFIED, AlertState.CLOSED, first, last)
            found.append(Alert(*words, raised_at=first, closed_at=last))
    return found


_TICK = timedelta(microseconds=1)


def _tick(moment: datetime) -> int:
    return (moment - _EPOCH) // _TICK


def _next(moments: Ints, at: Ints, reach: int) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Whether a moment follows each of `at` within reach, and which is the next one (0 where there is none at all)."""
    if not len(moments):
        return np.zeros(len(at), dtype=np.bool_), np.zeros(len(at), dtype=np.int64)
    following = np.searchsorted(moments, at, side="left")
    there = following < len(moments)
    following = np.where(there, following, 0).astype(np.int64)
    return there & (moments[following] - at <= reach), following
