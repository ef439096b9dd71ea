import json

import pytest


@pytest.mark.parametrize("path", ["/fleet", "/v1/assets", "/v1/nothing", "/static/icon.svg", "/assets/NOPE"])
def test_every_answer_carries_the_security_headers(reader, path):
    headers = reader.get(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_a_fault_of_ours_is_a_500_with_headers_and_without_details(create_app, live, seed, tmp_path, capsys):
    app = create_app(seed.empty_plant(tmp_path))
    app.state.context.metrics = "no metrics at all"

    with live(app) as client:
        answer = client.get("/v1/metrics")

    assert answer.status_code == 500
    assert answer.json()["detail"] == "something broke on our side"
    assert "metrics at all" not in answer.text
    assert "AttributeError" not in answer.text
    assert "content-security-policy" in answer.headers
    assert "unexpected error" in capsys.readouterr().out


def test_on_loopback_a_foreign_host_name_is_not_answered(reader):
    answer = reader.get("/v1/assets", headers={"host": "evil.example"})

    assert answer.status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {},
    ],
)
def test_a_form_sent_from_another_site_changes_nothing(client, alert_id, headers):
    answer = client.post(f"/alerts/{alert_id}/acknowledge", data={"by": "Mallory"}, headers=headers)

    assert answer.status_code == 403
    assert client.get(f"/v1/alerts/{alert_id}").json()["state"] == "unacknowledged"


def test_a_program_that_sends_no_origin_may_use_the_api(client, alert_id):
    answer = client.post(f"/v1/alerts/{alert_id}/acknowledge", json={"by": "Ada"})

    assert answer.status_code == 200


def test_a_foreign_page_may_not_use_the_api(client, alert_id):
    answer = client.post(
        f"/v1/alerts/{alert_id}/acknowledge", json={"by": "Mallory"}, headers={"origin": "http://evil.example"}
    )

    assert answer.status_code == 403


@pytest.fixture
def narrow(create_app, live, seed, tmp_path):
    with live(create_app(seed.empty_plant(tmp_path, max_upload_mb=1))) as client:
        yield client


def test_a_body_that_announces_too_much_is_refused(narrow):
    answer = narrow.post("/v1/readings", content=b"x" * (1024**2 + 1))

    assert answer.status_code == 413
    assert "1 MiB" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/readings", "/v1/events"])
def test_a_body_that_keeps_growing_is_refused(narrow, path):
    def endless():
        for _ in range(40):
            yield b" " * 65_536

    answer = narrow.post(path, content=endless(), headers={"content-type": "application/json"})

    assert answer.status_code == 413


def test_an_upload_larger_than_the_limit_is_refused(narrow):
    files = {"file": ("big.csv", b"a" * (2 * 1024**2))}

    assert narrow.post("/v1/readings/files", data={"asset_class": "pump"}, files=files).status_code == 413


def test_broken_json_is_a_400_in_the_one_shape_of_all_refusals(reader):
    answer = reader.post("/v1/readings", content=b'{"asset_class": ', headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.text)["status"] == 400


def test_bytes_that_are_no_text_are_a_400(reader):
    answer = reader.post(
        "/v1/readings", content=b'{"asset_class": "\xff\xfe"}', headers={"content-type": "application/json"}
    )

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
