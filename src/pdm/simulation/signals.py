"""Weather, demand and noise of the simulated plant: what moves the readings although nothing is broken."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DAY = 24
WEEK = 7 * DAY
YEAR = 365.25 * DAY


def noise(rng: np.random.Generator, n: int, sd: float, memory: float = 0.0) -> Floats:
    """Noise with standard deviation `sd`, shape (n,).

    memory: correlation from one hour to the next; x[i] = memory * x[i-1] + white, started in its stationary state.
    """
    white = rng.standard_normal(n) * sd
    if not memory:
        return white
    gain = np.sqrt(1.0 - memory**2)
    filtered, _ = lfilter([gain], [1.0, -memory], white, zi=[memory * rng.standard_normal() * sd])
    return np.asarray(filtered, dtype=np.float64)


def lagged(target: Floats, hours: float) -> Floats:
    """What follows `target` with a time constant of `hours`, as warm metal does; starts at the first target."""
    keep = float(np.exp(-1.0 / hours))
    follows, _ = lfilter([1.0 - keep], [1.0, -keep], target, zi=[keep * target[0]])
    return np.asarray(follows, dtype=np.float64)


def weather(rng: np.random.Generator, hours: Floats) -> Floats:
    """Ambient temperature in degC by hour of the year: a season, a daily swing and fronts that last some days."""
    season = 11.0 - 10.0 * np.cos(2 * np.pi * (hours - 20 * DAY) / YEAR)
    swing = 4.0 * np.sin(2 * np.pi * (hours - 9) / DAY)
    return season + swing + noise(rng, len(hours), 2.5, 0.97)


def demand(rng: np.random.Generator, hours: Floats, weekday: npt.NDArray[np.int64]) -> Floats:
    """Share of the rated load that production asks for (0.4 to 1.05): days, weekends and slow drifts."""
    daily = 0.08 * np.sin(2 * np.pi * (hours - 8) / DAY)
    weekend = np.where(weekday >= 5, -0.12, 0.0)
    return np.clip(0.80 + daily + weekend + noise(rng, len(hours), 0.05, 0.95), 0.4, 1.05)
