"""The planner's pages and routes: schedule, calendar feed, trust, deferrals."""

import csv
from datetime import timedelta

import pytest
from icalendar import Calendar

from pdm.operations.consider_assessments import consider_assessments
from pdm.records.planning import write_table
from pdm.scoring.assessment import Risk
from pdm.testing.builders import NOON, an_assessment
from pdm.testing.plants import a_plant

DAY = timedelta(days=1)


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    sound = (Risk("bearing_wear", 336.0, "h", 0.0005), Risk("seal_leak", 336.0, "h", 0.0005))
    consider_assessments(plant, [an_assessment("P-101", probability=0.5), an_assessment("P-200", risks=sound)])
    stop = {"name": "spring", "start": (NOON + 6 * DAY).isoformat(), "end": (NOON + 8 * DAY).isoformat(), "scope": ""}
    write_table(plant.workspace.home, "stops", [stop])
    with (plant.workspace.home / "records" / "plans.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["source", "plan", "asset", "text", "cycle", "unit", "due", "finished"])
        out.writerow(["sap", "1", "P-200", "Kupplung prüfen", "6", "MON", (NOON + 9 * DAY).isoformat(), ""])
        out.writerow(["sap", "2", "P-200", "Abschmieren", "3", "MON", (NOON + 9 * DAY).isoformat(), ""])
    return plant


@pytest.fixture
def client(live, create_app, plant):
    with live(create_app(plant)) as client:
        client.follow_redirects = True
        yield client


def test_the_schedule_answers_with_ranked_windows_and_their_price(client):
    body = client.get("/v1/schedule").json()

    first = body["requests"][0]
    assert first["asset"] == "P-101"
    assert first["windows"]
    assert len(first["weeks"]) == 9
    assert [stop["name"] for stop in body["stops"]] == ["spring"]


def test_the_feed_is_a_calendar(client):
    answer = client.get("/v1/schedule.ics")

    assert answer.headers["content-type"].startswith("text/calendar")
    assert any("spring" in str(event["summary"]) for event in Calendar.from_ical(answer.content).walk("VEVENT"))


def test_the_page_shows_bars_beside_stops_and_plans(client):
    page = client.get("/schedule").text

    assert 'class="calendar"' in page
    assert "spring" in page
    assert "style=" not in page, "the policy forbids inline styles"


def test_a_ceiling_is_raised_with_a_name_and_a_reason(client):
    refused = client.post("/v1/trust/pump/bearing_wear/ceiling", json={"by": "Ada", "ceiling": "draft"})
    done = client.post("/v1/trust/pump/bearing_wear/ceiling", json={"by": "Ada", "ceiling": "draft", "why": "good"})
    unknown = client.post("/v1/trust/pump/rust/ceiling", json={"by": "Ada", "ceiling": "draft", "why": "good"})

    assert (refused.status_code, done.status_code, unknown.status_code) == (422, 200, 404)
    assert (done.json()["rung"], done.json()["ceiling"]) == ("suggest", "draft")
    assert "by Ada" in client.get("/trust").text


def test_what_can_wait_is_proposed_to_a_named_person_who_alone_decides(client):
    found = client.get("/v1/deferrals").json()
    assert [one["plan"] for one in found["candidates"]] == ["1"]
    assert [one["reason"] for one in found["left_out"]] == ["never deferred: lubrication"]

    proposal = client.post("/v1/deferrals", json={"by": "Ada", "plan": "1", "asset": "P-200", "approver": "Eve"}).json()
    decide = f"/v1/deferrals/{proposal['id']}/decide"
    statuses = [
        client.post("/v1/deferrals", json={"by": "Ada", "plan": "1", "asset": "P-200", "approver": "ada"}).status_code,
        client.post("/v1/deferrals", json={"by": "Ada", "plan": "2", "asset": "P-200", "approver": "Eve"}).status_code,
        client.post(decide, json={"by": "Ada", "approve": True}).status_code,
        client.post(decide, json={"by": "Eve", "approve": False}).status_code,
        client.post(decide, json={"by": "eve", "approve": True}).status_code,
        client.post(decide, json={"by": "Eve", "approve": False, "why": "late"}).status_code,
        client.post("/v1/deferrals/none/decide", json={"by": "Eve", "approve": False, "why": "x"}).status_code,
    ]

    assert statuses == [422, 409, 409, 422, 200, 409, 404]
    assert "approved" in client.get("/deferrals").text


def test_a_machine_that_got_worse_takes_its_approval_back(client, plant):
    proposal = client.post("/v1/deferrals", json={"by": "Ada", "plan": "1", "asset": "P-200", "approver": "Eve"}).json()
    plant.clock.advance(DAY)
    consider_assessments(plant, [an_assessment("P-200", hours=24, probability=0.2, condition="watch")])

    answer = client.post(f"/v1/deferrals/{proposal['id']}/decide", json={"by": "Eve", "approve": True})

    assert answer.status_code == 409
    assert "no longer be deferred" in answer.text


def test_forms_say_what_was_done(client):
    client.headers["origin"] = str(client.base_url).rstrip("/")
    page = client.post("/deferrals", data={"by": "Ada", "plan": "1", "asset": "P-200", "approver": "Eve"})
    assert page.status_code == 200, page.text
    proposal = client.get("/v1/deferrals").json()["proposals"][0]["id"]
    decided = client.post(f"/deferrals/{proposal}/decide", data={"by": "Eve", "answer": "decline", "why": "no"})
    raised = client.post("/trust/pump/bearing_wear/ceiling", data={"by": "Ada", "ceiling": "automatic", "why": "good"})

    assert "Proposed: Eve decides." in page.text
    assert "It is declined" in decided.text
    assert "The ceiling is automatic; it stands at suggest." in raised.text
