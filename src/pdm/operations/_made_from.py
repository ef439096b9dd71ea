"""What a model was made from, so that two runs can be told apart years later: hashes of its data and of the code that learnt."""

from __future__ import annotations

import hashlib
import importlib.metadata
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import pdm


def data_sha256(features: pd.DataFrame, lives: pd.DataFrame) -> str:
    """64 hex digits over the feature rows and lives that a model learns from; any other value, row or order gives others.

    features: `asset`, `time` and float32 columns. lives: `pdm.readings.registry.LIFE_COLUMNS`.
    """
    total = hashlib.sha256()
    for name in features.columns:
        column = features[name]
        total.update(f"{name}\0{len(column)}\0".encode())
        if name == "asset":
            total.update("\0".join(column.astype(str)).encode())
        else:
            values = column.to_numpy() if column.dtype.kind in "fi" else pd.DatetimeIndex(column).as_unit("us").asi8
            total.update(np.ascontiguousarray(values).tobytes())
    total.update(lives.to_csv(index=False).encode())
    return total.hexdigest()


@cache
def code_version() -> str:
    """The release and twelve hex digits over the sources of the platform: `0.1.0+3f2a...`."""
    package = Path(pdm.__file__).parent
    total = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        content = hashlib.sha256(file.read_bytes()).digest()
        total.update(file.relative_to(package).as_posix().encode() + b"\0" + content)
    return f"{importlib.metadata.version('plantpdm')}+{total.hexdigest()[:12]}"
