"""What each receiver is really sent, and what its answers mean."""

import json
from datetime import UTC, datetime

import pytest

from pdm.adapters.cmms_maximo import MaximoReceiver
from pdm.adapters.cmms_sap import SapReceiver
from pdm.adapters.gate import gate
from pdm.adapters.http import Response, Transport, retry_after
from pdm.adapters.mail import MailReceiver
from pdm.adapters.webhook import WebhookReceiver, sign, signing_key, verify
from pdm.checks.receivers import Site
from pdm.clock import ManualClock
from pdm.errors import InputError, ReceiverError, SettingsError
from pdm.testing.builders import NOON
from pdm.testing.servers.maximo import FakeMaximo
from pdm.testing.servers.sap import FakeSap
from pdm.testing.servers.smtp import FakeSmtp
from pdm.testing.servers.webhooks import FakeWebhookConsumer
from pdm.work.request import RequestState

WORD = "hunter2-hunter2"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LOOPBACK = gate(["127.0.0.1"])


def sap(server, **given):
    return SapReceiver(
        Transport(server.url, LOOPBACK, "SAP"), user="PDM", secret=WORD, zone="Europe/Berlin", given=given
    )


def maximo(server, **given):
    transport = Transport(server.url, LOOPBACK, "Maximo")
    return MaximoReceiver(transport, secret=WORD, zone="Europe/Berlin", given={"site": "BEDFORD"} | given)


def body(**changes):
    return Site(None).body(**changes)


def test_sap_gets_days_and_times_on_the_plants_clock_without_a_priority():
    with FakeSap("PDM", WORD) as server:
        late = "2026-03-28T23:30:00+00:00"  # the 29th in Berlin, in the night in which the clock jumps
        number = sap(server, plant="1710").submit(body(required_start=late))
        [sent] = server.notifications.values()

    assert number == "10000001"
    assert sent["RequiredStartDate"] == f"/Date({int(datetime(2026, 3, 29, tzinfo=UTC).timestamp())}000)/"
    assert sent["RequiredStartTime"] == "PT0H30M0S"
    assert sent["MaintenancePlanningPlant"] == "1710"
    assert sent["TechObjIsEquipOrFuncnlLoc"] == "EAMS_EQUI"
    assert "MaintPriority" not in sent
    assert "Priority: 2" in sent["MaintNotifLongTextForEdit"]


def test_sap_overwrites_the_dates_when_it_gets_a_priority_and_they_are_read_back():
    with FakeSap("PDM", WORD) as server:
        receiver = sap(server, send="priority")
        status = receiver.status(receiver.submit(body(priority=1)))

    assert (status.start, status.end) == (datetime(2026, 3, 2, 7, tzinfo=UTC), datetime(2026, 3, 3, 7, tzinfo=UTC))


def test_sap_is_asked_for_one_token_and_for_a_new_one_when_the_session_is_over():
    with FakeSap("PDM", WORD) as server:
        receiver = sap(server)
        receiver.submit(body())
        receiver.submit(body())
        server.expire_sessions()
        receiver.submit(body())

        fetched = [call for call in server.calls if call.headers.get("x-csrf-token") == "Fetch"]
        assert (len(fetched), len(server.notifications)) == (2, 3)


def test_sap_says_why_a_planner_rejected_it():
    with FakeSap("PDM", WORD) as server:
        receiver = sap(server)
        number = receiver.submit(body())
        words = {}
        for phase in "12345":
            server.decide(number, phase)
            words[phase] = receiver.status(number).state
        server.decide(number, "5", "bearing was replaced last week")
        status = receiver.status(number)

    assert words == dict.fromkeys("123", RequestState.ACCEPTED) | {"4": RequestState.DONE, "5": RequestState.CANCELLED}
    assert (status.state, status.reason) == (RequestState.REJECTED, "bearing was replaced last week")


def test_sap_refuses_an_unknown_machine_for_good_and_a_wrong_password_not():
    with FakeSap("PDM", WORD, {"P-102"}) as server, pytest.raises(InputError, match="P-101 does not exist"):
        sap(server).submit(body())
    with FakeSap("PDM", "another") as server, pytest.raises(ReceiverError) as refusal:
        sap(server).submit(body())

    assert refusal.value.failure == "setup"


def test_a_tag_that_does_not_fit_is_refused_and_never_cut():
    with FakeSap("PDM", WORD) as server, pytest.raises(InputError, match="40 characters"):
        sap(server).submit(body(asset="P" * 41))


