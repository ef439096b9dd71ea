from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pdm.catalogue import Costs, FailureMode, ModelDefinition
from pdm.errors import InputError
from pdm.readings.events import append_events, read_events
from pdm.readings.lives import build_lives, read_lives
from pdm.readings.registry import LIFE_COLUMNS, Asset, Installation, read_installations, register
from pdm.readings.store import ReadingStore
from pdm.testing.history import MemoryHistory

START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
COUNTS = {"bearing_wear": ("critical", "degraded")}
ITEMS = {"bearing_wear": "bearing"}


def day(number):
    return START + timedelta(days=number)


def lives_of(pump, events=(), installations=(), *, assets=("P-1",), first=0, last=100, counts=COUNTS, items=ITEMS):
    history = MemoryHistory()
    register(history, [], installations, now=NOW)
    append_events(history, pd.DataFrame(list(events), columns=_columns(events)), now=NOW)
    readings = pd.DataFrame(
        {"asset": list(assets), "first": day(first), "time": day(last), "recorded_at": day(last)}
    ).astype({"first": "datetime64[us, UTC]", "time": "datetime64[us, UTC]", "recorded_at": "datetime64[us, UTC]"})
    known = {tag: Asset(tag, pump.name) for tag in assets}
    return build_lives(
        pump,
        known,
        read_installations(history),
        read_events(history),
        readings,
        counts_as_failure=counts,
        items=items,
    )


def _columns(events):
    return list(dict.fromkeys(name for event in events for name in event))


def event(kind, at, **more):
    return {"asset": "P-1", "kind": kind, "time": day(at), **more}


def spans(lives, item="bearing"):
    rows = lives[lives["maintainable_item"] == item]
    return [((row.start - START).days, (row.end - START).days, row.ended_by) for row in rows.itertuples()]


def test_an_asset_without_installation_has_one_open_unit_life_from_its_first_reading(pump):
    lives = lives_of(pump, first=3, items={})

    assert tuple(lives.columns) == LIFE_COLUMNS
    assert spans(lives, "unit") == [(3, 100, "open")]
    assert lives["life"].tolist() == ["P-1#1"]


def test_a_life_begins_at_commissioning_when_that_is_known(pump):
    history = MemoryHistory()
    readings = pd.DataFrame({"asset": ["P-1"], "first": [day(3)], "time": [day(9)], "recorded_at": [day(9)]})
    assets = {"P-1": Asset("P-1", "pump", commissioned=day(-50))}

    lives = build_lives(
        pump, assets, read_installations(history), read_events(history), readings, counts_as_failure=None
    )

    assert spans(lives, "unit") == [(-50, 9, "open")]


def test_an_item_kind_that_never_failed_has_a_censored_life_when_the_model_asks_for_it(pump):
    lives = lives_of(pump)

    assert spans(lives, "bearing") == [(0, 100, "open")]
    assert spans(lives, "unit") == [(0, 100, "open")]


def test_a_failure_ends_a_life_and_the_restoring_repair_begins_the_next(pump):
    lives = lives_of(
        pump,
        [
            event("failure", 40, maintainable_item="bearing", failure_mode="bearing_wear", severity="critical"),
            event("repair", 42, maintainable_item="bearing", restores=True),
        ],
    )

    assert spans(lives) == [(0, 40, "failure"), (42, 100, "open")]
    bearing = lives[lives["maintainable_item"] == "bearing"]
    assert bearing["life"].tolist() == ["P-1/bearing#1", "P-1/bearing#2"]
    assert bearing["failure_mode"].tolist() == ["bearing_wear", ""]
    assert bearing["severity"].tolist() == ["critical", ""]


def test_a_plain_repair_ends_the_downtime_but_no_life(pump):
    failure = event("failure", 40, maintainable_item="bearing", failure_mode="bearing_wear")
    repairs = [event("repair", at, maintainable_item="bearing") for at in (20, 41, 60)]

    assert spans(lives_of(pump, [failure, *repairs])) == [(0, 40, "failure"), (41, 100, "open")]


def test_after_a_failure_without_any_repair_on_record_the_item_goes_on(pump):
    failure = event("failure", 40, maintainable_item="bearing", failure_mode="bearing_wear")

    assert spans(lives_of(pump, [failure])) == [(0, 40, "failure"), (40, 100, "open")]


def test_a_preventive_replacement_censors_the_life(pump):
    replaced = event("preventive", 30, maintainable_item="bearing", restores=True)
    oiled = event("preventive", 50, maintainable_item="bearing")

    assert spans(lives_of(pump, [replaced, oiled])) == [(0, 30, "repair"), (30, 100, "open")]


