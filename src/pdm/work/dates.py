r"""The date at which a repair is cheapest, the latest one that is safe, and what waiting costs.

A repair planned for t hours from now either comes in time, or the machine fails before. With F(t) = P(failure before t),
S = 1 - F, the cost U of a failure in service, K(t) of the planned repair (less in a stop) and v per hour of life that is not
thrown away:

    C(t) = F(t) U + S(t) K(t) - v \int_0^t S(s) ds

Between two knots of the curve and outside stops the sign of dC/dt cannot change (the hazard is constant there), so the cheapest
date is one of a few: the first possible moment, a knot, the first moment of a stop, or the last moment that is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from pdm.records.planning import Stop
from pdm.work.curve import FailureCurve
from pdm.work.prices import Prices

WEEK = timedelta(days=7)
LOOK_AHEAD = timedelta(days=60)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Option:
    """One date. risk: P(failure before it). cost: expected, all told. risk_cost: P times what a failure costs more than a repair.

    stop: name of the planned stop it lies in. safe: within the accepted risk.
    """

    start: datetime
    stop: str
    risk: float
    cost: float
    risk_cost: float
    safe: bool


@dataclass(frozen=True)
class DateAdvice:
    """When to do it.

    best: the cheapest date that is safe and possible. earliest: as soon as the job is ready. stops: each stop ahead into which
    the job fits. curve: dates over the whole look-ahead, outside stops. week: what one more week of waiting costs in risk, from
    the earliest date on. too_late: the job is ready only after the latest safe date: somebody has to expedite.
    """

    best: Option
    earliest: Option
    stops: tuple[Option, ...]
    curve: tuple[Option, ...]
    latest_safe: datetime
    week: float
    too_late: bool
    prices: Prices
    failure: FailureCurve
    budget: float

    @property
    def source(self) -> str:
        """Where the probability comes from."""
        return self.failure.source

    def dearer(self, option: Option) -> float:
        """How much more risk an option carries than the earliest one, in money."""
        return option.risk_cost - self.earliest.risk_cost


def advise_date(
    curve: FailureCurve,
    prices: Prices,
    *,
    ready: datetime,
    duration: timedelta,
    budget: float,
    stops: Sequence[Stop] = (),
    reserve: timedelta = timedelta(0),
    look_ahead: timedelta = LOOK_AHEAD,
) -> DateAdvice:
    """The advice for one job.

    ready: parts, permits and plans are there. duration: of the job on the clock. budget: accepted P(failure before the work);
    `reserve` before the date at which it is used up is kept for work that slips. stops: planned stops of this asset.
    """
    now = curve.start
    end = max(ready, now) + look_ahead
    latest_safe = max(now, min(now + _hours(curve.reaches(budget), look_ahead * 4) - reserve, end))
    first = max(ready, now)
    chances = [(stop, begin) for stop in stops if (begin := fits(stop, first, duration)) is not None and begin <= end]
    knots = [now + timedelta(hours=hour) for hour in curve.hours]
    moments = {first, min(max(latest_safe, first), end), end, *(knot for knot in knots if first < knot < end)}
    free = [option_at(curve, prices, moment, None, latest_safe) for moment in sorted(moments)]
    planned = sorted(
        (option_at(curve, prices, begin, stop, latest_safe) for stop, begin in chances), key=lambda o: o.start
    )
    earliest = free[0]
    possible = [one for one in (*free, *planned) if one.safe] or [earliest]
    days = max(int(look_ahead / timedelta(days=1)), 1)
    grid = [first + timedelta(days=number) for number in range(0, days + 1, 2)]
    risk_per_failure = prices.unplanned - prices.outside
    week = (curve.until(first + WEEK) - curve.until(first)) * max(risk_per_failure, 0.0)
    return DateAdvice(
        best=_cheapest(possible),
        earliest=earliest,
        stops=tuple(planned),
        curve=tuple(option_at(curve, prices, moment, None, latest_safe) for moment in grid),
        latest_safe=latest_safe,
        week=week,
        too_late=first > latest_safe,
        prices=prices,
        failure=curve,
        budget=budget,
    )


def option_at(
    curve: FailureCurve, prices: Prices, moment: datetime, stop: Stop | None, latest_safe: datetime
) -> Option:
    """What it costs to plan the repair for one moment, by the formula of this module."""
    hours = max((moment - curve.start) / _HOUR, 0.0)
    risk = float(curve.probability(hours))
    planned = prices.in_stop if stop is not None else prices.outside
    cost = risk * prices.unplanned + (1 - risk) * planned - prices.life_per_hour * expected_life(curve, hours)
    risk_cost = risk * max(prices.unplanned - prices.outside, 0.0)
    return Option(moment, stop.name if stop else "", risk, cost, risk_cost, moment <= latest_safe)


def expected_life(curve: FailureCurve, hours: float) -> float:
    r"""E[min(T, t)] in hours, \int_0^t S(s) ds, exact: on each piece the hazard is constant."""
    knots = np.asarray([0.0, *(hour for hour in curve.hours[1:] if hour < hours), hours])
    level = curve.cumulative(knots)
    length, rise = np.diff(knots), np.diff(level)
    alive = np.exp(-level[:-1])
    # (1 - exp(-x)) / x tends to 1 where the hazard vanishes.
    share = np.divide(-np.expm1(-rise), rise, out=np.ones_like(rise), where=rise > 1e-12)
    return float(np.sum(alive * length * share))


def fits(stop: Stop, first: datetime, duration: timedelta) -> datetime | None:
    """When the job can begin in a stop, None when there is no room for it."""
    begin = max(stop.start, first)
    return begin if begin + duration <= stop.end else None


def _hours(hours: float, longest: timedelta) -> timedelta:
    return timedelta(hours=min(hours, longest / _HOUR))


def _cheapest(options: Sequence[Option]) -> Option:
    """The cheapest; of two that cost the same the one in a stop, then the later one: waiting that costs nothing keeps life."""
    least = min(option.cost for option in options)
    same = [option for option in options if option.cost <= least + 1e-9 * max(abs(least), 1.0)]
    return max(same, key=lambda option: (bool(option.stop), option.start))
