"""The unit and the role that a column's name gives away."""

from __future__ import annotations

import re

from pdm.catalogue.asset_class import Role
from pdm.errors import InputError
from pdm.readings.columns import split_unit

_ENDING = re.compile(
    r"^(?P<name>.*[a-z0-9])_(?P<unit>degc|degf|kpa|pa|bar|mbar|psi|rpm|hz|kw|amps?|volts?|mm_s|um|nm|g)$", re.I
)
_SPELLED = {
    "kpa": "kPa",
    "pa": "Pa",
    "hz": "Hz",
    "kw": "kW",
    "amp": "A",
    "volt": "V",
    "volts": "V",
    "mm_s": "mm/s",
    "nm": "N.m",
}
_SETTING = re.compile(
    r"speed|rpm|drehzahl|load|last$|torque|drehmoment|set[ _-]?point|setting|sollwert|regime|condition|throttle|valve.?pos|recipe|demand",
    re.I,
)
_AMBIENT = re.compile(
    r"ambient|outside|outdoor|weather|umgebung|aussen|außen|air.?temp|inlet.?air|room.?temp|humidity", re.I
)


def name_and_unit(column: str, told: str | None = None) -> tuple[str, str | None, str]:
    """A column's name without its unit, the unit's symbol (None: not known), and what stands there that nobody knows.

    >>> name_and_unit("Process temperature [K]")
    ('Process temperature', 'K', '')
    >>> name_and_unit("Tool wear [min]")
    ('Tool wear', None, 'min')
    >>> name_and_unit("oil_kpa")
    ('oil', 'kPa', '')
    """
    if told is not None:
        return split_unit(f"{_bare(column)} [{told}]")[0], split_unit(f"x [{told}]")[1], ""
    try:
        name, symbol = split_unit(column)
    except InputError:
        return _bare(column), None, column[column.rindex("[" if "[" in column else "(") + 1 : -1].strip("])")
    if symbol is None and (found := _ENDING.match(column)):
        ending = found["unit"].lower()
        return found["name"], split_unit(f"x [{_SPELLED.get(ending, ending)}]")[1], ""
    return name, symbol, ""


def role_of(name: str) -> Role:
    """What a channel of this name usually is: a condition answers to wear, settings and weather explain it.

    >>> role_of("Rotational speed"), role_of("Air temperature"), role_of("vibration")
    ('setting', 'ambient', 'condition')
    """
    if _AMBIENT.search(name):
        return "ambient"
    return "setting" if _SETTING.search(name) else "condition"


def _bare(column: str) -> str:
    return re.sub(r"\s*[\[(][^\])]*[\])]\s*$", "", column) or column
