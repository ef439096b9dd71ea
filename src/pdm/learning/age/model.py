"""A fitted age model as plain numbers: for each failure mode a mixture of Weibull shapes, with the exposure that goes with each.

With shape k and rate u (P(life > t) = exp(-u t^k)) a prior flat in log u gives u a gamma posterior with r failures and exposure
T_k = sum(end^k - entry^k), so that the rate integrates out:

    P(life > a + h | life > a) = sum_k w_k (1 + ((a + h)^k - a^k) / T_k)^-r

The tail is as heavy as few failures deserve: with two of them nobody knows the mean. (Meeker and Escobar 1998, chapter 14.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from pdm.errors import BundleError
from pdm.learning.model import Floats

Says = Literal["wears out", "nothing", "fails early"]


@dataclass(frozen=True)
class AgeOfMode:
    """How long one maintainable item lasts until one failure mode ends it.

    lives, failures: what it rests on; entered: lives whose beginning lies before the records, which count from there on.
    unit: ages are divided by it. shapes, weights, exposures: the mixture, [k]; one shape of 1 where age says nothing.
    shape, low, high: median and 90 % interval of the shape. wears: P(shape > 1).
    gain: how much better it foretells a life that was left out than a constant rate does (mean difference of the log score).
    """

    mode: str
    item: str
    failures: int
    lives: int
    entered: int
    unit: float
    shapes: tuple[float, ...]
    weights: tuple[float, ...]
    exposures: tuple[float, ...]
    shape: float
    low: float
    high: float
    wears: float
    gain: float
    says: Says

    def survival(self, age: float, ahead: Floats) -> Floats:
        """P(no failure within each of `ahead` native units) of an item that has reached `age`, [h]."""
        powers = np.asarray(self.shapes)
        start = max(age, 0.0) / self.unit
        end = start + np.maximum(ahead, 0.0)[:, None] / self.unit
        spent = (end**powers - start**powers) / np.asarray(self.exposures)
        # Clipped: a sum of weights is 1 only up to its last bit.
        alive = ((1.0 + spent) ** -self.failures) @ np.asarray(self.weights)
        return np.asarray(np.clip(alive, 0.0, 1.0))


@dataclass(frozen=True)
class AgeModel:
    """All failure modes of a class. left_out: mode -> why age says nothing about it, not even how often it comes."""

    modes: tuple[AgeOfMode, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def mode(self, name: str) -> AgeOfMode | None:
        return next((one for one in self.modes if one.mode == name), None)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        modes = [
            {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(one).items()} for one in self.modes
        ]
        return {"modes": modes, "left_out": dict(self.left_out)}


def age_from(document: Mapping[str, Any]) -> AgeModel | None:
    """The inverse of `AgeModel.document`; None where a model has none.

    Raises:
        BundleError: it does not have that shape, or holds numbers that no lives can give.
    """
    if not document:
        return None
    try:
        modes = tuple(_mode(plain) for plain in document["modes"])
        return AgeModel(modes, {str(mode): str(why) for mode, why in document["left_out"].items()})
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BundleError(f"the age model cannot be read: {error!r}", hint="train again") from None


def _mode(plain: Mapping[str, Any]) -> AgeOfMode:
    one = AgeOfMode(
        mode=str(plain["mode"]),
        item=str(plain["item"]),
        failures=int(plain["failures"]),
        lives=int(plain["lives"]),
        entered=int(plain["entered"]),
        unit=float(plain["unit"]),
        shapes=_floats(plain["shapes"]),
        weights=_floats(plain["weights"]),
        exposures=_floats(plain["exposures"]),
        shape=float(plain["shape"]),
        low=float(plain["low"]),
        high=float(plain["high"]),
        wears=float(plain["wears"]),
        gain=float(plain["gain"]),
        says=plain["says"],
    )
    numbers = [*one.shapes, *one.weights, *one.exposures, one.unit]
    if len({len(one.shapes), len(one.weights), len(one.exposures)}) != 1 or not all(0 < n < math.inf for n in numbers):
        raise ValueError(f"mixture of {one.mode}")
    if one.failures < 1 or abs(sum(one.weights) - 1) > 1e-6 or one.says not in get_args(Says):
        raise ValueError(f"figures of {one.mode}")
    return one


def _floats(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