@pytest.mark.parametrize(
    ("severity", "ends"), [("critical", True), ("degraded", True), ("", True), ("incipient", False)]
)
def test_only_severities_that_count_end_a_life_as_failure(pump, severity, ends):
    found = event("failure", 40, maintainable_item="bearing", failure_mode="bearing_wear", severity=severity)

    assert (spans(lives_of(pump, [found]))[0][2] == "failure") is ends


def test_an_incipient_finding_that_was_restored_censors_the_life(pump):
    found = event(
        "failure", 40, maintainable_item="bearing", failure_mode="bearing_wear", severity="incipient", restores=True
    )

    assert spans(lives_of(pump, [found])) == [(0, 40, "repair"), (40, 100, "open")]


def test_a_failure_that_names_only_its_mode_ends_the_life_of_the_modes_item(pump):
    for item in ("", "unit"):
        found = event("failure", 40, failure_mode="bearing_wear", maintainable_item=item)

        lives = lives_of(pump, [found])

        assert spans(lives)[0] == (0, 40, "failure")
        assert spans(lives, "unit") == [(0, 100, "open")]


def test_serial_items_give_lives_their_names_and_a_new_item_ends_the_old_ones_life(pump):
    installed = [
        Installation("P-1", "BRG-1", day(-10), "bearing", end=day(20)),
        Installation("P-1", "BRG-2", day(20), "bearing"),
    ]

    lives = lives_of(pump, installations=installed)

    assert spans(lives) == [(-10, 20, "removal"), (20, 100, "open")]
    assert lives["life"].tolist() == ["BRG-1#1", "BRG-2#1"]


def test_overlapping_installations_are_cut_where_the_later_one_begins(pump):
    installed = [
        Installation("P-1", "BRG-1", day(0), "bearing", end=day(60)),
        Installation("P-1", "BRG-2", day(20), "bearing", end=day(90)),
    ]

    assert spans(lives_of(pump, installations=installed)) == [(0, 20, "removal"), (20, 90, "removal")]


def test_a_failed_and_replaced_item_has_one_life_each_side(pump):
    installed = [
        Installation("P-1", "BRG-1", day(0), "bearing", end=day(42)),
        Installation("P-1", "BRG-2", day(42), "bearing"),
    ]
    happened = [
        event("failure", 40, maintainable_item="bearing", failure_mode="bearing_wear", item="BRG-1"),
        event("repair", 42, maintainable_item="bearing", restores=True, item="BRG-1"),
    ]

    lives = lives_of(pump, happened, installed)

    assert spans(lives) == [(0, 40, "failure"), (42, 100, "open")]
    assert lives["item"].tolist() == ["BRG-1", "BRG-2"]


def test_an_item_replaced_by_plan_is_censored_by_the_repair_not_by_its_removal(pump):
    installed = [
        Installation("P-1", "BRG-1", day(0), "bearing", end=day(42)),
        Installation("P-1", "BRG-2", day(42), "bearing"),
    ]
    planned = event("preventive", 42, maintainable_item="bearing", restores=True, item="BRG-1")

    lives = lives_of(pump, [planned], installed)

    assert spans(lives) == [(0, 42, "repair"), (42, 100, "open")]
    assert lives["life"].tolist() == ["BRG-1#1", "BRG-2#1"]


def test_a_repaired_item_that_stays_gets_its_second_life(pump):
    installed = [Installation("P-1", "BRG-1", day(0), "bearing")]
    happened = [event("repair", 42, maintainable_item="bearing", restores=True)]

    assert lives_of(pump, happened, installed)["life"].tolist() == ["BRG-1#1", "BRG-1#2"]


def test_an_item_that_moves_keeps_counting_its_lives(pump):
    installed = [
        Installation("P-1", "PUMP-7", day(0), end=day(30)),
        Installation("P-2", "PUMP-7", day(40)),
    ]

    lives = lives_of(pump, installations=installed, assets=("P-1", "P-2"), items={})

    assert lives[["asset", "life"]].to_numpy().tolist() == [["P-1", "PUMP-7#1"], ["P-2", "PUMP-7#2"]]


def test_a_new_unit_brings_a_new_implied_bearing(pump):
    installed = [
        Installation("P-1", "PUMP-1", day(0), end=day(50)),
        Installation("P-1", "PUMP-2", day(55)),
    ]

    lives = lives_of(pump, installations=installed, first=5)

    assert spans(lives) == spans(lives, "unit") == [(0, 50, "removal"), (55, 100, "open")]


