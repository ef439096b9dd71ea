"""What was given up stands on the health page, and a button there tries it again."""

from dataclasses import replace

import pytest

from pdm.operations.approve_request import approve_request
from pdm.testing.builders import a_case, a_request


@pytest.fixture
def dead(plant):
    with plant.unit_of_work() as work:
        work.cases.save(a_case("P-104", id="ca-9"))
        work.requests.save(a_request("P-104", id="wr-9", external_ref="PDM-9", case_id="ca-9"))
        work.commit()
    approve_request(plant, "wr-9", by="planner")
    with plant.unit_of_work() as work:
        [message] = work.outbox.pending()
        work.outbox.save(replace(message, attempts=80, last_error="nobody answers", dead_at=plant.clock.now()))
        work.commit()


@pytest.mark.usefixtures("dead")
def test_the_health_page_shows_it_and_the_button_gives_it_another_life(client, plant, ours):
    page = client.get("/health")
    assert "nobody answers" in page.text
    assert client.get("/v1/health").json()["dead"][0]["request"] == "wr-9"

    answer = client.post("/requests/wr-9/replay", data={"by": "Ada"}, headers=ours(client))

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/health")
    with plant.unit_of_work() as work:
        assert work.outbox.dead() == []
        assert work.outbox.pending()[0].attempts == 0
    assert "nobody answers" not in client.get("/health").text


@pytest.mark.usefixtures("dead")
def test_the_api_replays_once_and_says_no_to_what_has_left(client, plant):
    answer = client.post("/v1/requests/wr-9/replay", json={"by": "Ada"})
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")

    with plant.unit_of_work() as work:
        work.outbox.save(replace(work.outbox.pending()[0], sent_at=plant.clock.now()))
        work.commit()

    assert client.post("/v1/requests/wr-9/replay", json={"by": "Ada"}).status_code == 409
    assert client.post("/v1/requests/none/replay", json={"by": "Ada"}).status_code == 404
