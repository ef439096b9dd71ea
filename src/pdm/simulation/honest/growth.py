"""How damage grows from its onset (P) to the failure (F): gradually, in steps, or arrested for a while."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pdm.simulation.signals import Floats, noise

Precursor = Literal["gradual", "stepped", "arrested", "none"]
Visible = Literal["yes", "below noise", "masked", "unmeasured"]


def damage(rng: np.random.Generator, precursor: Precursor, progress: Floats) -> Floats:
    """Damage, 0 at the onset and 1 at the failure, shape (n,).

    progress: share of the P-F interval (in running hours) that has passed at each hour, 0 to 1, never falling.

    gradual: a power between 1.3 and 3.5. stepped: three to six steps. arrested: grows to about half, stands still, then goes on.
    Damage wavers by some percent, as a spall that is polished smooth for a while does.
    """
    if precursor == "none":
        return np.zeros(len(progress))
    if precursor == "stepped":
        grown = _stepped(rng, progress)
    elif precursor == "arrested":
        grown = _arrested(rng, progress)
    else:
        grown = progress ** float(rng.uniform(1.3, 3.5))
    waver = 1 + noise(rng, len(progress), 0.06, 0.97)
    return np.clip(grown * waver, 0.0, 1.1)


def _stepped(rng: np.random.Generator, progress: Floats) -> Floats:
    count = int(rng.integers(3, 7))
    at = np.sort(rng.uniform(0.05, 0.97, count))
    height = np.cumsum(rng.uniform(0.5, 1.5, count) * np.linspace(0.6, 1.4, count))
    # Between its steps the damage creeps.
    return np.asarray(
        0.12 * progress + 0.88 * np.concatenate([[0.0], height / height[-1]])[np.searchsorted(at, progress)]
    )


def _arrested(rng: np.random.Generator, progress: Floats) -> Floats:
    level = float(rng.uniform(0.25, 0.6))
    stops, goes = float(rng.uniform(0.15, 0.35)), float(rng.uniform(0.7, 0.92))
    return np.interp(progress, [0.0, stops, goes, 1.0], [0.0, level, level * 1.05, 1.0])
