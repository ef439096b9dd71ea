"""What a planner needs before a job can be kitted and scheduled: the failure-mode library, `models/packages/<class>.toml`, as data.

One entry per failure mode, as an FMEA keeps it (item, mechanism, cause, effect), with the job that answers it: tasks with crafts and
hours, parts with lead times, procedure, isolation, permits, access and tools.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """One step of the job. hours: on the clock; `persons` work through all of them."""

    step: str
    craft: str
    hours: float
    persons: int = 1

    @property
    def labour(self) -> float:
        """Hours of people."""
        return self.hours * self.persons


@dataclass(frozen=True)
class SparePart:
    """One part of the kit. lead_time: from order to shelf, on the calendar, when none is in stock."""

    number: str
    name: str
    quantity: float = 1.0
    unit: str = "pc"
    lead_time: timedelta = timedelta(0)


@dataclass(frozen=True)
class JobPackage:
    """One failure mode and the job that answers it.

    item, mechanism, mode: as in the failure mode itself. cause, effect: one sentence each.
    tasks: in the order in which they are done. isolation, permits, access, tools: one line each.
    permit_time: from asking for the permits to holding them.
    isolatable_while_running: whether this machine can be isolated while the line runs on, over a bypass or a spare.
    library: from a library file; False when it was made from the few words of the failure mode.
    """

    asset_class: str
    failure_mode: str
    item: str
    mechanism: str = ""
    mode: str = ""
    cause: str = ""
    effect: str = ""
    tasks: tuple[Task, ...] = ()
    parts: tuple[SparePart, ...] = ()
    procedure: str = ""
    isolation: tuple[str, ...] = ()
    permits: tuple[str, ...] = ()
    permit_time: timedelta = timedelta(0)
    access: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    stop_needed: bool = True
    isolatable_while_running: bool = False
    library: bool = True
    source: Path | None = None

    @property
    def duration(self) -> float:
        """Hours on the clock from first to last task."""
        return sum(task.hours for task in self.tasks)

    @property
    def labour(self) -> float:
        """Hours of people."""
        return sum(task.labour for task in self.tasks)

    @property
    def crafts(self) -> Mapping[str, float]:
        """Craft -> hours of people, in the order of the tasks."""
        hours: dict[str, float] = {}
        for task in self.tasks:
            hours[task.craft] = hours.get(task.craft, 0.0) + task.labour
        return hours

    @property
    def lead_time(self) -> timedelta:
        """Of the part that takes longest, with nothing in stock."""
        return max((part.lead_time for part in self.parts), default=timedelta(0))
