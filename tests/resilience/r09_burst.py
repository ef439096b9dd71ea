"""R9: five hundred assets of one line that fail within a minute are one notification, and all five hundred are in it.

History is replayed through the same scoring consequences with a clock that is moved: six rounds of scoring within one minute, then a
round of telling every minute for three hours. Five more machines fail in every later hour. A real HTTP receiver on loopback is told by
Apprise.
"""

import json
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from pdm.adapters.apprise import AppriseNotifier
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.notify_people import notify_people
from pdm.readings.registry import register
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.testing.plants import a_plant
from pdm.testing.promise import tell
from pdm.testing.servers.base import Answer, Call, FakeServer
from pdm.units import duration

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ROUNDS = 6


class Chat(FakeServer):
    """Takes whatever comes."""

    def answer(self, call: Call) -> Answer:  # noqa: ARG002  it takes all calls
        return Answer(200, b"ok")


def fail(plant, tags: list[str]) -> None:
    hours = (plant.clock.now() - NOON) / timedelta(hours=1)
    consider_assessments(plant, [an_assessment(tag, 0.8, hours=hours) for tag in tags])


def measure(short: bool) -> dict:
    machines = 120 if short else 500
    tags = [f"P-{number:04}" for number in range(machines)]
    later = [[f"Q-{hour}{number}" for number in range(5)] for hour in range(3)]
    with tempfile.TemporaryDirectory() as folder, Chat() as chat:
        notifier = AppriseNotifier([chat.url.replace("http", "json")], allowed=["127.0.0.1"])
        plant = a_plant(Path(folder), notifier=notifier)
        plant = replace(plant, settings=plant.settings.model_copy(update={"digest_day": ""}))
        everyone = [*tags, *(tag for some in later for tag in some)]
        register(plant.history, [an_asset(tag, location="mill/line-1") for tag in everyone], now=NOON)
        heard: list[tuple[float, str]] = []
        for number in range(ROUNDS):
            fail(plant, tags[number::ROUNDS])
            notify_people(plant)
            plant.clock.advance(60 / ROUNDS * SECOND)
        for minute in range(180):
            if minute % 60 == 5:
                fail(plant, later[minute // 60])
            before = len(chat.calls)
            notify_people(plant)
            moment = (plant.clock.now() - NOON) / MINUTE
            heard += [(moment, call.json()["message"]) for call in chat.calls[before:]]
            plant.clock.advance(MINUTE)
        plant.unit_of_work.close()
        calls = len(chat.calls)
    interval = duration(plant.settings.notify_every) / MINUTE
    first = sum(tag in heard[0][1] for tag in tags) if heard else 0
    told = sum(any(tag in text for _, text in heard) for tag in everyone)
    gaps = [after - before for (before, _), (after, _) in pairwise(heard)]
    return {
        "kept": first == machines and told == len(everyone) and calls == len(heard) == 4 and min(gaps) >= interval,
        "machines": machines,
        "in_the_first_notification": first,
        "notifications": calls,
        "told_in_the_end": told,
        "of": len(everyone),
        "interval_minutes": interval,
        "shortest_gap_minutes": round(min(gaps), 1) if gaps else None,
        "first_after_minutes": round(heard[0][0], 1) if heard else None,
        "letters_in_the_first": len(json.dumps(heard[0][1])) if heard else 0,
    }


if __name__ == "__main__":
    sys.exit(tell("R9", measure))
