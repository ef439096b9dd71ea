"""The savings ledger of a plant: one line per closed case, with its assumptions; and the same as a page with its chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from pdm.feedback.savings import Ledger, Saving, ledger, saving
from pdm.ports import Plant
from pdm.views import words
from pdm.views.series import Chart, Line


@dataclass(frozen=True)
class SavingRow:
    """One line of the ledger for people. low, value, high: places 0..1 on the ledger's own scale, zero at `SavingsPage.zero`."""

    saving: Saving
    title: str
    href: str
    day: str
    amount: str
    interval: str
    low: float
    value: float
    high: float


@dataclass(frozen=True)
class SavingsPage:
    """The ledger of one currency. rows: newest first; zero: where nothing is saved on the scale; assumptions: each said once."""

    ledger: Ledger
    total: str
    interval: str
    rows: tuple[SavingRow, ...]
    zero: float
    chart: Chart
    outcomes: tuple[tuple[str, int], ...]
    assumptions: tuple[str, ...]


def savings(plant: Plant) -> list[Ledger]:
    """Every case with a verdict whose class still has a model definition; the last verdict of a case counts."""
    return ledger(line for line, _, _ in _lines(plant))


def savings_pages(plant: Plant) -> tuple[SavingsPage, ...]:
    """One page for every currency."""
    found = _lines(plant)
    return tuple(_page(plant, one, found) for one in ledger(line for line, _, _ in found))


def _lines(plant: Plant) -> list[tuple[Saving, datetime, str]]:
    """Saving, when its verdict was recorded, and the alert that tells its story ('' where none is on record)."""
    with plant.unit_of_work() as work:
        verdicts = {one.case_id: one for one in sorted(work.verdicts.list(), key=lambda one: one.recorded_at)}
        lines = []
        for case_id, verdict in sorted(verdicts.items()):
            definition = plant.catalogue.models.get(work.cases.get(case_id).asset_class)
            if definition is not None:
                alerts = work.alerts.list(case_id=case_id)
                worst = max(alerts, key=lambda one: one.peak_probability, default=None)
                line = saving(verdict, alerts, definition.costs)
                lines.append((line, verdict.recorded_at, worst.id if worst else ""))
    return lines


def _page(plant: Plant, one: Ledger, found: Sequence[tuple[Saving, datetime, str]]) -> SavingsPage:
    mine = sorted((item for item in found if item[0].currency == one.currency), key=lambda item: item[1])
    bottom = min(0.0, *(line.low for line, _, _ in mine))
    top = max(0.0, *(line.high for line, _, _ in mine))
    span = (top - bottom) or 1.0

    def place(amount: float) -> float:
        return round((amount - bottom) / span, 4)

    rows = []
    for line, at, alert in reversed(mine):
        same = line.low == line.high
        rows.append(
            SavingRow(
                saving=line,
                title=line.asset,
                href=f"/alerts/{alert}" if alert else f"/assets/{line.asset}",
                day=words.day(at, plant.settings.time_zone),
                amount=words.money(line.value, line.currency),
                interval="" if same else _between(line.low, line.high, line.currency),
                low=place(line.low),
                value=place(line.value),
                high=place(line.high),
            )
        )
    outcomes = sorted({line.outcome for line, _, _ in mine})
    return SavingsPage(
        ledger=one,
        total=words.money(one.value, one.currency),
        interval=f"between {_between(one.low, one.high, one.currency).replace(' to ', ' and ')}",
        rows=tuple(rows),
        zero=place(0.0),
        chart=_chart(one, mine),
        outcomes=tuple((name, sum(line.outcome == name for line, _, _ in mine)) for name in outcomes),
        assumptions=tuple(dict.fromkeys(text for line, _, _ in mine for text in line.assumptions)),
    )


def _between(low: float, high: float, currency: str) -> str:
    return f"{words.money(low, currency)} to {words.money(high, currency)}"


def _chart(one: Ledger, lines: Sequence[tuple[Saving, datetime, str]]) -> Chart:
    """The running total with its bounds, verdict by verdict."""
    ordered = [line for line, _, _ in lines]
    total, low, high = (
        tuple(round(value, 2) for value in accumulate(getattr(line, name) for line in ordered))
        for name in ("value", "low", "high")
    )
    said = (
        f"After {words.plural(len(ordered), 'case')}: {words.money(one.value, one.currency)}, "
        f"between {_between(one.low, one.high, one.currency).replace(' to ', ' and ')}."
    )
    x = tuple(at.timestamp() for _, at, _ in lines)
    return Chart("savings", "Saved so far", one.currency, x, (Line("running total", total, low, high),), said)
