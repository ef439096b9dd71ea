"""Scoring on schedule inside the service, when the plant's settings say so. A lease keeps it from meeting another scheduler."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass
from datetime import datetime

import structlog
from anyio import to_thread

from pdm.errors import LeaseHeld, PdmError
from pdm.operations.pass_heartbeat import pass_scoring
from pdm.operations.score_fleet import score_fleet
from pdm.ports import Plant
from pdm.units import duration

log = structlog.get_logger()
_FIRST_WAIT = 5.0
_GRACE = 4.0


@dataclass(frozen=True)
class LoopState:
    """What the loop last did. error: the last failure in words, empty after a round that worked.

    problems: of the last round that gave a report: which models that should be in charge could not answer, and why.
    """

    active: bool
    rounds: int = 0
    finished_at: datetime | None = None
    assessed: int = 0
    error: str = ""
    problems: tuple[str, ...] = ()


class ScoringLoop:
    """Calls `score_fleet` every `score_every`, in a thread; a failure is kept for /v1/health and the next round goes on."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.state = LoopState(active=plant.settings.scheduler == "service")
        self._task: asyncio.Task[None] | None = None
        self._beat = duration(plant.settings.heartbeat_every).total_seconds()
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Begin, unless somebody else schedules."""
        if self.state.active:
            self._stopping = asyncio.Event()
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End before the next round; a round at work has a few seconds to finish and is then left to undo itself."""
        if self._task is None:
            return
        self._stopping.set()
        _, late = await asyncio.wait({self._task}, timeout=_GRACE)
        for task in late:
            task.cancel()

    def round(self) -> LoopState:
        """Score once, whatever happens."""
        try:
            report = score_fleet(self.plant, holder=f"service {socket.gethostname()} {os.getpid()}")
        except LeaseHeld as other:
            log.info("scoring is done elsewhere", reason=str(other))
            return self._note(error="")
        except PdmError as error:
            log.error("scoring failed", error=str(error))
            return self._note(error=str(error))
        except Exception as error:
            # Whatever it was, the next round must still come; the trace is in the log and the words on the health page.
            log.exception("scoring failed")
            return self._note(error=f"{type(error).__name__}: {error}")
        for problem in report.problems:
            log.warning("a model could not answer", reason=problem)
        return self._note(error="", assessed=report.assessed, problems=report.problems)

    def _note(self, *, error: str, assessed: int | None = None, problems: tuple[str, ...] | None = None) -> LoopState:
        before = self.state
        self.state = LoopState(
            active=True,
            rounds=before.rounds + 1,
            finished_at=self.plant.clock.now(),
            assessed=before.assessed if assessed is None else assessed,
            error=error,
            problems=before.problems if problems is None else problems,
        )
        return self.state

    async def _run(self) -> None:
        # anyio's threads are daemons: one that is abandoned at the end does not keep the process alive.
        pause = await to_thread.run_sync(self._until_due, abandon_on_cancel=True)
        while not await self._stopped_beating(pause):
            await to_thread.run_sync(self.round, abandon_on_cancel=True)
            pause = duration(self.plant.settings.score_every).total_seconds()

    async def _stopped_beating(self, seconds: float) -> bool:
        """Wait for the next round, and pass every heartbeat on meanwhile: it shows that this loop is alive."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0:
            await to_thread.run_sync(self._pass_heartbeat, abandon_on_cancel=True)
            if await self._stopped_within(min(left, self._beat / 2)):
                return True
        return self._stopping.is_set()

    def _pass_heartbeat(self) -> None:
        try:
            pass_scoring(self.plant)
        except PdmError as error:  # the health page says it by the beat that is missing
            log.warning("a heartbeat could not be passed on", stage="scoring", error=str(error))

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _until_due(self) -> float:
        """A restart does not score again what was scored a minute ago."""
        with self.plant.unit_of_work() as work:
            newest = max((item.as_of for item in work.assessments.latest()), default=None)
        if newest is None:
            return _FIRST_WAIT
        due = newest + duration(self.plant.settings.score_every) - self.plant.clock.now()
        return max(due.total_seconds(), _FIRST_WAIT)
