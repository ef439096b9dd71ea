"""Whatever is sent, scored, approved, delivered or answered twice happens once; in pieces and out of order ends in the same place."""

import shutil
from datetime import timedelta

import pytest
from pandas.testing import assert_frame_equal

from pdm.errors import IllegalTransition
from pdm.operations.approve_request import approve_request
from pdm.operations.build_features import build_features
from pdm.operations.deliver_outbox import deliver_outbox
from pdm.operations.ingest_events import ingest_events
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.record_verdict import record_verdict
from pdm.operations.score_fleet import assess_class, score_fleet
from pdm.readings.events import read_events

DAY = timedelta(days=1)


@pytest.fixture
def one_file(trained, world, tmp_path):
    """The next two days of the whole class in one CSV file."""
    now = trained.clock.now()
    path = tmp_path / "two_days.csv"
    world.readings(now, now + 2 * DAY).to_csv(path, index=False)
    return path


@pytest.fixture
def pieces(trained, world, tmp_path):
    """The same rows in five files that overlap, the last ones first, each with its rows in disorder."""
    now = trained.clock.now()
    rows = world.readings(now, now + 2 * DAY)
    files = []
    for number, first in enumerate(range(0, len(rows), len(rows) // 4)):
        path = tmp_path / f"piece_{number}.csv"
        rows.iloc[max(0, first - 50) : first + len(rows) // 4].sample(frac=1.0, random_state=number).to_csv(
            path, index=False
        )
        files.insert(0, path)
    return files


@pytest.fixture
def at_once(trained, one_file):
    """The plant two days later, after one clean delivery."""
    trained.clock.advance(2 * DAY)
    ingest_readings(trained, [one_file], asset_class="pump", source="historian")
    return trained


@pytest.fixture
def other(tmp_path, trained_home, opened, trained):
    """Another copy of the same plant, two days later."""
    return opened(shutil.copytree(trained_home, tmp_path / "other"), trained.clock.now() + 2 * DAY)


def test_in_pieces_and_out_of_order_ends_in_the_same_features_and_scores(other, pieces, at_once):
    reports = [ingest_readings(other, [piece], asset_class="pump", source="historian") for piece in pieces]

    assert sum(report.cells_duplicate for report in reports) > 0  # the pieces overlap
    assert sum(report.cells_conflicting for report in reports) == 0
    assert_frame_equal(build_features(other, "pump").frame, build_features(at_once, "pump").frame)
    assert assess_class(other, "pump") == assess_class(at_once, "pump")


def test_the_same_file_again_stores_nothing_and_changes_no_score(at_once, one_file):
    features, answers = build_features(at_once, "pump").frame, assess_class(at_once, "pump")

    again = ingest_readings(at_once, [one_file], asset_class="pump", source="historian")

    assert (again.rows_stored, again.cells_new, again.cells_conflicting) == (0, 0, 0)
    assert again.cells_duplicate == again.cells_read
    assert_frame_equal(build_features(at_once, "pump").frame, features)
    assert assess_class(at_once, "pump") == answers


def test_the_same_work_orders_again_are_no_new_ones(trained, world):
    orders = world.before(trained.clock.now()).events
    before = read_events(trained.history)

    again = ingest_events(trained, orders, source="simulation", backfill=True)

    assert again.cells_new == 0
    assert again.cells_duplicate == len(orders)
    assert_frame_equal(read_events(trained.history), before)


def test_the_same_moment_scored_again_changes_nothing(warned, on_record):
    before = on_record(warned)

    report = score_fleet(warned)

    assert (report.alerts.raised, report.alerts.requests_drafted) == (0, 0)
    assert on_record(warned) == before


def test_the_same_period_is_scored_by_one_schedule_only(warned, on_record):
    before = on_record(warned)

    report = score_fleet(warned, period=DAY)

    assert report.done_already
    assert on_record(warned) == before


def test_a_later_moment_without_new_readings_raises_nothing_more(warned, on_record):
    before = on_record(warned)
    warned.clock.advance(timedelta(hours=1))

    report = score_fleet(warned)

    after = on_record(warned)
    assert (report.alerts.raised, report.alerts.cases_opened) == (0, 0)
    assert {name: after[name] for name in ("alerts", "cases", "requests", "audit")} == {
        name: before[name] for name in ("alerts", "cases", "requests", "audit")
    }


def test_an_approval_a_delivery_and_a_verdict_given_twice_happen_once(warned, on_record):
    [request] = on_record(warned)["requests"]
    answer = {
        "found": "damage",
        "inspected": True,
        "severity": "critical",
        "action": "replaced",
        "restores": True,
        "by": "Dora",
        "at": warned.clock.now(),
    }

    approve_request(warned, request.id, by="Cleo")
    approved = on_record(warned)
    approve_request(warned, request.id, by="Cleo")
    assert on_record(warned) == approved
    assert len(approved["outbox"]) == 1

    deliver_outbox(warned)
    delivered = on_record(warned)
    deliver_outbox(warned)
    assert on_record(warned) == delivered
    lines = (warned.workspace.home / "outgoing" / "work_requests.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2  # the header and one order

    verdict = record_verdict(warned, request.case_id, **answer)
    closed, labels = on_record(warned), read_events(warned.history)
    warned.clock.advance(timedelta(minutes=5))  # the button was pressed again
    assert record_verdict(warned, request.case_id, **answer) == verdict
    assert on_record(warned) == closed
    assert_frame_equal(read_events(warned.history), labels)


def test_a_second_opinion_on_a_closed_case_is_refused(warned, on_record):
    [case] = on_record(warned)["cases"]
    record_verdict(warned, case.id, by="Dora", found="nothing", inspected=True)
    closed, labels = on_record(warned), read_events(warned.history)

    with pytest.raises(IllegalTransition, match="closed already"):
        record_verdict(warned, case.id, by="Emil", found="damage", inspected=True, severity="critical")

    assert on_record(warned) == closed
    assert_frame_equal(read_events(warned.history), labels)
