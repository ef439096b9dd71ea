"""What any operational store must keep: plain functions that get an empty store and raise when it breaks a promise."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from pdm.alerts.alert import AlertState
from pdm.audit.entry import AuditEntry
from pdm.errors import Conflict, NotFound, PdmError
from pdm.feedback.verdict import Verdict
from pdm.ports import Message, UnitOfWork
from pdm.scoring.assessment import Deviation, Likeness, Risk
from pdm.testing.builders import NOON, a_case, a_request, an_alert, an_assessment
from pdm.work.deferral import Deferral
from pdm.work.request import RequestState
from pdm.work.trust import Trust

Open = Callable[[], UnitOfWork]
_HOUR = timedelta(hours=1)


class BrokenPromise(AssertionError):
    """A store does not do what its port says."""


def check_everything_comes_back_as_it_went_in(unit_of_work: Open) -> None:
    """Words, numbers, JSON, moments (aware, in UTC), empty and missing values."""
    case = a_case()
    alert = an_alert(
        recent=(True, False),
        evidence={"risks": [{"probability": 0.1 + 0.2}], "words": "größer als üblich"},
        shelved_until=NOON + _HOUR,
        case_id=case.id,
    )
    request = a_request(crafts=("mechanic",), parts=(), body={"costs": {"acting": 3200.0}}, latest_safe=None)
    away = Deviation("bearing_wear", 1.25, ("vibration", "bearing_temperature"), "vibration 2 mm/s above expected")
    assessment = an_assessment(
        life=200.0,
        risks=(Risk("bearing_wear", 336.0, "h", 0.1), Risk("seal_leak", 336.0, "h", 0.6, abstained=True)),
        features={"vibration__mean": 6.5},
        deviations=(away,),
        suspect_channels=("flow",),
        first=(Risk("bearing_wear", 336.0, "h", 0.1 + 0.2),),
        similar=(Likeness("P-9", NOON.isoformat(), "", 336.0, "h", 0.8), Likeness("E-1", 120.0, "wear", 7.5, "h", 0.7)),
    )
    message = Message("m-1", "work_request", "PDM-1", {"title": "x", "hours": None}, NOON)
    with unit_of_work() as work:
        work.cases.save(case)
        work.alerts.save(alert)
        work.requests.save(request)
        work.verdicts.add(_verdict())
        work.assessments.save([assessment])
        work.outbox.add(message)
        work.commit()
    with unit_of_work() as work:
        _same(work.cases.get(case.id), replace(case, version=1), "case read back")
        _same(work.alerts.get(alert.id), replace(alert, version=1), "alert read back")
        _same(work.requests.get(request.id), replace(request, version=1), "request read back")
        _same(work.verdicts.for_case(case.id), [_verdict()], "verdict read back")
        _same(work.assessments.latest(), [assessment], "assessment read back")
        _same(work.assessments.latest()[0].features, assessment.features, "features of an assessment")
        _same(work.outbox.pending(), [message], "message read back")


def check_trust_and_deferrals_come_back_and_nobody_overwrites_unseen(unit_of_work: Open) -> None:
    """Both are versioned: who read an older state is told, and nothing is lost."""
    trust = Trust("pump", "bearing_wear", "suggest", "draft", NOON, "11 of 12 closed cases were right", "Ada")
    deferral = Deferral(
        "de-1",
        "sap",
        "120034",
        "P-101",
        "Kupplung prüfen",
        NOON,
        NOON + 9 * _HOUR,
        0.1 + 0.2,
        "proposed",
        "Eve",
        "Ada",
        NOON,
    )
    with unit_of_work() as work:
        _same(work.trust.get("pump", "bearing_wear"), None, "trust before anybody moved it")
        work.trust.save(trust)
        work.deferrals.save(deferral)
        work.commit()
    with unit_of_work() as work:
        _same(work.trust.get("pump", "bearing_wear"), replace(trust, version=1), "trust read back")
        _same(work.trust.list(), [replace(trust, version=1)], "all ladders")
        _same(work.deferrals.list(), [replace(deferral, version=1)], "proposals read back")
        work.trust.save(replace(trust, rung="draft", version=1))
        work.deferrals.save(replace(deferral, state="approved", version=1))
        work.commit()
    late_ones: tuple[Callable[[UnitOfWork], object], ...] = (
        lambda work: work.trust.save(replace(trust, rung="show", version=1)),
        lambda work: work.trust.save(trust),
        lambda work: work.deferrals.save(replace(deferral, state="declined", version=1)),
    )
    for late in late_ones:
        _refuses(unit_of_work, late, Conflict, "writing over what another had written")
    with unit_of_work() as work:
        _same(work.deferrals.get("de-1").state, "approved", "the first decision")
        found = work.trust.get("pump", "bearing_wear")
        _same(found.rung if found else "", "draft", "the first step")


def check_a_moment_from_another_zone_is_the_same_moment_in_utc(unit_of_work: Open) -> None:
    """12:00 in Kathmandu is 06:15 in UTC, before and after storing."""
    there = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    with unit_of_work() as work:
        work.cases.save(a_case(opened_at=there))
        work.commit()
    with unit_of_work() as work:
        opened = work.cases.list()[0].opened_at
    _same(opened, there, "the moment")
    _same(opened.tzinfo, UTC, "its zone")


def check_leaving_without_commit_undoes_everything(unit_of_work: Open) -> None:
    """All stores at once."""
    with unit_of_work() as work:
        work.cases.save(a_case())
        work.alerts.save(an_alert())
        work.requests.save(a_request())
        work.outbox.add(Message("m-1", "work_request", "PDM-1", {}, NOON))
        work.verdicts.add(_verdict())
        work.assessments.save([an_assessment()])
        work.audit.append(AuditEntry(NOON, "ada", "test", "alert:1"))
        work.leases.acquire("scoring", "me", NOON, _HOUR)
    with unit_of_work() as work:
        left = [work.cases.list(), work.alerts.list(), work.requests.list(), work.outbox.pending()]
        left += [work.verdicts.list(), work.assessments.latest(), work.audit.list()]
        _same(left, [[]] * 7, "what is left")
        _same(work.leases.holder("scoring", NOON), None, "holder of the lease")


def check_one_open_alert_per_suspicion(unit_of_work: Open) -> None:
    """Pending counts as open; a closed one does not; another mode is another suspicion."""
    with unit_of_work() as work:
        first = work.alerts.save(an_alert(state=AlertState.PENDING))
        work.alerts.save(an_alert(mode="seal_leak"))
        work.commit()
    _refuses(unit_of_work, lambda work: work.alerts.save(an_alert(id="second")), Conflict, "a second open alert")
    with unit_of_work() as work:
        work.alerts.save(replace(first, state=AlertState.CLOSED, closed_at=NOON))
        work.alerts.save(an_alert(id="second"))
        work.commit()
        found = work.alerts.open_for("P-101", "bearing_wear")
        _same(found.id if found else None, "second", "the open alert")


def check_the_last_closed_alert_is_one_that_was_raised(unit_of_work: Open) -> None:
    """The newest, and not one that lapsed while pending."""
    closed = AlertState.CLOSED
    with unit_of_work() as work:
        for n in (2, 1):
            work.alerts.save(an_alert(id=f"raised-{n}", state=closed, closed_at=NOON + n * _HOUR))
        work.alerts.save(an_alert(id="lapsed", state=closed, raised_at=None, closed_at=NOON + 9 * _HOUR))
        found = work.alerts.last_closed("P-101", "bearing_wear")
        _same(found.id if found else None, "raised-2", "the last closed alert")
        _same(work.alerts.last_closed("P-999", "bearing_wear"), None, "the last closed alert of a stranger")


def check_two_writers_never_overwrite_each_other_unseen(unit_of_work: Open) -> None:
    """Alerts, cases and requests carry a version."""
    with unit_of_work() as work:
        case, alert = work.cases.save(a_case()), work.alerts.save(an_alert())
        request = work.requests.save(a_request())
        work.commit()
    with unit_of_work() as work:
        _same(work.alerts.save(replace(alert, owner="ada")).version, 2, "version after the second save")
        work.cases.save(replace(case, owner="ada"))
        work.requests.save(replace(request, state=RequestState.APPROVED))
        work.commit()
    _refuses(unit_of_work, lambda work: work.alerts.save(replace(alert, owner="bob")), Conflict, "an old alert")
    _refuses(unit_of_work, lambda work: work.cases.save(replace(case, owner="bob")), Conflict, "an old case")
    _refuses(unit_of_work, lambda work: work.requests.save(request), Conflict, "an old request")
    _refuses(unit_of_work, lambda work: work.alerts.save(an_alert()), Conflict, "a new alert under a known id")


def check_one_open_case_per_asset(unit_of_work: Open) -> None:
    """A closed one does not count."""
    with unit_of_work() as work:
        work.cases.save(a_case(id="old", state="closed", closed_at=NOON))
        work.cases.save(a_case())
        work.commit()
    _refuses(unit_of_work, lambda work: work.cases.save(a_case(id="second")), Conflict, "a second open case")


def check_one_request_per_reference_and_one_message_per_key(unit_of_work: Open) -> None:
    """The idempotency key is the store's business too."""
    message = Message("m-1", "work_request", "PDM-1", {}, NOON)
    with unit_of_work() as work:
        work.cases.save(a_case())
        work.requests.save(a_request())
        work.outbox.add(message)
        work.commit()
    _refuses(unit_of_work, lambda work: work.requests.save(a_request(id="other")), Conflict, "a known reference")
    _refuses(unit_of_work, lambda work: work.outbox.add(replace(message, id="m-2")), Conflict, "a known key")
    _refuses(unit_of_work, lambda work: work.requests.save(a_request("P-9")), Conflict, "a request of no case")


