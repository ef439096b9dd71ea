"""Wear paths: how much is left, judged by how wear has grown since the life began and by how the lives of others ran and ended.

A general path model with random coefficients (Lu and Meeker 1993; updated by Bayes' rule as in Gebraeel et al. 2005). In the few
directions in which lives end, in units of reading noise, wear runs as

    y(age) = level + gain * (exp(rate * age ** shape) - 1)

Every life has its own level, gain and rate; what they usually are, what shape fits all, and where lives end (a plane for each kind of
ending: `end . y = limit`) is learnt from lives that failed. Of a running life the readings so far give the posterior of all of
them, and with it that of the remaining life. Windows and slopes look back a fixed way; this weighs the whole life, and knows the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import Channel
from pdm.errors import InputError
from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Ints
from pdm.learning.transforms.step import AGE, COUNTS, POSITION, channel_document, channel_from, values

OUTPUTS = 6
_TICK = 0.05
"""Ages come as float32: readings less than this share of a step after the start of a life count as before it."""


@dataclass(frozen=True, eq=False)
class PathModel:
    """What was learnt; k directions, q endings, t rates.

    mean, mix: y = (inputs - mean) @ mix, [inputs] and [inputs, k]. rate: [t]. means, precisions: of (level, gain) [q, t, 2k], [q, 2k, 2k].
    scores: [q, t] log prior of rate and ending, with the normalisation of the prior. ends: [q, k]; limits: [q, 2] limit and its variance.
    trust: weight of one reading, less than 1 where neighbours repeat each other. cap: native units. tick: length of a step.
    """

    mean: Floats
    mix: Floats
    rate: Floats
    shape: float
    scores: Floats
    means: Floats
    precisions: Floats
    ends: Floats
    limits: Floats
    trust: float
    cap: float
    tick: float


@dataclass(frozen=True, eq=False)
class FittedPaths:
    """Fitted wear paths. channels: inputs. soon, later: the horizons of the two chances, shares of the cap."""

    channels: tuple[str, ...]
    model: PathModel
    soon: float
    later: float
    outputs: tuple[Channel, ...]

    @property
    def over_life(self) -> bool:
        return True

    def columns(self, readings: pd.DataFrame) -> Mapping[str, Floats]:
        from pdm.learning.transforms.path_kernel import posterior

        if AGE not in readings:
            raise InputError("wear paths need to know when each life began", hint="apply the transforms with a clock")
        model = self.model
        codes = pd.factorize(readings["asset"])[0].astype(np.int64)
        at = readings[POSITION].to_numpy(dtype=np.float64)
        order = np.lexsort((at, codes))
        codes, at = codes[order], at[order]
        begins = at - readings[AGE].to_numpy(dtype=np.float64)[order]
        x = values(readings, self.channels)[order]
        counts: Bools = readings[COUNTS].to_numpy(dtype=bool)[order] & np.isfinite(x).all(axis=1)
        y = directions(x, model)
        left, shares = remaining_grid(model.cap)
        found = posterior(
            np.where(counts[:, None], y, 0.0),
            at,
            counts,
            begins,
            first_rows(codes, at, begins, model.tick),
            model.rate,
            model.shape,
            model.scores,
            model.means,
            model.precisions,
            model.ends,
            model.limits,
            left,
            shares,
            model.trust,
            np.array([model.cap, self.soon * model.cap, self.later * model.cap]),
        )
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return {channel.name: found[back, place] for place, channel in enumerate(self.outputs)}

    @property
    def origins(self) -> Mapping[str, tuple[str, ...]]:
        return {channel.name: self.channels for channel in self.outputs}

    def document(self) -> dict[str, Any]:
        learnt = {item.name: getattr(self.model, item.name) for item in fields(PathModel)}
        return {
            "kind": "wear_paths",
            "channels": list(self.channels),
            "model": {
                name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in learnt.items()
            },
            "soon": self.soon,
            "later": self.later,
            "outputs": [channel_document(channel) for channel in self.outputs],
        }

    def describe(self) -> tuple[str, ...]:
        model = self.model
        return (
            f"Wear grows as exp(rate x age^{model.shape:g}) in {model.mix.shape[1]} directions, and lives end in {len(model.ends)} ways: "
            "what is left is judged from the whole life so far.",
        )


def load(document: Mapping[str, Any]) -> FittedPaths:
    """The inverse of `FittedPaths.document`.

    Raises:
        ValueError: the arrays do not belong together, or hold what cannot be learnt.
    """
    learnt: dict[str, Any] = {
        name: np.array(value, dtype=np.float64) if isinstance(value, list) else float(value)
        for name, value in document["model"].items()
    }
    channels, model = tuple(document["channels"]), PathModel(**learnt)
    outputs = tuple(channel_from(item) for item in document["outputs"])
    if len(outputs) != OUTPUTS:
        raise ValueError(f"wear paths have {OUTPUTS} outputs, not {len(outputs)}")
    soon, later = float(document["soon"]), float(document["later"])
    _check(model, len(channels), (soon, later))
    return FittedPaths(channels, model, soon, later, outputs)


def _check(model: PathModel, inputs: int, horizons: tuple[float, float]) -> None:
    """The compiled loop asks nothing: arrays that do not fit together would let it read what is not theirs."""
    k, q, t = model.mix.shape[-1] if model.mix.ndim else 0, len(np.atleast_1d(model.ends)), np.size(model.rate)
    shapes = {
        **{"mean": (inputs,), "mix": (inputs, k), "rate": (t,), "ends": (q, k), "limits": (q, 2), "scores": (q, t)},
        **{"means": (q, t, 2 * k), "precisions": (q, 2 * k, 2 * k)},
    }
    if min(k, q, t) < 1:
        raise ValueError("wear paths without directions, endings or rates")
    for name, shape in shapes.items():
        found = np.asarray(getattr(model, name))
        if found.shape != shape:
            raise ValueError(f"{name} of wear paths is {found.shape}, not {shape}")
        if not np.isfinite(found).all():
            raise ValueError(f"{name} of wear paths holds what is no number")
    sizes = (model.shape, model.trust, model.cap, model.tick, *horizons, *model.rate, *model.limits[:, 1])
    if not all(np.isfinite(size) and size > 0 for size in sizes):
        raise ValueError("rates, lengths, weights and variances of wear paths are above zero")
    if np.abs(model.precisions - model.precisions.swapaxes(1, 2)).max() > 1e-6 * np.abs(model.precisions).max():
        raise ValueError("precisions of wear paths are symmetric")
    np.linalg.cholesky(model.precisions)


def directions(x: Floats, model: PathModel) -> Floats:
    """Inputs [n, inputs] along the directions of wear, in units of noise [n, k]: a sum per row, for one row alone and among others."""
    moved = np.ascontiguousarray(x - model.mean)
    return np.stack([(moved * column).sum(axis=1) for column in np.ascontiguousarray(model.mix.T)], axis=1)


def first_rows(codes: Ints, at: Floats, begins: Floats, tick: float) -> Ints:
    """The first row of the life that was known to run at each row; rows sorted by asset and position.

    A reading at the very moment of a start still belongs to what was before, unless nothing was.

    >>> first_rows(np.array([0, 0, 0, 1]), np.array([1.0, 2.0, 3.0, 1.0]), np.array([1.0, 1.0, 2.0, 1.0]), 1.0).tolist()
    [0, 0, 2, 3]
    """
    starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1]))
    first = np.empty(len(codes), dtype=np.int64)
    for low, high in zip(starts, np.append(starts[1:], len(codes)), strict=True):
        own, begun = at[low:high], begins[low:high]
        row = np.searchsorted(own, begun + _TICK * tick, side="right")
        first[low:high] = low + np.where(begun <= own[0] + _TICK * tick, 0, np.minimum(row, np.arange(high - low)))
    return first


def remaining_grid(cap: float) -> tuple[Floats, Floats]:
    """Remaining lives that are weighed, and the log of how much each stands for: fine up to the cap, coarser up to three times it.

    >>> left, shares = remaining_grid(100.0)
    >>> float(left[0]), float(left[-1]), len(left) == len(shares)
    (2.0, 290.0, True)
    """
    edges = np.concatenate([np.arange(0.0, 1.12, 0.04), np.arange(1.2, 3.01, 0.2)]) * cap
    return (edges[1:] + edges[:-1]) / 2, np.log(np.diff(edges))
