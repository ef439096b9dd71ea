"""The strengths of deviations as shares of their limits: the same question to many vectors at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pdm.learning.expected.design import Floats
from pdm.learning.watch.model import Watch
from pdm.learning.watch.signals import signals


@dataclass(frozen=True)
class Asked:
    """Strengths as shares of their limits, each of the shape of what was asked: 0 where nothing could be.

    mode: of the failure mode that explains most. whole: of all channels together. lone: of the strongest channel, asked against
    the others. alone: [..., k], signed, in spreads.
    """

    mode: Floats
    whole: Floats
    lone: Floats
    alone: Floats

    def rows(self, first: int, rows: npt.NDArray[np.intp]) -> Asked:
        """One question about some machines."""
        return Asked(self.mode[first, rows], self.whole[first, rows], self.lone[first, rows], self.alone[first, rows])


def ask(vectors: Floats, watch: Watch) -> Asked:
    """Ask about vectors of fading means, [..., k]."""
    shape, flat = vectors.shape[:-1], vectors.reshape(-1, vectors.shape[-1])
    found = signals(flat, watch.covariance, watch.channels, watch.signs)

    def share(name: str) -> Floats:
        return np.asarray((np.nan_to_num(found.of(name)) / watch.limits.get(name, np.inf)).reshape(shape))

    return Asked(share("mode"), share("together"), share("alone"), found.alone.reshape(vectors.shape))


def by_channel(ways: Mapping[str, int], channels: Sequence[str]) -> Floats:
    """Which way a failure mode moves each channel, [k]; 0 where it does not.

    >>> by_channel({"b": -1}, ("a", "b")).tolist()
    [0.0, -1.0]
    """
    return np.array([float(ways.get(name, 0)) for name in channels])
