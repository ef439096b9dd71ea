"""What usually sees a failure come that the sensors of a class do not see: a check or a sensor by what happens to the part.

The techniques are those of ISO 17359 (condition monitoring, general guidelines), annex B. A class says better in `would_help`.
"""

from __future__ import annotations

from pdm.catalogue.model import FailureMode

HELPS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("leak", "seal"), "An ultrasonic leak round, or a pressure sensor in the seal chamber"),
    (("foul", "deposit", "clog", "block", "scal"), "A differential pressure across it, or a thermography round"),
    (("corros", "erosion"), "Wall thickness by ultrasound at fixed points, once a year"),
    (
        ("fatigue", "fractur", "crack", "break", "broke"),
        "Crack testing (dye penetrant or ultrasound) at every overhaul",
    ),
    (
        ("insulat", "winding", "electric", "short circuit"),
        "Insulation resistance and motor current analysis as a trend",
    ),
    (("loose", "align", "imbalance", "unbalance"), "A vibration reading with phase, taken by hand every month"),
    (("wear", "bearing", "gear"), "Envelope analysis of vibration snapshots, or particles in the oil"),
    (("lubric", "oil", "grease"), "An oil analysis every three months"),
)
"""Words in mechanism, mode, name or item -> what would help; the first row that fits counts."""
OTHERWISE = "An inspection round at half of the shortest life on record"


def would_help(mode: FailureMode) -> str:
    """The check or sensor for a failure mode, a sentence.

    >>> would_help(FailureMode("crack", "Cracked shaft", "shaft", mechanism="fatigue"))
    'Crack testing (dye penetrant or ultrasound) at every overhaul would help.'
    """
    if mode.would_help:
        return f"{mode.would_help.rstrip('.')} would help."
    for words in (mode.mechanism, mode.mode, mode.name, mode.maintainable_item):
        for signs, helps in HELPS:
            if any(sign in words.lower() for sign in signs):
                return f"{helps} would help."
    return f"{OTHERWISE} would help."
