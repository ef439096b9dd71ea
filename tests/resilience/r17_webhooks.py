"""R17: the cases of Standard Webhooks, and a consumer that is away for a day: all delivered afterwards, in order per asset, none twice.

A consumer on loopback that checks signatures with code of its own. The day of the outage passes on a clock that is moved: machines
keep failing, the outbox keeps trying.
"""

import base64
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pdm.adapters.gate import gate
from pdm.adapters.http import Transport
from pdm.adapters.webhook import WebhookReceiver, signing_key, verify
from pdm.catalogue import Policy
from pdm.clock import ManualClock
from pdm.errors import PdmError
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.deliver_outbox import deliver_outbox
from pdm.operations.replay_message import replay_message
from pdm.scoring.assessment import Risk
from pdm.testing.builders import NOON, an_assessment
from pdm.testing.plants import a_plant
from pdm.testing.promise import tell
from pdm.testing.servers.base import Answer, Call
from pdm.testing.servers.webhooks import FakeWebhookConsumer

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"n" * 32).decode()
POLICY = Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 1), auto_request="draft")
MODES = ("bearing_wear", "seal_leak")


class Consumer(FakeWebhookConsumer):
    """Remembers what it took, in order, repetitions included."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(SECRET, lambda: clock.now().timestamp())
        self.accepted: list[tuple[str, str]] = []

    def answer(self, call: Call) -> Answer:
        answer = super().answer(call)
        if answer.status == 200:
            self.accepted.append((call.headers["webhook-id"], call.json()["data"]["asset"]))
        return answer


@dataclass
class Bench:
    """One plant, its clock, and the consumer behind its outbox."""

    plant: object
    consumer: Consumer

    def fail(self, tag: str, mode: str = "bearing_wear") -> None:
        hours = (self.plant.clock.now() - NOON) / timedelta(hours=1)
        risks = (Risk(mode, 336.0, "h", 0.8),)
        consider_assessments(self.plant, [an_assessment(tag, 0.8, hours=hours, risks=risks)])

    def deliver(self) -> object:
        return deliver_outbox(self.plant)

    @property
    def last(self) -> Call:
        return self.consumer.calls[-1]


@contextmanager
def bench(secret: str = SECRET, timeout: float = 20.0):
    clock = ManualClock(NOON)
    with tempfile.TemporaryDirectory() as folder, Consumer(clock) as consumer:
        transport = Transport(consumer.url, gate(["127.0.0.1"]), "the webhook", (secret,), timeout)
        receiver = WebhookReceiver(transport, secret=secret, clock=clock, given={})
        plant = a_plant(Path(folder), policy=POLICY, receiver=receiver)
        plant.clock.set(NOON)
        receiver._clock = plant.clock
        consumer._seconds = lambda: plant.clock.now().timestamp()
        yield Bench(plant, consumer)
        plant.unit_of_work.close()


def refused(attempt) -> bool:
    try:
        attempt()
    except PdmError:
        return True
    return False


def genuine(one: Bench, **changes: str) -> bool:
    """Whether a consumer takes the last call for genuine, with some of its headers changed."""
    call = one.last
    body = changes.pop("body", "").encode() or call.body
    now = one.plant.clock.now().timestamp() + float(changes.pop("later", 0))
    return not refused(lambda: verify(signing_key(SECRET), {**call.headers, **changes}, body, now))


def the_signature() -> dict[str, bool]:
    """What every message carries, and what a consumer must refuse."""
    with bench() as one:
        one.fail("P-101")
        one.deliver()
        headers, body = one.last.headers, one.last.json()
        return {
            "id, timestamp and signature are sent": all(
                f"webhook-{n}" in headers for n in ("id", "timestamp", "signature")
            ),
            "type, timestamp and data are sent": {"type", "timestamp", "data"} <= set(body),
            "the consumer's own check fits": bool(one.consumer.accepted) and genuine(one),
            "a changed body is refused": not genuine(one, body='{"type": "work_request.created"}'),
            "a changed id is refused": not genuine(one, **{"webhook-id": "PDM-OTHER"}),
            "an old timestamp is refused": not genuine(one, later="301"),
            "a missing header is refused": not genuine(one, **{"webhook-signature": ""}),
            "another version of signature is passed over": genuine(
                one, **{"webhook-signature": f"v1a,xyz {headers['webhook-signature']}"}
            ),
            "a short secret is refused": refused(lambda: signing_key("whsec_c2hvcnQ=")),
        }


def the_answers() -> dict[str, bool]:
    """What each answer of the consumer leads to."""
    found = {}
    for fault, name in (("redirect", "a redirect is a failure and not followed"), ("broken", "5xx is tried again")):
        with bench() as one:
            one.consumer.faults.append(fault)
            one.fail("P-101")
            failed, calls = one.deliver().failed, len(one.consumer.calls)
            first = one.last.headers
            one.plant.clock.advance(timedelta(minutes=2))
            again = one.deliver().sent
            same = one.last.headers["webhook-id"] == first["webhook-id"]
            newer = int(one.last.headers["webhook-timestamp"]) > int(first["webhook-timestamp"])
            found[name] = (failed, calls, again) == (1, 1, 1)
            found[f"a retry carries the same id and a new timestamp ({fault})"] = same and newer
    with bench() as one:
        one.consumer.faults.append("busy")
        one.fail("P-101")
        one.deliver()
        one.plant.clock.advance(timedelta(seconds=100))
        early = one.deliver().sent
        one.plant.clock.advance(timedelta(seconds=30))
        found["Retry-After is honoured"] = (early, one.deliver().sent) == (0, 1)
    with bench() as one:
        one.consumer.faults.append("gone")
        one.fail("P-101")
        one.deliver()
        one.fail("P-102")
        silent = one.deliver().sent == 0 and len(one.consumer.calls) == 1
        with one.plant.unit_of_work() as work:
            request = work.requests.by_ref(work.outbox.dead()[0].key)
        replay_message(one.plant, request.id, by="Ada")
        found["410 disables it until somebody replays"] = silent and one.deliver().sent == 2
    with bench(timeout=1.0) as one:
        one.consumer.faults.append("silent")
        one.fail("P-101")
        lost = one.deliver().failed
        one.plant.clock.advance(timedelta(minutes=2))
        one.deliver()
        found["an answer that never comes ends in one message"] = lost == 1 and len(one.consumer.taken) == 1
    with bench(f"{OTHER} {SECRET}") as one:
        one.fail("P-101")
        found["two secrets while the consumer changes over"] = one.deliver().sent == 1
    with bench(OTHER) as one:
        one.fail("P-101")
        found["a wrong secret is a matter of the setup, and kept"] = one.deliver().failed == 1
    return found


def a_day_away(machines: int) -> dict:
    """The consumer is away from hour 1 to hour 25; machines fail before, meanwhile and after."""
    tags = [f"P-{number:03}" for number in range(machines)]
    with bench() as one:
        for step in range(12 * 30):  # every five minutes for thirty hours
            hour = step / 12
            one.consumer.always = "unavailable" if 1 <= hour < 25 else ""
            if step % 6 == 0 and step // 6 < 2 * machines:
                number = step // 6
                one.fail(tags[number % machines], MODES[number // machines])
            one.deliver()
            one.plant.clock.advance(timedelta(minutes=5))
        with one.plant.unit_of_work() as work:
            requests = work.requests.list()
            left = len(work.outbox.pending(10_000)) + len(work.outbox.dead(10_000))
        accepted = one.consumer.accepted
        attempts = len(one.consumer.calls)
    expected = {request.external_ref for request in requests}
    by_age = {request.external_ref: request.created_at for request in requests}
    in_order = all(
        [by_age[key] for key, tag in accepted if tag == asset]
        == sorted(by_age[key] for key, tag in accepted if tag == asset)
        for asset in tags
    )
    return {
        "expected": len(expected),
        "delivered": len({key for key, _ in accepted}),
        "twice": sum(count > 1 for count in Counter(key for key, _ in accepted).values()),
        "in_order_per_asset": in_order,
        "left": left,
        "attempts": attempts,
        "kept": {key for key, _ in accepted} == expected
        and len(accepted) == len(expected) == 2 * machines
        and in_order,
    }


def measure(short: bool) -> dict:
    cases = the_signature() | the_answers()
    outage = a_day_away(4 if short else 25)
    return {
        "kept": all(cases.values()) and outage["kept"] and outage["left"] == 0,
        "cases": len(cases),
        "broken": [name for name, kept in cases.items() if not kept],
        "a_day_away": outage,
    }


if __name__ == "__main__":
    sys.exit(tell("R17", measure))
