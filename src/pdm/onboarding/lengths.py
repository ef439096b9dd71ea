"""Lengths that people would have chosen: windows, strides and horizons for readings that come every so often."""

from __future__ import annotations

from dataclasses import dataclass

from pdm.catalogue.axis import Axis

_ROUND_HOURS = {
    "1min": 1 / 60, "5min": 1 / 12, "10min": 1 / 6, "15min": 0.25, "30min": 0.5, "1h": 1.0, "2h": 2.0, "3h": 3.0, "6h": 6.0,
    "12h": 12.0, "1d": 24.0, "2d": 48.0, "3d": 72.0, "7d": 168.0, "14d": 336.0, "28d": 672.0, "90d": 2160.0, "180d": 4320.0,
    "365d": 8760.0,
}  # fmt: skip
_AS_OF_ROWS = 5000


@dataclass(frozen=True)
class Lengths:
    """All as they stand in the definitions. every: stride of the as-of rows; windows: shortest first.

    baseline_rows: rows that show a machine as new. cap: up to where remaining life is told ("" without lives that ended).
    """

    every: str | int
    windows: tuple[str | int, ...]
    min_rows: tuple[int, ...]
    horizon: str
    gap: str
    cap: str
    baseline_rows: int


def round_up(hours: float) -> str:
    """The shortest usual length of time that is no shorter than `hours`.

    >>> round_up(0.4), round_up(5), round_up(100)
    ('30min', '6h', '7d')
    """
    return next((text for text, length in _ROUND_HOURS.items() if length >= hours * (1 - 1e-9)), "365d")


def choose(axis: Axis, span: float, life: float | None, *, whole_lives: bool) -> Lengths:
    """Lengths for readings over `span` native units per machine.

    life: median native units from one failure (or the first row) to the next, None without failures on record.
    whole_lives: lives run from new to failure, so that remaining life can be asked for.
    """
    if axis.kind == "usage":
        return _counted(axis, span, life, whole_lives=whole_lives)
    every = round_up(max(6 * axis.step, span / _AS_OF_ROWS))
    step = _ROUND_HOURS[every]
    short = round_up(4 * step)
    middle = round_up(7 * _ROUND_HOURS[short])
    windows = [short, middle]
    if _ROUND_HOURS[middle] < 168 and span > 60 * 24:
        windows.append("7d")
    horizon = round_up(min(336.0, (life or span / 5) / 4))
    rows = tuple(max(2, int(_ROUND_HOURS[window] / axis.step / 4)) for window in windows)
    cap = round_up(0.6 * life) if whole_lives and life else ""
    return Lengths(every, tuple(windows), rows, horizon, horizon, cap, max(12, int(168 / axis.step)))


def _counted(axis: Axis, span: float, life: float | None, *, whole_lives: bool) -> Lengths:
    typical = (life or span / 5) / axis.step
    every = max(1, int(typical / 200))
    windows = tuple(sorted({max(3, int(typical / 30)), max(6, int(typical / 8))}))
    horizon = max(1.0, round(typical / 6)) * axis.step
    cap = f"{0.6 * typical * axis.step:.0f} {axis.unit}" if whole_lives and life else ""
    text = f"{horizon:g} {axis.unit}"
    return Lengths(
        every, windows, tuple(max(2, window // 3) for window in windows), text, text, cap, max(5, int(typical / 20))
    )
