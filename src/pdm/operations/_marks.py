"""What other systems say about when nobody needs to be alerted: their stops, orders in progress, and machines out of service."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd

from pdm.operations._records import ListRead
from pdm.ports import Plant
from pdm.readings.marks import Mark, reconcile
from pdm.readings.registry import read_assets
from pdm.records.matching import Matcher
from pdm.records.planning import read_planning

LONGEST = timedelta(days=14)
"""An order that nobody closes must not silence a machine for ever."""
_OUT = r"\b(?:INAK|LVOR|LKVO|DLFL|INACTIVE|DECOMMISSIONED|NOT READY)\b"
_SURE = ("exact", "confirmed", "normalised", "place")


def mark_stops(plant: Plant, now: datetime) -> int:
    """Planned stops of the newest list, for every machine that stands still in them."""
    assets = read_assets(plant.history)
    stops = [one for one in read_planning(plant.workspace.home).stops if one.end > now]
    return reconcile(
        plant.history,
        "stop",
        [
            Mark(f"{stop.name}|{stop.start.isoformat()}", tag, stop.start, stop.end, f"planned stop {stop.name}")
            for stop in stops
            for tag, asset in assets.items()
            if stop.holds(tag, asset.location)
        ],
        now=now,
    )


def mark_orders(plant: Plant, source: str, records: pd.DataFrame, now: datetime) -> int:
    """Orders on which work has begun and not ended. records: of one list of orders, as `take_work` gives them."""
    begun = records["asset"].ne("") & records["started"].between(now - LONGEST, now)
    going = records[
        begun & ~records["gone"] & ~records["done"] & records[["finished", "closed"]].isna().all(axis="columns")
    ]
    wanted = [
        Mark(
            f"{source}|{number}",
            tag,
            at.to_pydatetime(),
            at.to_pydatetime() + LONGEST,
            f"order {number} is in progress",
        )
        for number, tag, at in zip(going["number"], going["asset"], going["started"], strict=True)
    ]
    return reconcile(plant.history, "order", wanted, now=now, only=[f"{source}|{one}" for one in records["number"]])


def mark_service(plant: Plant, lists: Sequence[ListRead], matcher: Matcher, now: datetime) -> int:
    """Machines that an equipment list calls inactive, until a list calls them otherwise; those it does not name stay as they were."""
    known, states = read_assets(plant.history), dict[str, str]()
    for one in lists:
        if not one.sheet.has("status"):
            continue
        names = ("equipment", "technical_id", "location", "status")
        for *written, status in zip(*(one.sheet.cells(name).tolist() for name in names), strict=True):
            found = matcher.match(written, "")
            if status and found.asset in known and found.how in _SURE:
                states[found.asset] = status.upper()
    wanted = [
        Mark(f"service|{tag}", tag, None, None, f"out of service: {status}")
        for tag, status in states.items()
        if re.search(_OUT, status)
    ]
    return reconcile(plant.history, "service", wanted, now=now, only=[f"service|{tag}" for tag in states])
