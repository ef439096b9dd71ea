"""Windows on which a feature is easily computed wrongly: short, tied, constant, drifting, spiked, far from zero, and real ones.

The oracle tests hold every kernel against tsfresh on them; a new kernel is tried on the same ones.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Window = npt.NDArray[Any]
"""Values one after the other: float64, or int16 where the family says so."""
Make = Callable[[np.random.Generator, int], Window]

LENGTHS = (*range(1, 11), 24, 30, 168)
LONG = 3_600


def _spiked(rng: np.random.Generator, n: int) -> Window:
    values = rng.normal(size=n)
    values[rng.integers(0, n, max(1, n // 50))] = 1e4
    return values


def _nearly_constant(rng: np.random.Generator, n: int) -> Window:
    values = np.full(n, 5.0)
    values[rng.integers(0, n)] += 0.25
    return values


FAMILIES: Mapping[str, Make] = {
    "gaussian": lambda rng, n: rng.normal(size=n),
    "random walk": lambda rng, n: rng.normal(size=n).cumsum(),
    "far from zero": lambda rng, n: 1e6 + rng.normal(size=n),
    "level 100": lambda rng, n: 100.0 + rng.normal(size=n),
    "ties": lambda rng, n: rng.integers(-2, 3, n).astype(np.float64),
    "quantised": lambda rng, n: np.round(rng.normal(size=n).cumsum() * 2.0) / 4.0,
    "int16": lambda rng, n: rng.integers(-20_000, 20_001, n).astype(np.int16),
    "constant": lambda rng, n: np.full(n, np.round(rng.normal() * 50.0, 1)),
    "zero": lambda _, n: np.zeros(n),
    "nearly constant": _nearly_constant,
    "ramp": lambda _, n: np.arange(n) * 0.5,
    "steep ramp": lambda _, n: np.linspace(0.0, 1e6, n),
    "spikes": _spiked,
    "small unit": lambda rng, n: 1e-3 * rng.gamma(2.0, size=n),
}
"""How to make a window of each family: (random numbers, length) -> values."""


def made_windows(rounds: int, *, lengths: tuple[int, ...] = LENGTHS, first: int = 0) -> dict[str, Window]:
    """Generated windows by title, `ties, 24 #0`: every family at every length, so many rounds with numbers of their own.

    first: number of the first round.

    >>> len(made_windows(2)) == 2 * len(FAMILIES) * len(LENGTHS)
    True
    """
    return {
        f"{family}, {n} #{number}": make(np.random.default_rng([number, place, n]), n)
        for number in range(first, first + rounds)
        for place, (family, make) in enumerate(FAMILIES.items())
        for n in lengths
    }


def engine_windows(folder: Path, count: int, *, lengths: tuple[int, ...] = (5, 24, 30, 168)) -> dict[str, Window]:
    """So many windows of real engines' sensors by title, `engine, 30 #7`: C-MAPSS FD001 and FD002, runs that are long enough.

    folder: `cmapss/` with the set's text files, gzipped. Sensors that never move are among them.
    """
    runs: list[npt.NDArray[np.float64]] = []
    for name in ("train_FD001.txt.gz", "train_FD002.txt.gz"):
        with gzip.open(folder / name, "rt") as file:
            table = np.loadtxt(file)
        cuts = np.flatnonzero(np.diff(table[:, 0])) + 1
        runs += [run[:, 5:26] for run in np.split(table, cuts)]
    rng = np.random.default_rng(26)
    found: dict[str, Window] = {}
    for number in range(count):
        n = lengths[number % len(lengths)]
        enough = [run for run in runs if len(run) >= n]
        run = enough[int(rng.integers(len(enough)))]
        start = int(rng.integers(len(run) - n + 1))
        found[f"engine, {n} #{number}"] = np.ascontiguousarray(run[start : start + n, int(rng.integers(21))])
    return found
