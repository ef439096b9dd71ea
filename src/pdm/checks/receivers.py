"""What every receiver of work requests promises; the same checks run over the fakes in the tests and over a plant's own test system.

`RECEIVER_CHECKS` need nothing but the receiver and create orders in it. `FAILURE_CHECKS` need a server that fails on command.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from pdm.checks.store import BrokenPromise
from pdm.errors import InputError, PdmError, ReceiverError
from pdm.ports import Receiver
from pdm.work.request import RequestState

_START = datetime(2030, 7, 1, 4, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Site:
    """A receiver and what its system knows: one asset, and its location."""

    receiver: Receiver
    asset: str = "P-101"
    location: str = "MILL-1"

    def body(self, **changes: Any) -> dict[str, Any]:
        """A canonical request with a fresh key of twenty characters."""
        return {
            "external_ref": f"PDM-{uuid4().hex[:16].upper()}",
            "asset": self.asset,
            "location": self.location,
            "title": "TEST of plantpdm: bearing wear",
            "text": "This order comes from a conformance test of plantpdm. Delete it.",
            "failure_mode": "bearing_wear",
            "maintainable_item": "bearing",
            "detection": "condition monitoring",
            "priority": 2,
            "created_at": "2030-06-20T10:00:00+00:00",
            "required_start": _START.isoformat(),
            "required_end": (_START + timedelta(days=9)).isoformat(),
            "latest_safe": (_START + timedelta(days=12)).isoformat(),
            "crafts": ["mechanic"],
            "parts": ["bearing set"],
            "hours": 8.0,
            "stop_needed": True,
            **changes,
        }


@dataclass(frozen=True)
class Bench(Site):
    """A site whose server is ours. orders: how many it holds under a key; fail: break the next creation; away: break every call."""

    orders: Callable[[str], int] = lambda _key: 0
    fail: Callable[[str], None] = lambda _fault: None
    away: Callable[[str], None] = lambda _fault: None
    faults: Mapping[str, str] | None = None
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """How one promise was kept. said: the receiver's number, or what went wrong."""

    check: str
    kept: bool
    said: str = ""


def check_a_new_key_is_unknown(site: Site) -> str:
    """Looking up finds nothing that is not there."""
    key = str(site.body()["external_ref"])
    _same(site.receiver.find(key), None, "the number of an unknown key")
    return "not found"


def check_the_same_key_twice_is_one_order(site: Site) -> str:
    """Looked up before it is created, so that the second time gives the first number."""
    body = site.body()
    first, second = hand_over(site.receiver, body), hand_over(site.receiver, body)
    _same(second, first, "the number of the repetition")
    return first


def check_long_and_foreign_texts_are_taken(site: Site) -> str:
    """A title of 300 characters, umlauts, signs, line ends, formulas: cut where it must be, never refused."""
    title = "TEST Lager läuft heiß & <schief> \"quer\" 'ß' ≥ 90 °C\r\n" + "sehr lang " * 30
    return hand_over(site.receiver, site.body(title=title, text="=1+1\r\nZeile zwei: größer als üblich.\n" * 60))


def check_dates_come_back_as_they_went(site: Site) -> str:
    """To the minute, whatever zone the receiver thinks in; nothing is promised where it takes or tells no dates."""
    body = site.body()
    later = {**body, "required_start": (_START + timedelta(hours=5)).isoformat()}
    if _shown(site, body) == _shown(site, later):
        return "sends no dates"
    status = site.receiver.status(hand_over(site.receiver, body))
    if status.start is not None:
        _same(status.start, _START, "the start that was read back")
    if status.end is not None:
        _same(status.end, _START + timedelta(days=9), "the end that was read back")
    return "tells no dates" if status.start is None else status.start.isoformat()


def check_a_new_order_is_open(site: Site) -> str:
    """Its status is read, and is none that would end the request."""
    status = site.receiver.status(hand_over(site.receiver, site.body()))
    if status.state not in (None, RequestState.ACCEPTED):
        raise BrokenPromise(f"a new order is {status.word}, which means {status.state}")
    return status.word or "tells no status"


def check_a_dry_run_shows_all_and_sends_nothing(site: Site) -> str:
    """The key is in it, twice the same, and nothing is there afterwards."""
    body = site.body()
    shown = _shown(site, body)
    _same(_shown(site, body), shown, "the second dry run")
    if str(body["external_ref"]) not in shown:
        raise BrokenPromise("the dry run does not show the key")
    _same(site.receiver.find(str(body["external_ref"])), None, "what a dry run leaves behind")
    return "nothing sent"


