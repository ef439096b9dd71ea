"""A value that is wrong by a thousand may still look possible: see it by its own past and by its sisters, before a model does.

Its own past is the readings that scoring looks back on, and the level that is remembered of it for longer. Only factors of about 1000
count here. Smaller ones (bar and psi, a factor of ten) a machine may make itself when it breaks, and an alert must not be lost to a
doubt about its sensor; the findings of the ingest tell people about those too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass, Channel
from pdm.readings.jumps import SIDE, Jump, find_jumps, find_strangers, how_written
from pdm.readings.levels import Level, Levels
from pdm.readings.phrases import number
from pdm.scoring.looked_at import LookedAt, look_at

NO_MACHINE = 300.0
"""No wear and no break makes a steady level so many times larger or smaller from one reading to the next."""
SISTERS = 3
ENOUGH = 6
_ALIKE = 0.5
_SINCE_THEN = (1.0, 1.25, 0.8, 1.5, 0.67)
"""A level may have moved so far since it was remembered."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Doubt:
    """A level that a mistake of unit explains. own: the machine itself showed the level before, among the readings looked at."""

    jump: Jump
    own: bool


def wrong_units(
    recent: pd.DataFrame, asset_class: AssetClass, channels: tuple[str, ...], remembered: Levels | None = None
) -> dict[str, dict[str, str]]:
    """Asset -> channel -> a sentence, for channels whose values among `recent` are not all in the same unit, or not in their own.

    recent: asset, time and channels float64, sorted by asset and time. remembered: what each machine usually shows. A channel stays
    doubtful while both levels are in the table, and for as long as the remembered level is another: windows over it mix units until
    someone corrects or voids the wrong values, or says that the change is real.
    """
    return {} if recent.empty else far_off(look_at(recent, asset_class, channels), asset_class, remembered)


def far_off(seen: LookedAt, asset_class: AssetClass, remembered: Levels | None = None) -> dict[str, dict[str, str]]:
    """The same of readings that were looked at already."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for (asset, name), doubt in doubts(seen, asset_class, remembered or {}).items():
        found[asset][name] = _sentence(doubt.jump, asset_class.channel(name))
    return found


def doubts(seen: LookedAt, asset_class: AssetClass, remembered: Levels) -> dict[tuple[str, str], Doubt]:
    """The same as what was seen, by asset and channel."""
    found: dict[tuple[str, str], Doubt] = {}
    asset = seen.asset
    for name in seen.channels:
        channel, values, levels = asset_class.channel(name), seen.column(name), remembered.get(name, {})
        steady = steady_rows(seen, asset_class, name)
        calm = values if steady.all() else values[steady]
        own = {code: levels[tag] for code, tag in enumerate(seen.tags) if tag in levels}
        if not (_could_be_too_far(calm) or _left_its_own(values, asset, own, len(seen.tags))):
            continue
        inside = find_jumps(values, asset, steady, channel)
        jumped = {int(asset[jump.row]) for jump in inside}
        strangers = find_strangers(values, asset, steady, channel, except_for=jumped)
        for jump, itself in [*((jump, True) for jump in inside), *((jump, False) for jump in strangers)]:
            known = own.get(int(asset[jump.row]))
            settled = known is not None and known.by and alike(known.level, jump.after)
            if too_far(jump.before, jump.after) and not settled:
                found.setdefault((seen.tags[asset[jump.row]], name), Doubt(jump, itself))
        for jump in _against_memory(values, asset, steady, own, channel):
            found.setdefault((seen.tags[asset[jump.row]], name), Doubt(jump, False))
    return found


def steady_rows(seen: LookedAt, asset_class: AssetClass, channel: str) -> Flags:
    """Rows that tell a channel's level: in the wrong unit the channel of the running rule would seem to stand."""
    rule = asset_class.running
    return np.ones_like(seen.running) if rule is not None and rule.channel == channel else seen.running


def newest_levels(values: Floats, asset: Ints, steady: Flags, most: int) -> dict[int, tuple[float, int, int]]:
    """Asset code -> median, number and first row of its newest steady values, where there are enough of them."""
    rows = np.flatnonzero(steady & np.isfinite(values))
    if not rows.size:
        return {}
    own = asset[rows]
    ends = np.flatnonzero(np.append(own[1:] != own[:-1], True))
    sizes = np.diff(np.append(-1, ends))
    kept = np.repeat(ends, sizes) - np.arange(rows.size) < most
    table = pd.DataFrame({"row": rows[kept], "value": values[rows[kept]]}).groupby(own[kept])
    medians, counts, firsts = table["value"].median(), table.size(), table["row"].min()
    return {
        int(code): (float(medians[code]), int(counts[code]), int(firsts[code]))
        for code in medians.index[(counts >= ENOUGH).to_numpy()]
    }


def alike(first: float, second: float) -> bool:
    """Within half of the smaller one."""
    return abs(first - second) <= _ALIKE * min(abs(first), abs(second))


def too_far(before: float, after: float) -> bool:
    """Whether no machine moves so far."""
    small, large = sorted((abs(before), abs(after)))
    return small > 0.0 and large / small >= NO_MACHINE


def _against_memory(
    values: Floats, asset: Ints, steady: Flags, own: Mapping[int, Level], channel: Channel
) -> list[Jump]:
    """Levels that contradict what is remembered of their machine, unless sisters that contradict nothing show the same."""
    if not own:
        return []
    levels = newest_levels(values, asset, steady, SIDE)
    calm = [level for code, (level, _, _) in levels.items() if code in own and not too_far(own[code].level, level)]
    found = []
    for code, known in own.items():
        if code not in levels:
            continue
        shown, _, first = levels[code]
        if not too_far(known.level, shown):
            continue
        reading = next(filter(None, (how_written(known.level * moved, shown, channel) for moved in _SINCE_THEN)), "")
        same, other = sum(alike(shown, one) for one in calm), sum(alike(known.level, one) for one in calm)
        if reading and not (same >= SISTERS and same > other):
            found.append(Jump(first, known.level, shown, reading))
    return found


def _could_be_too_far(values: Floats) -> bool:
    """Whether two levels among the values can lie so far apart at all: levels are medians, so their extremes bound them.

    Nearly every channel ends here, and looking for jumps costs a hundred times as much.
    """
    size = np.abs(values[np.isfinite(values)])
    return bool(size.size) and float(size.max()) >= NO_MACHINE * float(size.min())


def _left_its_own(values: Floats, asset: Ints, own: Mapping[int, Level], assets: int) -> bool:
    """Whether any value lies so far from what is remembered of its machine."""
    if not own:
        return False
    usual = np.full(assets, np.nan)
    usual[list(own)] = [abs(one.level) for one in own.values()]
    size, usual = np.abs(values), usual[asset]
    return bool(((size >= NO_MACHINE * usual) | (size * NO_MACHINE <= usual)).any())


def _sentence(jump: Jump, channel: Channel) -> str:
    levels = f"{number(jump.after)} {channel.unit} instead of {number(jump.before)}"
    return f"{channel.title}: a level of about {levels}, {jump.reading}?"
