"""When to try a message again, and when to give up: a table of numbers and pure functions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

HOPELESS = frozenset({"gone", "unsafe"})
"""Failures after which trying again by itself would do harm: given up at once."""


@dataclass(frozen=True)
class Retries:
    """The first retry is due at once, for most failures are a hiccup; then the waiting time doubles from `base` up to `cap`.

    With these numbers a receiver may be away for three days before anything is given up.
    """

    base: timedelta = timedelta(seconds=30)
    cap: timedelta = timedelta(hours=2)
    attempts: int = 80
    longest_wish: timedelta = timedelta(days=1)


DEFAULT = Retries()


def delay(key: str, attempts: int, retry_after: float | None = None, retries: Retries = DEFAULT) -> timedelta:
    """How long to wait after the given number of failed attempts, at least as long as the receiver wished.

    Between half and the whole of the doubled time, drawn from the key: messages that failed together come back apart, and a
    repetition of the calculation gives the same moment.

    >>> delay("PDM-1", 1), delay("PDM-1", 1, retry_after=90)
    (datetime.timedelta(0), datetime.timedelta(seconds=90))
    >>> timedelta(seconds=30) <= delay("PDM-1", 3) <= timedelta(seconds=60)
    True
    """
    wish = min(timedelta(seconds=max(retry_after or 0.0, 0.0)), retries.longest_wish)
    if attempts <= 1:
        return wish
    doubled = min(retries.base * (1 << min(attempts - 2, 30)), retries.cap)
    drawn = hashlib.sha256(f"{key}|{attempts}".encode()).digest()[0] / 255
    return max(wish, doubled * (0.5 + 0.5 * drawn))


def give_up(attempts: int, failure: str, retries: Retries = DEFAULT) -> bool:
    """Whether to stop trying until somebody replays it.

    >>> give_up(3, "down"), give_up(80, "down"), give_up(1, "gone")
    (False, True, True)
    """
    return failure in HOPELESS or attempts >= retries.attempts
