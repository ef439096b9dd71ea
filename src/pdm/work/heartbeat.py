"""A heartbeat passes through every stage of the platform: where it stops, something has stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

DATABASE, HISTORY, SCORING, TELLING = "database", "history", "scoring", "telling"
STAGES: dict[str, str] = {
    DATABASE: "the operational database",
    HISTORY: "the history of readings",
    SCORING: "scoring",
    TELLING: "the outbox and telling people",
}
"""In the order in which a beat passes them, with what people call them."""
MISSED = 2
"""So many beats without one, and a stage counts as stopped."""


class Passed(Protocol):
    """A beat of a stage, as the store keeps it."""

    @property
    def stage(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def said(self) -> str: ...


@dataclass(frozen=True)
class StagePulse:
    """How one stage is. since: when it last passed a beat on; sentence: what has stopped, empty while it beats."""

    stage: str
    title: str
    since: datetime
    sentence: str = ""


def pulse(beats: Sequence[Passed], *, every: timedelta, now: datetime) -> tuple[StagePulse, ...]:
    """The stages that have ever passed a beat on.

    A stage that says why it cannot pass a beat on is taken at its word at once. Behind a stage that has stopped no beat comes through:
    only the first one is blamed, unless a later one says itself what is wrong.
    """
    found = {beat.stage: beat for beat in beats}
    stages: list[StagePulse] = []
    blamed = False
    for stage, title in STAGES.items():
        beat = found.get(stage)
        if beat is None:
            continue
        silent = now - beat.at > MISSED * every
        sentence = f"{title} cannot pass the heartbeat on: {beat.said}" if beat.said else ""
        if silent and not blamed and not sentence:
            sentence = f"{title} has stopped: no heartbeat for {_length(now - beat.at)}"
        blamed = blamed or silent or bool(beat.said)
        stages.append(StagePulse(stage, title, beat.at, sentence))
    return tuple(stages)


def _length(silence: timedelta) -> str:
    seconds = silence.total_seconds()
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
