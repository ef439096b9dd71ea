"""What a repair costs now, for this asset with its spare and today's price of production: in a stop, outside one, and unplanned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pdm.catalogue import Axis, Costs, Planning
from pdm.catalogue.package import JobPackage
from pdm.readings.registry import Asset
from pdm.records.planning import Price, within

_K_OF_N = re.compile(r"(?i)\b(\d+)\s*(?:of|out of|aus|von|oo|/)\s*(\d+)\b")
_NONE = re.compile(r"(?i)^\s*(?:none|no|single|keine?|ohne|-)?\s*$")


@dataclass(frozen=True)
class Prices:
    """unplanned: a failure in service. in_stop, outside: the planned repair when production stands anyway, and when it does not.

    life_per_hour: what an hour of life thrown away costs. assumptions: where the figures come from, one sentence each.
    """

    unplanned: float
    in_stop: float
    outside: float
    currency: str = "EUR"
    life_per_hour: float = 0.0
    assumptions: tuple[str, ...] = ()


def has_spare(redundancy: str) -> bool | None:
    """Whether another machine can take over; None when the words do not tell.

    >>> [has_spare(words) for words in ("1 of 2 with P-102", "2 von 2", "", "standby, mostly")]
    [True, False, False, None]
    """
    if found := _K_OF_N.search(redundancy):
        return int(found[2]) > int(found[1])
    return False if _NONE.match(redundancy) else None


def price_now(prices: Sequence[Price], asset: Asset, now: datetime) -> Price | None:
    """The listed price of an hour's production that holds now: the asset's before its location's, its class's and the plant's."""
    valid = [
        one
        for one in prices
        if (one.start is None or one.start <= now)
        and (one.end is None or now < one.end)
        and (one.scope == asset.asset_class or within(one.scope, asset.asset, asset.location))
    ]
    return max(valid, key=lambda one: _nearness(one.scope, asset), default=None)


def prices_for(
    costs: Costs,
    package: JobPackage,
    asset: Asset,
    axis: Axis,
    planning: Planning,
    *,
    listed: Sequence[Price],
    now: datetime,
) -> Prices:
    """The prices of one job on one asset.

    A failure costs what the class says, with its standstill at the price that holds now and only a share of it where a spare can
    take over. The planned repair costs people and parts, and the standstill for its duration when it is done outside a stop.
    """
    price = price_now(listed, asset, now)
    hourly = price.per_hour if price else costs.standstill_price
    spare = has_spare(asset.redundancy)
    share = planning.spare_share if spare else 1.0
    unplanned = costs.missed_failure + costs.standstill_hours * (hourly * share - costs.standstill_price)
    runs_on = not package.stop_needed or (package.isolatable_while_running and bool(spare))
    standstill = 0.0 if runs_on else package.duration * hourly * share
    life = axis.calendar(costs.typical_life).total_seconds() / 3600
    said = _assumptions(costs, asset, price, hourly, share, spare, standstill, runs_on, package.duration)
    return Prices(
        unplanned=max(unplanned, costs.planned_repair),
        in_stop=costs.planned_repair,
        outside=costs.planned_repair + standstill,
        currency=costs.currency,
        life_per_hour=costs.planned_repair / life if life > 0 else 0.0,
        assumptions=said,
    )


def _nearness(scope: str, asset: Asset) -> tuple[int, int]:
    if scope == asset.asset:
        return (3, 0)
    if scope == asset.asset_class:
        return (1, 0)
    return (2, len(scope)) if scope else (0, 0)


def _assumptions(
    costs: Costs,
    asset: Asset,
    price: Price | None,
    hourly: float,
    share: float,
    spare: bool | None,
    standstill: float,
    runs_on: bool,
    duration: float,
) -> tuple[str, ...]:
    money = costs.currency
    unplanned = f"A failure in service costs {_amount(costs.missed_failure, money)} by the class's figures"
    if costs.secondary_damage:
        unplanned += f", {_amount(costs.secondary_damage, money)} of it damage to other parts"
    if costs.standstill_hours:
        source = "the price list" if price else "the class"
        unplanned += (
            f"; its {costs.standstill_hours:g} h of standstill count {_amount(hourly, money)} an hour by {source}"
        )
    sentences = [unplanned + "."]
    if spare is None:
        sentences.append(f"What the redundancy {asset.redundancy!r} means is not known: no spare is assumed.")
    elif spare:
        sentences.append(f"A spare takes over ({asset.redundancy}): {share:.0%} of the loss of production remains.")
    if runs_on:
        sentences.append("The planned repair stops no production.")
    elif standstill:
        sentences.append(f"Outside a stop the planned repair holds up production for {duration:g} h.")
    if costs.typical_life:
        sentences.append("A repair before its time throws away life that was paid for.")
    return tuple(sentences)


def _amount(value: float, currency: str) -> str:
    return f"{value:,.0f} {currency}"
