"""How a feature is called: exactly as tsfresh calls it, without needing tsfresh.

`<kind>__<calculator>__<parameter>_<value>__...`, parameters in alphabetical order, strings in double quotes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def feature_name(kind: str, calculator: str, parameters: Mapping[str, Any] | None = None) -> str:
    """The column's name.

    >>> feature_name("s2", "quantile", {"q": 0.9})
    's2__quantile__q_0.9'
    >>> feature_name("s2", "linear_trend", {"attr": "slope"})
    's2__linear_trend__attr_"slope"'
    """
    parts = [kind, calculator]
    for key in sorted(parameters or {}):
        value = (parameters or {})[key]
        parts.append(f'{key}_"{value}"' if isinstance(value, str) else f"{key}_{value}")
    return "__".join(parts)
