"""From structure and equipment lists to machines, what is part of them, and which serial item sat where and when.

Sensors belong to a position, damage to an item: the functional location (or technical identification) is the machine here, the
equipment with its serial number is what is installed in it, and sub-equipment is a part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd

from pdm.readings.quarantine import Rejected
from pdm.readings.registry import UNIT, Asset, Installation
from pdm.readings.troubles import Troubles, to_quarantine
from pdm.records.mapping import ListMapping
from pdm.records.matching import Matcher
from pdm.records.sheet import Sheet
from pdm.records.structure import Node, Structure, cycles, simplified
from pdm.records.times import read_times
from pdm.records.words import named

_FIELDS = ("equipment", "location", "technical_id", "text", "parent", "parent_equipment", "serial", "kind", "criticality",
           "item", "manufacturer", "model")  # fmt: skip
_TIMES = ("installed", "removed", "commissioned")
_LEVELS = {"A": 1, "B": 3, "C": 5}
_SURE = ("exact", "confirmed", "normalised", "place")
_A_DAY = timedelta(days=1)
_FOREVER = pd.Timestamp("2200-01-01", tz="UTC")


@dataclass(frozen=True)
class EquipmentIntake:
    """One list after all checks: machines that are new or better known, installations, the structure with its objects."""

    sheet: Sheet
    assets: tuple[Asset, ...]
    installations: tuple[Installation, ...]
    structure: Structure
    rejected: tuple[Rejected, ...]
    rows_read: int


@dataclass(frozen=True)
class _Row:
    """One row that can be used. n: its index; words: the fields as text; at: the moments."""

    n: int
    words: Mapping[str, str]
    at: Mapping[str, datetime | None]

    @property
    def object(self) -> str:
        return self.words["equipment"] or self.words["location"]

    @property
    def parent(self) -> str:
        words = self.words
        if words["equipment"]:
            return words["parent_equipment"] or words["location"]
        return words["parent"]

    @property
    def started(self) -> datetime | None:
        return self.at["installed"] or self.at["commissioned"]


def take_equipment(
    sheet: Sheet,
    mapping: ListMapping,
    matcher: Matcher,
    *,
    now: datetime,
    source: str,
    zone: str | None = None,
    day_first: bool | None = None,
) -> EquipmentIntake:
    """Check every row of a structure or equipment list.

    matcher: the machines and the structure on record. mapping: which object types are machines of which class, or which parts.

    Raises:
        ZoneQuestion, InputError: as `read_times`.
    """
    troubles = Troubles()
    # Validity may be planned ahead, so no date is too late here.
    times = read_times(
        sheet,
        _TIMES,
        zone=zone,
        source=source,
        now=now,
        troubles=troubles,
        day_first=day_first,
        plans=frozenset(_TIMES),
    )
    rows = _rows(sheet, times, troubles)
    known = {simplified(row.object): row.object for row in rows}
    drawn = _with_implied_parents(rows, matcher.structure)
    _refuse_cycles(rows, drawn, matcher.structure, troubles)
    rows = [row for row in rows if row.n not in troubles.rows]
    nodes = {row.object: Node(row.object, _kind(row), drawn[row.object], "", row.words["text"]) for row in rows}
    builder = _Builder(mapping, matcher, matcher.structure.joined(nodes.values()), {}, _crowded(rows, mapping, matcher))
    whole = [row for row in rows if not _is_part(row, mapping)]
    for row in sorted(whole, key=lambda one: bool(one.words["equipment"])):  # positions before what sits in them
        builder.place(row)
    builder.settle()
    installations = [builder.installation(row, known, troubles) for row in rows]
    return EquipmentIntake(
        sheet,
        tuple(builder.assets.values()),
        tuple(item for item in installations if item is not None),
        builder.structure,
        to_quarantine(sheet.raw, troubles),
        len(sheet.raw.frame) + len(sheet.raw.broken),
    )


def overlaps(installations: pd.DataFrame) -> tuple[str, ...]:
    """Sentences about items that share a place, or sit in two places, for more than a day.

    installations: as `read_installations` gives them.
    """
    found = []
    for keys, other, words in (
        (
            ["asset", "maintainable_item"],
            "item",
            "{item} and {next} both sit in {asset} ({maintainable_item}) from {since:%Y-%m-%d}",
        ),
        (["item"], "asset", "{item} sits in {asset} and {next} from {since:%Y-%m-%d}"),
    ):
        rows = installations.sort_values([*keys, "start"])
        groups = rows.groupby(keys, sort=False)
        rows = rows.assign(next=groups[other].shift(-1), since=groups["start"].shift(-1))
        end = rows["end"].fillna(_FOREVER)
        both = rows[rows["since"].notna() & rows["next"].ne(rows[other]) & (end > rows["since"] + _A_DAY)]
        found += [words.format_map(row) for row in both.to_dict("records")]
    return tuple(found)


class _Builder:
    """Machines and objects as they are found, row by row; later rows see earlier ones."""

    def __init__(
        self,
        mapping: ListMapping,
        matcher: Matcher,
        structure: Structure,
        assets: dict[str, Asset],
        crowded: frozenset[str],
    ) -> None:
        self.mapping, self.matcher, self.structure, self.assets, self.crowded = (
            mapping,
            matcher,
            structure,
            assets,
            crowded,
        )
        self._nodes = dict(structure.nodes)

    def place(self, row: _Row) -> None:
        """Find or make the machine of a row, and note where it stands."""
        tag = self._tag(row)
        if not tag:
            return
        known = self.assets.get(tag) or self.matcher.assets.get(tag)
        asset_class = known.asset_class if known else self._class(row)
        self.assets[tag] = self._described(known or Asset(tag, asset_class), row)
        self._nodes[row.object] = replace(self._nodes[row.object], asset=tag)
        place = row.words["location"]
        if place and simplified(place) not in self.crowded and place not in self._nodes:
            self._nodes[place] = Node(place, "location", "", tag)

    def settle(self) -> None:
        """Take what was found into the structure."""
        self.structure = Structure(self._nodes)
        for tag, asset in self.assets.items():
            above = self.structure.above(tag)
            parent = next((name for name in above if name != tag), "")
            path = "/".join(reversed([name for name in above if name != tag]))
            self.assets[tag] = replace(asset, parent=asset.parent or parent, location=asset.location or path)

    def installation(self, row: _Row, known: Mapping[str, str], troubles: Troubles) -> Installation | None:
        """The item of a row in its place, None where it is no item or nobody says since when."""
        start, end = row.started, row.at["removed"]
        if not row.words["equipment"] or start is None:
            return None
        tag, part = self.structure.asset_at(row.object), UNIT
        if _is_part(row, self.mapping):
            tag, part = next(self.structure.assets_above(row.object), ""), self._part(row)
        if not tag:
            parent = row.parent
            if parent and simplified(parent) not in known and self.structure.node(parent) is None:
                troubles.rows[row.n].append(f"sits in {parent}, which no list knows: import that first")
            return None
        if not part:
            return None
        asset = self.assets.get(tag) or self.matcher.assets[tag]
        if end is not None and end < start:
            troubles.rows[row.n].append(f"{row.object} left before it came ({start:%Y-%m-%d} to {end:%Y-%m-%d})")
            return None
        if asset.commissioned is not None and start < asset.commissioned - _A_DAY:
            troubles.rows[row.n].append(
                f"{row.object} was installed on {start:%Y-%m-%d} in {tag}, before it existed (commissioned {asset.commissioned:%Y-%m-%d})"
            )
            return None
        return Installation(tag, row.words["serial"] or row.words["equipment"], start, part, end)

    def _tag(self, row: _Row) -> str:
        """The machine's tag: the one on record, else the position's name; "" when the row is no machine."""
        words = row.words
        place = "" if simplified(words["location"]) in self.crowded else words["location"]
        if words["equipment"] and place and self._nodes.get(place, Node("", "")).asset:
            return self._nodes[place].asset
        found = self.matcher.match((words["technical_id"], place, words["equipment"]))
        if found.how in _SURE:
            return found.asset
        return (words["technical_id"] or place or words["equipment"]) if self._class(row) else ""

    def _class(self, row: _Row) -> str:
        return self.mapping.classes.get(row.words["kind"], "")

    def _part(self, row: _Row) -> str:
        """Which part of a machine it is, as the failure modes name it."""
        words = row.words
        own = named("items", words["item"])
        text = named("items", words["text"])
        return (
            (own[0] if own else words["item"].casefold())
            or self.mapping.items.get(words["kind"], "")
            or (text[0] if text else "")
        )

    def _described(self, asset: Asset, row: _Row) -> Asset:
        """With what the row knows where the record knew nothing."""
        words = row.words
        extras = {"equipment": words["equipment"], "functional_location": words["location"],
                  "manufacturer": words["manufacturer"], "model": words["model"]}  # fmt: skip
        attributes = {**{key: value for key, value in extras.items() if value}, **asset.attributes}
        level = words["criticality"].upper()
        changes: dict[str, Any] = {"attributes": attributes}
        if not asset.description:
            changes["description"] = words["text"]
        if asset.asset not in self.matcher.assets:
            changes["criticality"] = _LEVELS.get(
                level, int(level) if level in ("1", "2", "3", "4", "5") else asset.criticality
            )
        if asset.commissioned is None and not words["equipment"]:
            changes["commissioned"] = row.at["commissioned"]
        return replace(asset, **changes)


def _rows(sheet: Sheet, times: pd.DataFrame, troubles: Troubles) -> list[_Row]:
    columns = {name: sheet.cells(name).tolist() for name in _FIELDS}
    moments = {name: [None if pd.isna(at) else at.to_pydatetime() for at in times[name]] for name in _TIMES}
    rows = []
    for n in range(len(sheet.raw.frame)):
        row = _Row(
            n, {name: cells[n] for name, cells in columns.items()}, {name: at[n] for name, at in moments.items()}
        )
        if not row.object:
            troubles.rows[n].append("names neither an equipment nor a functional location")
        if n not in troubles.rows:
            rows.append(row)
    return rows


def _kind(row: _Row) -> str:
    return "equipment" if row.words["equipment"] else "location"


def _is_part(row: _Row, mapping: ListMapping) -> bool:
    """Sub-equipment, or an object type that is a part of a machine."""
    words = row.words
    return bool(words["equipment"]) and (
        bool(words["parent_equipment"]) or bool(words["item"]) or words["kind"] in mapping.items
    )


def _with_implied_parents(rows: Sequence[_Row], structure: Structure) -> dict[str, str]:
    """Object -> parent; of a functional location without one, the longest known beginning of its name: `W1-PU` of `W1-PU-P101`."""
    objects = {row.object for row in rows} | set(structure.nodes)
    drawn: dict[str, str] = {}
    for row in rows:
        parent = row.parent
        if not parent and not row.words["equipment"]:
            name = row.object
            cuts = [n for n, sign in enumerate(name) if sign in "-/."]
            parent = next((name[:n] for n in reversed(cuts) if name[:n] in objects), "")
        drawn[row.object] = parent or drawn.get(row.object, "")
    return drawn


def _refuse_cycles(rows: Sequence[_Row], drawn: Mapping[str, str], structure: Structure, troubles: Troubles) -> None:
    parents = {simplified(node.object): simplified(node.parent) for node in structure.nodes.values() if node.parent}
    parents |= {simplified(name): simplified(parent) for name, parent in drawn.items() if parent}
    spelt = {simplified(row.object): row.object for row in rows}
    for circle in cycles(parents):
        names = [spelt.get(name, name) for name in (*circle, circle[0])]
        for row in rows:
            if simplified(row.object) in circle:
                troubles.rows[row.n].append(f"{row.object} lies above itself ({' < '.join(names)}): mend the parent")


def _crowded(rows: Sequence[_Row], mapping: ListMapping, matcher: Matcher) -> frozenset[str]:
    """Locations in which several machines stand at the same time: there the location names none of them.

    A location that is a machine itself is none of these: two items at once are then a mistake, and reported as overlapping.
    """
    machines = {
        simplified(row.object)
        for row in rows
        if not row.words["equipment"]
        and (mapping.classes.get(row.words["kind"]) or matcher.match((row.object,)).how in _SURE)
    }
    spans: dict[str, list[tuple[datetime, datetime, str]]] = {}
    for row in rows:
        if row.words["equipment"] and row.words["location"] and not _is_part(row, mapping):
            start = row.started or datetime.min.replace(tzinfo=UTC)
            end = row.at["removed"] or datetime.max.replace(tzinfo=UTC)
            spans.setdefault(simplified(row.words["location"]), []).append((start, end, row.object))
    crowded = set()
    for place, stays in spans.items():
        stays.sort()
        for (_, end, item), (start, _, other) in pairwise(stays):
            if item != other and end - _A_DAY > start:
                crowded.add(place)
    known = {place for place in crowded if matcher.structure.asset_at(place)}
    return frozenset(crowded - machines - known)
