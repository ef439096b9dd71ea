"""What the files seem to mean, as one proposal that a person reads and corrects before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pdm.catalogue import Axis, Channel, RunningRule
from pdm.onboarding.lengths import Lengths


@dataclass(frozen=True)
class Measured:
    """A column that becomes a channel. low, high seen; unknown_unit: what stood in the header and nobody here knows."""

    column: str
    channel: Channel
    seen: tuple[float, float]
    unknown_unit: str = ""


UNIT = "unit"
"""The maintainable item of failures that files tell of: nobody said which part it was."""


@dataclass(frozen=True)
class Mode:
    """A way of failing that the files know.

    column: of zeros and ones that says so, "" for ends of lives, events or work orders. item, mechanism: what failed, and how.
    """

    name: str
    title: str
    column: str = ""
    count: int = 0
    item: str = UNIT
    mechanism: str = ""


@dataclass(frozen=True)
class Proposal:
    """Everything that becomes `features/<class>.toml` and `models/<class>.toml`.

    asset: column with the tags, or None: then all rows (of one file) belong to `machine`, or each file is a machine of its own.
    time: column, None for the order of the rows. attributes: columns that never change within a machine.
    labels: columns that only exist because the end was known; left_out: column -> why it is not read.
    why: how each decision came about, in sentences; questions: what a person had better answer, with the flag; blocked: the one
        without whose answer nothing is stored.
    """

    asset_class: str
    axis: Axis
    asset: str | None
    machine: str | None
    time: str | None
    zone: str | None
    measured: tuple[Measured, ...]
    modes: tuple[Mode, ...]
    attributes: tuple[str, ...]
    labels: tuple[str, ...]
    left_out: Mapping[str, str]
    running: RunningRule | None
    run_to_failure: bool
    lengths: Lengths
    rows: int
    assets: int
    failures: int
    why: tuple[str, ...] = ()
    questions: tuple[str, ...] = field(default=())
    blocked: str = ""

    @property
    def channels(self) -> tuple[Channel, ...]:
        return tuple(item.channel for item in self.measured)

    def sentences(self) -> Sequence[str]:
        """The proposal for a terminal, shortest first things first."""
        kind = f"{len(self.measured)} channels of {self.assets} machine{'s' if self.assets != 1 else ''}, {self.rows:,} rows"
        lines = [f"class '{self.asset_class}': {kind}", *self.why]
        for item in self.measured:
            channel = item.channel
            unit = (
                channel.unit
                if channel.unit != "1"
                else f"unit not known{f' ({item.unknown_unit})' if item.unknown_unit else ''}"
            )
            lines.append(
                f"'{item.column}' -> {channel.name}, {channel.role}, {unit}, seen {item.seen[0]:.4g} to {item.seen[1]:.4g}"
            )
        if self.attributes:
            lines.append(
                f"{', '.join(repr(name) for name in self.attributes)}: the same in all rows of a machine, kept as its attribute"
            )
        lines += [f"'{column}' is left out: {reason}" for column, reason in self.left_out.items()]
        if self.running:
            lines.append(f"the machine runs while {self.running.channel} is above {self.running.above:.4g}")
        lines.append(
            f"{self.failures} failure{'s' if self.failures != 1 else ''} on record"
            if self.failures
            else "no failure on record"
        )
        return [*lines, *(f"? {question}" for question in self.questions)]