def check_what_is_not_there_is_not_found(unit_of_work: Open) -> None:
    """By id an error, by key an empty answer."""
    _refuses(unit_of_work, lambda work: work.alerts.get("no"), NotFound, "an unknown alert")
    _refuses(unit_of_work, lambda work: work.cases.get("no"), NotFound, "an unknown case")
    _refuses(unit_of_work, lambda work: work.requests.get("no"), NotFound, "an unknown request")
    with unit_of_work() as work:
        _same(work.requests.by_ref("no"), None, "an unknown reference")
        _same(work.cases.open_for("no"), None, "the case of an unknown asset")


def check_lists_are_filtered_and_in_order(unit_of_work: Open) -> None:
    """Alerts newest first, requests most urgent first with undated ones last."""
    with unit_of_work() as work:
        for n, asset in enumerate(("P-1", "P-2", "P-3")):
            work.cases.save(a_case(asset))
            work.alerts.save(an_alert(asset, last_seen=NOON + n * _HOUR, case_id=f"ca-{asset}"))
        work.requests.save(a_request("P-1", priority=2, required_end=None))
        work.requests.save(a_request("P-2", priority=2))
        work.requests.save(a_request("P-3", priority=1, state=RequestState.DONE))
        _same([one.asset for one in work.alerts.list()], ["P-3", "P-2", "P-1"], "alerts")
        _same([one.asset for one in work.alerts.list(case_id="ca-P-2")], ["P-2"], "alerts of a case")
        _same([one.asset for one in work.alerts.list(states=[AlertState.CLOSED])], [], "closed alerts")
        _same([one.asset for one in work.alerts.list(asset_class="fan")], [], "alerts of fans")
        _same([one.asset for one in work.requests.list()], ["P-3", "P-2", "P-1"], "requests")
        suggested = work.requests.list(states=[RequestState.SUGGESTED])
        _same([one.asset for one in suggested], ["P-2", "P-1"], "suggested requests")


