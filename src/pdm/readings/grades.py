"""From the words of a historian about a value (`Good`, `Bad`, `192`) to the platform's quality."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pdm.readings.cells import as_text
from pdm.readings.tables import Quality

_WORDS = {
    "": Quality.GOOD, "good": Quality.GOOD, "g": Quality.GOOD, "ok": Quality.GOOD, "valid": Quality.GOOD,
    "true": Quality.GOOD, "uncertain": Quality.UNCERTAIN, "u": Quality.UNCERTAIN, "questionable": Quality.UNCERTAIN,
    "bad": Quality.BAD, "b": Quality.BAD, "invalid": Quality.BAD, "false": Quality.BAD, "fault": Quality.BAD,
    "substituted": Quality.SUBSTITUTED, "s": Quality.SUBSTITUTED, "replaced": Quality.SUBSTITUTED,
    "manual": Quality.SUBSTITUTED,
}  # fmt: skip
_FIRST_OPC_CODE = 64
"""OPC writes 0-63 for bad, 64-127 for uncertain and 192-255 for good; the platform itself writes 0-3."""


def to_grades(cells: pd.Series) -> tuple[pd.Series, dict[int, str]]:
    """Qualities as nullable int8, and for each row that says nothing known, why.

    Numbers are OPC codes when any of them is 64 or more, else the platform's own.

    >>> to_grades(pd.Series(["Good", "bad", ""]))[0].tolist()
    [0, 2, 0]
    """
    text = pd.Series(as_text(cells).to_numpy(zero_copy_only=False), dtype="str").str.strip().str.lower()
    codes, distinct = pd.factorize(text)
    numbers = pd.to_numeric(pd.Series(distinct, dtype="object"), errors="coerce").to_numpy(dtype=np.float64)
    opc = bool((numbers >= _FIRST_OPC_CODE).any())
    grades = [_grade(str(word), float(number), opc=opc) for word, number in zip(distinct, numbers, strict=True)]
    found = pd.Series(pd.array([None if grade is None else int(grade) for grade in grades], dtype="Int8"))
    unknown = np.flatnonzero(np.isin(codes, [n for n, grade in enumerate(grades) if grade is None])).tolist()
    reasons = {n: f"{str(cells.iloc[n])!r} is no quality: good, uncertain, bad or substituted" for n in unknown}
    return found.take(codes).reset_index(drop=True), reasons


def _grade(word: str, number: float, *, opc: bool) -> Quality | None:
    if word in _WORDS:
        return _WORDS[word]
    if not np.isfinite(number):
        return None
    if not opc:
        return Quality(int(number)) if number in (0, 1, 2, 3) else None
    if not 0 <= number <= 255:
        return None
    return (Quality.BAD, Quality.UNCERTAIN, Quality.UNCERTAIN, Quality.GOOD)[int(number) // _FIRST_OPC_CODE]
