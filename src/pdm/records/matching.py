"""Which machine a record is about: as written, spelt otherwise, by its place in the plant, by its parent, or by a person's word.

People write P101, P-101 and p 0101; SAP puts zeros in front; a record may name the equipment, the functional location, a part inside
the machine or the line around it. What is merely similar is never taken without someone's yes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pdm.readings.registry import Asset
from pdm.records.structure import Structure, simplified

Confirm = Callable[[str, str], bool]
"""(as written, asset) -> whether they are the same machine."""

FOUND = ("exact", "confirmed", "normalised", "place", "part", "text")
"""How a machine is found: as written; a person's word; spelt otherwise; the end of its functional location; a part of it was
named; its parent was named, and the text or the structure tells which child."""

LOST = ("parent", "fuzzy", "orphan", "blank")
"""Why none is found: only a parent of several was named; something similar exists; nothing is like it; nothing was named."""

_SIMILAR = 0.75


_SHORTEST_TAG, _LONGEST_TAG = 3, 40


@dataclass(frozen=True)
class Match:
    """One answer. asset: "" when none was found. how: of `FOUND` or `LOST`. candidates: who it might be."""

    written: str
    asset: str
    how: str
    candidates: tuple[str, ...] = ()
    booked_on_parent: bool = False
    booked_on_sister: bool = False


def normal(tag: str) -> str:
    """A tag without case, blanks, separators and leading zeros.

    >>> normal("p 0101") == normal("P-101") == "P101"
    True
    >>> normal("000000000010004711")
    '10004711'
    """
    return simplified(tag)


@dataclass
class Matcher:
    """The machines on record, ready to be asked.

    settled: as written -> asset, what people have said before. confirm: asked about similar ones; None leaves them open.
    """

    assets: Mapping[str, Asset]
    structure: Structure
    settled: Mapping[str, str] = field(default_factory=dict)
    confirm: Confirm | None = None

    def __post_init__(self) -> None:
        self._by_normal: dict[str, set[str]] = {}
        for tag in self.assets:
            self._by_normal.setdefault(normal(tag), set()).add(tag)
        self._children = self._children_of_parents()
        self._answers: dict[tuple[str, ...], Match] = {}

    def match(self, written: Sequence[str], text: str = "") -> Match:
        """The machine of one record. written: what it names, the most telling first. text: in which a child may be named."""
        names = tuple(dict.fromkeys(name.strip() for name in written if name.strip()))
        if not names:
            return Match("", "", "blank")
        if names not in self._answers:
            self._answers[names] = self._ask(names)
        found = self._answers[names]
        if found.how == "parent" or self._is_parent(found.asset):
            return self._child_in_text(found, text)
        return self._sister_in_text(found, text)

    def _ask(self, names: tuple[str, ...]) -> Match:
        # The most telling name first: an equipment that is known wins over the line that it stands in.
        for name in names:
            for step in (self._exact, self._confirmed, self._normalised, self._placed, self._part):
                found = step(name)
                if found is not None:
                    return found
        for name in names:
            found = self._parent(name)
            if found is not None:
                return found
        return self._similar(names)

    def _exact(self, name: str) -> Match | None:
        return Match(name, name, "exact") if name in self.assets else None

    def _confirmed(self, name: str) -> Match | None:
        asset = self.settled.get(name, "")
        return Match(name, asset, "confirmed") if asset in self.assets else None

    def _normalised(self, name: str) -> Match | None:
        same = self._by_normal.get(normal(name), set())
        return Match(name, next(iter(same)), "normalised") if len(same) == 1 else None

    def _placed(self, name: str) -> Match | None:
        """A functional location that the structure list knows, or whose last steps spell a tag: `W1-PU-P-101`."""
        asset = self.structure.asset_at(name)
        if asset in self.assets:
            return Match(name, asset, "place")
        steps = re.split(r"[-/.\s]+", name)
        for start in range(1, len(steps)):
            same = self._by_normal.get(normal("".join(steps[start:])), set())
            if len(same) == 1:
                return Match(name, next(iter(same)), "place")
        return None

    def _part(self, name: str) -> Match | None:
        """Something inside a machine: the first of its parents that is one."""
        above = next((tag for tag in self.structure.assets_above(name) if tag in self.assets), "")
        return Match(name, above, "part") if above else None

    def _parent(self, name: str) -> Match | None:
        below = self._children.get(normal(name), ())
        if not below:
            return None
        return Match(name, "", "parent", tuple(below), booked_on_parent=True)

    def _similar(self, names: tuple[str, ...]) -> Match:
        for name in names:
            close = difflib.get_close_matches(normal(name), list(self._by_normal), n=3, cutoff=_SIMILAR)
            candidates = tuple(tag for key in close for tag in sorted(self._by_normal[key]))
            if not candidates:
                continue
            said_no = name in self.settled and not self.settled[name]
            if not said_no and self.confirm is not None:
                yes = next((tag for tag in candidates if self.confirm(name, tag)), "")
                if yes:
                    return Match(name, yes, "confirmed")
                said_no = True
            return Match(name, "", "orphan" if said_no else "fuzzy", candidates)
        return Match(names[0], "", "orphan")

    def _child_in_text(self, found: Match, text: str) -> Match:
        """A record on a parent, read again: an only child, or the one child that the text names."""
        below = found.candidates or tuple(self._children.get(normal(found.asset), ()))
        if not below:
            return found
        spelt = normal(text)
        named = [tag for tag in below if _names(spelt, normal(tag))]
        if len(named) == 1:
            return Match(found.written, named[0], "text", below, booked_on_parent=True)
        if not found.asset and len(below) == 1:
            return Match(found.written, below[0], "text", below, booked_on_parent=True)
        return Match(found.written, found.asset, found.how, below, booked_on_parent=True)

    def _sister_in_text(self, found: Match, text: str) -> Match:
        """A record on one machine whose text begins with the tag of another of its class: `V-314 metal in oil` on V-313.

        A tag further inside a text may be a mere mention, and proves nothing.
        """
        if found.asset not in self.assets:
            return found
        own, start = self.assets[found.asset].asset_class, normal(text[:_LONGEST_TAG])
        for length in range(_SHORTEST_TAG, len(start) + 1):
            same = self._by_normal.get(start[:length], set())
            if len(same) != 1 or start[length : length + 1].isdigit():
                continue
            (tag,) = same
            if tag != found.asset and self.assets[tag].asset_class == own:
                return Match(found.written, tag, "text", (found.asset, tag), booked_on_sister=True)
        return found

    def _is_parent(self, asset: str) -> bool:
        return bool(asset) and normal(asset) in self._children

    def _children_of_parents(self) -> dict[str, tuple[str, ...]]:
        """Parent (as normalised) -> the machines somewhere below it."""
        children: dict[str, set[str]] = {}
        for tag, asset in self.assets.items():
            parents: Iterable[str] = (asset.parent, *self.structure.above(tag), *_steps(asset.location))
            for parent in parents:
                if parent and normal(parent) != normal(tag):
                    children.setdefault(normal(parent), set()).add(tag)
        return {parent: tuple(sorted(tags)) for parent, tags in children.items()}


def _names(spelt: str, tag: str) -> bool:
    """Whether a text, as `normal` spells it, names a tag: P101, but not P1010."""
    place = spelt.find(tag) if len(tag) > 2 else -1
    while place >= 0:
        if not spelt[place + len(tag) : place + len(tag) + 1].isdigit():
            return True
        place = spelt.find(tag, place + 1)
    return False


def _steps(location: str) -> list[str]:
    """A location path and everything above it: `site/area/line`, `site/area`, `site`, and each step's own name."""
    steps = [step for step in location.split("/") if step]
    return ["/".join(steps[:n]) for n in range(1, len(steps) + 1)] + steps
