"""How the watch list of a class is kept: `[watch]` in `models/<class>.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class WatchSettings:
    """What a machine's readings are compared with when no failure is on record.

    keep: whether there is a watch list at all. false_per_year: how often a sound machine may pass the limit in a year
    of what was learnt; what the future brings that nobody has seen, and sensors that lie, come on top: some ten times as much.
    block_days: over which readings are averaged. half_life_days: how fast what was seen fades.
    before_days: left out of what is normal before each failure and repair. sisters: machines of the class that must be heard on a
    day for what they have in common to be subtracted. inputs: channels that explain the others; empty: settings and weather.
    new_baseline_after: work after which a machine's normal begins anew, where its record says that it restores; an installation always
    does. Empty: only when somebody declares it.
    """

    keep: bool = True
    false_per_year: float = 0.01
    block_days: float = 1.0
    half_life_days: float = 3.0
    before_days: float = 60.0
    sisters: int = 3
    inputs: tuple[str, ...] = ()
    new_baseline_after: tuple[Literal["installation", "repair", "preventive"], ...] = ()
    learner: Literal["auto", "ridge", "lightgbm"] = "auto"
