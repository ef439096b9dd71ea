"""Send a heartbeat through the platform, one stage after the other, each from where that stage really works."""

from __future__ import annotations

import os
from contextlib import suppress

from pdm.errors import NotFound, PdmError
from pdm.operations._again import again
from pdm.ports import Beat, Message, Notification, Plant, UnitOfWork
from pdm.readings.registry import read_assets
from pdm.work.heartbeat import DATABASE, HISTORY, SCORING, STAGES, TELLING

TOPIC = "heartbeat"
_KEY = "heartbeat"


def begin_heartbeats(plant: Plant) -> None:
    """Before the first beat of a service that starts: every stage is given the time of two beats."""
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        number = max((beat.number for beat in work.beats.list()), default=0)
        for stage in _stages(plant):
            work.beats.save(Beat(stage, number, now))
        work.commit()


def beat(plant: Plant) -> int:
    """A new beat: the database takes it, and the history is read and its folder written. Its number.

    Raises:
        StoreError: the operational database does not take it.
    """

    def begin() -> int:
        with plant.unit_of_work() as work:
            number = _number(work, DATABASE) + 1
            work.beats.save(Beat(DATABASE, number, plant.clock.now()))
            work.commit()
            return number

    number = again(begin)
    said = _probe(plant)
    again(lambda: _pass(plant, HISTORY, number, said))
    return number


def pass_scoring(plant: Plant) -> None:
    """Called by whoever scores, from its own loop, while it is alive and able to."""
    again(lambda: _pass(plant, SCORING, None, ""))


def pass_telling(plant: Plant) -> None:
    """Put the beat into the outbox, take it out again, and let the watchdog outside have it where there is one."""
    number = again(lambda: _post(plant))
    said = ""
    if plant.notifier is not None:
        what = Notification(
            f"HB-{number}", "heartbeat", "plantpdm is alive", f"{plant.settings.plant_name}: beat {number}"
        )
        try:
            plant.notifier.notify("heartbeat", what)
        except (PdmError, OSError) as error:
            said = f"the watchdog at heartbeat_url was not reached: {error}"
    again(lambda: _collect(plant, number, said))


def _stages(plant: Plant) -> list[str]:
    """Scoring that somebody else schedules passes no beats: its age is looked at instead."""
    return [stage for stage in STAGES if stage != SCORING or plant.settings.scheduler == "service"]


def _before(plant: Plant, stage: str) -> str:
    stages = _stages(plant)
    return stages[stages.index(stage) - 1]


def _number(work: UnitOfWork, stage: str) -> int:
    return next((one.number for one in work.beats.list() if one.stage == stage), 0)


def _pass(plant: Plant, stage: str, number: int | None, said: str) -> None:
    """Take over the newest beat of the stage before; a beat that was taken already, or does not come, is none."""
    with plant.unit_of_work() as work:
        newest = _number(work, _before(plant, stage)) if number is None else number
        last = next((one for one in work.beats.list() if one.stage == stage), None)
        if last is not None and newest <= last.number and said == last.said:
            return
        # A stage that could not pass the beat keeps its old number: nothing comes through behind it.
        kept = last.number if said and last is not None else newest
        work.beats.save(Beat(stage, kept, plant.clock.now(), said))
        work.commit()


def _post(plant: Plant) -> int:
    with plant.unit_of_work() as work:
        number = _number(work, _before(plant, TELLING))
        waiting = [one for one in work.outbox.pending(10, TOPIC) if one.key == _KEY]
        message = Message(_KEY, TOPIC, _KEY, {"number": number}, plant.clock.now())
        if waiting:
            return int(waiting[0].body["number"])
        try:
            work.outbox.save(message)
        except NotFound:  # the first beat of this plant
            work.outbox.add(message)
        work.commit()
        return number


def _collect(plant: Plant, number: int, said: str) -> None:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        for message in work.outbox.pending(10, TOPIC):
            work.outbox.save(Message(message.id, TOPIC, message.key, message.body, message.created_at, now, 1))
        last = next((one for one in work.beats.list() if one.stage == TELLING), None)
        if last is None or number > last.number or said != last.said:
            work.beats.save(Beat(TELLING, number, now, said))
        work.commit()


def _probe(plant: Plant) -> str:
    """Why the history cannot be read or its folder written; empty when both work."""
    scratch = plant.workspace.home / f".heartbeat-{os.getpid()}"
    try:
        read_assets(plant.history)
        with scratch.open("wb") as file:
            file.write(b"beat")
            file.flush()
            os.fsync(file.fileno())
    except (PdmError, OSError) as error:
        return str(error)
    finally:
        with suppress(OSError):
            scratch.unlink()
    return ""
