"""The limits that a plant would have set on its readings before a stretch of history, and what they would have raised within it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pdm.alerts.alert import Alert
from pdm.catalogue import AssetClass, Costs
from pdm.errors import TooLittleData
from pdm.ports import Plant
from pdm.readings.store import ReadingStore
from pdm.replay.choose_rules import candidates, cheapest_rules
from pdm.replay.limits import as_alerts, record
from pdm.replay.outcomes import Failure, Span
from pdm.replay.rules import Rule, together


@dataclass(frozen=True)
class Limits:
    """rules: as they were chosen, the one that saves most first. alerts: what they raised, before the stretch as well."""

    rules: tuple[Rule, ...] = ()
    alerts: tuple[Alert, ...] = ()


def limits_before(
    plant: Plant,
    asset_class: AssetClass,
    costs: Costs,
    failures: Sequence[Failure],
    work: Mapping[str, Sequence[datetime]],
    span: Span,
) -> Limits:
    """The limits that would have cost the class least before `span.start`, by what was known then; none where none saves anything.

    failures, work: on record by then. span: of the stretch that is judged.
    """
    readings = ReadingStore(plant.history).scan(asset_class, end=span.end, known_at=span.end)
    if readings.empty:
        return Limits()
    assets = sorted(readings["asset"].unique().tolist())
    before = Span(readings["time"].min().to_pydatetime(), span.start, span.horizon, span.reach)
    known = record(assets, failures, work, before, costs)
    if not len(known.failed):
        return Limits()
    try:
        tried = candidates("limit", asset_class.name, readings, before, asset_class)
    except TooLittleData:
        return Limits()
    rules, streams = cheapest_rules(tried, known.price, without=known.without_alerts)
    return Limits(tuple(rules), tuple(as_alerts([together(streams)], asset_class.name)) if streams else ())
