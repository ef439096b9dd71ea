"""Every verb of the API against every thing that forbids it: a clear answer, and the state as it was.

What is legal is read from the tables in the code, so that a new state or verb is tested on the day it is born.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.alerts.alert import AlertState
from pdm.alerts.lifecycle import TRANSITIONS
from pdm.alerts.notice import Notice
from pdm.operations.register_assets import register_assets
from pdm.testing.builders import NOON, a_case, a_request, an_alert, an_asset
from pdm.testing.plants import a_plant
from pdm.work.deferral import Deferral
from pdm.work.request import RequestState
from pdm.work.steps import TRANSITIONS as REQUEST_STEPS

LATER = (NOON + timedelta(days=7)).isoformat()
VERBS = {
    "acknowledge": {"by": "Ada", "why": "seen"},
    "claim": {"by": "Ada"},
    "assign": {"by": "Ada", "to": "Ben"},
    "release": {"by": "Ada"},
    "shelve": {"by": "Ada", "why": "stop", "until": LATER},
    "unshelve": {"by": "Ada"},
    "close": {"by": "Ada", "why": "duplicate"},
}
VERDICT = {"by": "Ada", "inspected": True, "found": "nothing"}
BODIES = {
    **{f"POST /v1/alerts/{{alert_id}}/{verb}": body for verb, body in VERBS.items()},
    "POST /v1/alerts/{alert_id}/comments": {"by": "Ada", "text": "heard it"},
    "POST /v1/assets/{tag}/levels": {"by": "Ada", "channel": "vibration", "why": "new sensor"},
    "POST /v1/notices/{notice_id}/answer": {"by": "Olga", "answer": "process", "why": "warm water"},
    "POST /v1/cases/{case_id}/claim": {"by": "Ada"},
    "POST /v1/cases/{case_id}/assign": {"by": "Ada", "to": "Ben"},
    "POST /v1/cases/{case_id}/release": {"by": "Ada"},
    "POST /v1/cases/{case_id}/reopen": {"by": "Ada", "why": "it whines again"},
    "POST /v1/cases/{case_id}/requests": {"by": "Ada"},
    "POST /v1/cases/{case_id}/verdicts": VERDICT,
    "POST /v1/requests/{request_id}/approve": {"by": "Eve"},
    "POST /v1/requests/{request_id}/cancel": {"by": "Eve", "why": "done by hand"},
    "POST /v1/requests/{request_id}/replay": {"by": "Eve"},
    "POST /v1/trust/{asset_class}/{failure_mode}/ceiling": {"by": "Eve", "ceiling": "draft", "why": "good"},
    "POST /v1/deferrals/{deferral_id}/decide": {"by": "Eve", "approve": True, "why": "well"},
}
"""Of every verb of the API that names a thing: a body that nothing is wrong with."""
READS = (
    "GET /v1/assets/{tag}",
    "GET /v1/assets/{tag}/readings",
    "GET /v1/assets/{tag}/assessments",
    "GET /v1/assets/{tag}/why",
    "GET /v1/assets/{tag}/ahead",
    "GET /v1/alerts/{alert_id}",
    "GET /v1/alerts/{alert_id}/comments",
    "GET /v1/cases/{case_id}",
    "GET /v1/cases/{case_id}/verdicts",
    "GET /v1/requests/{request_id}",
)
SHELVED = {"shelved_until": NOON + timedelta(days=3), "shelved_reason": "stop"}
ALERTS = [(state, verb) for state in AlertState for verb in VERBS]
REQUESTS = [(state, verb) for state in RequestState for verb in ("approve", "cancel")]


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """For each state and verb an alert or request of its own, and things that are settled already."""
    plant = a_plant(tmp_path_factory.mktemp("bad"))
    plant = replace(plant, settings=plant.settings.model_copy(update={"scheduler": "none"}))
    register_assets(plant, [an_asset("P-101")])
    with plant.unit_of_work() as work:
        for state, verb in ALERTS:
            tag = f"{verb}-{state.value}".replace(" ", "-")
            case = a_case(tag, state="closed" if state is AlertState.CLOSED else "open", owner="Ben")
            work.cases.save(case)
            more = SHELVED if state is AlertState.SHELVED else {}
            more |= {"closed_at": NOON} if state is AlertState.CLOSED else {}
            work.alerts.save(an_alert(tag, state=state, id=f"al-{tag}", case_id=case.id, owner="Ada", **more))
        for state, verb in REQUESTS:
            tag = f"{verb}-{state.value}"
            work.cases.save(a_case(tag))
            work.requests.save(a_request(tag, state=state))
        work.cases.save(a_case("over", state="closed", closed_at=NOON))
        work.requests.save(a_request("over", state=RequestState.DONE))
        asked = Notice("no-1", "sisters", "pump", "bearing_wear", "CW-1", "is it the process?", ("P-101",), (), NOON)
        work.notices.save(replace(asked, state="answered", answer="machine", answered_by="Olga", answered_at=NOON))
        work.commit()
    return plant


@pytest.fixture(scope="module")
def asked(live, create_app, plant):
    with live(create_app(plant)) as client:
        yield client


def everything(plant):
    """All that could have changed."""
    with plant.unit_of_work() as work:
        audit = len(work.audit.list(limit=10_000))
        stores = (
            work.alerts.list(),
            work.cases.list(),
            work.requests.list(),
            work.notices.list(),
            work.verdicts.list(),
        )
        return (*stores, work.outbox.pending(), work.trust.list(), audit)


def refused(plant, client, method, path, statuses, **given):
    """The answer, after making sure that it says what and what next, and that nothing has changed."""
    before = everything(plant)

    answer = client.request(method, path, **given)

    told = answer.json()
    assert answer.status_code in statuses, (path, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["detail"], path
    assert told["hint"] or told["errors"], (path, told)
    assert everything(plant) == before, path
    return told


def test_every_verb_that_names_a_thing_is_on_this_list(create_app, plant):
    create_app(plant)
    from serving.policies import POLICIES

    named = {key for key in POLICIES if "/v1/" in key and "{" in key}
    assert named == set(BODIES) | set(READS)


@pytest.mark.parametrize("key", [*BODIES, *READS])
def test_what_does_not_exist_is_named_in_a_404(plant, asked, key):
    method, path = key.split(" ")
    thing = "no such thing" if "{tag}" in path else "none"
    for name in ("tag", "alert_id", "case_id", "request_id", "notice_id", "deferral_id", "asset_class", "failure_mode"):
        path = path.replace("{" + name + "}", thing)

    told = refused(plant, asked, method, path, {404}, **({"json": BODIES[key]} if key in BODIES else {}))

    assert thing in told["detail"]


@pytest.mark.parametrize("key", BODIES)
def test_a_verb_without_a_name_is_refused_and_says_where(plant, asked, key):
    method, path = key.split(" ")
    for body in ({}, BODIES[key] | {"by": " "}, BODIES[key] | {"surprise": 1}):
        told = refused(plant, asked, method, path.replace("{", "").replace("}", ""), {422}, json=body)

        assert told["errors"][0]["where"].startswith("body")


@pytest.mark.parametrize(("state", "verb"), ALERTS, ids=lambda one: getattr(one, "value", one))
def test_an_alert_takes_the_steps_of_the_table_and_no_other(plant, asked, state, verb):
    path = f"/v1/alerts/al-{verb}-{state.value.replace(' ', '-')}/{verb}"

    if (state, verb) not in TRANSITIONS:
        told = refused(plant, asked, "POST", path, {409}, json=VERBS[verb])
        assert state.value in told["detail"]
        assert told["hint"].startswith("possible from here")
        assert told["type"] == "urn:plantpdm:problem:illegal-transition"
    else:
        assert asked.post(path, json=VERBS[verb]).json()["state"] == TRANSITIONS[state, verb].value


@pytest.mark.parametrize(("state", "verb"), REQUESTS, ids=lambda one: getattr(one, "value", one))
def test_a_request_takes_the_steps_of_the_table_and_no_other(plant, asked, state, verb):
    path, body = f"/v1/requests/wr-{verb}-{state.value}/{verb}", BODIES[f"POST /v1/requests/{{request_id}}/{verb}"]
    handed_on = (RequestState.APPROVED, RequestState.SENT, RequestState.ACCEPTED)
    again = (verb == "approve" and state in handed_on) or (verb == "cancel" and state is RequestState.CANCELLED)

    if again:  # approving or cancelling twice is doing it once
        before = everything(plant)
        assert asked.post(path, json=body).json()["state"] == state.value
        assert everything(plant) == before
    elif (state, verb) not in REQUEST_STEPS:
        told = refused(plant, asked, "POST", path, {409}, json=body)
        assert state.value in told["detail"]
    else:
        assert asked.post(path, json=body).json()["state"] == REQUEST_STEPS[state, verb].value


@pytest.mark.parametrize("verb", ["claim", "assign", "release", "requests", "verdicts"])
def test_a_closed_case_takes_nothing_more(plant, asked, verb):
    body = BODIES[f"POST /v1/cases/{{case_id}}/{verb}"]

    told = refused(plant, asked, "POST", f"/v1/cases/ca-over/{verb}", {409}, json=body)

    assert "closed" in told["detail"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/notices/no-1/answer", BODIES["POST /v1/notices/{notice_id}/answer"], 409),
        ("/v1/notices/no-1/answer", {"by": "Olga", "answer": "perhaps", "why": "x"}, 422),
        ("/v1/requests/wr-over/replay", {"by": "Eve"}, 409),
        ("/v1/trust/pump/bearing_wear/ceiling", {"by": "Eve", "ceiling": "heaven", "why": "x"}, 422),
        ("/v1/trust/pump/rust/ceiling", {"by": "Eve", "ceiling": "draft", "why": "x"}, 404),
        ("/v1/deferrals", {"by": "Ada", "plan": "4711", "asset": "P-999", "approver": "Eve"}, 409),
        ("/v1/alerts/al-shelve-acknowledged/shelve", VERBS["shelve"] | {"until": NOON.isoformat()}, 422),
        ("/v1/alerts/al-shelve-acknowledged/shelve", VERBS["shelve"] | {"until": "2031-01-01T00:00:00Z"}, 422),
        ("/v1/alerts/al-shelve-acknowledged/shelve", VERBS["shelve"] | {"until": "2026-03-09T00:00:00"}, 422),
        ("/v1/cases/ca-claim-returned/verdicts", VERDICT | {"found": "damage"}, 422),
        ("/v1/cases/ca-claim-returned/verdicts", VERDICT | {"restores": True}, 422),
        ("/v1/cases/ca-claim-returned/verdicts", VERDICT | {"at": "2031-01-01T00:00:00Z"}, 422),
        ("/v1/cases/ca-claim-returned/claim", {"by": "Mallory"}, 409),
        ("/v1/cases/ca-claim-returned/reopen", {"by": "Ada", "why": "it whines again"}, 409),
        ("/v1/cases/ca-over/reopen", {"by": "Ada", "why": "it whines again"}, 409),
        ("/v1/cases/ca-over/reopen", {"by": "Ada", "why": " "}, 422),
        (
            "/v1/failures",
            {"by": "Ada", "asset": "P-999", "failure_mode": "seal_leak", "at": "2026-03-02T06:00:00Z"},
            404,
        ),
        ("/v1/failures", {"by": "Ada", "asset": "P-101", "failure_mode": "rust", "at": "2026-03-02T06:00:00Z"}, 422),
        ("/v1/readings", {"asset_class": "rocket", "rows": [{"asset": "R-1", "time": "2026-03-02T06:00:00Z"}]}, 404),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_and_what_next(plant, asked, path, body, status):
    refused(plant, asked, "POST", path, {status}, json=body)


def test_a_decided_deferral_is_not_decided_twice(plant, asked):
    with plant.unit_of_work() as work:
        work.deferrals.save(
            Deferral(
                "de-1",
                "sap",
                "4711",
                "P-101",
                "Check",
                NOON,
                NOON + timedelta(days=9),
                0.01,
                "declined",
                "Eve",
                "Ada",
                NOON,
            )
        )
        work.commit()

    told = refused(
        plant, asked, "POST", "/v1/deferrals/de-1/decide", {409}, json={"by": "Eve", "approve": False, "why": "x"}
    )

    assert "declined" in told["detail"]
