"""How strongly a deviation speaks for a failure mode of which only the ways are known, not how far it moves each channel.

The channels of a mode are moved by w_c >= 0 of their ways s_c. The likelihood ratio of the best such shift against none is

    T^2 = max over w >= 0 of  2 w'u - w'Gw,   u = (s_c (S^-1 m)_c),  G = (s_c s_d (S^-1)_cd)

(Kudo 1963: a one-sided test for several means). It is found exactly by asking every subset of the few channels of a mode.

One channel alone is as likely its instrument as its machine: faults have company. So T counts in full only as far as the channels
together say more than the best of them says alone; without company it must be `LONE` times as far away.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from pdm.learning.expected.design import Bools, Floats

LONE = 1.2
COMPANY = 0.25
"""Company counts in full from this share of T on: what the others add, as the root of the difference of squares."""

MOST = 7
"""A mode with more channels than this is asked about three of them at a time."""


def in_company(pulled: Floats, inverse: Floats) -> Floats:
    """The strength of one mode for n vectors, [n].

    pulled: u, [n, q]. inverse: G, [q, q]. Each row is answered by itself, to the last bit, whoever stands beside it.
    """
    together, alone = cone(pulled, inverse)
    company = np.sqrt(np.maximum(together**2 - alone**2, 0.0))
    return np.asarray(np.maximum(together / LONE, np.minimum(together, company / COMPANY)))


def cone(pulled: Floats, inverse: Floats) -> tuple[Floats, Floats]:
    """T over all channels of a mode, and over the best single one, both [n].

    >>> together, alone = cone(np.array([[3.0, 4.0], [3.0, -4.0]]), np.eye(2))
    >>> together.tolist(), alone.tolist()
    ([5.0, 3.0], [4.0, 3.0])
    """
    best = np.zeros(len(pulled))
    for chosen in _subsets(pulled.shape[1]):
        some = np.flatnonzero(chosen)
        u = pulled[:, some]
        # Summed row by row: a matrix product may round a row differently beside other rows.
        shift = (u[:, :, None] * np.linalg.inv(inverse[np.ix_(some, some)])).sum(axis=1)
        best = np.where((shift >= 0.0).all(axis=1), np.maximum(best, (shift * u).sum(axis=1)), best)
    single = (np.maximum(pulled, 0.0) ** 2 / np.diag(inverse)).max(axis=1)
    return np.sqrt(best), np.sqrt(single)


@lru_cache(maxsize=16)
def _subsets(count: int) -> tuple[Bools, ...]:
    """Every choice of at least one of `count` channels; of many channels, of at most three."""
    bits = np.arange(1, 2**count)[:, None] >> np.arange(count)[None, :] & 1
    return tuple(bits[(bits.sum(axis=1) <= 3) | (count <= MOST)].astype(np.bool_))
