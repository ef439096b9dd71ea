import html
import re

import pytest

from pdm.audit.entry import AuditEntry
from pdm.registry.shelf import BundleShelf

PAGES = [
    "/fleet",
    "/alerts",
    "/requests",
    "/schedule",
    "/trust",
    "/deferrals",
    "/health",
    "/assets/P-101",
    "/assets/P-104",
    "/assets/FD001-test-007",
    "/sign-in",
]


def words(answer) -> str:
    """The page as a reader sees it."""
    assert answer.status_code == 200, answer.text
    body = re.sub(r"(?s)<script.*?</script>|<head>.*?</head>|<[^>]+>", " ", answer.text)
    return " ".join(html.unescape(body).replace("\xa0", " ").split())


@pytest.mark.parametrize("path", PAGES)
def test_no_page_carries_inline_code_or_asks_another_site(reader, path):
    text = reader.get(path).text

    assert not re.findall(r"<script(?![^>]*(src=|application/json))", text)
    assert not re.findall(r"\s(style|onclick|onload|onsubmit|hx-on[:\w-]*)=", text)
    assert not re.findall(r"(?:src|href|action)=\"(?:https?:)?//", text)
    assert text.count("<main") == text.count("<h1") == 1
    assert 'class="skip"' in text


def test_home_is_the_fleet(reader):
    answer = reader.get("/")

    assert (answer.status_code, answer.headers["location"]) == (303, "/fleet")


def test_the_fleet_shows_the_worst_first_in_words(reader):
    page = words(reader.get("/fleet"))

    order = [page.index(f" {tag} ") for tag in ("P-101", "P-102", "FD001-test-007", "P-104", "C-201", "P-103")]
    assert order == sorted(order)
    assert "Bearing wear, drive end 74 % within 14 d" in page
    assert "11–31 days" in page
    assert "more than 45 days" in page
    assert "37–62 cycles (about 9–16 days)" in page


def test_filters_keep_what_fits(reader):
    page = words(reader.get("/fleet", params={"asset_class": "turbofan"}))

    assert "FD001-test-007" in page
    assert " P-101 " not in page
    assert "1 of 6 assets" in page
    assert "No asset fits these filters" in words(reader.get("/fleet", params={"criticality": "5"}))


def test_the_refresh_is_the_table_alone(reader):
    text = reader.get("/fleet", params={"condition": "act"}, headers={"hx-request": "true"}).text

    assert "<table" in text
    assert "<html" not in text
    assert "P-102" not in text
    assert 'hx-get="/fleet?condition=act"' in reader.get("/fleet", params={"condition": "act"}).text


@pytest.mark.parametrize("query", [{"criticality": "9"}, {"condition": "fine"}])
def test_a_filter_that_makes_no_sense_is_a_page_that_says_so(reader, query):
    answer = reader.get("/fleet", params=query)

    assert answer.status_code == 422
    assert "<h1>" in answer.text


def test_a_filter_on_an_unknown_class_is_a_404(reader):
    assert reader.get("/fleet", params={"asset_class": "submarine"}).status_code == 404


def test_an_empty_plant_says_what_to_do_next(empty_client):
    assert "plantpdm assets ASSETS.csv" in words(empty_client.get("/fleet"))
    assert "Nothing waits for an answer" in words(empty_client.get("/alerts"))
    assert "No open requests" in words(empty_client.get("/requests"))
    assert "plantpdm assets" in words(empty_client.get("/health"))


def test_an_asset_without_readings_says_how_to_bring_them(reader):
    assert "plantpdm ingest compressor READINGS.csv" in words(reader.get("/assets/C-201"))


def test_an_asset_shows_charts_with_sentences_and_one_timeline(reader):
    page = words(reader.get("/assets/P-101"))

    assert "Latest 7.76 mm/s" in page
    for entry in ("Inspection: seal", "Bearing BRG-4711 installed", "Alert: bearing wear", "Work request: P-101"):
        assert entry in page