def check_an_assessment_is_kept_once_and_the_newest_is_the_latest(unit_of_work: Open) -> None:
    """Whatever the order in which they come."""
    first, second = an_assessment(hours=0), an_assessment(hours=1)
    with unit_of_work() as work:
        work.assessments.save([second, an_assessment("P-102")])
        work.assessments.save([first, second])
        work.assessments.save([replace(second, rung="another opinion")])
        work.assessments.save([])
        work.commit()
    with unit_of_work() as work:
        _same(work.assessments.latest("P-101"), [second], "latest of one asset")
        _same([one.asset for one in work.assessments.latest()], ["P-101", "P-102"], "latest of all")
        _same(work.assessments.history("P-101", NOON, NOON + _HOUR), [first, second], "history")
        _same(work.assessments.history("P-101", NOON + _HOUR, NOON + 2 * _HOUR), [second], "history from later on")


def check_what_json_cannot_say_is_stored_as_missing(unit_of_work: Open) -> None:
    """NaN and infinity."""
    with unit_of_work() as work:
        work.assessments.save([an_assessment(features={"a": float("nan"), "b": float("inf"), "c": 1.0})])
        work.commit()
    with unit_of_work() as work:
        _same(work.assessments.latest()[0].features, {"a": None, "b": None, "c": 1.0}, "features")


def check_messages_wait_in_order_until_they_are_sent(unit_of_work: Open) -> None:
    """Also those that were written in the same instant."""
    messages = [Message(f"m-{n}", "work_request", f"PDM-{n}", {}, NOON) for n in (3, 1, 2)]
    with unit_of_work() as work:
        for message in messages:
            work.outbox.add(message)
        work.outbox.save(replace(messages[1], sent_at=NOON, attempts=1))
        work.outbox.save(replace(messages[0], attempts=1, last_error="down"))
        work.commit()
    with unit_of_work() as work:
        waiting = [(one.id, one.attempts, one.last_error) for one in work.outbox.pending()]
        _same(waiting, [("m-3", 1, "down"), ("m-2", 0, "")], "pending messages")
        _same(len(work.outbox.pending(1)), 1, "pending messages, limited")


