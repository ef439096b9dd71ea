"""Windows that a planner can use: after parts, inside stops, with people, before it is too late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from pdm.catalogue import JobPackage, Planning, Task
from pdm.operations.advise_schedule import advise_schedule
from pdm.operations.consider_assessments import consider_assessments
from pdm.records.planning import Crew, PlannedTask, Stop, write_table
from pdm.testing.builders import NOON, a_request, an_assessment, an_asset
from pdm.testing.plants import a_plant
from pdm.views.ical import calendar_feed
from pdm.views.schedule import schedule_page
from pdm.work.curve import FailureCurve
from pdm.work.dates import advise_date
from pdm.work.prices import Prices
from pdm.work.schedule import CrewHours, Job, advise_request, same_line

DAY = timedelta(days=1)
ZONE = "Europe/Berlin"
PACKAGE = JobPackage("pump", "bearing_wear", "bearing", tasks=(Task("Do it", "mechanic", 6.0, persons=2),))
CURVE = FailureCurve(NOON, (0.0, 1000.0), (0.0, 0.3))
MONEY = Prices(24000.0, 3200.0, 9000.0)
STOP = Stop("spring", NOON + 9 * DAY, NOON + 11 * DAY, "site/area")


def a_job(asset="P-101", package=PACKAGE, stops=(STOP,), ready=NOON + 3 * DAY, curve=CURVE, **changes):
    advice = advise_date(
        curve, MONEY, ready=ready, duration=timedelta(hours=package.duration), budget=0.1, stops=stops, reserve=0 * DAY
    )
    machine = an_asset(asset, **changes)
    return Job(a_request(asset, title=f"{asset}: bearing wear"), machine, package, advice)


def advised(job=None, others=(), stops=(STOP,), plans=(), crews=(), locations=None):
    hours = crews if isinstance(crews, CrewHours) else CrewHours(crews, Planning(), ZONE)
    return advise_request(job or a_job(), others, stops, plans, hours, locations or {})


def test_no_window_begins_before_the_job_is_ready_or_outside_a_shift():
    for window in advised().windows:
        assert window.start >= NOON + 3 * DAY
        if not window.stop:
            local = window.start.astimezone(ZoneInfo(ZONE))
            assert (local.hour, local.weekday() < 5) == (7, True)


def test_a_stop_that_saves_production_is_ranked_first_while_it_is_safe():
    advice = advised()

    assert advice.first.stop == "spring"
    assert advice.first.safe
    assert advice.first.cost < min(window.cost for window in advice.windows if not window.stop)


def test_a_stop_of_another_line_is_no_window():
    elsewhere = replace(STOP, scope="other/line")

    assert not any(window.stop for window in advised(stops=[elsewhere]).windows)


def test_windows_after_the_latest_safe_date_come_last_and_say_so():
    late = replace(STOP, start=NOON + 40 * DAY, end=NOON + 42 * DAY)

    windows = advised(a_job(stops=[late]), stops=[late]).windows

    assert windows[0].safe
    assert all(not window.safe for window in windows if window.start > a_job().advice.latest_safe)


def test_without_enough_people_a_window_is_not_possible_and_says_who_is_missing():
    advice = advised(stops=[], crews=[Crew("mechanic", 4.0)])

    assert advice.first is None
    assert "mechanic: 4 h free, 12 h needed" in advice.windows[0].obstacles


def test_crafts_that_nobody_listed_stop_nothing_and_are_named():
    advice = advised(crews=[Crew("electrician", 8.0)])

    assert advice.first is not None
    assert advice.unlisted == ("mechanic",)


def test_hours_that_are_advised_once_are_not_advised_again():
    crews = CrewHours([Crew("mechanic", 12.0)], Planning(), ZONE)

    first = advised(a_job("P-101"), stops=[], crews=crews).first
    second = advised(a_job("P-102"), stops=[], crews=crews).first

    assert first.start.date() != second.start.date()


def test_crews_of_a_season_are_free_in_that_season_only():
    crews = [Crew("mechanic", 12.0, NOON + 10 * DAY, NOON + 14 * DAY)]

    first = advised(a_job(stops=()), stops=[], crews=crews).first

    assert NOON + 10 * DAY <= first.start <= NOON + 14 * DAY


def test_a_job_longer_than_a_shift_takes_several_working_days():
    long = replace(PACKAGE, tasks=(Task("Do it", "mechanic", 20.0),))
    friday = next(w for w in advised(a_job(package=long, stops=()), stops=[]).windows if not w.stop)

    days = (friday.end.date() - friday.start.date()).days

    assert days in (2, 4), "three shifts, or five days over a weekend"


def test_each_week_of_waiting_has_its_price():
    weeks = advised().weeks

    assert [week.start for week in weeks] == [NOON + 3 * DAY + n * 7 * DAY for n in range(9)]
    assert weeks[0].dearer == 0
    assert all(a.dearer < b.dearer for a, b in pairwise(weeks))


def test_work_on_the_same_machine_and_line_and_due_plans_are_offered_together():
    job = a_job()
    sister, stranger = a_job("P-102"), a_job("P-900", location="far/away/pump")
    plans = [
        PlannedTask("sap", "100", "P-101", "Coupling check", due=NOON + 12 * DAY),
        PlannedTask("sap", "200", "P-102", "Oil sample", due=NOON + 12 * DAY),
        PlannedTask("sap", "300", "P-101", "Next year", due=NOON + 300 * DAY),
    ]

    bundles = advised(job, [job, sister, stranger], plans=plans, locations={"P-102": "site/area/line-1"}).bundles

    assert [(one.kind, one.name) for one in bundles] == [
        ("request", "P-102: bearing wear"),
        ("plan", "100 Coupling check"),
        ("plan", "200 Oil sample"),
    ]


def test_the_next_stop_is_offered_when_it_is_not_the_best_window():
    late = replace(STOP, start=NOON + 40 * DAY, end=NOON + 42 * DAY)

    assert [one.name for one in advised(a_job(stops=[late]), stops=[late]).bundles if one.kind == "stop"] == ["spring"]
    assert not [one for one in advised(a_job(ready=NOON + 20 * DAY)).bundles if one.kind == "stop"], "that one is over"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("a/b/c", "a/b/d", True), ("a/b", "a/b", True), ("a/b", "a/c", False), ("", "", False), ("a", "b", False)],
)
def test_what_counts_as_one_line(one, other, same):
    assert same_line(one, other) is same


# The whole plant


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    curve = ((72.0, 0.005), (336.0, 0.04), (1008.0, 0.5))
    consider_assessments(
        plant,
        [
            an_assessment(tag, probability=0.5, curve=curve, risks=an_assessment(probability=0.5).risks)
            for tag in ("P-101", "P-102")
        ],
    )
    stop = {
        "name": "May, first",
        "start": (NOON + 6 * DAY).isoformat(),
        "end": (NOON + 8 * DAY).isoformat(),
        "scope": "",
    }
    write_table(plant.workspace.home, "stops", [stop])
    return plant


def page_of(plant):
    found = advise_schedule(plant)
    return schedule_page(
        found.requests,
        found.silent,
        found.stops,
        found.plans,
        found.assets,
        at=found.at,
        zone=ZONE,
        crews_listed=found.crews_listed,
    )


def test_every_open_request_is_advised_or_says_why_not(plant):
    found = advise_schedule(plant)
    with plant.unit_of_work() as work:
        open_requests = {request.id for request in work.requests.list()}

    assert {one.job.request.id for one in found.requests} | {one.id for one, _ in found.silent} == open_requests
    assert len(found.requests) == 2


def test_the_feed_holds_windows_latest_dates_and_stops_with_lasting_ids(plant):
    page = page_of(plant)

    one, two = (calendar_feed(page, zone=ZONE, plant="Mill, north; 1") for _ in range(2))

    assert one == two
    events = Calendar.from_ical(one).walk("VEVENT")
    titles = [str(event["summary"]) for event in events]
    assert sum(title.startswith("Latest safe date") for title in titles) == 2
    assert "Planned stop: May, first" in titles
    assert len({str(event["uid"]) for event in events}) == len(events)
    stop = next(event for event in events if "stop" in str(event["summary"]))
    assert stop["dtstart"].dt == NOON + 6 * DAY
    assert all(event["transp"] == "TRANSPARENT" for event in events), "advice blocks nobody's day"
    assert all(len(line) <= 75 for line in one.split(b"\r\n")), "RFC 5545 folds lines"


def test_the_advice_writes_nothing(plant):
    before = sorted((path, path.stat().st_mtime_ns) for path in plant.workspace.home.rglob("*.csv"))
    with plant.unit_of_work() as work:
        entries = len(work.audit.list())

    page_of(plant)

    with plant.unit_of_work() as work:
        assert len(work.audit.list()) == entries
        assert work.outbox.pending() == []
    assert sorted((path, path.stat().st_mtime_ns) for path in plant.workspace.home.rglob("*.csv")) == before


def test_places_on_the_calendar_lie_on_the_calendar(plant):
    page = page_of(plant)

    for line in page.requests:
        assert {bar.kind for bar in line.bars} >= {"stop", "best", "latest"}
        assert all(0 <= bar.start <= bar.end <= 1 for bar in line.bars)
    assert page.at == datetime(2026, 3, 2, 12, tzinfo=UTC)