def test_maximo_gets_lean_keys_iso_dates_and_our_key():
    with FakeMaximo(WORD) as server:
        number = maximo(server, org="EAGLENA").submit(body(external_ref="PDM-1"))
        [sent] = server.records["mxapisr"]

    assert number == sent["ticketid"] == "1001"
    assert sent["externalrecid"] == "PDM-1"
    assert sent["targetstart"] == "2030-07-01T06:30:00+02:00"
    assert (sent["siteid"], sent["orgid"], sent["reportedpriority"]) == ("BEDFORD", "EAGLENA", 2)


def test_maximo_drops_keys_in_silence_without_lean_and_that_stops_everything():
    class NoLean(FakeMaximo):
        def answer(self, call):
            call.query.pop("lean", None)  # a proxy that removes the query
            return super().answer(call)

    with NoLean(WORD) as server, pytest.raises(ReceiverError, match="without the key") as refusal:
        maximo(server).submit(body())

    assert refusal.value.failure == "unsafe"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("WAPPR", RequestState.ACCEPTED),
        ("INPRG", RequestState.ACCEPTED),
        ("COMP", RequestState.DONE),
        ("CAN", RequestState.CANCELLED),
        ("OURWORD", None),
    ],
)
def test_maximos_words_are_understood_or_left_alone(word, state):
    with FakeMaximo(WORD) as server:
        receiver = maximo(server, record="order")
        number = receiver.submit(body())
        server.decide(number, word)

        assert (receiver.status(number).word, receiver.status(number).state) == (word, state)


def test_an_order_that_is_gone_over_there_is_said_to_be():
    with FakeMaximo(WORD) as server:
        assert maximo(server).status("9999").reason == "not found there any more"


def test_a_webhook_carries_the_key_as_its_id_and_a_signature_that_another_program_accepts():
    clock = ManualClock(NOON)
    with FakeWebhookConsumer(SIGNING, lambda: NOON.timestamp()) as server:
        receiver = WebhookReceiver(Transport(server.url, LOOPBACK), secret=SIGNING, clock=clock, given={})

        assert receiver.submit(body(external_ref="PDM-1")) == "WH-1"
        assert receiver.submit(body(external_ref="PDM-1")) == "WH-1"
        assert receiver.submit(body(external_ref="PDM-2")) == "WH-2"
        assert list(server.taken) == ["PDM-1", "PDM-2"]
        assert server.calls[0].headers["webhook-timestamp"] == str(int(NOON.timestamp()))


def test_two_secrets_make_two_signatures_while_a_consumer_changes_over():
    new = "whsec_" + "C" * 32
    with FakeWebhookConsumer(SIGNING) as server:
        receiver = WebhookReceiver(
            Transport(server.url, LOOPBACK),
            secret=f"{new} {SIGNING}",
            clock=ManualClock(datetime.now(UTC)),
            given={},
        )
        receiver.submit(body())

        assert len(server.calls[0].headers["webhook-signature"].split(" ")) == 2


KEY = signing_key(SIGNING)
NOW = 1_700_000_000
CONTENT = b'{"test": 1}'
GOOD = sign(KEY, "msg_1", NOW, CONTENT)
OTHER = sign(signing_key("whsec_" + "C" * 32), "msg_1", NOW, CONTENT)


def message(**changes):
    headers = {"id": "msg_1", "timestamp": str(NOW), "signature": GOOD} | changes
    return {f"webhook-{name}": value for name, value in headers.items() if value is not None}


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        (message(id=None), CONTENT),
        (message(timestamp=None), CONTENT),
        (message(signature=None), CONTENT),
        (message(id="msg_2"), CONTENT),
        (message(signature=OTHER), CONTENT),
        (message(signature=GOOD.removeprefix("v1,")), CONTENT),
        (message(signature=GOOD.replace("v1,", "v2,")), CONTENT),
        (message(signature="v1,größer"), CONTENT),
        (message(), CONTENT + b" "),
        (message(timestamp=str(NOW - 301), signature=sign(KEY, "msg_1", NOW - 301, CONTENT)), CONTENT),
        (message(timestamp=str(NOW + 301), signature=sign(KEY, "msg_1", NOW + 301, CONTENT)), CONTENT),
        (message(timestamp="yesterday"), CONTENT),
        (message(timestamp=str(NOW + 1)), CONTENT),
    ],
)
def test_a_message_that_is_not_genuine_or_not_fresh_is_refused(headers, content):
    with pytest.raises(InputError):
        verify(KEY, headers, content, NOW)


