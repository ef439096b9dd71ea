"""Which features a model keeps: the table `[selection]` of `models/<class>.toml` as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["by", "bh"]
"""Benjamini-Yekutieli, or Benjamini-Hochberg."""


@dataclass(frozen=True)
class Selection:
    """Features that have nothing to do with any target are left out, by FRESH, anew in every training fold.

    fdr_level: the expected share of wrong ones among those kept.
    method: `by` holds however features depend on each other; `bh` keeps more, and holds where they hardly do.
    """

    fdr_level: float = 0.05
    method: Method = "by"
