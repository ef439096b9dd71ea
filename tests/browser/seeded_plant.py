"""A small plant with something to see on every page, made through the platform's own operations; loaded by the conftests."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from pdm.adapters.console import SilentProgress
from pdm.adapters.sql import migrate, sql_unit_of_work
from pdm.catalogue import Catalogue, load_catalogue
from pdm.clock import ManualClock
from pdm.extraction.executor import Threads
from pdm.operations.answer_alert import acknowledge_alert, claim_alert
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.ingest_events import ingest_events
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.record_verdict import record_verdict
from pdm.operations.register_assets import register_assets
from pdm.ports import Plant
from pdm.readings.registry import Asset, Installation
from pdm.scoring.assessment import Assessment, Contribution, Likeness, RemainingLife, Risk
from pdm.settings import Settings
from pdm.testing.history import MemoryHistory
from pdm.workspace import Workspace

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAYS = 40
_VIBRATION = "Mean of vibration velocity, drive end over the last 24 h: 7.31 mm/s, raises the risk"
_HEAT = "Trend of bearing temperature, drive end over 7 d: 0.09 degC per row, raises the risk"
_CURRENT = "Maximum of motor current over the last 24 h: 96 A, raises the risk"
_SPEED = "Mean of shaft speed over the last 24 h: 1480 rpm, lowers the risk"
REASONS = (
    Contribution("vibration@24h__mean", "vibration", _VIBRATION, 7.31, "mm/s", 1.9),
    Contribution("bearing_temperature@7d__slope", "bearing_temperature", _HEAT, 0.09, "degC", 0.8),
    Contribution("motor_current@24h__maximum", "motor_current", _CURRENT, 96.0, "A", 0.3),
    Contribution("speed@24h__mean", "speed", _SPEED, 1480.0, "rpm", -0.2),
)
SIMILAR = (
    Likeness("P-102", (NOW - timedelta(days=92)).isoformat(), "seal_leak", 48.0, "h", 0.91),
    Likeness("P-903", (NOW - timedelta(days=400)).isoformat(), "bearing_wear", 280.0, "h", 0.84),
    Likeness("P-911", (NOW - timedelta(days=300)).isoformat(), "", 336.0, "h", 0.55),
)
ASSETS = (
    Asset("P-101", "pump", "Cooling water pump 1", "north/utilities/cooling", 1, redundancy="1 of 2 with P-102"),
    Asset("P-102", "pump", "Cooling water pump 2", "north/utilities/cooling", 2),
    Asset("P-103", "pump", "Condensate pump", "north/steam", 3),
    Asset("P-104", "pump", "Fire water pump", "south/safety", 1),
    Asset("C-201", "compressor", "Instrument air compressor", "north/utilities/air", 2),
    Asset("FD001-test-007", "turbofan", "Engine 7", "fleet/FD001", 3),
)


class NoReceiver:
    """A CMMS that numbers whatever comes."""

    name = "nobody"

    def find(self, external_ref):  # noqa: ARG002  the port's name
        return None

    def submit(self, body):
        return f"WO-{body['external_ref'][-4:]}"


def empty_plant(home: Path, **settings) -> Plant:
    values = {
        "home": home,
        "plant_name": "Northern works",
        "time_zone": "Europe/Berlin",
        "scheduler": "none",
    } | settings
    url = f"sqlite:///{home / 'plant.db'}"
    migrate(url)
    workspace = Workspace(home)
    return Plant(
        settings=Settings(**values),
        workspace=workspace,
        catalogue=reviewed(load_catalogue(workspace)),
        clock=ManualClock(NOW),
        history=MemoryHistory(),
        unit_of_work=sql_unit_of_work(url),
        tracker=lambda: None,
        executor=Threads(1),
        progress=SilentProgress(),
        receiver=NoReceiver(),
    )


def reviewed(catalogue: Catalogue) -> Catalogue:
    """Requests of pumps wait for a reviewer, so that there is something to approve."""
    pump = catalogue.model("pump")
    suggesting = replace(pump, policy=replace(pump.policy, auto_request="suggest"))
    return replace(catalogue, models={**catalogue.models, "pump": suggesting})


def seeded_plant(home: Path, **settings) -> Plant:
    plant = empty_plant(home, **settings)
    start = NOW - timedelta(days=DAYS)
    plant.clock.set(start)
    register_assets(plant, ASSETS, [Installation("P-101", "BRG-4711", start - timedelta(days=300), "bearing")])
    plant.clock.set(NOW)
    for tag, wear in (("P-101", 1.0), ("P-102", 0.5), ("P-103", 0.0)):
        ingest_readings(plant, pump_readings(tag, wear), asset_class="pump", source="historian", backfill=True)
    ingest_readings(plant, engine_readings(), asset_class="turbofan", source="engines", backfill=True)
    ingest_events(plant, events(), source="cmms", backfill=True)
    for day in range(0, 15):
        moment = NOW - timedelta(days=14 - day) if day < 14 else NOW
        plant.clock.set(moment)
        consider_assessments(plant, assessments(moment, day / 14))
    plant.clock.set(NOW)
    with plant.unit_of_work() as work:
        second = work.alerts.list(asset="P-102")[0]
    acknowledge_alert(plant, second.id, by="Ada", why="seen in the morning round")
    claim_alert(plant, second.id, by="Ada")
    return plant


def copied(plant: Plant, home: Path, **settings) -> Plant:
    """The same plant in another folder, to be changed without changing the first."""
    shutil.copy(plant.workspace.database, home / "plant.db")
    copy = empty_plant(home, **settings)
    return replace(copy, history=MemoryHistory({name: list(tables) for name, tables in plant.history.versions.items()}))


def pump_readings(tag: str, wear: float) -> pd.DataFrame:
    hours = DAYS * 24
    random = np.random.default_rng(sum(map(ord, tag)))
    time = pd.date_range(NOW - timedelta(hours=hours - 1), NOW, freq="h")
    ramp = wear * np.linspace(0, 1, hours) ** 3
    table = pd.DataFrame(
        {
            "asset": tag,
            "time": time,
            "speed": 1480 + random.normal(0, 4, hours),
            "suction_pressure": 1.8 + random.normal(0, 0.03, hours),
            "discharge_pressure": 8.2 - 0.6 * ramp + random.normal(0, 0.05, hours),
            "flow": 210 - 12 * ramp + 6 * np.sin(np.arange(hours) * 2 * np.pi / 24) + random.normal(0, 2, hours),
            "bearing_temperature": 58
            + 14 * ramp
            + 3 * np.sin(np.arange(hours) * 2 * np.pi / 24)
            + random.normal(0, 0.6, hours),
            "vibration": 2.3 + 5.2 * ramp + random.normal(0, 0.15, hours),
            "motor_current": 88 + 8 * ramp + random.normal(0, 0.8, hours),
            "ambient_temperature": 9 + 5 * np.sin(np.arange(hours) * 2 * np.pi / 24) + random.normal(0, 0.4, hours),
        }
    )
    table.loc[300:302, "vibration"] += 3.0
    return table


def engine_readings() -> pd.DataFrame:
    random = np.random.default_rng(7)
    cycles = np.arange(1.0, 121.0)
    table = pd.DataFrame({"asset": "FD001-test-007", "time": cycles, "recorded_at": NOW - timedelta(hours=2)})
    return table.assign(
        s2=642 + 0.01 * cycles + random.normal(0, 0.3, 120), s4=1400 + 0.1 * cycles + random.normal(0, 4, 120)
    )


def events() -> pd.DataFrame:
    rows = [
        ("P-101", NOW - timedelta(days=35), "preventive", "bearing", "", "Greased, oil level checked"),
        ("P-101", NOW - timedelta(days=12), "inspection", "seal", "", "Seal dry"),
        ("P-102", NOW - timedelta(days=90), "repair", "seal", "seal_leak", "Cartridge replaced"),
    ]
    names = ["asset", "time", "kind", "maintainable_item", "failure_mode", "text"]
    return pd.DataFrame(rows, columns=names)


def assessments(moment: datetime, progress: float) -> list[Assessment]:
    """Fourteen days in which P-101 gets worse, P-102 needs watching, and P-104's data stopped."""
    first = an_assessment("P-101", moment, 0.08 + 0.66 * progress**2, life=40 - 22 * progress)
    second = an_assessment("P-102", moment, 0.2 + 0.25 * progress, life=None, seal=0.3)
    third = an_assessment("P-103", moment, 0.02, life=60, at_cap=True)
    fourth = Assessment(
        "P-104",
        "pump",
        moment,
        NOW - timedelta(days=20),
        None,
        "unknown",
        "unknown",
        "stale",
        "ok",
        bundle="pump-20260215",
    )
    band = RemainingLife(50.0, 37.0, 62.0, "cycles", moment, moment + timedelta(days=9), moment + timedelta(days=15))
    engine = Assessment(
        "FD001-test-007", "turbofan", moment, moment, 120.0, "running", "watch", "fresh", "ok",
        (Risk("degradation", 30.0, "cycles", 0.21),), band, bundle="turbofan-20260215",
    )  # fmt: skip
    return [first, second, third, fourth, engine]


