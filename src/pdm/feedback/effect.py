"""Did the repair work: each level in sound times, before the repair and after it, and what they say together.

A level has moved when it stood further from its sound value before the repair than it usually strays; only such a level can tell
whether it came back. The share that came back is

    1 - |after - sound| / |before - sound|

and for a level that can only be too high, such as a risk, being lower than in sound times is no distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Word = Literal["restored", "partly", "not restored", "too early", "cannot say"]

RESTORED, PARTLY = 0.8, 0.3
"""Shares of the way back from which a level counts as restored, and as partly so."""


@dataclass(frozen=True)
class Level:
    """One thing that can be compared: medians of three stretches, None where too little is known of one.

    strays: how far it usually lies from its sound value, in its unit. high_is_bad: only too high is bad.
    """

    name: str
    unit: str
    sound: float | None
    before: float | None
    after: float | None
    strays: float
    high_is_bad: bool = False

    @property
    def moved(self) -> bool:
        """Whether it stood away from its sound value before the repair."""
        return self.sound is not None and self.before is not None and self._distance(self.before) > self.strays

    @property
    def back(self) -> float | None:
        """The share of the way that it came back, 1 at most; below 0 it moved on. None where it cannot tell.

        >>> round(Level("vibration", "mm/s", sound=2.0, before=6.0, after=3.0, strays=0.5).back, 2)
        0.75
        """
        if not self.moved or self.before is None or self.after is None:
            return None
        return 1.0 - self._distance(self.after) / self._distance(self.before)

    @property
    def sentence(self) -> str:
        """For people, with its numbers."""
        if self.sound is None or self.before is None:
            return f"{self.name}: too little on record before the repair"
        told = f"{self.name}: {self._told(self.sound)} when sound, {self._told(self.before)} before the repair"
        if self.after is None:
            return f"{told}, too little known after it"
        told = f"{told}, {self._told(self.after)} after it"
        if self.back is None:
            return f"{told}; it had not moved"
        return (
            f"{told}; {max(self.back, 0.0):.0%} of the way back" if self.back > 0 else f"{told}; it did not come back"
        )

    def _distance(self, value: float) -> float:
        off = value - (self.sound or 0.0)
        return max(off, 0.0) if self.high_is_bad else abs(off)

    def _told(self, value: float) -> str:
        return f"{value:.0%}" if self.unit == "%" else f"{value:.3g} {self.unit}".strip()


@dataclass(frozen=True)
class Effect:
    """The answer: one word, the sentence for it, what to do now, and the levels behind it."""

    word: Word
    sentence: str
    advice: str
    levels: tuple[Level, ...]


def judge(levels: Sequence[Level], *, restoring: bool) -> Effect:
    """What the levels say together. restoring: a repair that restores is on record already.

    Restored when every level that had moved is back, not restored when none came back by a noteworthy part, else partly. A level
    that had moved and of which too little is known since leaves the answer open.
    """
    moved = [one for one in levels if one.moved]
    known = [one.back for one in moved if one.back is not None]
    told = "; ".join(one.sentence for one in moved)
    if not moved:
        said = "nothing that can be compared stood away from its sound value before the repair"
        return Effect("cannot say", f"Cannot say: {said}.", "", tuple(levels))
    if len(known) < len(moved):
        advice = "ask again when the machine has run for some days"
        return Effect("too early", f"Too early to say. {told}.", advice, tuple(levels))
    if min(known) >= RESTORED:
        advice = (
            "" if restoring else "record that the repair restores, so that a new life and a new baseline begin with it"
        )
        return Effect("restored", f"Restored. {told}.", advice, tuple(levels))
    if max(known) < PARTLY:
        advice = "open it again (`plantpdm cases reopen`): the suspected cause is still there, or another one"
        return Effect("not restored", f"Not restored. {told}.", advice, tuple(levels))
    advice = (
        "open it again (`plantpdm cases reopen`) if what did not come back is what the repair was for; "
        "where that is how it runs from now on, begin its normal anew (`plantpdm rebaseline`)"
    )
    return Effect("partly", f"Partly restored. {told}.", advice, tuple(levels))