@pytest.mark.parametrize("signature", [GOOD, f"{OTHER} {GOOD}", f"v1a,AAAA {GOOD} {OTHER}"])
def test_a_genuine_message_is_known_by_its_id(signature):
    assert verify(KEY, message(signature=signature), CONTENT, NOW) == "msg_1"


@pytest.mark.parametrize("secret", ["whsec_no base64!", "whsec_AAAA", "whsec_" + "A" * 100])
def test_a_weak_or_broken_signing_secret_is_a_settings_error(secret):
    with pytest.raises(SettingsError):
        signing_key(secret)


def test_a_letter_has_its_id_from_the_key_and_nobody_adds_headers_by_a_title():
    with FakeSmtp() as server:
        given = {"to": "planner@mill.example, second@mill.example", "from": "pdm@mill.example"}
        receiver = MailReceiver(server.url, LOOPBACK, user="", secret="", given=given)
        number = receiver.submit(body(external_ref="PDM-1", title="P-101\r\nBcc: all@mill.example"))
        [letter] = server.letters

    assert number == letter["Message-ID"] == "<PDM-1@mill.example>"
    assert letter["Bcc"] is None
    assert letter["Subject"] == "[PDM-1] P-101 Bcc: all@mill.example"
    assert json.loads(letter.get_payload(1).get_content())["external_ref"] == "PDM-1"


def test_a_password_is_never_said_in_plain_text_to_another_machine(monkeypatch):
    with FakeSmtp() as server:
        given = {"to": "planner@mill.example", "from": "pdm@mill.example"}
        receiver = MailReceiver(server.url, LOOPBACK, user="pdm", secret=WORD, given=given)
        monkeypatch.setattr("pdm.adapters.mail._Guarded.local", False)

        with pytest.raises(ReceiverError, match="no TLS") as refusal:
            receiver.submit(body())

    assert refusal.value.failure == "setup"
    assert server.letters == []


@pytest.mark.parametrize(
    "build",
    [
        lambda server: maximo(server, stie="A"),
        lambda server: maximo(server, site=""),
        lambda server: maximo(server, record="ticket"),
        lambda server: sap(server, send="both"),
        lambda server: MailReceiver(server.url, LOOPBACK, user="", secret="", given={}),
    ],
)
def test_options_that_nobody_knows_or_that_are_missing_are_settings_errors(build):
    with FakeMaximo(WORD) as server, pytest.raises(SettingsError):
        build(server)


@pytest.mark.parametrize("key", ["", "a b", 'x"y', "x'y", "P" * 21])
def test_a_key_that_could_not_be_looked_up_safely_is_refused(key):
    with FakeMaximo(WORD) as server, pytest.raises(InputError, match="key"):
        maximo(server).find(key)


def test_a_date_to_wait_for_is_measured_on_the_servers_clock():
    headers = [("Retry-After", "Mon, 02 Mar 2026 12:02:00 GMT"), ("Date", "Mon, 02 Mar 2026 12:00:00 GMT")]

    assert retry_after(Response(503, headers, b"")) == 120.0
    assert retry_after(Response(503, [("Retry-After", "soon")], b"")) is None


def test_sap_gets_the_suspected_item_and_its_cause_in_one_call_when_the_plant_wants_it():
    with FakeSap("PDM", WORD) as server:
        sap(server, items="yes").submit(body())
        sap(server).submit(body())
        deep, flat = server.notifications.values()

    [item] = deep["to_Item"]["results"]
    assert item["NotifItemText"] == "bearing"
    assert item["to_ItemCauses"]["results"] == [{"MaintNotificationCauseText": "bearing wear: condition monitoring"}]
    assert "to_Item" not in flat


def test_sap_items_with_long_texts_are_cut_and_without_a_suspicion_there_are_none():
    with FakeSap("PDM", WORD) as server:
        sap(server, items="yes").submit(body(maintainable_item="b" * 90, failure_mode="w" * 90))
        sap(server, items="yes").submit(body(failure_mode=""))
        long, none = server.notifications.values()

    assert len(long["to_Item"]["results"][0]["NotifItemText"]) == 40
    assert "to_Item" not in none


def test_sap_refuses_a_word_for_items_that_it_does_not_know():
    with pytest.raises(SettingsError, match="items"):
        SapReceiver(
            Transport("http://127.0.0.1:9", LOOPBACK), user="P", secret=WORD, zone="UTC", given={"items": "all"}
        )
