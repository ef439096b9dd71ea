"""Whatever is sent, the answer is ours to explain: never a 500, and every refusal in the one shape of all refusals."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ODD = st.sampled_from(["", "\x00", "é\u202e", "9999-12-31T23:59:59Z", "0001-01-01", "NaN", "1e999", "=1+1", "../../x"])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), ODD)
TIMES = st.one_of(st.just("2026-03-02T11:30:00Z"), st.datetimes().map(str), VALUES)
ROWS = st.fixed_dictionaries(
    {"asset": st.one_of(st.just("P-103"), VALUES), "time": TIMES},
    optional=dict.fromkeys(("vibration", "flow", "channel", "value", "quality", "kind", "usage", "restores"), VALUES),
)
QUICK = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def target(live, create_app, seed, steady_plant, tmp_path_factory):
    with live(create_app(seed.copied(steady_plant, tmp_path_factory.mktemp("fuzz")))) as client:
        yield client


def send(client, path, body):
    text = json.dumps(body).replace("Infinity", "1e999")
    answer = client.post(path, content=text.encode("utf-8", "replace"), headers={"content-type": "application/json"})
    assert answer.status_code < 500, (answer.text, text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


@QUICK
@given(rows=st.lists(ROWS, max_size=3), asset_class=st.sampled_from(["pump", "turbofan", "nothing"]))
def test_no_reading_breaks_the_service(target, rows, asset_class):
    send(target, "/v1/readings", {"asset_class": asset_class, "rows": rows})


@QUICK
@given(rows=st.lists(ROWS, max_size=3))
def test_no_event_breaks_the_service(target, rows):
    send(target, "/v1/events", {"rows": rows})


@QUICK
@given(
    verdict=st.fixed_dictionaries(
        {"by": VALUES, "inspected": VALUES, "found": st.one_of(st.sampled_from(["damage", "nothing"]), VALUES)},
        optional={"severity": VALUES, "at": TIMES, "actual_hours": VALUES, "failure_mode": VALUES, "comment": VALUES},
    )
)
def test_no_verdict_breaks_the_service(target, verdict):
    case = target.get("/v1/cases", params={"asset": "P-101"}).json()["items"][0]["id"]

    send(target, f"/v1/cases/{case}/verdicts", verdict)


@QUICK
@given(body=st.binary(max_size=200), name=st.sampled_from(["a.csv", "a.parquet", "a.xlsx", "..", "a.csv.gz"]))
def test_no_file_breaks_the_service(target, body, name):
    answer = target.post("/v1/readings/files", data={"asset_class": "pump"}, files={"file": (name, body)})

    assert answer.status_code < 500, answer.text