def check_a_message_given_up_waits_no_more_until_it_is_given_another_life(unit_of_work: Open) -> None:
    """It stays on record with its reasons, apart from what is pending."""
    message = Message("m-1", "work_request", "PDM-1", {}, NOON)
    given_up = replace(message, attempts=80, failure="down", next_attempt_at=NOON + _HOUR, dead_at=NOON)
    with unit_of_work() as work:
        work.outbox.add(message)
        work.outbox.save(given_up)
        work.commit()
    with unit_of_work() as work:
        _same((work.outbox.pending(), work.outbox.dead()), ([], [given_up]), "pending and given up")
        work.outbox.save(replace(given_up, dead_at=None))
        _same((len(work.outbox.pending()), work.outbox.dead()), (1, []), "pending and given up after the replay")


def check_a_lease_has_one_holder_until_it_expires(unit_of_work: Open) -> None:
    """Renewing is allowed, and only the holder releases."""
    with unit_of_work() as work:
        _same(work.leases.acquire("scoring", "a", NOON, _HOUR), True, "a takes it")
        _same(work.leases.acquire("scoring", "b", NOON, _HOUR), False, "b tries")
        _same(work.leases.acquire("scoring", "a", NOON, 2 * _HOUR), True, "a renews")
        work.leases.release("scoring", "b")
        _same(work.leases.holder("scoring", NOON + _HOUR), "a", "holder within the time")
        _same(work.leases.holder("scoring", NOON + 2 * _HOUR), None, "holder when the time is over")
        _same(work.leases.acquire("scoring", "b", NOON + 2 * _HOUR, _HOUR), True, "b takes it then")
        work.leases.release("scoring", "b")
        _same(work.leases.holder("scoring", NOON + 2 * _HOUR), None, "holder after the release")


def check_the_audit_is_one_chain_newest_first(unit_of_work: Open) -> None:
    """Details come back as JSON has them."""
    with unit_of_work() as work:
        for n in range(3):
            work.audit.append(AuditEntry(NOON, "ada", "test", f"alert:{n % 2}", "why", {"share": 0.1 + n, "at": NOON}))
        work.commit()
    with unit_of_work() as work:
        _same([entry.seq for entry in work.audit.list()], [3, 2, 1], "numbers")
        _same([entry.seq for entry in work.audit.list(subject="alert:0", limit=1)], [3], "numbers of one subject")
        _same(work.audit.list()[0].details, {"share": 2.1, "at": NOON.isoformat()}, "details")
        _same(work.audit.verify(), 3, "length of the verified chain")


def check_many_writers_make_one_chain(unit_of_work: Open) -> None:
    """Eight at once, five entries each: nothing lost, nothing forked."""
    errors: list[PdmError] = []

    def write(who: int) -> None:
        try:
            for _ in range(5):
                with unit_of_work() as work:
                    work.audit.append(AuditEntry(NOON, f"writer {who}", "test", "alert:1"))
                    work.commit()
        except PdmError as error:
            errors.append(error)

    _at_once(8, write)
    _same(errors, [], "errors of the writers")
    with unit_of_work() as work:
        _same(work.audit.verify(), 40, "entries")


def check_many_who_raise_the_same_alert_raise_one(unit_of_work: Open) -> None:
    """Everyone but one hears of the conflict."""
    outcomes: list[str] = []

    def write(who: int) -> None:
        try:
            with unit_of_work() as work:
                work.alerts.save(an_alert(id=f"al-{who}"))
                work.commit()
                outcomes.append("saved")
        except Conflict:
            outcomes.append("conflict")

    _at_once(8, write)
    _same(sorted(outcomes), ["conflict"] * 7 + ["saved"], "what the writers hear")


STORE_CHECKS: tuple[Callable[[Open], None], ...] = tuple(
    function for name, function in list(globals().items()) if name.startswith("check_")
)
"""Every check of this file; each needs a store of its own that is empty."""


def _verdict() -> Verdict:
    return Verdict("ve-1", "ca-P-101", "P-101", "ada", NOON, NOON + _HOUR, True, "damage", "degraded", actual_hours=6.5)


def _at_once(count: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _same(found: Any, expected: Any, what: str) -> None:
    if found != expected:
        raise BrokenPromise(f"{what}: {found!r} instead of {expected!r}")


def _refuses(unit_of_work: Open, attempt: Callable[[UnitOfWork], object], kind: type[PdmError], what: str) -> None:
    try:
        with unit_of_work() as work:
            attempt(work)
    except kind:
        return
    raise BrokenPromise(f"{what} was not refused with {kind.__name__}")
