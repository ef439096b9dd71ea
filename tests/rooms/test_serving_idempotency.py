import hashlib
from concurrent.futures import ThreadPoolExecutor

from pdm.ports import KeptAnswer

ROWS = {
    "asset_class": "pump",
    "source": "historian",
    "rows": [{"asset": "P-103", "time": "2026-03-02T11:30:00Z", "vibration": 2.2}],
}


def test_a_repeated_key_is_answered_with_the_first_answer(client):
    first = client.post("/v1/readings", json=ROWS, headers={"idempotency-key": "k1"})
    again = client.post("/v1/readings", json=ROWS, headers={"idempotency-key": "k1"})

    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.json()["cells_new"] == 1
    assert again.headers["idempotency-replayed"] == "true"


def test_the_same_key_with_another_body_is_a_conflict(client):
    client.post("/v1/readings", json=ROWS, headers={"idempotency-key": "k1"})
    answer = client.post("/v1/readings", json=ROWS | {"source": "other"}, headers={"idempotency-key": "k1"})

    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:plantpdm:problem:key-reused"


def test_without_a_key_a_repetition_is_done_again_and_finds_duplicates(client):
    client.post("/v1/readings", json=ROWS)
    again = client.post("/v1/readings", json=ROWS)

    assert again.json()["cells_new"] == 0
    assert again.json()["cells_duplicate"] == 1


def test_twenty_requests_for_work_at_once_end_in_one(client, plant):
    case = client.get("/v1/cases", params={"asset": "P-101"}).json()["items"][0]["id"]

    def ask(number):
        headers = {"idempotency-key": "one"} if number % 2 else {}
        return client.post(f"/v1/cases/{case}/requests", json={"by": "Ada"}, headers=headers)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(20)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    with plant.unit_of_work() as work:
        assert len(work.requests.list(asset="P-101")) == 1


def test_a_key_longer_than_anyone_needs_is_refused(client):
    assert client.post("/v1/readings", json=ROWS, headers={"idempotency-key": "k" * 201}).status_code == 422


def test_a_service_that_was_started_again_knows_its_keys(live, create_app, plant):
    with live(create_app(plant)) as client:
        first = client.post("/v1/readings", json=ROWS, headers={"idempotency-key": "k1"})
    with live(create_app(plant)) as client:
        again = client.post("/v1/readings", json=ROWS, headers={"idempotency-key": "k1"})
        other = client.post("/v1/readings", json=ROWS | {"source": "other"}, headers={"idempotency-key": "k1"})

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert other.status_code == 409


def test_a_key_whose_call_was_never_answered_is_done_again_for_the_same_body_only(live, create_app, plant):
    body = b'{"asset_class": "pump", "source": "historian", "rows": []}'
    fingerprint = hashlib.sha256(b"POST /v1/readings\n" + body).hexdigest()
    with plant.unit_of_work() as work:
        work.answers.begin(KeptAnswer("k1", fingerprint, plant.clock.now()))
        work.commit()
    with live(create_app(plant)) as client:
        other = client.post("/v1/readings", json=ROWS, headers={"idempotency-key": "k1"})
        headers = {"idempotency-key": "k1", "content-type": "application/json"}
        same = client.post("/v1/readings", content=body, headers=headers)

    assert other.status_code == 409
    assert "idempotency-replayed" not in same.headers
    assert same.status_code != 409
