"""One repair that several sources wrote down ends one life; two repairs that one source wrote down end two."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pandas as pd
import pytest

from pdm.catalogue import Costs, FailureMode, ModelDefinition
from pdm.readings.events import append_events, read_events
from pdm.readings.happenings import VERDICT
from pdm.readings.lives import read_lives
from pdm.readings.registry import Asset, Installation, register
from pdm.readings.store import ReadingStore

START = datetime(2025, 1, 1, tzinfo=UTC)
MODEL = ModelDefinition("pump", "Pump", (FailureMode("bearing_wear", "Bearing wear", "bearing"),), (), Costs(1, 1, 1))


def day(number):
    return START + timedelta(days=number)


def hours(before_or_after):
    """The day of a moment so many hours from day 40, on which the verdict found the damage."""
    return 40 + before_or_after / 24


@pytest.fixture
def plant(history, pump):
    """One pump with readings from day 0 to day 100."""
    time = pd.DatetimeIndex([day(0), day(100)]).as_unit("us")
    rows = pd.DataFrame({"asset": "P-1", "time": time, "recorded_at": time, "pressure": 1.0})
    ReadingStore(history).merge(pump, rows, source="import", recorded_at=None)
    register(history, [Asset("P-1", "pump")], now=START)
    return history


def record(kind, at, *, source="cmms", known=None, **more):
    moment = day(at) if known is None else day(known)
    facts = {"asset": "P-1", "maintainable_item": "bearing", "kind": kind, "time": day(at), "source": source}
    return pd.DataFrame([facts | {"recorded_at": moment, "restores": kind in ("repair", "preventive")} | more])


def failure(at, **more):
    return record("failure", at, **{"failure_mode": "bearing_wear"} | more)


def repair(at, **more):
    return record("repair", at, **more)


def verdict(at=40.0, *, severity="degraded", restored=True, known=None):
    """What `label_events` writes for damage that was found and repaired."""
    said = {"source": VERDICT, "known": known if known is not None else at}
    mended = repair(at + 1 / 86400, restores=restored, **said)
    return pd.concat([failure(at, severity=severity, **said), mended], ignore_index=True)


def tell(history, *records):
    for events in records:
        append_events(history, events, now=day(200))


def bearing(history, pump, *, known=None):
    lives = read_lives(history, pump, MODEL, known_at=day(known) if known is not None else None)
    return lives[lives["maintainable_item"] == "bearing"]


def spans(lives):
    days = [
        ((row.start - START) / timedelta(days=1), (row.end - START) / timedelta(days=1)) for row in lives.itertuples()
    ]
    return [(round(a, 3), round(b, 3), word) for (a, b), word in zip(days, lives["ended_by"], strict=True)]


BOOKED = {
    "repair before": ((repair(hours(-1)),), (0, 40, "failure"), 40),
    "failure and repair before": ((failure(hours(-2)), repair(hours(-1))), (0, hours(-2), "failure"), 40),
    "failure and repair after": ((failure(hours(1)), repair(hours(2))), (0, 40, "failure"), hours(2)),
    "repair after": ((repair(hours(1)),), (0, 40, "failure"), hours(1)),
    "failure before, repair after": ((failure(hours(-30)), repair(hours(40))), (0, hours(-30), "failure"), hours(40)),
    "replaced before by plan": ((record("preventive", hours(-20)),), (0, 40, "failure"), 40),
}


@pytest.mark.parametrize("booked", BOOKED.values(), ids=BOOKED.keys())
@pytest.mark.parametrize("verdict_first", [True, False])
def test_a_verdict_and_the_cmms_tell_of_one_failure_whatever_came_first(plant, pump, booked, verdict_first):
    cmms, ended, begun = booked
    tell(plant, *((verdict(), *cmms) if verdict_first else (*cmms, verdict())))

    lives = bearing(plant, pump)

    assert spans(lives) == [
        (0, round(ended[1], 3), "failure"),
        (round(begun, 3), 100, "open"),
    ]
    assert lives["life"].tolist() == ["P-1/bearing#1", "P-1/bearing#2"]
    assert len(read_events(plant)) == 2 + len(cmms)


def test_the_severity_as_found_by_the_verdict_wins(plant, pump):
    tell(plant, failure(hours(-2), severity="critical"), repair(hours(-1)), verdict(severity="degraded"))

    first = bearing(plant, pump).iloc[0]

    assert (first["ended_by"], first["severity"], first["failure_mode"]) == ("failure", "degraded", "bearing_wear")


def test_damage_that_the_verdict_found_too_slight_to_count_is_no_failure(plant, pump):
    tell(plant, failure(hours(-2)), repair(hours(-1)), verdict(severity="incipient"))

    assert spans(bearing(plant, pump)) == [(0, round(hours(-1), 3), "repair"), (40, 100, "open")]


def test_slight_damage_that_nobody_repaired_ends_nothing(plant, pump):
    found = verdict(severity="incipient").iloc[:1]
    tell(plant, failure(hours(-2)), found)

    assert spans(bearing(plant, pump)) == [(0, 100, "open")]


def test_one_source_that_tells_of_two_failures_within_days_tells_of_infant_mortality(plant, pump):
    tell(plant, failure(40), repair(40.5), failure(42), repair(42.5))

    assert spans(bearing(plant, pump)) == [(0, 40, "failure"), (40.5, 42, "failure"), (42.5, 100, "open")]


def test_a_verdict_joins_the_nearest_of_two_failures_and_leaves_the_other(plant, pump):
    for events in ((failure(38), repair(38.2)), (failure(39.9), repair(40.2)), (verdict(),)):
        tell(plant, *events)

    assert spans(bearing(plant, pump)) == [(0, 38, "failure"), (38.2, 39.9, "failure"), (40.2, 100, "open")]


def test_records_of_two_sources_further_apart_are_two_happenings(plant, pump):
    tell(plant, verdict(), repair(43.5))

    assert spans(bearing(plant, pump)) == [(0, 40, "failure"), (40, 43.5, "repair"), (43.5, 100, "open")]


def test_records_about_another_item_stay_apart(plant, pump):
    tell(plant, repair(hours(-1), maintainable_item="seal"), verdict())

    assert spans(bearing(plant, pump)) == [(0, 40, "failure"), (40, 100, "open")]


def test_a_repair_that_restores_nothing_leaves_the_item_down_until_it_is_restored(plant, pump):
    tell(plant, verdict(restored=False), repair(41))

    assert spans(bearing(plant, pump)) == [(0, 40, "failure"), (41, 100, "open")]


def test_an_exchange_in_the_register_of_items_is_the_repair_of_the_verdict(plant, pump):
    first = Installation("P-1", "BRG-1", day(0), "bearing", end=day(hours(-1)))
    register(
        plant, [], [first, Installation("P-1", "BRG-2", day(hours(-1)), "bearing")], now=day(41), source="equipment"
    )
    tell(plant, verdict())

    lives = bearing(plant, pump)

    assert spans(lives) == [(0, 40, "failure"), (40, 100, "open")]
    assert lives["item"].tolist() == ["BRG-1", "BRG-2"]


def test_an_item_that_fails_days_after_its_first_installation_has_lived(plant, pump):
    register(plant, [], [Installation("P-1", "BRG-1", day(39), "bearing")], now=day(39), source="equipment")
    tell(plant, verdict())

    assert spans(bearing(plant, pump)) == [(39, 40, "failure"), (40, 100, "open")]


@pytest.mark.parametrize("verdict_first", [True, False])
def test_before_the_second_record_arrived_the_first_one_alone_decides(plant, pump, verdict_first):
    late = 42.0
    cmms, said = repair(hours(-1), known=late), verdict(known=40)
    if not verdict_first:
        cmms, said = repair(hours(-1), known=40), verdict(known=late)
    first, second = (said, cmms) if verdict_first else (cmms, said)
    tell(plant, first)
    alone = bearing(plant, pump, known=41)

    tell(plant, second)

    pd.testing.assert_frame_equal(bearing(plant, pump, known=41), alone)
    assert len(read_events(plant, known_at=day(41))) == len(first)
    assert spans(bearing(plant, pump))[0] == (0, 40, "failure")


def test_a_failure_is_known_when_both_its_moment_and_its_words_are(plant, pump):
    tell(plant, failure(hours(-2), known=40), verdict(known=44))

    assert bearing(plant, pump)["known_at"].iloc[0] == day(44)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_three_sources_tell_of_one_failure_in_any_order(plant, pump, order):
    told = [verdict(), repair(hours(3)), failure(hours(-3), source="notifications")]
    tell(plant, *(told[n] for n in order))

    assert spans(bearing(plant, pump)) == [(0, round(hours(-3), 3), "failure"), (round(hours(3), 3), 100, "open")]


@pytest.mark.parametrize(("gap", "lives_told"), [(12.0, 2), (13.0, 3)])
def test_on_a_usage_axis_three_days_are_as_many_units_as_the_class_makes_in_them(history, engine, gap, lives_told):
    rows = pd.DataFrame({"asset": "E-1", "time": [1.0, 400.0], "s1": [0.1, 0.2]})
    ReadingStore(history).merge(engine, rows, source="test", recorded_at=START)
    register(history, [Asset("E-1", "engine")], now=START)
    facts = {"asset": "E-1", "maintainable_item": "unit"}
    mended = facts | {"kind": "repair", "usage": 200.0 - gap, "restores": True, "source": "cmms"}
    found = facts | {"kind": "failure", "usage": 200.0, "source": VERDICT}
    append_events(history, pd.DataFrame([mended, found]), now=START)

    lives = read_lives(history, engine, None)

    assert len(lives) == lives_told
    assert 200.0 in lives.loc[lives["ended_by"] == "failure", "end"].tolist()