def an_assessment(tag, moment, probability, *, life, at_cap=False, seal=0.05) -> Assessment:
    condition = "act" if probability >= 0.5 else "watch" if probability >= 0.25 else "normal"
    band = None
    if life:
        low, high = (45.0, 45.0) if at_cap else (life * 0.6, life * 1.7)
        dates = [moment + timedelta(days=value) for value in (life, low, high)]
        band = RemainingLife(life * 24, low * 24, high * 24, "h", *dates, at_cap=at_cap)
    return Assessment(
        asset=tag,
        asset_class="pump",
        as_of=moment,
        data_time=moment,
        data_usage=None,
        equipment="running",
        condition=condition,
        data="fresh",
        model="ok",
        risks=(Risk("bearing_wear", 336.0, "h", round(probability, 4)), Risk("seal_leak", 336.0, "h", seal)),
        remaining_life=band,
        contributions=REASONS,
        bundle="pump-20260215",
        features={"vibration@24h__mean": 7.31},
        first=(
            Risk("bearing_wear", 336.0, "h", round(probability * 0.97, 4)),
            Risk("seal_leak", 336.0, "h", seal * 0.6),
        ),
        curve=tuple(
            (24.0 * day, 1 - (1 - 0.97 * probability - 0.6 * seal) ** (day / 14)) for day in (3, 7, 14, 21, 42)
        ),
        similar=SIMILAR,
    )


