"""The service's own pulse: every heartbeat begins here, and people are told what waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from anyio import to_thread

from pdm.errors import LeaseHeld, PdmError
from pdm.operations.notify_people import notify_people
from pdm.operations.pass_heartbeat import beat, begin_heartbeats, pass_telling
from pdm.ports import Plant
from pdm.units import duration

log = structlog.get_logger()
_GRACE = 4.0


class Pulse:
    """Two loops in threads, each of which goes on whatever the other does: one begins beats, one tells people."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._every = duration(plant.settings.heartbeat_every).total_seconds()

    async def start(self) -> None:
        """Begin both loops."""
        self._stopping = asyncio.Event()
        await to_thread.run_sync(self._once, "start", begin_heartbeats)
        self.tasks = {
            "beat": asyncio.create_task(self._run("beat", self._every, beat)),
            "tell": asyncio.create_task(self._run("tell", self._every / 2, self._tell)),
        }

    async def stop(self) -> None:
        """End both; what is at work has a few seconds to finish."""
        self._stopping.set()
        if self.tasks:
            _, late = await asyncio.wait(self.tasks.values(), timeout=_GRACE)
            for task in late:
                task.cancel()

    def _tell(self, plant: Plant) -> None:
        report = notify_people(plant)
        for error in report.errors:
            log.warning("somebody could not be told", reason=error)
        pass_telling(plant)

    def _once(self, name: str, work: Callable[[Plant], object]) -> None:
        try:
            work(self.plant)
        except LeaseHeld as other:
            log.info("people are told elsewhere", reason=str(other))
        except PdmError as error:
            log.error("the pulse failed", stage=name, error=str(error))
        except Exception:
            # Whatever it was, the next beat must still come; the health page shows the one that is missing.
            log.exception("the pulse failed", stage=name)

    async def _run(self, name: str, every: float, work: Callable[[Plant], object]) -> None:
        while not self._stopping.is_set():
            await to_thread.run_sync(self._once, name, work, abandon_on_cancel=True)
            try:
                await asyncio.wait_for(self._stopping.wait(), every)
            except TimeoutError:
                continue
