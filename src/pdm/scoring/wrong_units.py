"""A value that is wrong by a thousand may still look possible: see it by its own past and by its sisters, before a model does.

Only factors of about 1000 count here. Smaller ones (bar and psi, a factor of ten) a machine may make itself when it breaks, and an
alert must not be lost to a doubt about its sensor; the findings of the ingest tell people about those too.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass, Channel
from pdm.readings.jumps import Jump, find_jumps, find_strangers
from pdm.readings.phrases import number
from pdm.scoring.looked_at import LookedAt, look_at

NO_MACHINE = 300.0
"""No wear and no break makes a steady level so many times larger or smaller from one reading to the next."""


def wrong_units(recent: pd.DataFrame, asset_class: AssetClass, channels: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Asset -> channel -> a sentence, for channels whose values among `recent` are not all in the same unit.

    recent: asset, time and channels float64, sorted by asset and time. A channel stays doubtful while both levels are in the table: windows
    over it mix units until someone corrects or voids the wrong values, or they are too old to matter.
    """
    return {} if recent.empty else far_off(look_at(recent, asset_class, channels), asset_class)


def far_off(seen: LookedAt, asset_class: AssetClass) -> dict[str, dict[str, str]]:
    """The same of readings that were looked at already."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for name in seen.channels:
        channel, values = asset_class.channel(name), seen.column(name)
        rule = asset_class.running
        # In the wrong unit the channel of the running rule would seem to stand.
        own = rule is not None and rule.channel == name
        steady = np.ones_like(seen.running) if own else seen.running
        if not _could_be_too_far(values if own else values[steady]):
            continue
        inside = find_jumps(values, seen.asset, steady, channel)
        jumped = {int(seen.asset[jump.row]) for jump in inside}
        for jump in (*inside, *find_strangers(values, seen.asset, steady, channel, except_for=jumped)):
            if _too_far(jump):
                found[seen.tags[seen.asset[jump.row]]].setdefault(name, _sentence(jump, channel))
    return found


def _could_be_too_far(values: npt.NDArray[np.float64]) -> bool:
    """Whether two levels among the values can lie so far apart at all: levels are medians, so their extremes bound them.

    Nearly every channel ends here, and looking for jumps costs a hundred times as much.
    """
    size = np.abs(values[np.isfinite(values)])
    return bool(size.size) and float(size.max()) >= NO_MACHINE * float(size.min())


def _too_far(jump: Jump) -> bool:
    small, large = sorted((abs(jump.before), abs(jump.after)))
    return small > 0.0 and large / small >= NO_MACHINE


def _sentence(jump: Jump, channel: Channel) -> str:
    levels = f"{number(jump.after)} {channel.unit} instead of {number(jump.before)}"
    return f"{channel.title}: a level of about {levels}, {jump.reading}?"
