"""The machines of one class: what they go through, what becomes of their parts, and what their sensors say."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pdm.simulation.honest.incumbent import Watch
from pdm.simulation.honest.lives import Fates, Life, Setting, Task, live, tasks_of
from pdm.simulation.honest.physics import PHYSICS, Conditions, wear_shows
from pdm.simulation.honest.regimes import Regimes
from pdm.simulation.honest.sensors import SensorFault, apply_faults, plan_faults
from pdm.simulation.honest.settings import ClassSettings, PlantSettings
from pdm.simulation.signals import DAY, Bools, Floats, noise

CHANGEOVER = 14 * DAY
"""A duty/standby pair changes over every two weeks."""


@dataclass(frozen=True)
class Fleet:
    """The machines of one class, what they went through and what became of their parts."""

    machine: ClassSettings
    tags: list[str]
    lines: list[int]
    lives: list[Life]
    tasks: list[Task]
    running: Bools
    shows: Floats
    told: dict[str, Floats]
    faults: list[SensorFault]


def make_fleet(
    rng: np.random.Generator, fates: Fates, machine: ClassSettings, settings: PlantSettings, regimes: Regimes
) -> Fleet:
    """Let the machines of a class live through the period.

    The parts' lives are decided first, against what the control system would see of healthy machines; then the machines run
    without the time in repair, and the sensors say what they do.
    """
    at = regimes.calendar
    lines = [_line_of(index, machine, settings.period.lines) for index in range(machine.assets)]
    planned = _planned(rng, machine, lines, regimes)
    rated = {channel.name: _own(rng, channel.rated, channel.spread, machine.assets) for channel in machine.channel}
    conditions = _conditions(rng, machine, lines, planned, regimes)
    unexplained = {
        channel.name: _unexplained(rng, machine.assets, at.rows, channel.noise, channel.slow, channel.memory)
        for channel in machine.channel
    }
    base = PHYSICS[machine.name](rated, conditions)
    healthy = {name: base[name] + unexplained[name] for name in base}
    watch = Watch(machine, healthy, wear_shows(conditions))
    lives, tasks = live(fates, Setting(machine, planned, watch), tasks_of(rng, machine, settings, at.rows))
    running = _really_running(machine, planned, lives, tasks)
    conditions = replace(conditions, running=running)
    told = _levels(machine, PHYSICS[machine.name](rated, conditions), unexplained, lives, conditions)
    faults = plan_faults(rng, machine, settings.sensors, at.rows)
    apply_faults(rng, machine, told, faults)
    tags = [f"{machine.prefix}-{machine.first_number + index}" for index in range(machine.assets)]
    return Fleet(machine, tags, lines, lives, tasks, running, wear_shows(conditions), told, faults)


def _line_of(index: int, machine: ClassSettings, lines: int) -> int:
    """Both machines of a pair stand in the same line."""
    return (index // 2 if index < 2 * machine.pairs else index) % lines


def _planned(rng: np.random.Generator, machine: ClassSettings, lines: list[int], regimes: Regimes) -> Bools:
    at = regimes.calendar
    planned = np.ones((machine.assets, at.rows), dtype=np.bool_)
    turn = (np.arange(at.rows) + int(rng.integers(0, CHANGEOVER))) // CHANGEOVER
    for index, line in enumerate(lines):
        if index < 2 * machine.pairs:
            planned[index] = turn % 2 == index % 2
        elif rng.random() < machine.weekends_off:
            planned[index] = (at.weekday < 5) | (at.hour < 6)
        planned[index] &= ~regimes.lines.stopped[line]
    return planned


def _own(rng: np.random.Generator, typical: float, spread: float, assets: int) -> Floats:
    return np.asarray(typical * (1 + spread * np.clip(rng.standard_normal((assets, 1)), -2.5, 2.5)))


def _conditions(
    rng: np.random.Generator, machine: ClassSettings, lines: list[int], planned: Bools, regimes: Regimes
) -> Conditions:
    shared, rows = regimes.lines, regimes.calendar.rows
    pick = np.array(lines, dtype=np.int64)
    own = np.stack([noise(rng, rows, 0.02, 0.95) for _ in lines]) if lines else np.zeros((0, rows))
    return Conditions(
        running=planned,
        load=np.clip(shared.load[pick] + own, 0.35, 1.12),
        density=shared.density[pick],
        retuned=shared.retuned[pick],
        ambient=regimes.ambient,
        water=regimes.water,
        answer=_own(rng, 1.0, 0.08, machine.assets),
        wobble=np.stack([noise(rng, rows, 1.0, 0.6) for _ in lines]) if lines else np.zeros((0, rows)),
    )


def _unexplained(rng: np.random.Generator, assets: int, rows: int, white: float, slow: float, memory: float) -> Floats:
    values = rng.standard_normal((assets, rows)) * white
    if slow:
        for index in range(assets):
            values[index] += noise(rng, rows, slow, memory)
    return values


def _really_running(machine: ClassSettings, planned: Bools, lives: list[Life], tasks: list[Task]) -> Bools:
    """The plan without the time in repair; the standby takes over from its sister."""
    down = np.zeros_like(planned)
    for life in lives:
        if life.ended is not None and life.back is not None:
            down[life.asset, life.ended : life.back] = True
    for task in tasks:
        if not task.skipped:
            down[task.asset, task.row : task.row + max(int(machine.plan[task.plan].hours), 1)] = True
    running = planned & ~down
    for index in range(2 * machine.pairs):
        running[index] |= planned[index ^ 1] & down[index ^ 1] & ~down[index]
    return running


def _levels(
    machine: ClassSettings, base: dict[str, Floats], unexplained: dict[str, Floats], lives: list[Life], at: Conditions
) -> dict[str, Floats]:
    """What perfect sensors would say: healthy level, what wear adds, and what nothing explains (little of it at rest)."""
    shows = wear_shows(at)
    for life in lives:
        if not len(life.curve) or not life.signature:
            continue
        first, last = observed(life, at.running.shape[1])
        for name, shift in life.signature.items():
            base[name][life.asset, first:last] += (
                shift * life.curve[first - life.onset : last - life.onset] * shows[life.asset, first:last]
            )
    told = {}
    for channel in machine.channel:
        moving = np.where(at.running, 1.0, 0.15) if channel.role == "condition" else np.where(at.running, 1.0, 0.05)
        if channel.role == "ambient":
            moving = np.ones_like(moving)
        told[channel.name] = np.clip(base[channel.name] + unexplained[channel.name] * moving, channel.low, channel.high)
    return told


def observed(life: Life, rows: int) -> tuple[int, int]:
    """The rows in which a growing damage could be seen: from its onset to its end, within the period."""
    last = min(rows, life.onset + len(life.curve), rows if life.ended is None else life.ended)
    return max(life.onset, 0), max(last, max(life.onset, 0))