def check_a_request_without_a_key_is_refused(site: Site) -> str:
    """Without a key nothing could be recognised again."""
    try:
        site.receiver.submit(site.body(external_ref=""))
    except InputError:
        return "refused"
    raise BrokenPromise("a request without a key was taken")


def check_failures_that_pass_are_told_from_those_that_do_not(bench: Bench) -> None:
    """Every fault is reported as its kind, nothing is ordered, and the next attempt succeeds."""
    for fault, kind in (bench.faults or {}).items():
        body = bench.body()
        bench.fail(fault)
        error = _refusal(lambda body=body: bench.receiver.submit(body), fault)  # type: ignore[misc]  # mypy cannot infer lambdas with defaults
        found = error.failure if isinstance(error, ReceiverError) else "final"
        _same(found, kind, f"the kind of failure of {fault!r}")
        _same(bench.orders(str(body["external_ref"])), 0, f"orders after {fault!r}")
        hand_over(bench.receiver, body)
        _same(bench.orders(str(body["external_ref"])), 1, f"orders after {fault!r} and another attempt")


def check_nothing_is_lost_or_doubled_when_the_answer_gets_lost(bench: Bench) -> None:
    """The order was made and nobody heard of it: the next attempt finds it."""
    body = bench.body()
    bench.fail("lost")
    _refusal(lambda: bench.receiver.submit(body), "lost")
    hand_over(bench.receiver, body)
    _same(bench.orders(str(body["external_ref"])), 1, "orders after a lost answer")


def check_a_receiver_that_is_away_is_never_a_refusal(bench: Bench) -> None:
    """As long as it is away everything is worth another try."""
    body = bench.body()
    bench.away("unavailable")
    error = _refusal(lambda: hand_over(bench.receiver, body), "unavailable")
    bench.away("")
    if not isinstance(error, ReceiverError):
        raise BrokenPromise(f"a receiver that is away counts as a refusal: {error}")
    hand_over(bench.receiver, body)
    _same(bench.orders(str(body["external_ref"])), 1, "orders after it came back")


def check_secrets_stay_out_of_errors_and_dry_runs(bench: Bench) -> None:
    """Even when the server repeats what it was sent."""
    bench.fail("echo")
    error = _refusal(lambda: bench.receiver.submit(bench.body()), "echo")
    told = [str(error), repr(error), _shown(bench, bench.body()), repr(bench.receiver)]
    if any(secret in text for text in told for secret in bench.secrets):
        raise BrokenPromise("a secret stands in an error or a dry run")


RECEIVER_CHECKS: tuple[Callable[[Site], str], ...] = (
    check_a_new_key_is_unknown,
    check_the_same_key_twice_is_one_order,
    check_long_and_foreign_texts_are_taken,
    check_dates_come_back_as_they_went,
    check_a_new_order_is_open,
    check_a_dry_run_shows_all_and_sends_nothing,
    check_a_request_without_a_key_is_refused,
)

FAILURE_CHECKS: tuple[Callable[[Bench], None], ...] = (
    check_failures_that_pass_are_told_from_those_that_do_not,
    check_nothing_is_lost_or_doubled_when_the_answer_gets_lost,
    check_a_receiver_that_is_away_is_never_a_refusal,
    check_secrets_stay_out_of_errors_and_dry_runs,
)


def conform(receiver: Receiver, *, asset: str, location: str = "") -> list[Result]:
    """Run `RECEIVER_CHECKS` over a receiver's test system. Orders are created in it and stay there."""
    site = Site(receiver, asset, location or asset)
    results = []
    for check in RECEIVER_CHECKS:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        try:
            results.append(Result(name, True, check(site)))
        except (BrokenPromise, PdmError, OSError) as error:
            results.append(Result(name, False, str(error)))
    return results


def hand_over(receiver: Receiver, body: Mapping[str, Any]) -> str:
    """As the outbox does it: look up, then create."""
    return receiver.find(str(body["external_ref"])) or receiver.submit(body)


def _shown(site: Site, body: Mapping[str, Any]) -> str:
    payload = site.receiver.dry_run(body)
    return json.dumps(
        [payload.method, payload.target, dict(payload.headers), payload.body], sort_keys=True, default=str
    )


def _refusal(attempt: Callable[[], object], fault: str) -> PdmError:
    try:
        attempt()
    except PdmError as error:
        return error
    raise BrokenPromise(f"{fault!r} went unnoticed")


def _same(found: Any, expected: Any, what: str) -> None:
    if found != expected:
        raise BrokenPromise(f"{what}: {found!r} instead of {expected!r}")
