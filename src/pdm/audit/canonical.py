"""One spelling for every JSON value, so that a hash over it means something and a database takes it.

Keys sorted, no spaces, moments as ISO text, and no NaN or infinity (JSON has none): they become null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from pdm.errors import InputError


def plain(value: Any) -> Any:
    """`value` as JSON can say it, the same again after a round trip.

    >>> plain({"p": float("nan"), "modes": ("wear", "leak")})
    {'p': None, 'modes': ['wear', 'leak']}

    Raises:
        InputError: something in it is no JSON (an object, a set).
    """
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise InputError(f"a {type(value).__name__} cannot be kept as JSON", hint="turn it into text or numbers first")


def canonical(value: Any) -> str:
    """The one spelling of `value`.

    >>> canonical({"b": 1, "a": [0.5]})
    '{"a":[0.5],"b":1}'
    """
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
