"""The page of a class's models, and the reports of their trainings, which may do nothing but be read."""

from datetime import timedelta

import pytest

from pdm.testing.models import a_model_on_the_shelf


@pytest.fixture
def client(live, create_app, seed, plant):
    a_model_on_the_shelf(plant, at=seed.NOW - timedelta(days=200))
    with live(create_app(plant)) as http:
        yield http


def test_the_page_and_the_report_are_served(client):
    page = client.get("/models/pump").text
    report = client.get("/models/pump/champion/report")

    assert "review was due on 2026-02-10" in page
    assert "92 h is worse than 88 h" in page
    assert "There is no challenger" in page
    assert "Report of a training" in report.text
    policy = report.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/models/rocket",
        "/models/fan/champion/report",
        "/models/pump/challenger/report",
        "/models/pump/..%2F..%2F..%2Fkeys/report",
        "/models/..%2F..%2Fkeys/champion/report",
        "/models/pump/%00/report",
    ],
)
def test_what_is_not_there_is_a_404_and_no_way_out_of_the_folder(client, path):
    assert client.get(path).status_code in (404, 422)


def test_the_health_answer_names_the_owner_and_that_a_review_is_due(client):
    (pump,) = [one for one in client.get("/v1/health").json()["classes"] if one["asset_class"] == "pump"]

    assert (pump["owner"], pump["rung"]) == ("Ada", "watch list")
    assert "review was due" in pump["overdue"]
