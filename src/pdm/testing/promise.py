"""A promise of reliability as a script: it measures, prints one JSON line and leaves with 1 when the promise is broken.

`python tests/resilience/<script>.py` is the full form, `--short` the one that runs with the tests.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any


def tell(name: str, measure: Callable[[bool], dict[str, Any]], arguments: Sequence[str] | None = None) -> int:
    """Run `measure(short)`, print its figures as one line and say whether the promise was kept.

    measure: gives figures, among them `kept`.

    >>> tell("R0", lambda short: {"kept": True, "tried": 1 if short else 100, "seconds": 0.0}, ["--short"])
    {"promise": "R0", "form": "short", "kept": true, "tried": 1, "seconds": 0.0}
    0
    """
    given = sys.argv[1:] if arguments is None else arguments
    short = "--short" in given
    begun = time.perf_counter()
    with contextlib.redirect_stdout(sys.stderr):  # whatever else is said while it is measured
        figures = measure(short)
    spent = {"seconds": round(time.perf_counter() - begun, 1)}
    line = {"promise": name, "form": "short" if short else "full", "kept": figures["kept"]} | spent | figures
    order = ["promise", "form", "kept", *(key for key in figures if key != "kept"), "seconds"]
    print(json.dumps({key: line[key] for key in dict.fromkeys(order)}, default=str))
    return 0 if figures["kept"] else 1
