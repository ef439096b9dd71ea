"""The lives of the parts: when each would fail, how that announces itself, and what the plant's own maintenance does about it.

A potential failure has an onset (P) and a failure (F). Whoever acts in between ends the life before F; F stays on record as the
counterfactual, in the truth. So the repairs that a plant makes because something looked bad are informative censoring here too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import gamma
from typing import Literal

import numpy as np

from pdm.simulation.honest.cards import Deck, Metronome
from pdm.simulation.honest.growth import Precursor, Visible, damage
from pdm.simulation.honest.incumbent import Found, Watch, condition_repair
from pdm.simulation.honest.settings import ClassSettings, ModeSettings, PlantSettings
from pdm.simulation.signals import DAY, Bools, Floats

Kind = tuple[Precursor, Visible]
Ended = Literal["failure", "condition", "preventive", "open"]
_YEAR = 365.25 * DAY


@dataclass(frozen=True)
class Life:
    """One serial part in one machine; rows are hours since the first reading, and may lie outside the period.

    begun: installed. onset, fails: P and F. curve: damage by hour from `onset` to its end, empty without a precursor.
    signature: channel -> shift at damage 1, empty where nothing measured shows it. back: the machine is ready again.
    """

    asset: int
    mode: ModeSettings
    number: int
    begun: int
    onset: int
    fails: int
    precursor: Precursor = "none"
    visible: Visible = "yes"
    infant: bool = False
    curve: Floats = field(default_factory=lambda: np.zeros(0), repr=False)
    signature: dict[str, float] = field(default_factory=dict)
    ended: int | None = None
    ended_by: Ended = "open"
    back: int | None = None
    found: Found | None = None

    @property
    def damage_at_end(self) -> float:
        """How far it was when its life ended; 1 for a failure."""
        if self.ended_by == "failure":
            return 1.0
        if self.ended is None or not len(self.curve):
            return 0.0
        return float(self.curve[min(max(self.ended - self.onset, 0), len(self.curve) - 1)])


@dataclass(frozen=True)
class Task:
    """A preventive task that fell due: carried out at `row`, or skipped."""

    asset: int
    plan: int
    due: int
    row: int
    skipped: bool
    harmful: bool = False


@dataclass
class Fates:
    """Where the chances of one plant come from: one deck for all its failures."""

    rng: np.random.Generator
    settings: PlantSettings
    kinds: Deck[Kind]
    open_kinds: Deck[Kind]
    short: Metronome

    @classmethod
    def of(cls, settings: PlantSettings, seed: int) -> Fates:
        rng = np.random.default_rng([seed, 2])
        shares = _shares(settings)
        with_precursor = {kind: share for kind, share in shares.items() if kind[0] != "none"}
        short = Metronome(rng, min(settings.growth.short_interval / max(1 - settings.growth.no_precursor, 1e-9), 1.0))
        return cls(rng, settings, Deck(rng, shares), Deck(rng, with_precursor or shares), short)


def _shares(settings: PlantSettings) -> dict[Kind, float]:
    growth = settings.growth
    shapes: tuple[tuple[Precursor, float], ...] = (
        ("gradual", 1 - growth.stepped - growth.arrested),
        ("stepped", growth.stepped),
        ("arrested", growth.arrested),
    )
    sights: tuple[tuple[Visible, float], ...] = (
        ("yes", 1 - growth.below_noise - growth.masked - growth.unmeasured),
        ("below noise", growth.below_noise),
        ("masked", growth.masked),
        ("unmeasured", growth.unmeasured),
    )
    some = 1 - growth.no_precursor
    dealt: dict[Kind, float] = {("none", "yes"): growth.no_precursor}
    dealt |= {(shape, sight): some * a * b for shape, a in shapes for sight, b in sights}
    return {kind: share for kind, share in dealt.items() if share > 0}


def tasks_of(rng: np.random.Generator, machine: ClassSettings, settings: PlantSettings, rows: int) -> list[Task]:
    """Every preventive task that falls due in the period, with a few days of slack, skipped now and then."""
    tasks = []
    for asset in range(machine.assets):
        for number, plan in enumerate(machine.plan):
            step = plan.every_days * DAY
            due = float(rng.uniform(0, step))
            while due < rows:
                row = int(due + rng.integers(-3, 8) * DAY)
                row = (row // DAY) * DAY + 8  # people work by day
                if 0 <= row < rows:
                    skipped = bool(rng.random() < settings.incumbent.plan_skipped)
                    tasks.append(Task(asset, number, int(due), row, skipped))
                due += step
    return tasks


@dataclass(frozen=True)
class Setting:
    """Where the lives of one class are lived: planned running hours, and what the incumbent watches."""

    machine: ClassSettings
    planned: Bools
    watch: Watch

    @property
    def rows(self) -> int:
        return int(self.planned.shape[1])


def live(fates: Fates, at: Setting, tasks: list[Task]) -> tuple[list[Life], list[Task]]:
    """All lives of a class in the period, and its tasks with those marked that did harm."""
    machine = at.machine
    harm = Metronome(fates.rng, _harm_share(machine, fates.settings))
    lives: list[Life] = []
    harmed: set[Task] = set()
    chosen = _exact_failures(fates, at) if machine.exactly is not None else {}
    for asset in range(machine.assets):
        for mode in machine.mode:
            mine = [
                task
                for task in tasks
                if task.asset == asset
                and not task.skipped
                and machine.plan[task.plan].maintainable_item == mode.maintainable_item
            ]
            first = (
                chosen.get((asset, mode.name)) if machine.exactly is not None else _first_failure(fates, machine, mode)
            )
            lives += _lives_of_part(fates, at, asset, mode, mine, first, harm, harmed)
    return lives, [replace(task, harmful=True) if task in harmed else task for task in tasks]


def _harm_share(machine: ClassSettings, settings: PlantSettings) -> float:
    """The chance of doing harm per maintenance event, so that `infant` of all failures come from it."""
    if machine.exactly is not None or not machine.failures:
        return 0.0
    done = sum(365.25 / plan.every_days for plan in machine.plan) * (1 - settings.incumbent.plan_skipped)
    return float(min(settings.growth.infant * machine.failures / (done + machine.failures), 1.0))


def _lives_of_part(
    fates: Fates,
    at: Setting,
    asset: int,
    mode: ModeSettings,
    tasks: list[Task],
    fails: int | None,
    harm: Metronome,
    harmed: set[Task],
) -> Iterator[Life]:
    n, number = at.rows, 1
    begun = -int(fates.rng.uniform(0.1, 4.0) * _YEAR)
    life = _until_acted(fates, at, _plan(fates, at, asset, mode, number, begun, fails))
    queue = sorted(tasks, key=lambda task: task.row)
    while True:
        end = n if life.ended is None else life.ended
        task = next((item for item in queue if life.begun <= item.row < end), None)
        if task is None:
            yield life
            if life.ended is None or life.back is None or life.back >= n:
                return
            begun, since, hurt = life.back, life.back, harm.strikes()
        else:
            queue.remove(task)
            plan, since, hurt = at.machine.plan[task.plan], task.row, harm.strikes()
            if not plan.replaces and (not hurt or task.row >= life.onset):
                continue  # serviced, and its life goes on as it would have
            if hurt:
                harmed.add(task)
            if plan.replaces:
                begun = task.row + max(int(plan.hours), 1)
                yield replace(life, ended=task.row, ended_by="preventive", back=begun, found=None)
        number += int(begun != life.begun)  # hurt by a service, it is still the same serial part
        fails = _next_failure(fates, at.machine, mode, since, hurt)
        life = _until_acted(fates, at, _plan(fates, at, asset, mode, number, begun, fails, infant=hurt))


def _first_failure(fates: Fates, machine: ClassSettings, mode: ModeSettings) -> int | None:
    """When the part that sits there at the start would fail: the renewal process has run for long already."""
    mean = _mean_life(fates, machine, mode)
    if mean is None:
        return None
    row = -float(fates.rng.uniform(3, 4)) * mean
    while row < 0:
        row += _length(fates.rng, mode, mean)
    return int(row)


def _next_failure(fates: Fates, machine: ClassSettings, mode: ModeSettings, begun: int, hurt: bool) -> int | None:
    if hurt:
        low, high = fates.settings.growth.infant_days
        return begun + int(fates.rng.uniform(low, high) * DAY)
    mean = _mean_life(fates, machine, mode)
    return None if mean is None else begun + int(_length(fates.rng, mode, mean))


def _mean_life(fates: Fates, machine: ClassSettings, mode: ModeSettings) -> float | None:
    rate = 0.0 if machine.exactly is not None else machine.failures * (1 - fates.settings.growth.infant) * mode.share
    return _YEAR / rate if rate > 0 else None


def _length(rng: np.random.Generator, mode: ModeSettings, mean: float) -> float:
    return mean / gamma(1 + 1 / mode.weibull) * float(rng.weibull(mode.weibull))


def _exact_failures(fates: Fates, at: Setting) -> dict[tuple[int, str], int]:
    """So many failures in the whole plant, each on another asset or part, at random times."""
    places = [(asset, mode.name) for asset in range(at.machine.assets) for mode in at.machine.mode]
    count = min(at.machine.exactly or 0, len(places))
    picked = fates.rng.choice(len(places), count, replace=False)
    return {places[int(n)]: int(fates.rng.uniform(0.1, 0.97) * at.rows) for n in picked}


def _plan(
    fates: Fates,
    at: Setting,
    asset: int,
    mode: ModeSettings,
    number: int,
    begun: int,
    fails: int | None,
    *,
    infant: bool = False,
) -> Life:
    """What would become of a part if nobody touched it."""
    rng, n = fates.rng, at.rows
    if fails is None:
        return Life(asset, mode, number, begun, 10**9, 10**9)
    fails = _when_running(at.planned[asset], fails)
    interval = mode.pf_days * DAY * float(np.exp(mode.pf_spread * np.clip(rng.standard_normal(), -2.2, 2.2)))
    if fails - interval >= n:
        return Life(asset, mode, number, begun, fails, fails)
    deck = fates.kinds if fails < n else fates.open_kinds
    precursor, visible = deck.deal(lambda card: card[1] != "masked" or bool(mode.masked))
    if precursor == "none":
        return Life(asset, mode, number, begun, fails, fails, infant=infant)
    if fates.short.strikes():
        interval = mode.planning_hours * float(rng.uniform(0.15, 0.9))
    interval = min(interval, 0.92 * (fails - begun))
    onset = fails - max(int(interval), 2)
    curve = damage(rng, precursor, _progress(at.planned[asset], onset, fails))
    signature = {"yes": mode.signature, "masked": mode.masked, "unmeasured": {}}.get(visible)
    if signature is None:
        gain = fates.settings.growth.below_noise_gain
        signature = {channel: shift * gain for channel, shift in mode.signature.items()}
    return Life(asset, mode, number, begun, onset, fails, precursor, visible, infant, curve, dict(signature))


def _when_running(planned: Bools, row: int) -> int:
    """The first hour from `row` on in which the machine is meant to run: at rest nothing breaks."""
    if not 0 <= row < len(planned):
        return row
    ahead = np.flatnonzero(planned[row:])
    return int(row + ahead[0]) if len(ahead) else len(planned) + row


def _progress(planned: Bools, onset: int, fails: int) -> Floats:
    """Share of the running hours between P and F that have passed, by hour of the whole interval."""
    rows = np.arange(onset, fails)
    duty = max(float(planned.mean()), 0.05)
    inside = (rows >= 0) & (rows < len(planned))
    ran = np.where(inside, planned[rows.clip(0, len(planned) - 1)].astype(np.float64), duty)
    total = np.cumsum(ran)
    return np.asarray(total / max(float(total[-1]), 1e-9)) if total[-1] > 0 else np.linspace(0, 1, len(rows))


def _until_acted(fates: Fates, at: Setting, life: Life) -> Life:
    """The life with the end that the machine or the incumbent brings, when that lies in the period."""
    if life.onset >= at.rows:
        return life
    rng, settings = fates.rng, fates.settings
    found = condition_repair(
        rng, settings.incumbent, at.watch, life.asset, life.onset, life.curve, life.signature, life.mode
    )
    if found is not None and found.repaired < min(life.fails, at.rows):
        back = found.repaired + int(rng.uniform(0.35, 0.7) * rng.uniform(*life.mode.down_hours))
        return replace(life, ended=found.repaired, ended_by="condition", back=back, found=found)
    if life.fails >= at.rows:
        return life
    down = float(rng.uniform(*life.mode.down_hours))
    if rng.random() < settings.incumbent.parts_delayed:
        down += float(rng.uniform(*settings.incumbent.parts_delay_days)) * DAY
    return replace(life, ended=life.fails, ended_by="failure", back=life.fails + int(down))