def test_a_failure_after_the_last_reading_still_ends_the_life(pump):
    silent = [
        event("failure", 101, maintainable_item="bearing", failure_mode="bearing_wear"),
        event("repair", 103, maintainable_item="bearing"),
    ]

    assert spans(lives_of(pump, silent)) == [(0, 101, "failure")]


def test_what_happened_before_the_first_reading_is_history_and_no_life_is_invented(pump):
    old = event("preventive", -30, maintainable_item="bearing", restores=True)

    assert spans(lives_of(pump, [old])) == [(-30, 100, "open")]


def test_an_old_failure_before_the_first_installation_on_record_ends_an_unknown_items_life(pump):
    installed = [Installation("P-1", "BRG-2", day(42), "bearing")]
    failure = event("failure", 40, maintainable_item="bearing", failure_mode="bearing_wear")

    lives = lives_of(pump, [failure], installed)

    assert spans(lives) == [(0, 40, "failure"), (42, 100, "open")]
    assert lives["item"].tolist() == ["P-1/bearing", "BRG-2"]


def test_no_two_lives_of_one_item_kind_overlap_whatever_the_record_says(pump):
    installed = [Installation("P-1", f"B-{n}", day(7 * n % 40), "bearing", end=day(7 * n % 40 + 30)) for n in range(9)]
    kinds = ("failure", "repair", "preventive", "removal", "installation")
    happened = [
        event(kinds[n % 5], (13 * n) % 95, maintainable_item="bearing", restores=n % 3 == 0, item=f"B-{n}")
        for n in range(40)
    ]

    bearing = lives_of(pump, happened, installed).query("maintainable_item == 'bearing'")

    assert (bearing["start"] < bearing["end"]).all()
    assert (bearing["start"].iloc[1:].to_numpy() >= bearing["end"].iloc[:-1].to_numpy()).all()
    assert bearing["life"].is_unique
    assert set(bearing["ended_by"]) <= {"failure", "repair", "removal", "open"}


def test_on_a_usage_axis_lives_are_measured_in_usage(engine):
    history = MemoryHistory()
    store = ReadingStore(history)
    rows = pd.DataFrame({"asset": "E-1", "time": [1.0, 2.0, 3.0], "s1": [0.1, 0.2, 0.3]})
    store.merge(engine, rows, source="test", recorded_at=NOW)
    register(history, [Asset("E-1", "engine")], now=NOW)
    append_events(history, pd.DataFrame([{"asset": "E-1", "kind": "failure", "usage": 3.0}]), now=NOW)

    lives = read_lives(history, engine, None)

    assert lives[["life", "start", "end", "ended_by"]].to_numpy().tolist() == [["E-1#1", 1.0, 3.0, "failure"]]


def test_an_event_without_usage_on_a_usage_axis_is_a_clear_error(engine):
    history = MemoryHistory()
    register(history, [Asset("E-1", "engine")], now=NOW)
    append_events(history, pd.DataFrame([{"asset": "E-1", "kind": "failure", "time": day(1)}]), now=NOW)

    with pytest.raises(InputError, match="do not say at how many cycles"):
        read_lives(history, engine, None)


def test_a_backdated_work_order_does_not_change_the_lives_known_before(pump):
    history = MemoryHistory()
    store = ReadingStore(history)
    time = pd.date_range(START, periods=11, freq="D").as_unit("us")
    rows = pd.DataFrame({"asset": "P-1", "time": time, "recorded_at": time, "pressure": 1.0})
    store.merge(pump, rows, source="import", recorded_at=None)
    register(history, [Asset("P-1", "pump")], now=START)
    mode = FailureMode("bearing_wear", "Bearing wear", "bearing")
    model = ModelDefinition("pump", "Pump", (mode,), (), Costs(1, 1, 1))
    then = day(8)
    before = read_lives(history, pump, model, known_at=then)

    append_events(history, pd.DataFrame([event("failure", 5, failure_mode="bearing_wear")]), now=day(10))

    after = read_lives(history, pump, model, known_at=then)
    pd.testing.assert_frame_equal(before, after)
    assert read_events(history, known_at=then).empty
    assert spans(read_lives(history, pump, model))[0] == (0, 5, "failure")
    assert read_lives(history, pump, model)["known_at"].iloc[0] == day(10)


def test_a_class_without_readings_or_assets_has_no_lives(pump):
    assert read_lives(MemoryHistory(), pump, None).empty