def test_old_data_are_never_called_normal(reader):
    page = words(reader.get("/assets/P-104"))

    assert "The newest reading came 20 days ago: too old to say anything." in page
    assert "normal" not in page.split("Acting as")[0]


def test_an_unknown_page_is_a_page_with_a_way_back(reader):
    for path in ("/assets/P-999", "/alerts/al-nothing", "/requests/wr-nothing", "/weather"):
        answer = reader.get(path)

        assert answer.status_code == 404
        assert "Back to the fleet" in answer.text


def test_the_alert_page_has_the_eleven_items(reader):
    alert = reader.get("/v1/alerts", params={"asset": "P-101"}).json()["items"][0]["id"]
    page = words(reader.get(f"/alerts/{alert}"))

    for item in (
        "P-101 Cooling water pump 1 · north/utilities/cooling · criticality 1",
        "running",
        "Runner-up Leaking mechanical seal 5 % within 14 d",
        "11–31 days (90 % of such machines fail in this band)",
        "Persistence 3 of the last 3 assessments",
        "Trend rising: 8 % to 74 % in 14 days",
        "new: no earlier alert of this kind here",
        "Mean of vibration velocity, drive end over the last 24 h: 7.31 mm/s",
        "Operating regime: running",
        "Is it the sensor? Hardly: 3 channels point the same way",
        "No data-quality flags.",
        "Last maintenance 18 Feb 2026: Inspection: seal",
        "Open work P-101: bearing wear, drive end (suggested)",
        "Same alert elsewhere P-102, 45 %",
        "Track record No alert of this kind has been answered yet.",
        "Take a vibration spectrum at the drive end",
        "A planned repair costs 3 200 EUR",
        "Latest safe date 10 Mar 2026",
        "Answer by 5 Mar 2026",
        "Owner nobody yet",
        "Audit trail",
        "Bundle pump-20260215",
        "2026-03-02T12:00:00+00:00",
    ):
        assert item in page, item


def test_a_form_acts_in_the_name_that_was_typed_and_remembers_it(client, alert_id, ours):
    done = client.post(f"/alerts/{alert_id}/acknowledge", data={"by": "Ada Lovelace"}, headers=ours(client))
    page = words(client.get(done.headers["location"]))

    assert done.status_code == 303
    assert "Acknowledged." in page
    assert "Ada Lovelace: acknowledge" in page
    assert 'value="Ada Lovelace"' in client.get("/fleet").text


def test_without_a_name_nothing_is_done(client, alert_id, ours):
    answer = client.post(f"/alerts/{alert_id}/acknowledge", data={}, headers=ours(client))

    assert answer.status_code == 422
    assert "write your name" in answer.text
    assert client.get(f"/v1/alerts/{alert_id}").json()["state"] == "unacknowledged"


def test_the_footer_keeps_a_name(client, ours):
    client.post("/who", data={"by": "Ünal & Söhne", "after": "/alerts"}, headers=ours(client))

    assert "Ünal &amp; Söhne" in client.get("/alerts").text


def test_shelving_by_form_needs_a_reason_and_ends(client, alert_id, ours):
    refused = client.post(f"/alerts/{alert_id}/shelve", data={"by": "Ada", "days": "7"}, headers=ours(client))
    too_long = client.post(
        f"/alerts/{alert_id}/shelve", data={"by": "Ada", "days": "400", "why": "x"}, headers=ours(client)
    )
    done = client.post(
        f"/alerts/{alert_id}/shelve", data={"by": "Ada", "days": "7", "why": "May stop"}, headers=ours(client)
    )

    assert (refused.status_code, too_long.status_code, done.status_code) == (422, 422, 303)
    assert "shelved until 9 Mar 2026, 13:00: May stop" in words(client.get(f"/alerts/{alert_id}"))


def test_an_impossible_verb_is_a_page_that_says_what_is_possible(client, alert_id, ours):
    answer = client.post(f"/alerts/{alert_id}/unshelve", data={"by": "Ada"}, headers=ours(client))

    assert answer.status_code == 409
    assert "possible from here" in answer.text


