"""What the watch list says about a machine, in the words of the plant: how far from expected, since when, and which sensor to doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pdm.catalogue import AssetClass, Channel
from pdm.learning.watch import Learnt, Standing, standings
from pdm.learning.watch.rows import Ints, Rows
from pdm.learning.watch.sensor import KINDS
from pdm.learning.watch.standing import Away
from pdm.scoring.assessment import Deviation

TOLD = 3
STRONG = 2.0
"""Channels further than so many spreads from sound are told, the strongest always."""
NO_BASELINE = "it has no baseline yet: the watch list learns one when the class is trained again"
_DIFFERENCES = {"degC": "K", "degF": "degF"}


@dataclass(frozen=True)
class Watched:
    """What the watch list contributes to one assessment."""

    deviations: tuple[Deviation, ...] = ()
    suspect_channels: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def watched(
    learnt: Learnt,
    rows: Rows,
    asset_class: AssetClass,
    *,
    end: float,
    restored: Mapping[str, float] | None = None,
    until: Ints | None = None,
) -> dict[str, Watched]:
    """Ask the watch list of a class about all machines that have a baseline; the arguments of `pdm.learning.watch.standings`."""
    found = standings(rows, learnt.watch, end=end, restored=restored, until=until)
    return {asset: _watched(standing, asset_class) for asset, standing in found.items()}


def _watched(standing: Standing, asset_class: AssetClass) -> Watched:
    told = tuple(away for away in standing.away if away.channel not in standing.suspects)
    clear = [away for away in told[:TOLD] if abs(away.strength) >= STRONG] or list(told[:1])
    sentence = "; ".join(deviation_sentence(away, asset_class.channel(away.channel)) for away in clear)
    if standing.common and sentence:
        titles = ", ".join(asset_class.channel(name).title for name in standing.common)
        sentence += f" (what its sisters do as well was subtracted: {titles})"
    channels = tuple(away.channel for away in clear)
    deviations = tuple(Deviation(mode, round(level, 4), channels, sentence) for mode, level in standing.levels.items())
    doubts = tuple(
        f"is it the sensor? {KINDS[kind].format(title=asset_class.channel(name).title)}; judged without it"
        for name, kind in standing.suspects.items()
    )
    return Watched(deviations, tuple(standing.suspects), doubts)


def deviation_sentence(away: Away, channel: Channel) -> str:
    """One channel in words.

    >>> deviation_sentence(Away("t", 6.2, 7.0, 9), Channel("t", "bearing temperature", "degC"))
    'bearing temperature 6.2 K above expected for this load and weather, for 9 days'
    """
    unit = _DIFFERENCES.get(channel.unit, "" if channel.unit == "1" else channel.unit)
    size = f"{abs(away.by):.2g}" + (f" {unit}" if unit else "")
    side = "above" if away.strength > 0 else "below"
    days = "" if away.days < 1 else f", for {away.days:.0f} day{'' if away.days == 1 else 's'}"
    return f"{channel.title} {size} {side} expected for this load and weather{days}"
