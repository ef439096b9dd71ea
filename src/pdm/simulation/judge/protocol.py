"""The protocol: what a figure must keep apart, and how much it must rest on, before anybody may quote it.

Plants are known by their seeds. Seeds below `HELD_OUT_FROM` are for development: definitions, features and policies may be tuned
against them. Those from there on are held out: a figure for publication rests on them alone, on at least 20 of them and on at
least 200 failures that could have been found. Within each plant the training months end before the test months begin, and a
model knows only what was known when they began. Every report carries the version of the simulator and of the code.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pdm
from pdm.errors import InputError
from pdm.simulation.judge.terms import Period
from pdm.workspace import bundled_room

HELD_OUT_FROM = 1000
PLANTS = 20
DETECTABLE = 200


@dataclass(frozen=True)
class Months:
    """Training and test months of one plant, and the moment as of which its models are trained."""

    training: Period
    test: Period

    def __post_init__(self) -> None:
        if self.training.end > self.test.start:
            raise InputError(
                f"training ends at {self.training.end}, after the test began at {self.test.start}",
                hint="training months lie before test months",
            )

    @property
    def known_at(self) -> datetime:
        return self.test.start


def months(start: datetime, test_from: datetime, end: datetime, *, gap: timedelta = timedelta(0)) -> Months:
    """The months of a plant: training from `start` to `gap` before `test_from`, test from there to `end`.

    Raises:
        InputError: they overlap, or one of them is empty.
    """
    return Months(Period(start, test_from - gap), Period(test_from, end))


@dataclass(frozen=True)
class Standing:
    """What a report may be used for: `published`, `development` or `small run`, and why it is not more."""

    label: str
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.label} ({'; '.join(self.reasons)})" if self.reasons else self.label


def standing(seeds: Sequence[int], detectable: int, *, honest: bool = True) -> Standing:
    """What figures on these plants may be used for.

    seeds: of the plants judged. detectable: judged failures that could have been found in time. honest: by the honest simulator.

    >>> standing(range(1000, 1020), 240).label
    'published'
    >>> str(standing([1, 2], 30, honest=True))
    'small run (2 plants, 20 are needed; 30 failures that could be found, 200 are needed; seeds below 1000 are for development)'
    """
    distinct = sorted(set(seeds))
    reasons = []
    if len(distinct) < PLANTS:
        reasons.append(f"{len(distinct)} {'plant' if len(distinct) == 1 else 'plants'}, {PLANTS} are needed")
    if detectable < DETECTABLE:
        reasons.append(f"{detectable} failures that could be found, {DETECTABLE} are needed")
    small = bool(reasons)
    if any(seed < HELD_OUT_FROM for seed in distinct):
        reasons.append(f"seeds below {HELD_OUT_FROM} are for development")
    if not honest:
        reasons.append("not the honest simulator")
    return Standing("small run" if small else "development" if reasons else "published", tuple(reasons))


_VERSION = re.compile(r"[\w.+-]+")


@dataclass(frozen=True)
class Stamp:
    """Under what a report was made: it can be compared only with reports of the same simulator.

    simulator: its version, hashed by itself. code: of this package and its rooms. settings: of the settings file.
    """

    simulator: str
    code: str
    settings: str

    def __post_init__(self) -> None:
        if not all(_VERSION.fullmatch(part) for part in (self.simulator, self.code, self.settings)):
            raise InputError(f"a report needs the versions of simulator, code and settings, not {self}")

    def key(self, seed: int) -> str:
        """The name under which the result of one plant is kept."""
        return f"{self.simulator}-{self.settings}-{self.code}-{seed}"


def code_version(*more: Path) -> str:
    """Twelve hex digits over the sources of this package, the definitions of the rooms, and `more` files."""
    package = Path(pdm.__file__).parent
    files = sorted(package.rglob("*.py"))
    rooms = sorted(file for room in ("features", "models") for file in bundled_room(room).glob("*.toml"))
    return digest([*files, *rooms, *more])


def digest(files: Sequence[Path]) -> str:
    """Twelve hex digits over the names and contents of files."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:12]
