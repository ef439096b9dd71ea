"""What any operational store must keep of messages of several topics, heartbeats and answers under idempotency keys."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from pdm.checks.store import BrokenPromise, Open
from pdm.ports import WORK_REQUEST, Beat, KeptAnswer, Message
from pdm.testing.builders import NOON

_HOUR = timedelta(hours=1)


def check_messages_of_one_topic_are_asked_for_alone(unit_of_work: Open) -> None:
    """Waiting, given up and gone."""
    with unit_of_work() as work:
        for number, topic in enumerate((WORK_REQUEST, "notice", WORK_REQUEST, "notice", "notice")):
            work.outbox.add(Message(f"m-{number}", topic, f"K-{number}", {}, NOON))
        messages = {message.id: message for message in work.outbox.pending()}
        work.outbox.save(replace(messages["m-1"], sent_at=NOON + _HOUR))
        work.outbox.save(replace(messages["m-3"], dead_at=NOON))
        work.commit()
    with unit_of_work() as work:
        _same([m.id for m in work.outbox.pending(10, WORK_REQUEST)], ["m-0", "m-2"], "what waits for the receiver")
        _same([m.id for m in work.outbox.pending(10, "notice")], ["m-4"], "what waits for people")
        _same([m.id for m in work.outbox.dead(10, "notice")], ["m-3"], "what was given up")
        _same(work.outbox.dead(10, WORK_REQUEST), [], "what was given up of another topic")
        _same([m.id for m in work.outbox.sent(NOON + _HOUR, "notice")], ["m-1"], "what has left")
        _same(work.outbox.sent(NOON + 2 * _HOUR, "notice"), [], "what has left since")


def check_a_stage_has_one_beat_the_newest(unit_of_work: Open) -> None:
    """A beat takes the place of the former one."""
    for number, said in ((1, ""), (2, "the disk is full")):
        with unit_of_work() as work:
            work.beats.save(Beat("history", number, NOON + number * _HOUR, said))
            work.beats.save(Beat("database", number, NOON))
            work.commit()
    with unit_of_work() as work:
        expected = [Beat("database", 2, NOON), Beat("history", 2, NOON + 2 * _HOUR, "the disk is full")]
        _same(work.beats.list(), expected, "the beats")


def check_an_idempotency_key_is_taken_once_and_keeps_its_answer(unit_of_work: Open) -> None:
    """Of many who come at once one takes it, and all are told the same."""

    def take(number: int) -> str:
        with unit_of_work() as work:
            kept = work.answers.begin(KeptAnswer("k", f"{number:064}", NOON))
            work.commit()
            return kept.fingerprint

    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(take, range(16)))
    _same(len(told), 1, "how many believe that the key is theirs")
    answer = KeptAnswer("k", told.pop(), NOON, 201, (("content-type", "application/json"),), '{"id": "größer"}')
    with unit_of_work() as work:
        work.answers.finish(answer)
        work.commit()
    with unit_of_work() as work:
        _same(work.answers.begin(KeptAnswer("k", "0" * 64, NOON + _HOUR)), answer, "the answer that was kept")


def check_old_answers_are_forgotten(unit_of_work: Open) -> None:
    """Only those that are older."""
    with unit_of_work() as work:
        for hours in range(3):
            work.answers.begin(KeptAnswer(f"k-{hours}", "f", NOON + hours * _HOUR))
        _same(work.answers.forget(NOON + 2 * _HOUR), 2, "how many were dropped")
        work.commit()
    with unit_of_work() as work:
        _same(work.answers.begin(KeptAnswer("k-2", "new", NOON)).fingerprint, "f", "the young one")


MARK_CHECKS: tuple[Callable[[Open], None], ...] = (
    check_messages_of_one_topic_are_asked_for_alone,
    check_a_stage_has_one_beat_the_newest,
    check_an_idempotency_key_is_taken_once_and_keeps_its_answer,
    check_old_answers_are_forgotten,
)


def _same(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise BrokenPromise(f"{what}: {found!r} instead of {expected!r}")
