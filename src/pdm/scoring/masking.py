"""Asked again without a doubtful sensor: a model's answers about machines whose instrument is under suspicion.

The watch list tells a bad sensor from a bad machine by what is left when one channel is taken out. The model in charge has seen the same
readings, so its answers are made once more without every feature that rests on that channel, measured or derived from it. A feature
that is taken out counts as typical of training (`Predictor`), never as zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pdm.learning.boosters import Matrix
from pdm.registry.bundle import Bundle

Columns = npt.NDArray[np.intp]


def without(
    bundle: Bundle, matrix: Matrix, suspects: Mapping[int, Sequence[str]]
) -> tuple[Matrix, npt.NDArray[np.bool_]]:
    """The rows of `suspects` without what rests on their channels, float32 [k, f], and which cells were taken out, bool [k, f].

    suspects: row of the matrix -> measured channels that are doubted.
    """
    table = columns_by_channel(bundle)
    rows = np.array(list(suspects), dtype=np.intp)
    masked = matrix[rows]
    taken = np.zeros(masked.shape, dtype=bool)
    for place, channels in enumerate(suspects.values()):
        for channel in channels:
            taken[place, table.get(channel, np.empty(0, np.intp))] = True
    masked[taken] = np.nan
    return masked, taken


@lru_cache(maxsize=16)
def columns_by_channel(bundle: Bundle) -> Mapping[str, Columns]:
    """Measured channel -> places of the features that rest on it, directly, through a derived channel or a combination."""
    origins = bundle.transforms.origins
    combined = {one.name: (*one.top, *one.bottom) for one in bundle.definition.combinations}
    found: dict[str, list[int]] = {}
    for place, name in enumerate(bundle.feature_names):
        subjects = {part.partition("__")[0].partition("@")[0] for part in combined.get(name, (name,))}
        for channel in {origin for subject in subjects for origin in origins.get(subject, (subject,))}:
            found.setdefault(channel, []).append(place)
    return {channel: np.array(places, dtype=np.intp) for channel, places in found.items()}
