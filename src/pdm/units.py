"""Units of channels and lengths of time, so that "bar" never meets "psi" and "24h" means one thing everywhere.

Conversions are affine: `si = value * factor + offset`. Symbols follow UCUM where a plant writes it too, else the plant's spelling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from pdm.errors import InputError


@dataclass(frozen=True)
class Unit:
    """One unit: `si = value * factor + offset`, comparable only within its `quantity`."""

    symbol: str
    quantity: str
    factor: float = 1.0
    offset: float = 0.0


_UNITS = {
    unit.symbol: unit
    for unit in (
        Unit("1", "ratio"),
        Unit("%", "ratio", 0.01),
        Unit("degC", "temperature", 1.0, 273.15),
        Unit("degF", "temperature", 5 / 9, 459.67 * 5 / 9),
        Unit("degR", "temperature", 5 / 9),
        Unit("K", "temperature"),
        Unit("Pa", "pressure"),
        Unit("kPa", "pressure", 1e3),
        Unit("bar", "pressure", 1e5),
        Unit("mbar", "pressure", 1e2),
        Unit("psi", "pressure", 6894.757293168),
        Unit("m/s", "velocity"),
        Unit("mm/s", "velocity", 1e-3),
        Unit("in/s", "velocity", 0.0254),
        Unit("m/s2", "acceleration"),
        Unit("g", "acceleration", 9.80665),
        Unit("um", "length", 1e-6),
        Unit("mm", "length", 1e-3),
        Unit("m", "length"),
        Unit("rpm", "rotation", 1 / 60),
        Unit("Hz", "rotation"),
        Unit("A", "current"),
        Unit("V", "voltage"),
        Unit("kW", "power", 1e3),
        Unit("W", "power"),
        Unit("N.m", "torque"),
        Unit("m3/h", "volume flow", 1 / 3600),
        Unit("l/min", "volume flow", 1e-3 / 60),
        Unit("m3/s", "volume flow"),
        Unit("kg/s", "mass flow"),
        Unit("lbm/s", "mass flow", 0.45359237),
        Unit("lbm/s/psi", "mass flow per pressure", 0.45359237 / 6894.757293168),
        Unit("h", "time", 3600.0),
        Unit("s", "time"),
        Unit("cycles", "count"),
    )
}


def unit(symbol: str) -> Unit:
    """The unit written `symbol`.

    Raises:
        InputError: nobody here knows it.
    """
    try:
        return _UNITS[symbol]
    except KeyError:
        raise InputError(f"unknown unit {symbol!r}", hint="known: " + " ".join(_UNITS)) from None


def convert(value: float, source: str, target: str) -> float:
    """`value` in another unit of the same quantity.

    >>> round(convert(100.0, "psi", "bar"), 3)
    6.895
    >>> convert(20.0, "degC", "degF")
    68.0
    """
    a, b = unit(source), unit(target)
    if a.quantity != b.quantity:
        raise InputError(f"cannot turn {a.quantity} ({source}) into {b.quantity} ({target})")
    return round((value * a.factor + a.offset - b.offset) / b.factor, 12)


_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|min|h|d|w)\s*")


def duration(text: str) -> timedelta:
    """A length of time as people write it: `90min`, `24h`, `7d`.

    >>> duration("24h")
    datetime.timedelta(days=1)
    """
    found = _DURATION.fullmatch(text)
    if not found:
        raise InputError(f"{text!r} is no length of time", hint="write 90min, 24h, 7d or 2w")
    return timedelta(seconds=float(found[1]) * _SECONDS[found[2]])
