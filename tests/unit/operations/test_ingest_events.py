"""What happened to the machines comes in once, with two times, and what cannot be used waits."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pdm.errors import ColumnsError, UnreadableFile, ZoneQuestion
from pdm.operations.ingest_events import ingest_events
from pdm.readings.events import read_events

FILE = (
    "Work Order,Machine,Date,Type,Component,Failure Mode,Severity,As good as new,Description\n"
    "4711,P-101,2025-05-03T10:00Z,failure,bearing,bearing_wear,critical,no,seized\n"
    "4712,P-101,2025-05-04T08:00Z,Repair,bearing,,,yes,\n"
    "4713,P-102,2025-05-04T09:00Z,PM,,,,x,grease\n"
)


def take(plant, files, **options):
    report = ingest_events(plant, files, **options)
    assert report.rows_read == report.rows_stored + report.cells_duplicate + report.rows_quarantined
    return report


def reasons(report):
    with report.quarantine_file.open(encoding="utf-8", newline="") as file:
        return [(row["quarantine_row"], row["quarantine_reason"]) for row in csv.DictReader(file)]


def test_an_export_under_its_own_words_is_understood(plant, write):
    report = take(plant, [write("a.csv", FILE)])

    events = read_events(plant.history)
    assert report.rows_stored == 3
    assert events["kind"].tolist() == ["failure", "repair", "preventive"]
    assert events["event_id"].tolist() == ["4711", "4712", "4713"]
    assert events["maintainable_item"].tolist() == ["bearing", "bearing", ""]
    assert events["restores"].tolist() == [False, True, True]
    assert events["source_row"].tolist() == [2, 3, 4]
    assert events["text"].tolist() == ["seized", "", "grease"]


def test_the_same_events_twice_and_in_pieces_are_stored_once(plant, write):
    lines = FILE.splitlines()
    take(plant, [write("a.csv", "\n".join([lines[0], lines[3]]))])

    report = take(plant, [write("b.csv", FILE), write("c.csv", FILE)])

    assert (report.rows_stored, report.cells_duplicate) == (2, 4)
    assert len(read_events(plant.history)) == 3


def test_events_that_cannot_be_used_wait_each_with_its_reason(plant, write):
    content = (
        "asset,time,kind,severity,restores\n"
        "P-999,2025-05-03T10:00Z,failure,,\n"
        "P-101,2025-05-03T10:00Z,explosion,,\n"
        "P-101,2031-05-03T10:00Z,failure,,\n"
        "P-101,,failure,,\n"
        "P-101,2025-05-03T10:00Z,failure,awful,\n"
        "P-101,2025-05-03T10:00Z,failure,,perhaps\n"
        ",2025-05-03T10:00Z,,,\n"
        "P-101,2025-05-03T10:00Z\n"
        "P-101,2025-05-03T10:00Z,failure,critical,no\n"
    )

    report = take(plant, [write("a.csv", content)])

    found = dict(reasons(report))
    assert report.rows_stored == 1
    assert found["2"].startswith("unknown asset 'P-999': register it first")
    assert found["3"].startswith("'explosion' is no kind of event: failure, repair")
    assert "lies in the future" in found["4"]
    assert found["5"] == "the time is missing"
    assert found["6"] == "severity is critical, degraded or incipient"
    assert found["7"] == "restores is yes or no"
    assert found["8"].startswith("the asset is missing; the kind is missing")
    assert found["9"].startswith("2 cells where the header has 5")


def test_mended_events_come_in_on_the_second_try(plant, write):
    report = take(plant, [write("a.csv", FILE.replace("Repair", "Repare"))])
    text = report.quarantine_file.read_text(encoding="utf-8")
    report.quarantine_file.write_text(text.replace(",Repare,bearing,,,yes,\n", ",repair,bearing,,,yes,\n"), "utf-8")

    again = take(plant, [report.quarantine_file])

    assert (again.rows_stored, again.rows_quarantined) == (1, 0)
    assert len(read_events(plant.history)) == 3


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("asset,time", "no column says kind"),
        ("asset,kind", "no column says time"),
        ("asset,time,kind,severty", "did you mean 'severity'"),
    ],
)
def test_columns_that_are_not_understood_are_named(plant, write, header, words):
    with pytest.raises(ColumnsError, match=words):
        take(plant, [write("a.csv", header + "\n" + ",".join("1" * (header.count(",") + 1)) + "\n")])


def test_naive_times_of_a_new_source_are_a_question_and_nothing_is_stored(plant, write):
    local = FILE.replace("Z,", ",")

    with pytest.raises(ZoneQuestion):
        take(plant, [write("a.csv", local)], source="cmms")
    assert plant.history.dataset("events") is None
    take(plant, [write("a.csv", local)], source="cmms", time_zone="Europe/Berlin")
    take(plant, [write("b.csv", local)], source="cmms")

    assert read_events(plant.history)["time"].iloc[0] == pd.Timestamp("2025-05-03T08:00Z")


def test_a_work_order_entered_late_is_not_known_before(plant, write):
    take(plant, [write("a.csv", FILE)])

    assert read_events(plant.history, known_at=plant.clock.now() - timedelta(seconds=1)).empty


def test_old_history_counts_as_known_when_it_was_recorded(plant, write):
    content = (
        "asset,time,recorded_at,kind\n"
        "P-101,2025-05-03T10:00Z,2025-05-13T10:00Z,failure\n"
        "P-102,2025-05-03T10:00Z,,failure\n"
    )

    with pytest.raises(ColumnsError, match="only believed of old history"):
        take(plant, [write("a.csv", content)])
    take(plant, [write("a.csv", content)], backfill=True)

    known = read_events(plant.history, known_at=datetime(2025, 5, 12, tzinfo=UTC))
    assert known["asset"].tolist() == ["P-102"]
    assert len(read_events(plant.history)) == 2


def test_events_of_a_counter_need_no_time(plant):
    frame = pd.DataFrame({"asset": ["N-1"], "usage": [192.0], "kind": ["failure"]})

    take(plant, frame)

    assert read_events(plant.history)["usage"].tolist() == [192.0]


def test_old_events_of_a_counter_must_say_when_they_were_known(plant):
    frame = pd.DataFrame({"asset": ["N-1"], "usage": [192.0], "kind": ["failure"]})

    report = take(plant, frame, backfill=True)

    assert "fill in recorded_at" in reasons(report)[0][1]


def test_a_data_frame_of_events_is_taken_as_it_is(plant):
    frame = pd.DataFrame(
        {
            "asset": ["P-101", "P-101"],
            "time": pd.to_datetime(["2025-05-03T10:00Z", "2025-05-04T10:00Z"]),
            "recorded_at": pd.to_datetime(["2025-05-03T11:00Z", "2025-05-05T10:00Z"]),
            "kind": ["error", "repair"],
            "code": ["E7", None],
            "restores": [False, True],
            "source": ["plc", None],
        }
    )

    take(plant, frame, backfill=True, source="import")

    events = read_events(plant.history)
    assert events["restores"].tolist() == [False, True]
    assert events["source"].tolist() == ["plc", "import"]
    assert events["recorded_at"].iloc[1] == pd.Timestamp("2025-05-05T10:00Z")


def test_an_empty_event_file_is_refused(plant, write):
    with pytest.raises(UnreadableFile, match="is empty"):
        take(plant, [write("a.csv", "")])


def test_a_file_of_which_every_event_is_bad_stores_nothing(plant, write):
    report = take(plant, [write("a.csv", "asset,time,kind\nX,2025-05-03T10:00Z,failure\n")])

    assert (report.rows_stored, report.rows_quarantined) == (0, 1)
