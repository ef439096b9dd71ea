"""Cases that wait, questions to operations, savings: the pages and their routes."""

import html
import re

import pytest


@pytest.fixture(scope="module")
def asked_plant(seed, tmp_path_factory):
    return seed.asking_plant(tmp_path_factory.mktemp("asking"))


@pytest.fixture(scope="module")
def asked(live, create_app, asked_plant):
    """A client of a plant where operations is asked something; nobody changes it."""
    with live(create_app(asked_plant)) as client:
        yield client


@pytest.fixture
def asking(live, create_app, seed, asked_plant, tmp_path):
    """A client of one's own plant of that kind."""
    with live(create_app(seed.copied(asked_plant, tmp_path))) as client:
        client.headers["origin"] = str(client.base_url).rstrip("/")
        client.follow_redirects = True
        yield client


def words(answer) -> str:
    assert answer.status_code == 200, answer.text
    body = re.sub(r"(?s)<script.*?</script>|<head>.*?</head>|<[^>]+>", " ", answer.text)
    return " ".join(html.unescape(body).replace("\xa0", " ").split())


@pytest.mark.parametrize("path", ["/cases", "/notices", "/savings", "/alerting"])
def test_no_page_carries_inline_code_or_asks_another_site(asked, path):
    text = asked.get(path).text

    assert not re.findall(r"<script(?![^>]*(src=|application/json))", text)
    assert not re.findall(r"\s(style|onclick|onload|onsubmit|hx-on[:\w-]*)=", text)
    assert text.count("<main") == text.count("<h1") == 1


def test_cases_wait_in_order_with_their_suspicions_evidence_and_meaning(asked):
    page = words(asked.get("/cases"))

    places = [page.index(f"{tag}: bearing wear") for tag in ("P-301", "P-302", "P-303")]
    assert places == sorted(places)
    assert "Bearing wear, drive end 62 % within 14 d" in page
    assert "Bearing wear, drive end and leaking mechanical seal are close: look for both." in page
    assert "Vibration and heat rise until the bearing seizes" in page
    assert "Next: Take a vibration spectrum" in page
    assert "2 questions to operations come first" in page
    assert "5 nobody's" in page


def test_a_case_is_claimed_given_away_and_put_back(asking):
    case = asking.get("/v1/cases/queue").json()["items"][0]["case"]["id"]
    claimed = words(asking.post(f"/cases/{case}/claim", data={"by": "Ada"}))
    mine = words(asking.get("/cases", params={"whose": "mine"}))
    given = words(asking.post(f"/cases/{case}/assign", data={"by": "Ada", "to": "Ben"}))
    refused = asking.post(f"/cases/{case}/claim", data={"by": "Ada"})
    back = words(asking.post(f"/cases/{case}/release", data={"by": "Ada"}))

    assert "P-301 is yours." in claimed
    assert "P-302" not in mine
    assert "P-301 is Ben's." in given
    assert (refused.status_code, "Ben" in refused.text) == (409, True)
    assert "P-301 is back in the queue." in back


def test_the_api_lists_waiting_cases_and_changes_their_owner(asking):
    waiting = asking.get("/v1/cases/queue").json()
    first = waiting["items"][0]
    path = f"/v1/cases/{first['case']['id']}"
    claimed = asking.post(f"{path}/claim", json={"by": "Ada"}).json()
    owned = asking.get("/v1/cases/queue", params={"owner": "Ada"}).json()
    assigned = asking.post(f"{path}/assign", json={"by": "Ada", "to": "Ben"}).json()
    released = asking.post(f"{path}/release", json={"by": "Ada"}).json()

    assert waiting["total"] == 5
    assert [one["failure_mode"] for one in first["alerts"]] == ["bearing_wear", "seal_leak"]
    assert [claimed["owner"], assigned["owner"], released["owner"]] == ["Ada", "Ben", ""]
    assert [one["case"]["asset"] for one in owned["items"]] == ["P-301"]
    assert asking.post(f"{path}/release", json={"by": "Ada"}).status_code == 409
    assert asking.post("/v1/cases/none/claim", json={"by": "Ada"}).status_code == 404


