"""A sensor that lies is a matter for whoever owns the sensor: it disturbs no mechanic, and it never looks like a healthy machine."""

from datetime import timedelta

import pytest

from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.score_fleet import assess_class, score_fleet

DAY = timedelta(days=1)
CHANNELS = (
    "speed",
    "suction_pressure",
    "discharge_pressure",
    "flow",
    "bearing_temperature",
    "vibration",
    "motor_current",
    "ambient_temperature",
)


@pytest.fixture
def running(trained, world):
    """Pumps that run now and all through the next day."""
    now = trained.clock.now()
    rows = world.readings(now, now + DAY)
    whole = rows.groupby("asset")["speed"].min() > 200
    awake = {one.asset for one in assess_class(trained, "pump") if one.equipment == "running"}
    return sorted(awake & set(whole[whole].index))


LIES = [(channel, factor) for channel in CHANNELS for factor in (1000.0, 0.001)]
LIES.remove(("ambient_temperature", 0.001))  # 0.02 degC is a cold morning: nobody could tell


@pytest.mark.parametrize(("channel", "factor"), LIES)
def test_a_wrong_unit_is_said_and_alerts_nobody(trained, world, running, on_record, channel, factor):
    """Too large it is impossible by the channel's range; too small it looks possible, and only its own past tells."""
    before = trained.clock.now()
    now = trained.clock.advance(DAY)
    rows = world.readings(before, now)
    liar, sound = running[0], running[1]
    rows.loc[rows["asset"] == liar, channel] *= factor

    report = ingest_readings(trained, rows, asset_class="pump", source="historian")
    scoring = score_fleet(trained)

    title = trained.catalogue.asset_class("pump").channel(channel).title
    said = [found for found in report.findings if found.asset == liar and found.channel == channel]
    assert said
    assert all(title in found.sentence for found in said)
    assert report.rows_quarantined == 0  # kept, marked bad or to be corrected by a person
    assert report.cells_new == report.cells_read
    thought = {assessment.asset: assessment for assessment in scoring.assessments}
    assert (thought[liar].data, thought[liar].condition, thought[liar].risks) == ("bad quality", "unknown", ())
    assert any(title in flag for flag in thought[liar].quality_flags)
    assert (thought[sound].data, thought[sound].condition) == ("fresh", "normal")
    assert not any(on_record(trained)[name] for name in ("alerts", "cases", "requests"))


def test_an_alert_that_stands_is_neither_confirmed_nor_cleared_by_a_lie(warned, world, on_record):
    [alert] = on_record(warned)["alerts"]
    before = warned.clock.now()
    now = warned.clock.advance(DAY)
    rows = world.readings(before, now)
    rows.loc[rows["asset"] == alert.asset, "vibration"] *= 0.001

    ingest_readings(warned, rows, asset_class="pump", source="historian")
    score_fleet(warned)

    assert on_record(warned)["alerts"] == [alert]


def test_old_data_is_never_normal(trained, on_record):
    trained.clock.advance(2 * DAY)

    scoring = score_fleet(trained)

    assert {one.data for one in scoring.assessments} == {"stale"}
    assert {one.condition for one in scoring.assessments} == {"unknown"}
    assert {one.equipment for one in scoring.assessments} == {"unknown"}
    assert not on_record(trained)["alerts"]


def test_one_pump_that_fell_silent_is_unknown_among_the_others(trained, world, running):
    quiet, sound = running[0], running[1]
    for _ in range(2):
        before = trained.clock.now()
        rows = world.readings(before, trained.clock.advance(DAY))
        ingest_readings(trained, rows[rows["asset"] != quiet], asset_class="pump", source="historian")

    thought = {one.asset: one for one in score_fleet(trained).assessments}

    assert (thought[quiet].data, thought[quiet].condition) == ("stale", "unknown")
    assert (thought[sound].data, thought[sound].condition) == ("fresh", "normal")
