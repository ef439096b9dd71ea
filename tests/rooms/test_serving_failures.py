"""Failures reported over the API: stored once, and refusals leave no trace."""

import pytest

from pdm.readings.events import read_events
from pdm.readings.registry import register
from pdm.testing.builders import NOON, an_asset
from pdm.testing.plants import a_plant

SAID = {"asset": "P-101", "by": "Ben", "at": NOON.isoformat(), "failure_mode": "seal_leak", "text": "seal gone"}


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    register(plant.history, [an_asset("P-101")], [], now=NOON)
    return plant


@pytest.fixture
def client(live, create_app, plant):
    with live(create_app(plant)) as client:
        yield client


def test_a_failure_is_created_once(client, plant):
    first, again = (client.post("/v1/failures", json=SAID) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["event_id"] == again.json()["event_id"]
    assert len(read_events(plant.history)) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"asset": "P-999"}, 404),
        ({"failure_mode": "gremlins"}, 422),
        ({"at": "2999-01-01T00:00:00Z"}, 422),
        ({"at": "0001-01-01T00:00:00Z"}, 422),
        ({"severity": "bad"}, 422),
    ],
)
def test_refusals_say_so_and_store_nothing(client, plant, change, status):
    answer = client.post("/v1/failures", json=SAID | change)

    assert answer.status_code == status
    assert answer.json()["detail"]
    assert read_events(plant.history).empty
