"""The promises of every receiver, kept against servers that behave and fail as the vendors' do."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pdm.adapters import cmms_maximo, cmms_sap, mail
from pdm.adapters.cmms_csv import CsvReceiver
from pdm.adapters.cmms_maximo import MaximoReceiver
from pdm.adapters.cmms_sap import SapReceiver
from pdm.adapters.gate import gate
from pdm.adapters.http import Transport
from pdm.adapters.mail import MailReceiver
from pdm.adapters.receivers import KINDS as KNOWN
from pdm.adapters.webhook import WebhookReceiver
from pdm.checks.receivers import FAILURE_CHECKS, RECEIVER_CHECKS, Bench, Site
from pdm.clock import ManualClock, SystemClock
from pdm.errors import LeaseHeld
from pdm.operations import deliver_outbox as module
from pdm.operations.approve_request import approve_request
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.deliver_outbox import deliver_outbox
from pdm.operations.raise_request import raise_request
from pdm.operations.replay_message import replay_message
from pdm.settings import RECEIVERS
from pdm.testing.builders import a_case, a_request, an_alert, an_assessment
from pdm.testing.plants import a_plant
from pdm.testing.receiver import MemoryReceiver
from pdm.testing.servers.maximo import FakeMaximo
from pdm.testing.servers.sap import FakeSap
from pdm.testing.servers.smtp import FakeSmtp
from pdm.testing.servers.webhooks import FakeWebhookConsumer
from pdm.wiring import build_plant
from pdm.work.trust import Trust

SECRET = "hunter2-hunter2"  # noqa: S105  of a fake
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LOGIN = base64.b64encode(f"PDM:{SECRET}".encode()).decode()
ZONE = "Europe/Berlin"
LOOPBACK = gate(["127.0.0.1"])
KINDS = ("sap", "sap by priority", "maximo requests", "maximo orders", "webhook", "mail")

PASSING = {"unavailable": "down", "broken": "down", "busy": "busy", "redirect": "setup", "gone": "gone"}
FAULTS = {
    "sap": PASSING | {"nonsense": "down", "refuse": "final"},
    "maximo": PASSING | {"nonsense": "down", "refuse": "final"},
    "webhook": PASSING | {"refuse": "final"},  # any 2xx is a yes there, whatever the body says
    "mail": {"broken": "down", "busy": "busy", "refuse": "final"},
}


def transport(server, name, timeout=10.0):
    return Transport(server.url, LOOPBACK, name, (SECRET, LOGIN), timeout)


@contextmanager
def server_and_receiver(kind, **more):
    if kind.startswith("sap"):
        with FakeSap("PDM", SECRET, {"P-101", "P-102", "P-103"}) as server:
            given = {"plant": "1710", "send": "priority" if "priority" in kind else "dates"} | more
            yield server, SapReceiver(transport(server, "SAP"), user="PDM", secret=SECRET, zone=ZONE, given=given)
    elif kind.startswith("maximo"):
        with FakeMaximo(SECRET, {"P-101", "P-102", "P-103"}) as server:
            given = {"site": "BEDFORD", "org": "EAGLENA", "record": "order" if "orders" in kind else "request"} | more
            yield server, MaximoReceiver(transport(server, "Maximo"), secret=SECRET, zone=ZONE, given=given)
    elif kind == "webhook":
        with FakeWebhookConsumer(SIGNING) as server:
            yield server, WebhookReceiver(transport(server, "webhook"), secret=SIGNING, clock=SystemClock(), given={})
    else:
        with FakeSmtp() as server:
            given = {"to": "planner@mill.example", "from": "pdm@mill.example"}
            yield server, MailReceiver(server.url, LOOPBACK, user="", secret="", given=given)


@pytest.fixture(params=KINDS)
def bench(request):
    with server_and_receiver(request.param) as (server, receiver):
        yield Bench(
            receiver,
            orders=server.orders,
            fail=server.faults.append,
            away=lambda fault: setattr(server, "always", fault),
            faults=FAULTS[request.param.split()[0]],
            secrets=(SECRET, LOGIN, SIGNING.removeprefix("whsec_")),
        )


@pytest.fixture(params=("csv", "memory", *KINDS))
def site(request, tmp_path):
    with ExitStack() as stack:
        if request.param == "csv":
            yield Site(CsvReceiver(tmp_path))
        elif request.param == "memory":
            yield Site(MemoryReceiver())
        else:
            yield Site(stack.enter_context(server_and_receiver(request.param))[1])


@pytest.mark.parametrize("check", RECEIVER_CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_every_receiver_keeps(check, site):
    if isinstance(site.receiver, MemoryReceiver) and "without_a_key" in check.__name__:
        pytest.skip("the one in memory keeps whatever a test gives it")
    assert check(site)


@pytest.mark.parametrize("check", FAILURE_CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_when_things_fail_every_receiver_keeps(check, bench):
    check(bench)


@pytest.fixture
def plant_of(tmp_path):
    """A plant with one open case and alert for each asset, and this receiver."""

    def build(receiver, *assets):
        plant = a_plant(tmp_path, receiver=receiver)
        with plant.unit_of_work() as work:
            for asset in assets:
                work.cases.save(a_case(asset))
                work.alerts.save(an_alert(asset, case_id=f"ca-{asset}"))
            work.commit()
        return plant

    return build


RUNGS = {
    "sap": ({"automatic_type": "M2"}, lambda row: row["NotificationType"], {"draft": "M1", "automatic": "M2"}),
    "maximo orders": (
        {"record": "order", "automatic_status": "APPR"},
        lambda row: row["status"],
        {"draft": "WAPPR", "automatic": "APPR"},
    ),
    "maximo requests": (
        {"automatic_status": "QUEUED"},
        lambda row: row["status"],
        {"draft": "NEW", "automatic": "QUEUED"},
    ),
    "webhook": ({}, lambda row: row["data"]["body"]["review"], {"draft": "draft", "automatic": "automatic"}),
}


@pytest.mark.parametrize("rung", ["draft", "automatic"])
@pytest.mark.parametrize("kind", RUNGS)
def test_the_rung_of_the_trust_ladder_is_said_in_the_receivers_own_terms(kind, rung, tmp_path):
    given, told, expected = RUNGS[kind]
    with server_and_receiver(kind, **given) as (server, receiver):
        plant = a_plant(tmp_path, receiver=receiver)
        with plant.unit_of_work() as work:
            work.trust.save(Trust("pump", "bearing_wear", rung, "automatic", raised_by="Eve"))
            work.commit()
        consider_assessments(plant, [an_assessment("P-101", 0.9)])

        assert deliver_outbox(plant).sent == 1
        with plant.unit_of_work() as work:
            [request] = work.requests.list()
        assert (request.state.value, server.orders(request.external_ref)) == ("accepted", 1)
        assert told(_made(server)) == expected[rung]
        deliver_outbox(plant)
        assert server.orders(request.external_ref) == 1


def _made(server):
    """The one thing that a server was asked to keep."""
    if isinstance(server, FakeSap):
        return next(iter(server.notifications.values()))
    if isinstance(server, FakeMaximo):
        return next(row for rows in server.records.values() for row in rows)
    return json.loads(next(call.body for call in server.calls if call.method == "POST"))


@pytest.mark.parametrize("fault", ["lost", "nonsense", "unavailable", "gone", "refuse"])
@pytest.mark.parametrize("kind", ["sap", "maximo requests", "maximo orders"])
def test_whatever_a_receiver_does_a_request_says_where_it_stands_and_is_ordered_once_at_most(kind, fault, plant_of):
    with server_and_receiver(kind) as (server, receiver):
        plant = plant_of(receiver, "P-101", "P-102")
        requests = [raise_request(plant, f"ca-P-10{n}", by="Ada") for n in (1, 2)]
        for request in requests:
            approve_request(plant, request.id, by="Eve")
        server.faults.append(fault)
        first = deliver_outbox(plant)
        stood = _states(plant, requests)
        plant.clock.advance(timedelta(days=1))
        if fault == "gone":  # nothing more is sent until somebody has mended it and says so
            replay_message(plant, requests[stood.index("approved")].id, by="Eve")
        deliver_outbox(plant)
        deliver_outbox(plant)

        assert first.errors, "somebody is told"
        assert sorted(stood) == {
            "gone": ["approved", "approved"],
            "refuse": ["accepted", "rejected"],
        }.get(fault, ["accepted", "approved"])
        ended = _states(plant, requests)
        assert sorted(ended) == (["accepted", "rejected"] if fault == "refuse" else ["accepted", "accepted"])
        orders = [server.orders(one.external_ref) for one in requests]
        assert orders == [int(state == "accepted") for state in ended], "nothing is lost, and nothing comes twice"


def _states(plant, requests):
    with plant.unit_of_work() as work:
        return [work.requests.get(one.id).state.value for one in requests]


@pytest.mark.parametrize("kind", ["sap", "maximo requests", "webhook", "mail"])
def test_a_thousand_repetitions_of_one_request_make_one_order(kind, plant_of):
    with server_and_receiver(kind) as (server, receiver):
        plant = plant_of(receiver, "P-101")

        def ask(n):
            request = approve_request(plant, raise_request(plant, "ca-P-101", by=f"engineer {n}").id, by="planner")
            with suppress(LeaseHeld):  # somebody else is at it
                deliver_outbox(plant)
            return request.external_ref

        with ThreadPoolExecutor(16) as pool:
            references = set(pool.map(ask, range(1000)))

        assert len(references) == 1
        assert server.orders(references.pop()) == 1
        with plant.unit_of_work() as work:
            assert len(work.requests.list()) == 1
            assert work.outbox.pending() == work.outbox.dead() == []


class Killed(BaseException):
    """What no `except Exception` catches: the process is gone."""


def killing(monkeypatch, receiver, point):
    """Let the process die at this point, once."""
    alive = {"armed": True}

    def die(where):
        if where == point and alive.pop("armed", False):
            raise Killed(where)

    find, submit, sent = receiver.find, receiver.submit, module._sent

    def kill_around_submit(body):
        die("before submit")
        number = submit(body)
        die("after submit")
        return number

    def kill_around_sent(*arguments):
        die("before commit")
        sent(*arguments)
        die("after commit")

    monkeypatch.setattr(receiver, "find", lambda key: die("before look-up") or find(key))
    monkeypatch.setattr(receiver, "submit", kill_around_submit)
    monkeypatch.setattr(module, "_sent", kill_around_sent)


@pytest.mark.parametrize("point", ["before look-up", "before submit", "after submit", "before commit", "after commit"])
@pytest.mark.parametrize("kind", ["sap", "mail"])  # one that can look up, one that cannot
def test_a_process_that_dies_anywhere_leaves_exactly_the_expected_orders(kind, point, plant_of, monkeypatch):
    assets = ("P-101", "P-102")
    with server_and_receiver(kind) as (server, receiver):
        plant = plant_of(receiver, *assets)
        keys = [
            approve_request(plant, raise_request(plant, f"ca-{asset}", by="ada").id, by="bob").external_ref
            for asset in assets
        ]
        with monkeypatch.context() as patch:
            killing(patch, receiver, point)
            with pytest.raises(Killed):
                deliver_outbox(plant)

        deliver_outbox(plant)

        assert [server.orders(key) for key in keys] == [1, 1]
        with plant.unit_of_work() as work:
            assert {one.state.value for one in work.requests.list()} == {"accepted"}


def test_a_process_that_is_killed_while_it_hands_over_has_ordered_once(tmp_path):
    class Killing(FakeMaximo):
        """Creates the record, and then the caller is no more."""

        def answer(self, call):
            answer = super().answer(call)
            if call.method == "POST":
                os.kill(deliverer.pid, signal.SIGKILL)
                deliverer.wait()
            return answer

    with Killing(SECRET) as server:
        settings = {"receiver": "maximo", "receiver_url": server.url, "receiver_hosts": "127.0.0.1"}
        settings |= {"receiver_secret": SECRET, "receiver_options": "site=BEDFORD"}
        (tmp_path / "plantpdm.toml").write_text("", encoding="utf-8")
        plant = build_plant(tmp_path, **settings)
        with plant.unit_of_work() as work:
            work.cases.save(a_case())
            work.requests.save(a_request(id="wr-1"))
            work.commit()
        approve_request(plant, "wr-1", by="planner")
        environment = os.environ | {f"PDM_{name.upper()}": value for name, value in settings.items()}
        program = [sys.executable, "-c", "from pdm.cli import main; main()", "requests", "deliver"]

        deliverer = subprocess.Popen([*program, "--home", str(tmp_path)], env=environment)
        assert deliverer.wait(60) == -signal.SIGKILL
        with pytest.raises(LeaseHeld):
            deliver_outbox(plant)
        later = replace(plant, clock=ManualClock(plant.clock.now() + timedelta(minutes=6)))

        assert deliver_outbox(later).sent == 1
        assert server.orders("PDM-P-101") == 1


@pytest.mark.parametrize("kind", ["maximo orders"])
def test_after_a_day_away_everything_arrives_once_and_in_order_of_each_asset(kind, tmp_path):
    with server_and_receiver(kind) as (server, receiver):
        plant = a_plant(tmp_path, receiver=receiver)
        assets = ("P-101", "P-102", "P-103")
        with plant.unit_of_work() as work:
            for asset in assets:
                work.cases.save(a_case(asset))
                for n in range(4):
                    work.requests.save(a_request(asset, id=f"wr-{asset}-{n}", external_ref=f"PDM-{asset}-{n}"))
            work.commit()
        for asset in assets:
            for n in range(4):
                approve_request(plant, f"wr-{asset}-{n}", by="planner")
        server.always = "unavailable"
        for _ in range(24):
            assert deliver_outbox(plant).sent == 0
            plant.clock.advance(timedelta(hours=1))
        with plant.unit_of_work() as work:
            assert max(message.attempts for message in work.outbox.pending()) < 40
            assert len(work.outbox.pending()) == 12
        server.always, server.calls = "", []

        rounds = 0
        while deliver_outbox(plant).waiting:
            plant.clock.advance(timedelta(hours=1))
            rounds += 1

        assert rounds <= 2  # the longest time between two attempts
        created = [call.body.decode() for call in server.calls if call.method == "POST"]
        order = {asset: [n for body in created for n in range(4) if f"PDM-{asset}-{n}" in body] for asset in assets}
        assert order == {asset: [0, 1, 2, 3] for asset in assets}
        assert all(server.orders(f"PDM-{asset}-{n}") == 1 for asset in assets for n in range(4))


def test_a_server_that_never_answers_is_left_in_time_and_has_the_order_once():
    with FakeMaximo(SECRET) as server:
        calling = transport(server, "Maximo", timeout=0.3)
        receiver = MaximoReceiver(calling, secret=SECRET, zone=ZONE, given={"site": "BEDFORD"})
        bench = Bench(receiver, orders=server.orders, fail=lambda _fault: server.faults.append("silent"))
        started = time.monotonic()

        FAILURE_CHECKS[1](bench)

        assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "options", [cmms_sap.OPTIONS, cmms_maximo.OPTIONS, mail.OPTIONS], ids=["sap", "maximo", "mail"]
)
def test_every_option_of_a_receiver_is_documented(options):
    page = (Path(__file__).resolve().parents[2] / "docs/how-to/connect-a-cmms.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]

    for name, default in options.items():
        [row] = [row for row in rows if f"`{name}`" in row.split("|")[1]]
        assert default in row
        assert default or "required" in row or "none" in row


def test_every_receiver_of_the_settings_can_be_built_and_is_documented():
    page = (Path(__file__).resolve().parents[2] / "docs/how-to/connect-a-cmms.md").read_text(encoding="utf-8")

    assert set(RECEIVERS) == {"csv", *KNOWN}
    assert all(f"| `{name}` |" in page for name in RECEIVERS)
