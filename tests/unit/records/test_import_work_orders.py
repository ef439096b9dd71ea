"""From lines that people wrote to events with two times: what is stored, and what a second import changes."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from pdm.readings.events import read_events
from pdm.records.report import sentences


def utc(*parts):
    return pd.Timestamp(datetime(*parts, tzinfo=UTC))


def only(events):
    assert len(events) == 1
    return events.iloc[0]


def test_a_malfunction_becomes_a_failure_with_two_times_a_label_and_its_place_in_the_file(plant, iw29, load):
    load(iw29({}))

    event = only(read_events(plant.history))
    assert (event["asset"], event["kind"], event["severity"]) == ("P-101", "failure", "critical")
    assert (event["failure_mode"], event["maintainable_item"], event["mechanism"]) == (
        "bearing_wear",
        "bearing",
        "wear",
    )
    assert event["time"] == utc(2026, 1, 5, 7, 30)
    assert event["recorded_at"] == utc(2026, 1, 5, 9)
    assert (event["source"], event["source_row"]) == ("sap-iw29", 2)


def test_what_was_entered_late_is_known_late_and_what_was_entered_early_not_before_it_happened(plant, iw29, load):
    late = {"number": "1", "created": "14.01.2026"}
    early = {"number": "2", "location": "P-102", "created": "02.01.2026"}

    load(iw29(late, early))

    events = read_events(plant.history).set_index("asset")
    assert events.loc["P-101", "recorded_at"] == utc(2026, 1, 14, 9)
    assert events.loc["P-102", "recorded_at"] == events.loc["P-102", "time"]


def test_a_bare_day_of_entry_counts_from_its_end(plant, iw29, load):
    load(iw29({"created_time": ""}))

    assert only(read_events(plant.history))["recorded_at"] == utc(2026, 1, 5, 22, 59, 59)


def test_todays_entry_without_a_clock_time_is_no_future(plant, iw29, load):
    load(iw29({"started": "01.06.2026", "created": "01.06.2026", "created_time": ""}))

    assert only(read_events(plant.history))["recorded_at"] == pd.Timestamp(plant.clock.now())


def test_the_same_export_twice_changes_nothing(plant, iw29, load):
    path = iw29({}, {"number": "10002", "location": "P-102"})
    load(path)
    before = {name: plant.history.version(name) for name in plant.history.names()}

    report = load(path)

    assert (report.events_new, report.events_revised, report.events_duplicate) == (0, 0, 2)
    assert {name: plant.history.version(name) for name in plant.history.names()} == before


def test_overlapping_monthly_exports_store_each_record_once(plant, iw29, load):
    january = iw29({"number": "1"}, {"number": "2", "started": "20.01.2026"}, name="january.csv")
    february = iw29(
        {"number": "2", "started": "20.01.2026"}, {"number": "3", "started": "03.02.2026"}, name="february.csv"
    )

    report = load(january, february)

    assert len(read_events(plant.history)) == 3
    assert (report.events_new, report.events_duplicate) == (3, 1)


def test_an_order_that_changed_is_a_new_version_and_the_past_stays_as_it_was_known(plant, iw29, load):
    other = {"number": "9", "location": "P-202", "started": "10.02.2026", "created": "10.02.2026"}
    load(iw29({"damage": "", "damage_text": "", "text": "laut", "part": "", "part_text": ""}, name="january.csv"))

    report = load(iw29({}, other, name="february.csv"))

    assert report.events_revised == 1
    now = read_events(plant.history, assets=["P-101"])
    then = read_events(plant.history, assets=["P-101"], known_at=datetime(2026, 1, 20, tzinfo=UTC))
    assert only(now)["failure_mode"] == "bearing_wear"
    assert only(then)["failure_mode"] == ""
    assert only(now)["recorded_at"] == utc(2026, 2, 10, 9)


def test_an_older_export_that_comes_later_changes_nothing(plant, iw29, load):
    other = {"number": "9", "location": "P-202", "started": "10.02.2026", "created": "10.02.2026"}
    older = iw29({"damage": "9999", "damage_text": "Sonstiges", "text": "laut", "part": ""}, name="january.csv")
    load(iw29({}, other, name="february.csv"))

    report = load(older)

    assert (report.rows_passed_over, report.events_revised) == (1, 0)
    assert only(read_events(plant.history, assets=["P-101"]))["failure_mode"] == "bearing_wear"


def test_an_older_row_is_told_by_its_own_date_of_change(iw29, load):
    load(iw29({"changed": "20.03.2026"}, name="a.csv"))

    report = load(iw29({"changed": "10.03.2026", "damage": "9999", "text": "neu"}, name="b.csv"))

    assert report.rows_passed_over == 1


def test_a_cancelled_record_is_taken_back_and_one_never_stored_is_not_stored(plant, iw29, load):
    load(iw29({}))

    report = load(iw29({"status": "MOFN LÖVM"}, {"number": "2", "status": "LOVM", "location": "P-102"}))

    assert report.events_voided == 1
    assert read_events(plant.history).empty


def test_a_dry_run_reports_and_stores_nothing(plant, iw29, load):
    report = load(iw29({}), dry_run=True)

    assert report.events == {"failure": 1}
    assert plant.history.version("events") == -1
    assert sorted(path.name for path in plant.workspace.home.iterdir()) == ["plant.db"]


def test_habits_of_the_desk_are_named(iw29, load):
    monday = datetime(2026, 1, 5)
    rows = []
    for n in range(24):
        day = monday + timedelta(days=7 * (n // 8))
        friday = (day + timedelta(days=4)).strftime("%d.%m.%Y")
        rows.append(
            {
                "number": str(n),
                "started": f"{day:%d.%m.%Y}",
                "started_time": "10:00:00",
                "created": f"{day:%d.%m.%Y}",
                "ended": friday,
            }
        )
    header = iw29({}).read_text().splitlines()[0].replace("Störungsende;", "Abschlussdatum;")

    report = load(iw29(*rows, header=header))

    assert report.start_equals_creation == report.starts == 24
    assert (report.closing_day, report.closing_share) == ("Fridays", 1.0)
    assert any("100% of 24 closings fall on Fridays" in sentence for sentence in sentences(report))
