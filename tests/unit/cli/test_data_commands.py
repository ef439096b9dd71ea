"""Bring data in, correct it, mark what says nothing about wear."""

from datetime import UTC, datetime, timedelta

import pytest

HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=30)


@pytest.fixture
def readings(tmp_path):
    """Ten hours of one pump on the wall clock of Berlin, without an offset."""
    berlin = [(HOUR + timedelta(hours=n)).strftime("%Y-%m-%d %H:%M") for n in range(10)]
    file = tmp_path / "pump.csv"
    lines = [f"P-101,{time},{2.0 + n / 100:.2f},1480" for n, time in enumerate(berlin)]
    file.write_text("\n".join(["Machine,Date time,Vib DE,speed", *lines, ""]), encoding="utf-8")
    return file


def ingest(plantpdm, home, file, *more):
    return plantpdm("ingest", "pump", file, "--home", home, "--column", "Vib DE=vibration", *more)


def test_naive_times_are_a_question_answered_by_an_option(plantpdm, home, readings):
    asked = ingest(plantpdm, home, readings)
    answered = ingest(plantpdm, home, readings, "--time-zone", "UTC", "--json")

    assert asked.code == 3
    assert "--time-zone" in asked.err
    assert answered.answer["rows_stored"] == 10


def test_zone_and_columns_are_asked_once_per_source(plantpdm, home, readings):
    ingest(plantpdm, home, readings, "--time-zone", "UTC", "--source", "historian")

    again = plantpdm("ingest", "pump", readings, "--home", home, "--source", "historian", "--json").answer

    assert (again["rows_stored"], again["cells_duplicate"]) == (0, 20)


def test_rows_in_quarantine_are_named_with_their_file(plantpdm, home, readings):
    with readings.open("a", encoding="utf-8") as file:
        file.write(f"P-999,{HOUR:%Y-%m-%d %H:%M},2.0,1480\n")

    told = ingest(plantpdm, home, readings, "--time-zone", "UTC")

    assert told.code == 0
    assert "1 row in quarantine" in told.out
    assert str(home / "quarantine") in told.out


def test_a_column_without_an_equals_sign_is_explained(plantpdm, home, readings):
    told = plantpdm("ingest", "pump", readings, "--home", home, "--column", "Vib DE")

    assert told.code == 3
    assert "bearing_temperature" in told.err


def test_stored_values_are_corrected_and_voided_on_the_clock_of_the_plant(plantpdm, home, readings):
    ingest(plantpdm, home, readings, "--time-zone", "UTC")
    first, last = HOUR.isoformat(), (HOUR + timedelta(hours=3)).isoformat()
    interval = ("--from", first, "--to", last, "--why", "transmitter was loose", "--home", home, "--json")

    assert plantpdm("readings", "correct", "P-101", "vibration", "2.5", *interval).answer == {"cells": 4}
    assert plantpdm("readings", "void", "P-101", "vibration", *interval).answer == {"cells": 4}
    entries = plantpdm("audit", "list", "--home", home, "--json").answer
    assert [(entry["who"], entry["verb"]) for entry in entries] == [
        ("Ada", "void readings"),
        ("Ada", "correct readings"),
    ]


def test_an_exclusion_needs_a_known_asset_and_leaves_its_mark(plantpdm, home):
    span = ("--from", "2026-05-03", "--to", "2026-05-05", "--why", "trial run", "--home", home)

    assert plantpdm("exclude", "P-999", *span).code == 4
    assert plantpdm("exclude", "P-101", *span, "--json").answer["exclusion"]
    assert "exclude interval" in plantpdm("audit", "list", "--home", home).out


def test_an_exclusion_by_mistake_is_listed_and_taken_back(plantpdm, home):
    made = plantpdm(
        "exclude", "P-101", "--from", "2026-05-03", "--why", "trial", "--still-alert", "--home", home, "--json"
    )
    exclusion = made.answer["exclusion"]

    (mark,) = plantpdm("exclusions", "list", "--home", home, "--json").answer
    assert mark == {
        "id": exclusion,
        "asset": "P-101",
        "from": "2026-05-03 00:00",
        "to": "further notice",
        "still_allowed": "alert",
        "reason": "trial",
    }
    assert plantpdm("exclusions", "list", "--asset", "P-102", "--home", home).out == "no time is marked\n"
    taken = plantpdm("exclusions", "take-back", exclusion, "--why", "it was P-102", "--home", home)
    assert taken.out == f"P-101: {exclusion} is taken back\n"
    assert plantpdm("exclusions", "list", "--home", home).out == "no time is marked\n"
    again = plantpdm("exclusions", "take-back", exclusion, "--why", "it was P-102", "--home", home)
    assert (again.code, "taken back already" in again.err) == (4, True)
    entries = plantpdm("audit", "list", "--home", home, "--json").answer
    assert [(entry["who"], entry["verb"], entry["why"]) for entry in entries] == [
        ("Ada", "take back exclusion", "it was P-102"),
        ("Ada", "exclude interval", "trial"),
    ]


def test_events_of_unknown_machines_wait_in_quarantine(plantpdm, home, tmp_path):
    file = tmp_path / "events.csv"
    file.write_text(
        "asset,time,kind,text\n"
        "P-101,2026-01-05T08:00Z,failure,Bearing hot\n"
        "P-999,2026-01-05T08:00Z,failure,Nobody knows it\n",
        encoding="utf-8",
    )

    told = plantpdm("events", file, "--home", home, "--backfill")

    assert "2 events read, 1 new" in told.out
    assert "1 row in quarantine" in told.out


def test_assets_are_registered_and_listed(plantpdm, home, tmp_path):
    file = tmp_path / "assets.csv"
    file.write_text("tag,class,location\nF-301,fan,north/air\n", encoding="utf-8")

    assert plantpdm("assets", file, "--home", home).out == "1 asset new or changed\n"
    listed = plantpdm("assets", "--home", home, "--json").answer
    assert [asset["asset"] for asset in listed] == ["F-301", "P-101", "P-102"]


def test_quality_without_readings_does_not_claim_that_all_is_well(plantpdm, home):
    assert plantpdm("quality", "pump", "--home", home).out == "no readings of pump in this time\n"


def test_a_simulated_plant_is_written_as_files_that_the_platform_takes_in(plantpdm, home, tmp_path):
    folder = tmp_path / "example"
    sizes = ("--pumps", 2, "--compressors", 0, "--fans", 0, "--days", 30)

    written = plantpdm("dataset", "simulate", "--to", folder, *sizes, "--json").answer
    plantpdm("assets", folder / "assets.csv", "--home", home)
    taken = plantpdm("ingest", "pump", folder / "pump.csv", "--backfill", "--home", home, "--json").answer
    events = plantpdm("events", folder / "events.csv", "--backfill", "--home", home, "--json").answer

    assert taken["rows_stored"] == written["rows"]["pump"]
    assert events["rows_stored"] == written["rows"]["events"]
    assert (taken["rows_quarantined"], events["rows_quarantined"]) == (0, 0)


def test_a_simulated_plant_never_overwrites_files(plantpdm, readings):
    assert plantpdm("dataset", "simulate", "--to", readings.parent).code == 4


@pytest.mark.parametrize("name", ["nasa", "Azure"])
def test_an_unknown_data_set_is_told_with_those_that_can_be_read(plantpdm, home, tmp_path, name):
    told = plantpdm("dataset", "import", name, "--from", tmp_path, "--home", home)

    assert told.code == 4
    assert "cmapss" in told.err
