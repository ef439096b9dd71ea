"""The feature table of a class: built from everything on record, kept until something changes."""

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import AssetClass, Axis, Catalogue, Channel, EventFeatures, FeatureSet, LifeFeatures, Window
from pdm.clock import ManualClock
from pdm.errors import NotFound, TooLittleData
from pdm.extraction import Threads, extraction_version
from pdm.operations.build_features import build_features
from pdm.ports import Plant
from pdm.readings.events import append_events
from pdm.readings.registry import Asset, register
from pdm.readings.store import ReadingStore
from pdm.settings import Settings
from pdm.testing.history import MemoryHistory
from pdm.workspace import Workspace

START = datetime(2026, 1, 1, tzinfo=UTC)
PUMP = AssetClass(
    "pump",
    "Pump",
    Axis(),
    (Channel("pressure", "Pressure", "bar"), Channel("flow", "Flow", "m3/h")),
    FeatureSet(
        "pump",
        ("pressure",),
        (Window(duration="24h", every="6h"),),
        {"mean": None, "length": None},
        life=LifeFeatures(age=True),
        events=EventFeatures(since=(("repair", ""),), asset_age=True),
    ),
)


class Stages:
    def __init__(self):
        self.titles = []

    @contextmanager
    def stage(self, title, total=None):
        self.titles.append((title, total))
        yield lambda _steps: None


@pytest.fixture
def plant(tmp_path):
    history = MemoryHistory()
    register(history, [Asset(tag, "pump", commissioned=START) for tag in ("P-1", "P-2")], now=START)
    plant = Plant(
        settings=Settings(home=tmp_path),
        workspace=Workspace(tmp_path),
        catalogue=Catalogue({"pump": PUMP}, {}),
        clock=ManualClock(START + timedelta(days=30)),
        history=history,
        unit_of_work=None,
        tracker=None,
        executor=Threads(2),
        progress=Stages(),
        receiver=None,
    )
    store(plant, "P-1", 0, 96)
    store(plant, "P-2", 0, 96)
    return plant


def store(plant, asset, first, last, value=1.0):
    times = pd.Timestamp(START) + pd.to_timedelta(np.arange(first, last), "h")
    rows = pd.DataFrame({"asset": asset, "time": times.as_unit("us"), "pressure": value, "flow": 2.0})
    rows["recorded_at"] = rows["time"]
    ReadingStore(plant.history).merge(PUMP, rows, source="test", recorded_at=None)


def repair(plant, asset, hour, recorded):
    event = {"asset": asset, "kind": "repair", "time": START + timedelta(hours=hour)}
    append_events(
        plant.history,
        pd.DataFrame([event | {"recorded_at": START + timedelta(hours=recorded)}]),
        now=START + timedelta(hours=recorded),
    )


def test_the_table_says_what_it_was_made_from(plant):
    table = build_features(plant, "pump")

    assert table.features == ("pressure__mean", "pressure__length", "life__age", "repair__since", "asset__age")
    assert table.frame["asset"].value_counts().to_dict() == {"P-1": 16, "P-2": 16}
    assert table.versions == {"readings_pump": 1, "events": -1, "assets": 0, "installations": -1}
    assert table.extraction_version == extraction_version()
    assert ("features of pump", 2) in plant.progress.titles
    assert json.loads(table.path.with_suffix(".json").read_text())["versions"] == table.versions


def test_a_table_of_which_nothing_has_changed_is_used_again(plant):
    first = build_features(plant, "pump")

    again = build_features(plant, "pump")

    assert (first.reused, again.reused) == (False, True)
    assert first.gaps == again.gaps != ()
    pd.testing.assert_frame_equal(again.frame, first.frame, check_exact=True)


def test_new_readings_events_or_another_definition_make_it_anew(plant):
    rows = len(build_features(plant, "pump").frame)

    store(plant, "P-1", 96, 120)
    more = build_features(plant, "pump")
    repair(plant, "P-1", 50, 51)
    repaired = build_features(plant, "pump")
    other = replace(PUMP, feature_set=replace(PUMP.feature_set, calculators={"maximum": None}))
    changed = build_features(replace(plant, catalogue=Catalogue({"pump": other}, {})), "pump")

    assert [table.reused for table in (more, repaired, changed)] == [False] * 3
    assert len(more.frame) == rows + 4
    assert repaired.frame["repair__since"].notna().sum() > 0
    assert "pressure__maximum" in changed.features


def test_a_broken_file_is_made_again(plant):
    first = build_features(plant, "pump")
    first.path.write_bytes(first.path.read_bytes()[:100])

    again = build_features(plant, "pump")

    assert not again.reused
    pd.testing.assert_frame_equal(again.frame, first.frame, check_exact=True)
    assert sorted(file.name for file in first.path.parent.iterdir()) == ["pump.json", "pump.parquet"]


def test_until_and_known_at_leave_out_what_came_later(plant):
    repair(plant, "P-1", 50, 80)
    moment = START + timedelta(hours=72)

    whole, until = build_features(plant, "pump").frame, build_features(plant, "pump", until=moment).frame
    known = build_features(plant, "pump", known_at=moment).frame

    earlier = whole[whole["time"] <= moment].reset_index(drop=True)
    pd.testing.assert_frame_equal(until, earlier, check_exact=True)
    pd.testing.assert_frame_equal(known, earlier, check_exact=True)
    assert known["repair__since"].isna().all()
    assert whole["repair__since"].notna().any()


def test_a_class_without_readings_or_of_no_definition_is_refused(plant):
    empty = replace(PUMP, name="fan")
    with pytest.raises(TooLittleData, match="fan has no readings"):
        build_features(replace(plant, catalogue=Catalogue({"fan": empty}, {})), "fan")
    with pytest.raises(NotFound):
        build_features(plant, "boiler")
