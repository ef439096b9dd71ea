"""Files in the format of C-MAPSS, made here: engines that degrade, so that readers and training are tested without the real set."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class _Sensor(NamedTuple):
    """Level at sea level, noise, change over a life, and digits in the file."""

    level: float
    sd: float
    change: float
    digits: int


_SENSORS = (
    _Sensor(518.67, 0.0, 0.0, 2),
    _Sensor(642.3, 0.32, 1.7, 2),
    _Sensor(1586.0, 4.5, 20.0, 2),
    _Sensor(1401.0, 4.2, 30.0, 2),
    _Sensor(14.62, 0.0, 0.0, 2),
    _Sensor(21.61, 0.0, 0.0, 2),
    _Sensor(554.2, 0.4, -2.8, 2),
    _Sensor(2388.04, 0.03, 0.22, 2),
    _Sensor(9052.0, 7.0, 45.0, 2),
    _Sensor(1.30, 0.0, 0.0, 2),
    _Sensor(47.3, 0.12, 0.9, 2),
    _Sensor(522.1, 0.35, -2.4, 2),
    _Sensor(2388.04, 0.03, 0.22, 2),
    _Sensor(8137.0, 6.0, 40.0, 2),
    _Sensor(8.41, 0.018, 0.12, 4),
    _Sensor(0.03, 0.0, 0.0, 2),
    _Sensor(391.6, 0.9, 5.0, 0),
    _Sensor(2388.0, 0.0, 0.0, 0),
    _Sensor(100.0, 0.0, 0.0, 2),
    _Sensor(38.98, 0.08, -0.6, 2),
    _Sensor(23.39, 0.05, -0.36, 4),
)
# Altitude (1000 ft), Mach number and throttle of the six operating conditions of FD002 and FD004, and how far they move the levels.
_REGIMES = ((0.0, 0.0, 100.0, 1.0), (10.0, 0.25, 100.0, 0.95), (20.0, 0.7, 100.0, 0.93))
_MORE_REGIMES = (*_REGIMES, (25.0, 0.62, 60.0, 0.85), (35.0, 0.84, 100.0, 0.88), (42.0, 0.84, 100.0, 0.86))


def write_cmapss_fixture(
    folder: Path, subset: str = "FD001", engines: int = 12, seed: int = 11, *, compress: bool = True
) -> Path:
    """Write `train_`, `test_` and `RUL_` files of one subset, in the format of the original, for `engines` engines each.

    Engines live 120 to 280 cycles, the sensors bend towards the end, and test engines are cut at random, the first one after
    19 cycles as the shortest of the real ones. FD002 and FD004 fly in six operating conditions. Returns `folder`.

    Raises:
        ValueError: fewer than one engine.
    """
    if engines < 1:
        raise ValueError("a fixture needs an engine")
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, int(subset[-1])])
    regimes = _MORE_REGIMES if subset in ("FD002", "FD004") else _REGIMES[:1]
    train, test, left = [], [], []
    for unit in range(1, engines + 1):
        life = int(rng.integers(120, 281))
        train += _lines(rng, unit, life, life, regimes)
    for unit in range(1, engines + 1):
        life = int(rng.integers(120, 281))
        cut = 19 if unit == 1 else int(rng.integers(30, life - 4))
        test += _lines(rng, unit, cut, life, regimes)
        left.append(str(life - cut))
    for name, lines in (("train", train), ("test", test), ("RUL", left)):
        _write(folder / f"{name}_{subset}.txt", lines, compress=compress)
    return folder


def _lines(
    rng: np.random.Generator, unit: int, cycles: int, life: int, regimes: tuple[tuple[float, float, float, float], ...]
) -> list[str]:
    """The first `cycles` flights of an engine that lives `life` of them."""
    cycle = np.arange(1, cycles + 1)
    worn = 0.08 * rng.random() + (cycle / life) ** 3.5
    flown = np.array(regimes)[rng.integers(len(regimes), size=cycles)]
    settings = flown[:, :3] + rng.normal(0.0, (0.002, 0.0003, 0.0), (cycles, 3))
    columns: list[list[str]] = [[str(unit)] * cycles, cycle.astype(str).tolist()]
    columns += [[f"{value:.{digits}f}" for value in settings[:, at]] for at, digits in enumerate((4, 4, 1))]
    for sensor in _SENSORS:
        values: Floats = sensor.level * flown[:, 3] + sensor.change * worn + rng.normal(0.0, 1.0, cycles) * sensor.sd
        columns.append([f"{value:.{sensor.digits}f}" for value in values])
    return [" ".join(row) + "  " for row in zip(*columns, strict=True)]


def _write(path: Path, lines: list[str], *, compress: bool) -> None:
    text = ("\n".join(lines) + "\n").encode("ascii")
    if compress:
        # No time stamp inside: the same seed writes the same bytes.
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(text, mtime=0))
    else:
        path.write_bytes(text)
