"""Lives of the wearing parts: when each begins to wear, how far it is, and how its life ends.

A part ages in running hours, not on the calendar: a machine in standby does not wear. Lives are Weibull distributed. Most end
in a failure that announces itself, growing over three to eight weeks; some break without warning; some are replaced before,
by plan or because somebody noticed, which censors exactly the lives that looked bad.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from pdm.simulation.signals import DAY, Bools, Floats

Course = Literal["gradual", "abrupt", "scheduled", "noticed"]
COURSES: tuple[Course, ...] = ("gradual", "abrupt", "scheduled", "noticed")
SHARES = (0.78, 0.08, 0.07, 0.07)
GROWTH_DAYS = (21.0, 56.0)
SHAPE = 2.2


@dataclass(frozen=True)
class WearingPart:
    """One kind of part that wears out, in ISO 14224 words; `scale_days` is the Weibull scale in days of normal duty."""

    maintainable_item: str
    failure_mode: str
    mechanism: str
    mode: str
    letters: str
    scale_days: float


@dataclass(frozen=True)
class PartLife:
    """One serial part in one machine.

    installed: hour of installation, negative when before the first reading.
    first, end: rows between which it sat there; `end` is the row of the failure or replacement, None while it lives.
    back: row at which its successor runs, None when that lies after the last row.
    age, since: running hours at `first`, and the machine's run hours then.
    onset, growth: running hours of age at which wear begins, and over which it grows to the end.
    """

    part: WearingPart
    number: int
    installed: float
    first: int
    age: float
    since: float
    course: Course
    length: float
    onset: float
    growth: float
    end: int | None = None
    back: int | None = None

    def wear(self, run: Floats) -> Floats:
        """Wear by row, 0 when new and 1 at the natural end, shape (n,); `run` are the machine's run hours by row."""
        if self.course in ("abrupt", "scheduled"):
            return np.zeros(len(run))
        grown = np.clip((self.age + run - self.since - self.onset) / self.growth, 0.0, 1.0) ** 1.6
        rows = np.arange(len(run))
        grown[(rows < self.first) | (rows >= (len(run) if self.end is None else self.end))] = 0.0
        return np.asarray(grown)

    def onset_row(self, run: Floats) -> int | None:
        """The row at which wear began; None for a life without warning, or when it had not begun."""
        if self.course in ("abrupt", "scheduled"):
            return None
        row = max(self.first, int(np.searchsorted(run, self.onset - self.age + self.since)))
        return row if row < (len(run) if self.end is None else self.end) else None


@dataclass(frozen=True)
class Wearing:
    """What happened to one machine: the rows in which it ran, and the lives of its parts in order of their ends."""

    running: Bools
    lives: tuple[PartLife, ...]
    run: Floats = field(repr=False)

    def wear(self, part: WearingPart) -> Floats:
        """Wear of whichever serial part sat in the machine, by row, shape (n,)."""
        total = np.zeros(len(self.run))
        for life in self.lives:
            if life.part == part:
                total += life.wear(self.run)
        return total


def wear_out(rng: np.random.Generator, duty: Bools, parts: Sequence[WearingPart]) -> Wearing:
    """Let the parts of one machine age through its planned duty, stopping it for every failure and replacement.

    duty: rows (hours) in which the machine is meant to run, shape (n,). A failure costs 12 to 72 hours, a planned replacement 4 to 10.
    """
    n = len(duty)
    share = max(float(duty.mean()), 0.1)
    running = duty.copy()
    run = np.cumsum(running, dtype=np.float64)
    living = [_first_life(rng, part, share) for part in parts]
    ended: list[PartLife] = []
    while True:
        # The earliest end stops the machine, which moves all later ends: so one at a time.
        ends = [int(np.searchsorted(run, life.length - life.age + life.since)) for life in living]
        which = int(np.argmin(ends))
        end = ends[which]
        if end >= n:
            break
        life = living[which]
        planned = life.course in ("scheduled", "noticed")
        back = end + int(rng.integers(4, 11) if planned else rng.integers(12, 73))
        running[end:back] = False
        run = np.cumsum(running, dtype=np.float64)
        ended.append(replace(life, end=end, back=back if back < n else None))
        if back >= n:
            living.pop(which)
            if not living:
                break
        else:
            living[which] = _new_life(rng, life.part, share, life.number + 1, back, float(run[back - 1]))
    return Wearing(running, (*ended, *living), run)


def _first_life(rng: np.random.Generator, part: WearingPart, share: float) -> PartLife:
    """The part that sits in the machine when the readings begin: it has an age already, and has survived it."""
    scale = part.scale_days * DAY * share
    age = float(rng.uniform(0.0, 0.9)) * scale
    length = scale * ((age / scale) ** SHAPE + rng.exponential()) ** (1 / SHAPE)
    return _life(rng, part, share, number=1, installed=-age / share, first=0, age=age, since=0.0, length=float(length))


def _new_life(
    rng: np.random.Generator, part: WearingPart, share: float, number: int, first: int, since: float
) -> PartLife:
    length = part.scale_days * DAY * share * float(rng.weibull(SHAPE))
    length = max(length, 10.0 * DAY * share)
    return _life(
        rng, part, share, number=number, installed=float(first), first=first, age=0.0, since=since, length=length
    )


def _life(
    rng: np.random.Generator,
    part: WearingPart,
    share: float,
    *,
    number: int,
    installed: float,
    first: int,
    age: float,
    since: float,
    length: float,
) -> PartLife:
    growth = min(float(rng.uniform(*GROWTH_DAYS)) * DAY * share, 0.8 * length)
    onset = length - growth
    course = COURSES[int(rng.choice(len(COURSES), p=SHARES))]
    if course == "scheduled":
        length = age + 0.75 * (length - age)
    elif course == "noticed":
        length = max(onset + growth * float(rng.uniform(0.55, 0.85)), age + 1.0)
    return PartLife(part, number, installed, first, age, since, course, length, onset, growth)
