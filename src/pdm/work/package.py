"""The draft job package of a request: from the failure-mode library, else from the few words of the failure mode itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pdm.catalogue import Axis, FailureMode
from pdm.catalogue.package import JobPackage, SparePart, Task
from pdm.records.planning import Stock

_LOOK = "Find out what is wrong and put it right"


@dataclass(frozen=True)
class Kit:
    """One part of the job against the store. missing: how many are not there. there: when all of them can be."""

    part: SparePart
    in_stock: float | None
    missing: float
    there: datetime

    @property
    def sentence(self) -> str:
        """For the planner."""
        what = f"{self.part.quantity:g} {self.part.unit} {self.part.name} ({self.part.number})"
        if not self.missing:
            return f"{what}: in stock"
        short = "not in the store's list" if self.in_stock is None else f"{self.missing:g} missing"
        return f"{what}: {short}, cannot be here before {self.there:%Y-%m-%d}"


@dataclass(frozen=True)
class Readiness:
    """When the job can begin: plans, parts and permits run side by side, and the last one decides.

    waits_for: what decides, in words.
    """

    at: datetime
    kit: tuple[Kit, ...]
    parts_at: datetime
    permits_at: datetime
    waits_for: str


def sketched(asset_class: str, mode: FailureMode, axis: Axis) -> JobPackage:
    """What the failure mode itself says, in the shape of a package, where the library has none."""
    hours = max(mode.hours, 1.0)
    crafts = mode.crafts or ("mechanic",)
    lead = axis.calendar(mode.parts_time)
    return JobPackage(
        asset_class=asset_class,
        failure_mode=mode.name,
        item=mode.maintainable_item,
        mechanism=mode.mechanism,
        mode=mode.mode,
        tasks=tuple(Task(mode.next_step or _LOOK, craft, hours / len(crafts)) for craft in crafts),
        parts=tuple(SparePart(part, part, lead_time=lead) for part in mode.parts),
        stop_needed=mode.stop_needed,
        library=False,
    )


def kitting(
    package: JobPackage, *, now: datetime, planning: timedelta, stock: Mapping[str, Stock], parts_time: timedelta
) -> Readiness:
    """When parts, permits and plans can be ready, with the store's list where there is one.

    stock: part number -> what the store has; its lead time counts before the library's.
    parts_time: of a job without listed parts.
    """
    kit = tuple(_against(part, stock.get(part.number), now) for part in package.parts)
    parts_at = max((one.there for one in kit), default=now + parts_time)
    permits_at = now + package.permit_time
    planned_at = now + planning
    at = max(parts_at, permits_at, planned_at)
    if at == planned_at:
        words = "planning"
    elif at == parts_at:
        late = next((one.part.name for one in kit if one.there == parts_at), "parts")
        words = f"parts: {late}"
    else:
        words = "permits"
    return Readiness(at, kit, parts_at, permits_at, words)


def package_document(package: JobPackage, ready: Readiness) -> dict[str, Any]:
    """The package as JSON: what the API answers and receivers are handed."""
    return {
        "library": package.library,
        "failure_mode": package.failure_mode,
        "item": package.item,
        "mechanism": package.mechanism,
        "mode": package.mode,
        "cause": package.cause,
        "effect": package.effect,
        "tasks": [
            {
                "number": 10 * number,
                "step": task.step,
                "craft": task.craft,
                "hours": task.hours,
                "persons": task.persons,
            }
            for number, task in enumerate(package.tasks, 1)
        ],
        "crafts": dict(package.crafts),
        "duration_hours": package.duration,
        "labour_hours": package.labour,
        "parts": [
            {
                "number": one.part.number,
                "name": one.part.name,
                "quantity": one.part.quantity,
                "unit": one.part.unit,
                "lead_time_days": one.part.lead_time / timedelta(days=1),
                "in_stock": one.in_stock,
                "missing": one.missing,
                "there": one.there.isoformat(),
            }
            for one in ready.kit
        ],
        "cannot_kit_before": ready.parts_at.isoformat(),
        "ready": ready.at.isoformat(),
        "waits_for": ready.waits_for,
        "procedure": package.procedure,
        "isolation": list(package.isolation),
        "permits": list(package.permits),
        "permit_days": package.permit_time / timedelta(days=1),
        "access": list(package.access),
        "tools": list(package.tools),
        "stop_needed": package.stop_needed,
        "isolatable_while_running": package.isolatable_while_running,
    }


def package_lines(package: JobPackage, ready: Readiness) -> list[str]:
    """The package as plain lines for the long text; nothing where the library has no entry."""
    if not package.library:
        return []
    crafts = ", ".join(f"{craft} {hours:g} h" for craft, hours in package.crafts.items())
    tasks = [
        f"{10 * number:04d} {task.step} ({task.craft}, {_people(task)}{task.hours:g} h)"
        for number, task in enumerate(package.tasks, 1)
    ]
    lists = (
        ("Isolation", package.isolation),
        ("Permits", package.permits),
        ("Access", package.access),
        ("Tools", package.tools),
    )
    return [
        "",
        f"Job package ({package.duration:g} h on the clock, {package.labour:g} h of work: {crafts})",
        *tasks,
        *(f"Part: {one.sentence}" for one in ready.kit),
        f"Procedure: {package.procedure}" if package.procedure else "",
        *(f"{title}: {line}" for title, lines in lists for line in lines),
        "Can be isolated while the line runs on." if package.isolatable_while_running else "",
    ]  # fmt: skip


def part_words(package: JobPackage) -> tuple[str, ...]:
    """The parts as a receiver without fields for them shows them.

    >>> part_words(JobPackage("pump", "wear", "bearing", parts=(SparePart("B-1", "bearing", 2.0),)))
    ('2 pc bearing (B-1)',)
    """
    return tuple(
        part.name if part.number == part.name else f"{part.quantity:g} {part.unit} {part.name} ({part.number})"
        for part in package.parts
    )


def _people(task: Task) -> str:
    return f"{task.persons} x " if task.persons > 1 else ""


def _against(part: SparePart, held: Stock | None, now: datetime) -> Kit:
    there = held.quantity if held else 0.0
    missing = max(part.quantity - there, 0.0)
    lead = held.lead_time if held is not None and held.lead_time is not None else part.lead_time
    return Kit(part, held.quantity if held else None, missing, now + lead if missing else now)
