"""Give stored readings another value, or take them back: a new version, a reason and an audit entry; the past stays readable."""

from __future__ import annotations

from datetime import datetime

from pdm.audit.entry import AuditEntry
from pdm.clock import aware
from pdm.errors import InputError, NotFound
from pdm.ports import Plant
from pdm.readings.registry import Asset, read_assets
from pdm.readings.store import ReadingStore

Position = datetime | float


def correct_readings(
    plant: Plant,
    *,
    asset: str,
    channel: str,
    start: Position,
    end: Position,
    value: float,
    by: str,
    reason: str,
) -> int:
    """Replace the values of one channel from `start` to `end`, both included; the number of values changed.

    start, end: aware times, or usage for a class that ages by a counter.

    Raises:
        NotFound: no such asset or channel.
        InputError: the value is impossible, the interval is empty, or nobody or no reason is named.
    """
    return _revise(plant, asset, channel, start, end, value, by=by, reason=reason)


def void_readings(
    plant: Plant, *, asset: str, channel: str, start: Position, end: Position, by: str, reason: str
) -> int:
    """Take the values of one channel back without a replacement; the number of values voided. Raises as `correct_readings`."""
    return _revise(plant, asset, channel, start, end, None, by=by, reason=reason)


def _revise(
    plant: Plant,
    asset: str,
    channel: str,
    start: Position,
    end: Position,
    value: float | None,
    *,
    by: str,
    reason: str,
) -> int:
    known = _known_asset(plant, asset)
    definition = plant.catalogue.asset_class(known.asset_class)
    _check_interval(start, end, calendar=definition.axis.kind == "time", unit=definition.axis.unit)
    now = plant.clock.now()
    # The audit entry is committed last: a failed revision leaves none, and a revision whose audit fails is an error that
    # `revisions` in the history still shows.
    with plant.unit_of_work() as work:
        cells = ReadingStore(plant.history).correct(
            definition, asset, channel, start, end, value, by=by, reason=reason, now=now
        )
        if cells:
            details = {"channel": channel, "start": _text(start), "end": _text(end), "value": value, "cells": cells}
            verb = "void readings" if value is None else "correct readings"
            work.audit.append(AuditEntry(now, by, verb, f"readings:{asset}", reason, details))
            work.commit()
    return cells


def _known_asset(plant: Plant, asset: str) -> Asset:
    assets = read_assets(plant.history)
    if asset not in assets:
        raise NotFound(f"no asset {asset!r}", hint="`plantpdm assets` lists them")
    return assets[asset]


def _check_interval(start: Position, end: Position, *, calendar: bool, unit: str) -> None:
    for position in (start, end):
        if isinstance(position, datetime) != calendar:
            wanted = "a moment such as 2026-05-03T02:00+02:00" if calendar else f"a number of {unit}"
            raise InputError(f"{position!r} is no position of this class", hint=f"give {wanted}")
    if _order(end) < _order(start):
        raise InputError(f"the interval ends ({_text(end)}) before it starts ({_text(start)})", hint="swap the two")


def _order(position: Position) -> float:
    return aware(position).timestamp() if isinstance(position, datetime) else float(position)


def _text(position: Position) -> str:
    return aware(position).isoformat() if isinstance(position, datetime) else repr(float(position))
