"""The shape of `models/packages/<class>.toml`: what may stand in a job package, and how it becomes one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from pydantic import Field

from pdm.catalogue.model import ModelDefinition
from pdm.catalogue.package import JobPackage, SparePart, Task
from pdm.catalogue.schema_base import Document
from pdm.units import duration


class TaskDocument(Document):
    """One of `tasks`: a step of the job."""

    step: str = Field(min_length=1)
    craft: str = Field(min_length=1)
    hours: float = Field(gt=0)
    persons: int = Field(1, ge=1)


class PartDocument(Document):
    """One of `parts`: what has to lie in the kit."""

    number: str = Field(min_length=1)
    name: str = Field(min_length=1)
    quantity: float = Field(1.0, gt=0)
    unit: str = "pc"
    lead_time: str = ""

    def build(self) -> SparePart:
        return SparePart(self.number, self.name, self.quantity, self.unit, _time(self.lead_time))


class PackageDocument(Document):
    """`[[package]]`: one failure mode and the job that answers it."""

    failure_mode: str
    cause: str = ""
    effect: str = ""
    tasks: tuple[TaskDocument, ...] = Field(min_length=1)
    parts: tuple[PartDocument, ...] = ()
    procedure: str = ""
    isolation: tuple[str, ...] = ()
    permits: tuple[str, ...] = ()
    permit_time: str = ""
    access: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    isolatable_while_running: bool = False

    def build(self, model: ModelDefinition, crafts: Collection[str], source: Path) -> JobPackage:
        mode = next((one for one in model.failure_modes if one.name == self.failure_mode), None)
        if mode is None:
            known = ", ".join(one.name for one in model.failure_modes)
            raise ValueError(f"'{self.failure_mode}' is no failure mode of class {model.asset_class}; it has {known}")
        for task in self.tasks:
            if task.craft not in crafts:
                raise ValueError(f"craft '{task.craft}' is unknown; the site's planning names {', '.join(crafts)}")
        parts = tuple(part.build() for part in self.parts)
        numbers = [part.number for part in parts]
        if twice := next((number for number in numbers if numbers.count(number) > 1), None):
            raise ValueError(f"part '{twice}' stands in one kit twice: write its quantity")
        return JobPackage(
            asset_class=model.asset_class,
            failure_mode=mode.name,
            item=mode.maintainable_item,
            mechanism=mode.mechanism,
            mode=mode.mode,
            cause=self.cause,
            effect=self.effect,
            tasks=tuple(Task(**task.model_dump()) for task in self.tasks),
            parts=parts,
            procedure=self.procedure,
            isolation=self.isolation,
            permits=self.permits,
            permit_time=_time(self.permit_time),
            access=self.access,
            tools=self.tools,
            stop_needed=mode.stop_needed,
            isolatable_while_running=self.isolatable_while_running,
            source=source,
        )


class LibraryDocument(Document):
    """One file of `models/packages/`."""

    asset_class: str
    package: tuple[PackageDocument, ...] = Field(min_length=1)

    def build(self, model: ModelDefinition, crafts: Collection[str], source: Path) -> tuple[JobPackage, ...]:
        names = [one.failure_mode for one in self.package]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"failure mode '{twice}' has two packages")
        return tuple(one.build(model, crafts, source) for one in self.package)


def _time(text: str) -> timedelta:
    """A length on the calendar; nothing is none."""
    return duration(text) if text else timedelta(0)
