"""What is part of what: the plant's functional locations and equipment, as its lists say, kept as a table that people can read."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

FOLDER = "records"
FILE = "structure.csv"


@dataclass(frozen=True)
class Node:
    """One object of a list. kind: location or equipment. parent: the object above. asset: the machine that it is or sits in."""

    object: str
    kind: str
    parent: str = ""
    asset: str = ""
    text: str = ""


@dataclass
class Structure:
    """All known objects by their name; asked without regard to case, blanks, separators and leading zeros."""

    nodes: Mapping[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._spelt = {simplified(name): name for name in self.nodes}
        self._of_asset: dict[str, list[str]] = {}
        for node in self.nodes.values():
            if node.asset:
                self._of_asset.setdefault(node.asset, []).append(node.object)

    def node(self, name: str) -> Node | None:
        """The object called so."""
        return self.nodes.get(self._spelt.get(simplified(name), ""))

    def asset_at(self, name: str) -> str:
        """The machine that this object is or sits in, "" when it is none."""
        node = self.node(name)
        return node.asset if node else ""

    def parents(self, name: str) -> Iterator[str]:
        """What lies above an object, nearest first; a circle is walked once."""
        seen: set[str] = set()
        node = self.node(name)
        while node is not None and node.parent and node.object not in seen:
            seen.add(node.object)
            yield node.parent
            node = self.node(node.parent)

    def assets_above(self, name: str) -> Iterator[str]:
        """The machines above an object, nearest first."""
        return (asset for parent in self.parents(name) if (asset := self.asset_at(parent)))

    def above(self, asset: str) -> list[str]:
        """Every object above a machine that is no machine itself."""
        found = (parent for name in self._of_asset.get(asset, ()) for parent in self.parents(name))
        return [parent for parent in dict.fromkeys(found) if self.asset_at(parent) in ("", asset)]

    def joined(self, nodes: Iterable[Node]) -> Structure:
        """With newer nodes laid over."""
        return Structure({**self.nodes, **{node.object: node for node in nodes}})


def simplified(name: str) -> str:
    """A name without case, blanks, separators and leading zeros."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]+", "", name.upper()))


def cycles(parents: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Objects that lie above themselves, each circle once.

    >>> cycles({"A": "B", "B": "C", "C": "A", "D": "A"})
    [('A', 'B', 'C')]
    """
    done: set[str] = set()
    found = []
    for start in parents:
        path: list[str] = []
        name = start
        while name in parents and name not in done and name not in path:
            path.append(name)
            name = parents[name]
        if name in path:
            found.append(tuple(path[path.index(name) :]))
        done.update(path)
    return found


def read_structure(home: Path) -> Structure:
    """The plant's structure as kept in its home; an empty one before the first import."""
    path = home / FOLDER / FILE
    if not path.is_file():
        return Structure()
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = [one.name for one in fields(Node)]
        rows = [{name: row.get(name) or "" for name in names} for row in csv.DictReader(file)]
    return Structure({row["object"]: Node(**row) for row in rows if row["object"]})


def write_structure(home: Path, structure: Structure) -> Path:
    """Keep the structure."""
    path = home / FOLDER / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([one.name for one in fields(Node)])
        out.writerows(astuple(structure.nodes[name]) for name in sorted(structure.nodes))
    return path
