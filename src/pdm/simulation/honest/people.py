"""What people write down, and how: late, on the wrong machine, with the code Other, on Friday afternoon, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from pdm.readings.registry import Asset
from pdm.simulation.honest.cards import Deck, Metronome
from pdm.simulation.honest.fleet import Fleet
from pdm.simulation.honest.historian import Section, section_of
from pdm.simulation.honest.incumbent import crossings
from pdm.simulation.honest.lives import Life
from pdm.simulation.honest.phrases import (
    AGAIN,
    ALL_WELL,
    LIMIT,
    NOTHING_FOUND,
    OTHER_CODE,
    OTHER_WORK,
    PREFIXES,
    REPAIRED,
)
from pdm.simulation.honest.reality import failure_id, is_failure
from pdm.simulation.honest.regimes import Calendar, Regimes
from pdm.simulation.honest.settings import ModeSettings, PlantSettings
from pdm.simulation.signals import DAY

Coding = Literal["right", "other", "wrong"]


@dataclass(frozen=True)
class Event:
    """Something that a person might write down; rows are hours."""

    asset: str
    section: int
    event: str
    row: int
    done: int
    mode: ModeSettings | None = None
    failure_id: str = ""
    text: tuple[str, str] = ("", "")
    task: tuple[int, str] | None = None  # number of the plan, due date
    breakdown: bool = False


@dataclass
class Records:
    """The lists of the maintenance system: notifications and orders by section, as rows of fields of `pdm.records.headers`."""

    notifications: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    orders: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    plans: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """Whoever enters the records: the chances, the clock, and who stands beside whom."""

    rng: np.random.Generator
    settings: PlantSettings
    at: Calendar
    sections: tuple[Section, ...]
    parents: dict[str, str]
    sisters: dict[str, str]
    codes: tuple[tuple[str, str, tuple[str, str]], ...]
    coding: Deck[Coding]
    forgotten: Metronome
    astray: Metronome


def write_records(
    rng: np.random.Generator,
    settings: PlantSettings,
    regimes: Regimes,
    sections: tuple[Section, ...],
    fleets: list[Fleet],
    assets: list[Asset],
) -> tuple[Records, list[dict[str, Any]]]:
    """The records of the period, and what became of each event in them (rows of the truth's `records`)."""
    at = regimes.calendar
    habits = settings.records
    coding: dict[Coding, float] = {
        "right": 1 - habits.code_other - habits.code_wrong,
        "other": habits.code_other,
        "wrong": habits.code_wrong,
    }
    desk = Desk(
        rng=rng,
        settings=settings,
        at=at,
        sections=sections,
        parents={a.asset: a.parent for a in assets},
        sisters=_sisters(fleets),
        codes=_codes(fleets),
        coding=Deck(rng, coding),
        forgotten=Metronome(rng, habits.unrecorded),
        astray=Metronome(rng, habits.on_parent),
    )
    events = [event for fleet in fleets for event in _events(desk, fleet)]
    events += list(_other_work(desk, [(a.asset, _section_number(sections, a)) for a in assets]))
    names = [section.name for section in sections]
    records = Records({name: [] for name in names}, {name: [] for name in names}, {name: [] for name in names})
    counter = {"notification": 10_000_000, "order": 4_000_000}
    truth = [
        _enter(desk, event, records, counter) for event in sorted(events, key=lambda e: (e.done, e.asset, e.event))
    ]
    return records, truth


def _section_number(sections: tuple[Section, ...], asset: Asset) -> int:
    return [section.name for section in sections].index(str(asset.attributes["section"]))


def _sisters(fleets: list[Fleet]) -> dict[str, str]:
    return {
        tag: fleet.tags[index ^ 1]
        for fleet in fleets
        for index, tag in enumerate(fleet.tags)
        if (index ^ 1) < len(fleet.tags)
    }


def _codes(fleets: list[Fleet]) -> tuple[tuple[str, str, tuple[str, str]], ...]:
    return tuple(
        sorted(
            {(mode.part_code, mode.damage_code, mode.damage_text) for fleet in fleets for mode in fleet.machine.mode}
        )
    )


def _events(desk: Desk, fleet: Fleet) -> Iterator[Event]:
    rows = desk.at.rows
    for life in fleet.lives:
        if is_failure(life, rows) and life.ended_by in ("failure", "condition"):
            yield _repair(desk, fleet, life)
    for task in fleet.tasks:
        plan = fleet.machine.plan[task.plan]
        section = section_of(fleet.lines[task.asset])
        due = f"{desk.at.at(task.due).tz_convert(desk.at.zone):%Y-%m-%d}"
        mode = next(mode for mode in fleet.machine.mode if mode.maintainable_item == plan.maintainable_item)
        event = "skipped" if task.skipped else "preventive"
        done = task.row + max(int(plan.hours), 1)
        yield Event(fleet.tags[task.asset], section, event, task.row, done, mode, text=plan.text, task=(task.plan, due))
    yield from _inspections(desk, fleet)
    yield from _false_alarms(desk, fleet)


def _repair(desk: Desk, fleet: Fleet, life: Life) -> Event:
    rng, tag = desk.rng, fleet.tags[life.asset]
    ended, back = life.ended or 0, life.back or 0
    found = life.mode.found[int(rng.integers(len(life.mode.found)))] if life.mode.found else life.mode.damage_text
    failed = life.ended_by == "failure"
    began = ended if failed or life.found is None else life.found.noticed
    event = "failure" if failed else "condition"
    section = section_of(fleet.lines[life.asset])
    return Event(tag, section, event, began, back, life.mode, failure_id(tag, life), found, breakdown=failed)


def _inspections(desk: Desk, fleet: Fleet) -> Iterator[Event]:
    """Quarterly inspections that found nothing: also on machines that were failing, when the inspector overlooked it."""
    step = int(desk.settings.incumbent.inspection_days * DAY)
    for index, tag in enumerate(fleet.tags):
        for row in range(int(desk.rng.integers(0, step)) // DAY * DAY + 9, desk.at.rows, step):
            text = ALL_WELL[int(desk.rng.integers(len(ALL_WELL)))]
            yield Event(tag, section_of(fleet.lines[index]), "inspection", row, row + 1, text=text)


def _false_alarms(desk: Desk, fleet: Fleet) -> Iterator[Event]:
    """Crossed limits on sound machines (weather, cavitation, a lying sensor): some are looked into, and nothing is found."""
    busy = np.zeros(fleet.running.shape, dtype=np.bool_)
    for life in fleet.lives:
        end = desk.at.rows if life.back is None else life.back
        busy[life.asset, max(min(life.onset, desk.at.rows), 0) : end] |= (
            life.precursor != "none" or life.ended is not None
        )
    for channel in fleet.machine.channel:
        if channel.alarm_high is None and channel.alarm_low is None:
            continue
        crossed = crossings(fleet.told[channel.name], fleet.running, channel.alarm_low, channel.alarm_high) & ~busy
        begun = crossed[:, 1:] & ~crossed[:, :-1]
        for index, row in np.argwhere(begun).tolist():
            if desk.rng.random() < desk.settings.incumbent.false_alarm_answered:
                text = NOTHING_FOUND[int(desk.rng.integers(len(NOTHING_FOUND)))]
                limit = tuple(f"{word} {channel.title}: {said}" for word, said in zip(LIMIT, text, strict=True))
                section = section_of(fleet.lines[index])
                yield Event(fleet.tags[index], section, "false alarm", row, row + 20, text=(limit[0], limit[1]))


def _other_work(desk: Desk, assets: list[tuple[str, int]]) -> Iterator[Event]:
    """Painting, lamps, insulation: work that no model should learn from."""
    years = desk.at.rows / (365.25 * DAY)
    for asset, section in assets:
        for _ in range(int(desk.rng.poisson(desk.settings.records.other_work_per_year * years))):
            row = int(desk.rng.integers(0, desk.at.rows))
            text = OTHER_WORK[int(desk.rng.integers(len(OTHER_WORK)))]
            yield Event(asset, section, "other", row, row + int(desk.rng.integers(2, 30)), text=text)


def _enter(desk: Desk, event: Event, records: Records, counter: dict[str, int]) -> dict[str, Any]:
    """Write one event down as people do; what became of it."""
    rng, habits, at = desk.rng, desk.settings.records, desk.at
    section = desk.sections[event.section]
    repair = event.event in ("failure", "condition")
    recorded = event.event != "skipped" and not (repair and desk.forgotten.strikes())
    entered = at.at(event.done) + _delay(rng, desk)
    known = recorded and entered < at.at(at.rows)
    true_code = event.mode.damage_code if event.mode and repair else ""
    truth: dict[str, Any] = {
        "failure_id": event.failure_id,
        "asset": event.asset,
        "event": event.event,
        "happened_at": at.at(event.row),
        "recorded": known,
        "order_number": "",
        "notification": "",
        "booked_on": "",
        "code_true": true_code,
        "code_written": "",
        "default_start": False,
        "entered_at": entered if known else None,
    }
    if event.task is not None:
        records.plans[section.name].append(_plan_row(event, at, None))
    if not known:
        return truth
    booked = _booked(desk, event) if repair else event.asset
    code = _code(desk, event) if repair else ("", "", ("", ""))
    default = bool(repair and rng.random() < habits.default_start)
    start = entered if default else at.at(event.row) + pd.Timedelta(minutes=int(rng.integers(0, 60)))
    counter["order"] += int(rng.integers(1, 9))
    order = str(counter["order"])
    said = _text(desk, event, section)
    if event.task is not None:
        records.plans[section.name][-1] = _plan_row(event, at, order)
    elif event.event != "inspection":  # rounds are ordered, nobody reports them
        counter["notification"] += int(rng.integers(1, 9))
        truth["notification"] = str(counter["notification"])
    closed = _closing(desk, entered)
    common = {
        "equipment": booked,
        "text": said,
        "created": entered,
        "part": code[0],
        "damage": code[1],
        "damage_text": code[2][0 if section.language == "de" else 1],
        "long_text": _long_text(desk, event, section),
    }
    if truth["notification"]:
        records.notifications[section.name].append(
            common
            | {
                "number": truth["notification"],
                "kind": _kind(rng, event),
                "order": order,
                "started": start,
                "ended": at.at(event.done) if repair else None,
                "finished": closed,
                "breakdown": "X" if event.breakdown and rng.random() < 0.8 else "",
                "priority": str(int(rng.choice([1, 2, 3, 4], p=[0.15, 0.35, 0.35, 0.15]))),
            }
        )
    records.orders[section.name].append(
        common
        | {
            "number": order,
            "kind": "PM02" if event.task is not None else "PM05" if event.event == "inspection" else "PM01",
            "notification": truth["notification"],
            "due": at.at(event.row).normalize(),
            "started": at.at(event.row) if not default else entered,
            "finished": at.at(event.done) if rng.random() < 0.8 else closed,
            "closed": closed,
            "plan": _plan_number(event) if event.task is not None else "",
        }
    )
    return truth | {
        "order_number": order,
        "booked_on": booked,
        "code_written": code[1],
        "default_start": default,
    }


def _kind(rng: np.random.Generator, event: Event) -> str:
    """M2 is a malfunction report, M1 a request for maintenance; one in six is the wrong form."""
    malfunction = event.event == "failure" or (event.event == "condition" and rng.random() < 0.3)
    return "M2" if malfunction != (rng.random() < 1 / 6) else "M1"


def _delay(rng: np.random.Generator, desk: Desk) -> pd.Timedelta:
    """From the work to its entry: the same day, or some days later."""
    habits = desk.settings.records
    if rng.random() < habits.same_day:
        return pd.Timedelta(minutes=int(rng.integers(20, 300)))
    low, high = habits.entry_days
    return pd.Timedelta(minutes=int(rng.triangular(low, low, high) * 1440)) if high > low else pd.Timedelta(days=low)


def _closing(desk: Desk, entered: pd.Timestamp) -> pd.Timestamp:
    """Some orders are closed when they are entered; the others wait for Friday afternoon, when somebody closes them all."""
    if desk.rng.random() >= desk.settings.records.friday:
        return entered
    local = entered.tz_convert(desk.at.zone).tz_localize(None)
    friday = local.normalize() + pd.Timedelta(days=(4 - local.day_of_week) % 7)
    batch = friday + pd.Timedelta(hours=14, minutes=int(desk.rng.integers(0, 12)))
    return max(batch.tz_localize(desk.at.zone).tz_convert("UTC"), entered)


def _booked(desk: Desk, event: Event) -> str:
    if not desk.astray.strikes():
        return event.asset
    sister = desk.sisters.get(event.asset, "")
    return sister if sister and desk.rng.random() < 0.5 else desk.parents[event.asset]


def _code(desk: Desk, event: Event) -> tuple[str, str, tuple[str, str]]:
    mode, coded = event.mode, desk.coding.deal()
    if mode is None or coded == "other":
        return OTHER_CODE
    right = (mode.part_code, mode.damage_code, mode.damage_text)
    others = [code for code in desk.codes if code[1] != right[1]]
    return others[int(desk.rng.integers(len(others)))] if others and coded == "wrong" else right


def _language(desk: Desk, section: Section) -> int:
    own = 0 if section.language == "de" else 1
    return 1 - own if desk.rng.random() < desk.settings.records.other_language else own


def _text(desk: Desk, event: Event, section: Section) -> str:
    """Forty characters, in one of two languages, typed in a hurry."""
    text = event.text[_language(desk, section)]
    if event.event in ("failure", "condition") and desk.rng.random() < 0.5:
        text = (
            f"{event.asset} {text}"
            if desk.rng.random() < 0.6
            else PREFIXES[int(desk.rng.integers(len(PREFIXES)))] + text
        )
    if desk.rng.random() < 0.15:
        text = text.lower()
    if desk.rng.random() < 0.06 and len(text) > 6:
        place = int(desk.rng.integers(1, len(text) - 2))
        text = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:40]


def _long_text(desk: Desk, event: Event, section: Section) -> str:
    if event.event not in ("failure", "condition") or event.mode is None or desk.rng.random() < 0.4:
        return ""
    language = _language(desk, section)
    phrases = REPAIRED if desk.rng.random() < 0.85 else AGAIN
    return f"{event.text[language]}. {phrases[int(desk.rng.integers(len(phrases)))][language]}"


def _plan_number(event: Event) -> str:
    return f"WP-{event.asset.replace('-', '')}-{(event.task or (0, ''))[0] + 1}"


def _plan_row(event: Event, at: Calendar, order: str | None) -> dict[str, Any]:
    """A call of a preventive plan; without an order it was skipped, or nobody reported it done."""
    due = pd.Timestamp((event.task or (0, ""))[1], tz=at.zone)
    return {
        "number": _plan_number(event),
        "text": event.text,
        "equipment": event.asset,
        "due": due,
        "called": due - pd.Timedelta(days=14),
        "finished": None if order is None else at.at(event.done),
        "order": order or "",
    }