def test_a_verdict_by_form_closes_the_case_and_joins_the_track_record(client, alert_id, ours):
    case = client.get(f"/v1/alerts/{alert_id}").json()["case_id"]
    form = {"by": "Ada", "inspected": "true", "found": "damage", "severity": "degraded", "failure_mode": "bearing_wear"}
    form |= {"action": "replaced", "restores": "true", "comment": "inner race spalled", "after": f"/alerts/{alert_id}"}
    done = client.post(f"/cases/{case}/verdicts", data=form, headers=ours(client))
    page = words(client.get(done.headers["location"]))

    assert "Ada found damage (degraded); action: replaced. inner race spalled" in page
    assert "1 alert, 1 confirmed" in page
    assert "Nothing is left to answer." in page
    timeline = words(client.get("/assets/P-101"))
    assert "Failure: bearing wear, drive end (degraded)" in timeline
    assert "Repair: bearing wear, drive end" in timeline


def test_a_request_is_approved_and_cancelled_by_form(client, ours):
    first, second = client.get("/v1/requests").json()["items"]
    approved = client.post(f"/requests/{first['id']}/approve", data={"by": "Pia"}, headers=ours(client))
    refused = client.post(f"/requests/{second['id']}/cancel", data={"by": "Pia"}, headers=ours(client))
    cancelled = client.post(
        f"/requests/{second['id']}/cancel", data={"by": "Pia", "why": "planned already"}, headers=ours(client)
    )

    assert (approved.status_code, refused.status_code, cancelled.status_code) == (303, 422, 303)
    assert "Pia: approve" in words(client.get(f"/requests/{first['id']}"))
    assert "Finished lately" in words(client.get("/requests"))


def test_raising_a_request_that_exists_leads_to_it(client, alert_id, ours):
    alert = client.get(f"/v1/alerts/{alert_id}").json()
    existing = client.get("/v1/requests", params={"asset": "P-101"}).json()["items"][0]["id"]
    answer = client.post(f"/cases/{alert['case_id']}/requests", data={"by": "Ada"}, headers=ours(client))

    assert answer.headers["location"].startswith(f"/requests/{existing}?done=")


def test_names_from_outside_are_text_and_never_code(client, plant, ours):
    from pdm.operations.register_assets import register_assets
    from pdm.readings.registry import Asset

    register_assets(plant, [Asset("<b>X</b>", "pump", '"><script>alert(1)</script>', "{{ 7*7 }}", 2)])
    client.post("/who", data={"by": '"><script>alert(2)</script>'}, headers=ours(client))
    text = client.get("/fleet", params={"done": "<script>alert(3)</script>"}).text

    assert "<script>alert" not in text
    assert "<b>X</b>" not in text
    assert "{{ 7*7 }}" in text


def test_pages_work_and_say_so_while_the_web_assets_are_not_built(tmp_path):
    from serving.web_assets import WebAssets

    assets = WebAssets(tmp_path)

    assert assets.missing
    assert (assets.script, assets.styles) == ("", ())


def test_the_health_page_tells_of_a_model_in_a_world_that_it_does_not_know(client, plant):
    (plant.workspace.bundles / "pump" / "v1").mkdir(parents=True)
    (plant.workspace.bundles / "pump" / "v1" / "manifest.json").write_text("{}")
    BundleShelf(plant.workspace.bundles).set_alias("pump", "champion", "v1")

    def found(version, why):
        with plant.unit_of_work() as work:
            entry = AuditEntry(plant.clock.now(), "drift watch", "drift", "drift:pump", why, {"version": version})
            work.audit.append(entry)
            work.commit()
        return words(client.get("/health"))

    assert "of a model that left" not in found("v0", "of a model that left")
    assert "Flow: unlike any fortnight" in found("v1", "Flow: unlike any fortnight")
    assert len(client.get("/v1/health").json()["drift"]) == 1