def test_a_closed_case_is_opened_again_by_the_api_and_once_only(asking):
    path = f"/v1/cases/{asking.get('/v1/cases/queue').json()['items'][0]['case']['id']}"
    found = {"by": "Ada", "found": "damage", "inspected": True, "severity": "degraded", "action": "repaired"}
    assert asking.post(f"{path}/verdicts", json=found).status_code == 201

    first, second = (asking.post(f"{path}/reopen", json={"by": "Ben", "why": "it whines"}) for _ in range(2))

    assert (first.status_code, first.json()["state"]) == (201, "open")
    assert (second.status_code, f"open case already: {first.json()['id']}" in second.text) == (409, True)


def test_operations_sees_who_moved_and_how_far(asked):
    page = words(asked.get("/notices"))

    assert "4 of 6 centrifugal pumps on south/boosters moved within 6 h: is it the process?" in page
    assert "Suspected: Bearing wear, drive end" in page
    assert re.search(r"P-301 from 3\.\d+ to 7\.\d+ mm/s", page)
    assert "asked 2 Mar 2026, 12:00" in page, "the plant's clock: eleven o'clock in UTC"


def test_an_answer_closes_what_the_process_explains_and_is_given_once(asking):
    notice = next(one for one in asking.get("/v1/notices").json()["items"] if one["suspicion"] == "bearing_wear")
    path = f"/notices/{notice['id']}/answer"
    nameless = asking.post(path, data={"answer": "process", "by": "Olga", "why": " "})
    nonsense = asking.post(path, data={"answer": "perhaps", "by": "Olga", "why": "hm"})
    answered = words(asking.post(path, data={"answer": "process", "by": "Olga", "why": "cooling water at 31 degC"}))
    again = asking.post(path, data={"answer": "machine", "by": "Olga", "why": "no"})
    left = asking.get("/v1/alerts", params={"state": "unacknowledged"}).json()["items"]

    assert (nameless.status_code, nonsense.status_code, again.status_code) == (422, 422, 409)
    assert "Answered: it is the process." in answered
    assert "Olga, 2 Mar 2026, 13:00: it is the process. cooling water at 31 degC" in answered
    assert {one["failure_mode"] for one in left} == {"seal_leak"}


def test_savings_show_the_sum_each_case_and_what_it_rests_on(asked):
    page = words(asked.get("/savings"))
    ledgers = asked.get("/v1/savings").json()

    assert [line["outcome"] for line in ledgers[0]["lines"]] == ["averted", "false", "undecided"]
    assert f"{ledgers[0]['value']:,.0f} EUR".replace(",", " ") in page
    assert "P-301 10 000 EUR averted 28 Jan 2026" in page
    assert "without the alert it would have failed with probability 55%" in page


def test_a_plant_without_any_case_says_what_will_stand_there(empty_client):
    assert "No case is open" in words(empty_client.get("/cases"))
    assert "Operations is asked nothing" in words(empty_client.get("/notices"))
    assert "No case has a verdict yet" in words(empty_client.get("/savings"))


def test_a_level_is_confirmed_with_a_name_and_a_reason(asking):
    done = asking.post("/v1/assets/P-301/levels", json={"by": "Ada", "channel": "vibration", "why": "new sensor"})
    page = words(asking.post("/assets/P-302/levels", data={"by": "Ada", "channel": "vibration", "why": "new sensor"}))

    assert done.json()["level"] == pytest.approx(7.3, abs=0.2)
    assert "is its own level: the next scoring no longer doubts it." in page
    assert asking.post("/v1/assets/P-301/levels", json={"by": "Ada", "channel": "vibration"}).status_code == 422
    assert asking.post("/v1/assets/P-301/levels", json={"by": "A", "channel": "hue", "why": "x"}).status_code == 404
