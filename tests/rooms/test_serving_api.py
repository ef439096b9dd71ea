import io

import pytest

NEW = {"asset": "P-103", "time": "2026-03-02T11:30:00Z", "vibration": 2.2, "flow": 201.5}


def problem(answer, status):
    """The answer is a refusal of this kind, in the one shape of all refusals."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["detail"]
    return body


def test_assets_come_by_tag_a_part_at_a_time(reader):
    page = reader.get("/v1/assets", params={"limit": 2, "offset": 1}).json()

    assert page["total"] == 6
    assert [item["asset"] for item in page["items"]] == ["FD001-test-007", "P-101"]


def test_one_asset_has_its_record(reader):
    asset = reader.get("/v1/assets/P-101").json()

    assert asset["criticality"] == 1
    assert asset["location"] == "north/utilities/cooling"


def test_an_unknown_asset_is_a_404_with_a_hint(reader):
    body = problem(reader.get("/v1/assets/P-999"), 404)

    assert "P-999" in body["detail"]
    assert body["hint"]
    assert body["type"] == "urn:plantpdm:problem:not-found"


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 5000}, {"offset": -1}, {"limit": "many"}])
def test_a_limit_that_makes_no_sense_is_a_422_that_says_where(reader, query):
    body = problem(reader.get("/v1/assets", params=query), 422)

    assert body["errors"][0]["where"].startswith("query.")


def test_readings_come_as_columns_with_units(reader):
    window = {"since": "2026-03-01T12:00:00Z", "until": "2026-03-02T12:00:00Z", "channels": ["vibration", "flow"]}
    body = reader.get("/v1/assets/P-101/readings", params=window).json()

    assert body["rows"] == 24
    assert body["units"] == {"vibration": "mm/s", "flow": "m3/h"}
    assert len(body["channels"]["vibration"]) == 24
    assert body["time"][-1] == "2026-03-02T12:00:00+00:00"


def test_readings_on_a_counter_have_positions_instead_of_times(reader):
    body = reader.get("/v1/assets/FD001-test-007/readings", params={"channels": ["s2", "s9"]}).json()

    assert body["axis"] == "usage"
    assert body["time"][:2] == [1.0, 2.0]
    assert body["channels"]["s9"][0] is None


def test_readings_as_known_earlier_are_fewer(reader):
    params = {"known_at": "2026-02-20T00:00:00Z", "until": "2026-03-02T12:00:00Z", "since": "2026-02-19T00:00:00Z"}

    assert reader.get("/v1/assets/P-101/readings", params=params).json()["rows"] == 24


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"since": "2026-03-02T12:00:00"}, 422),
        ({"since": "2026-03-02T12:00:00Z", "until": "2026-03-01T12:00:00Z"}, 422),
        ({"since": "0001-01-01T00:00:00+14:00"}, 422),
        ({"channels": ["temperament"]}, 404),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(reader, params, status):
    problem(reader.get("/v1/assets/P-101/readings", params=params), status)


def test_assessments_of_one_asset_come_oldest_first(reader):
    items = reader.get("/v1/assets/P-101/assessments").json()["items"]

    assert len(items) == 15
    assert items[0]["as_of"] < items[-1]["as_of"]
    assert items[-1]["contributions"][0]["unit"] == "mm/s"


def test_the_latest_assessments_have_one_row_per_asset(reader):
    items = reader.get("/v1/assessments").json()["items"]

    assert sorted(item["asset"] for item in items) == ["FD001-test-007", "P-101", "P-102", "P-103", "P-104"]


def test_alerts_can_be_filtered_by_state(reader):
    items = reader.get("/v1/alerts", params={"state": "acknowledged"}).json()["items"]

    assert [item["asset"] for item in items] == ["P-102"]
    problem(reader.get("/v1/alerts", params={"state": "alarming"}), 422)


def test_an_alert_goes_through_its_verbs(client, alert_id):
    def say(verb, **body):
        return client.post(f"/v1/alerts/{alert_id}/{verb}", json={"by": "Ada"} | body)

    assert say("acknowledge").json()["state"] == "acknowledged"
    assert say("claim").json()["owner"] == "Ada"
    assert say("release").json()["owner"] == ""
    shelved = say("shelve", why="waits for the stop", until="2026-03-09T12:00:00Z").json()
    assert (shelved["state"], shelved["shelved_reason"]) == ("shelved", "waits for the stop")
    assert say("unshelve").json()["state"] == "unacknowledged"
    assert say("close", why="wrong asset").json()["state"] == "closed"
    problem(say("acknowledge"), 409)


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("acknowledge", {}, 422),
        ("acknowledge", {"by": "   "}, 422),
        ("acknowledge", {"by": "Ada", "colour": "red"}, 422),
        ("close", {"by": "Ada"}, 422),
        ("shelve", {"by": "Ada", "why": "later"}, 422),
        ("shelve", {"by": "Ada", "why": "later", "until": "2020-01-01T00:00:00Z"}, 422),
        ("shelve", {"by": "Ada", "why": "later", "until": "2026-03-09T12:00:00"}, 422),
        ("unshelve", {"by": "Ada"}, 409),
        ("release", {"by": "Ada"}, 409),
    ],
)
def test_a_verb_that_cannot_be_is_refused(client, alert_id, verb, body, status):
    problem(client.post(f"/v1/alerts/{alert_id}/{verb}", json=body), status)


def test_an_unknown_alert_is_a_404(client):
    problem(client.get("/v1/alerts/al-nothing"), 404)
    problem(client.post("/v1/alerts/al-nothing/acknowledge", json={"by": "Ada"}), 404)


def test_a_request_is_approved_once_and_cancelled_with_a_reason(client):
    first, second = client.get("/v1/requests").json()["items"]
    approved = client.post(f"/v1/requests/{first['id']}/approve", json={"by": "Pia"})
    cancelled = client.post(f"/v1/requests/{second['id']}/cancel", json={"by": "Pia", "why": "planned already"})

    assert approved.json()["state"] == "approved"
    assert cancelled.json()["state"] == "cancelled"
    problem(client.post(f"/v1/requests/{second['id']}/approve", json={"by": "Pia"}), 409)
    problem(client.post(f"/v1/requests/{first['id']}/cancel", json={"by": "Pia"}), 422)
    problem(client.get("/v1/requests/wr-nothing"), 404)


def test_a_verdict_closes_the_case_and_everything_in_it(client, alert_id):
    case = client.get(f"/v1/alerts/{alert_id}").json()["case_id"]
    verdict = {
        "by": "Ada",
        "inspected": True,
        "found": "damage",
        "severity": "degraded",
        "action": "replaced",
        "restores": True,
    }
    answer = client.post(f"/v1/cases/{case}/verdicts", json=verdict)

    assert answer.status_code == 201, answer.text
    assert answer.json()["maintainable_item"] == "bearing"
    assert client.get(f"/v1/cases/{case}").json()["state"] == "closed"
    assert client.get(f"/v1/alerts/{alert_id}").json()["state"] == "closed"
    assert client.get("/v1/requests", params={"asset": "P-101"}).json()["items"][0]["state"] == "done"
    assert client.get(f"/v1/cases/{case}/verdicts").json()["total"] == 1


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        ({"by": "Ada", "inspected": True, "found": "gremlins"}, 422),
        ({"by": "Ada", "inspected": True, "found": "damage", "severity": "awful"}, 422),
        ({"by": "Ada", "inspected": True, "found": "damage", "severity": "degraded", "failure_mode": "rust"}, 404),
        ({"by": "", "inspected": True, "found": "nothing"}, 422),
        ({"inspected": True, "found": "nothing"}, 422),
    ],
)
def test_a_verdict_that_says_nothing_is_refused(client, alert_id, verdict, status):
    case = client.get(f"/v1/alerts/{alert_id}").json()["case_id"]

    problem(client.post(f"/v1/cases/{case}/verdicts", json=verdict), status)


def test_an_unknown_case_is_a_404(client):
    problem(client.get("/v1/cases/ca-nothing"), 404)
    problem(client.get("/v1/cases/ca-nothing/verdicts"), 404)
    problem(client.post("/v1/cases/ca-nothing/requests", json={"by": "Ada"}), 404)


def test_wide_rows_are_stored_and_read_back(client):
    sent = client.post("/v1/readings", json={"asset_class": "pump", "rows": [NEW]}).json()
    window = {"since": "2026-03-02T11:00:00Z", "until": "2026-03-02T11:45:00Z", "channels": ["vibration"]}
    read = client.get("/v1/assets/P-103/readings", params=window).json()

    assert (sent["rows_stored"], sent["cells_new"]) == (1, 2)
    assert read["channels"]["vibration"] == [2.2]


def test_narrow_rows_are_stored_too(client):
    row = {"asset": "P-103", "time": "2026-03-02T11:30:00Z", "channel": "vibration", "value": 2.2}
    sent = client.post("/v1/readings", json={"asset_class": "pump", "rows": [row]}).json()

    assert sent["cells_new"] == 1


def test_a_bad_row_goes_to_quarantine_and_the_good_ones_are_stored(client):
    bad = NEW | {"time": "yesterday evening"}
    sent = client.post("/v1/readings", json={"asset_class": "pump", "rows": [NEW, bad]}).json()

    assert (sent["rows_read"], sent["cells_new"], sent["rows_quarantined"]) == (2, 2, 1)
    assert sent["quarantine"]
    assert "/" not in sent["quarantine"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"asset_class": "pump", "rows": []}, 422),
        ({"asset_class": "submarine", "rows": [NEW]}, 404),
        ({"asset_class": "pump", "rows": [{"asset": "P-103", "vibration": 1.0}]}, 422),
        ({"asset_class": "pump", "rows": [NEW | {"vibratoin": 1.0}]}, 422),
        ({"asset_class": "pump", "time_zone": "Mars/Olympus", "rows": [NEW]}, 422),
        ({"asset_class": "pump", "rows": [{"asset": {"deep": 1}, "time": "x"}]}, 422),
        ([1, 2], 422),
    ],
)
def test_rows_that_cannot_be_used_are_refused_as_a_whole(client, body, status):
    problem(client.post("/v1/readings", json=body), status)


def test_a_file_is_stored_under_a_harmless_name(client):
    text = "asset;time;vibration\nP-103;2026-03-02T11:30:00Z;2.2\nP-103;2026-03-02T11:40:00Z;2.3\n"
    files = {"file": ("../../../etc/week 9.csv", io.BytesIO(text.encode()), "text/csv")}
    sent = client.post("/v1/readings/files", data={"asset_class": "pump", "source": "upload"}, files=files)

    assert sent.status_code == 200, sent.text
    assert sent.json()["cells_new"] == 2


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\x03" * 64, b"PAR1 broken PAR1"])
def test_a_file_that_is_no_table_is_refused_with_its_name(client, content):
    files = {"file": ("week9.csv", io.BytesIO(content), "text/csv")}
    body = problem(client.post("/v1/readings/files", data={"asset_class": "pump"}, files=files), 422)

    assert "week9" in body["detail"]


def test_an_upload_without_its_class_is_refused(client):
    problem(client.post("/v1/readings/files", files={"file": ("a.csv", b"x")}), 422)


def test_an_event_is_stored_once(client):
    row = {"asset": "P-103", "time": "2026-03-01T10:00:00Z", "kind": "inspection", "text": "looked at"}
    first = client.post("/v1/events", json={"source": "cmms", "rows": [row]})
    again = client.post("/v1/events", json={"source": "cmms", "rows": [row]})

    assert first.status_code == 200, first.text
    assert (first.json()["cells_new"], again.json()["cells_new"]) == (1, 0)


def test_scoring_without_a_model_says_so_for_every_asset(client):
    report = client.post("/v1/score").json()

    assert report["assessed"] == report["without_model"] == 6


def test_scoring_waits_for_nobody(client, plant, seed):
    from datetime import timedelta

    with plant.unit_of_work() as work:
        work.leases.acquire("score_fleet", "someone else", seed.NOW, timedelta(minutes=5))
        work.commit()

    body = problem(client.post("/v1/score"), 409)

    assert "someone else" in body["detail"]


def test_scoring_an_unknown_class_is_a_404(client):
    problem(client.post("/v1/score", params={"asset_class": "submarine"}), 404)


def test_health_names_what_has_stopped(reader):
    state = reader.get("/v1/health").json()

    assert not state["ok"]
    assert "Centrifugal pump: no model has been promoted" in state["problems"]
    assert state["open_alerts"] == 2
    assert state["audit_entries"] > 0
    assert state["loop"] == {"active": False, "rounds": 0, "finished_at": None, "assessed": 0, "error": ""}


def test_metrics_count_requests_by_route_and_never_by_asset(reader):
    reader.get("/v1/assets/P-101")
    text = reader.get("/v1/metrics").text

    assert 'route="/v1/assets/{tag}",status="200"' in text
    assert "P-101" not in text
    assert "plantpdm_open_alerts 2.0" in text


def test_an_unknown_address_and_a_wrong_method_are_problems_too(reader):
    problem(reader.get("/v1/weather"), 404)
    problem(reader.delete("/v1/assets"), 405)


def test_liveness_tells_nothing_else(reader):
    assert reader.get("/v1/health/live").json() == {"alive": True}