def asking_plant(home: Path, **settings) -> Plant:
    """Six pumps on one cooling-water circuit, four of which run hot within hours; and three cases of earlier weeks with verdicts."""
    plant = empty_plant(home, **settings)
    sisters = [f"P-3{number:02d}" for number in range(1, 7)]
    attributes = {"cooling_water": "CW-1"}
    assets = [Asset(tag, "pump", f"Booster {tag[-1]}", "south/boosters", 2, attributes=attributes) for tag in sisters]
    plant.clock.set(NOW - timedelta(days=DAYS))
    register_assets(plant, assets)
    close_past_cases(plant, sisters[:3])
    plant.clock.set(NOW)
    for number, tag in enumerate(sisters):
        ingest_readings(
            plant, pump_readings(tag, 1.0 - number / 5), asset_class="pump", source="historian", backfill=True
        )
    for moment in (NOW - timedelta(hours=2), NOW - timedelta(hours=1), NOW):
        plant.clock.set(moment)
        hot = [an_assessment(tag, moment, 0.62 - 0.07 * n, life=30, seal=0.4) for n, tag in enumerate(sisters[:4])]
        consider_assessments(plant, [*hot, an_assessment(sisters[4], moment, 0.05, life=40, seal=0.5)])
    return plant


def close_past_cases(plant: Plant, tags: list[str]) -> None:
    """One averted, one false, one that nobody looked into, a week apart."""
    answers = (
        {"inspected": True, "found": "damage", "severity": "degraded", "action": "replaced", "restores": True},
        {"inspected": True, "found": "nothing", "action": "nothing"},
        {"inspected": False, "found": "nothing", "action": "monitored"},
    )
    for week, (tag, answer) in enumerate(zip(tags, answers, strict=True)):
        for hours in (0, 1):
            moment = NOW - timedelta(days=35 - 7 * week, hours=-hours)
            plant.clock.set(moment)
            consider_assessments(plant, [an_assessment(tag, moment, 0.55 + 0.1 * week, life=20)])
        plant.clock.set(moment + timedelta(days=2))
        with plant.unit_of_work() as work:
            case = work.cases.list(asset=tag, state="open")[0]
        record_verdict(plant, case.id, by="Ada", **answer)
