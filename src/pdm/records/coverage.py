"""How much of what we say has a counterpart in the maintenance system's lists, and what has none, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pdm.catalogue import FailureMode
from pdm.records.mapping import FOLDER, ListMapping, read_mapping
from pdm.records.structure import Structure

_CODES = ("kinds", "breakdown", "priority", "severities", "parts")


@dataclass(frozen=True)
class Share:
    """So many of so many have a counterpart. what: whose share. gaps: those without one. note: why nothing could be compared."""

    what: str
    covered: int
    total: int
    gaps: tuple[str, ...] = ()
    note: str = ""

    @property
    def share(self) -> float | None:
        """None where there is nothing to compare.

        >>> Share("assets", 3, 4).share
        0.75
        """
        return self.covered / self.total if self.total else None


def share_of(what: str, gaps: Mapping[str, str]) -> Share:
    """The share from every name and what it lacks; an empty word lacks nothing.

    >>> share_of("assets", {"P-1": "", "P-2": "not on a list"})
    Share(what='assets', covered=1, total=2, gaps=('P-2: not on a list',), note='')
    """
    missing = tuple(f"{name}: {lack}" for name, lack in gaps.items() if lack)
    return Share(what, len(gaps) - len(missing), len(gaps), missing)


def read_mappings(home: Path) -> dict[str, ListMapping]:
    """Every mapping file of the plant by its source.

    Raises:
        DefinitionError: one of them is unusable.
    """
    found = {path.stem: read_mapping(path) for path in sorted((home / FOLDER).glob("*.toml"))}
    return {source: one for source, one in found.items() if one is not None}


def asset_share(assets: Iterable[str], structure: Structure) -> Share:
    """Assets that stand on the equipment lists."""
    what = "assets on the equipment lists"
    if not structure.nodes:
        return Share(what, 0, 0, note="no equipment list was imported: plantpdm import assets")
    listed = {node.asset for node in structure.nodes.values()}
    return share_of(what, {tag: "" if tag in listed else "on no list" for tag in assets})


def mode_share(modes: Mapping[str, Sequence[FailureMode]], mappings: Mapping[str, ListMapping]) -> Share:
    """Failure modes that a coded record can name: by a damage code of their own, or by item and mechanism.

    modes: asset class -> its failure modes.
    """
    what = "failure modes that codes can name"
    if not any(one.parts or one.mechanisms or one.modes for one in mappings.values()):
        return Share(what, 0, 0, note="no list with catalogue codes was imported: plantpdm import workorders")
    named = {word for one in mappings.values() for word in one.modes.values()}
    items = {word for one in mappings.values() for word in (*one.parts.values(), *one.items.values())}
    mechanisms = {word for one in mappings.values() for word in one.mechanisms.values()}

    def lack(mode: FailureMode) -> str:
        if mode.name in named:
            return ""
        words = [] if mode.maintainable_item in items else [f"no part code means {mode.maintainable_item}"]
        if mode.mechanism and mode.mechanism not in mechanisms:
            words.append(f"no damage code means {mode.mechanism}")
        return ", ".join(words)

    return share_of(what, {f"{name}/{mode.name}": lack(mode) for name, own in modes.items() for mode in own})


def code_shares(
    mappings: Mapping[str, ListMapping], classes: Iterable[str], modes: Mapping[str, Sequence[FailureMode]]
) -> list[Share]:
    """Of every mapping and table: words that mean something here, and something that there is."""
    known = {mode.name for own in modes.values() for mode in own}
    watched = set(classes)
    shares = []
    for source, mapping in mappings.items():
        tables = {name: {word: _silent(to) for word, to in getattr(mapping, name).items()} for name in _CODES}
        damages = dict.fromkeys([*mapping.mechanisms, *mapping.modes, *mapping.severities])
        tables["damage codes"] = {
            word: _damage(mapping.mechanisms.get(word, ""), mapping.modes.get(word, ""), known) for word in damages
        }
        tables["classes"] = {
            word: "" if to in watched else f"there is no class {to!r}" for word, to in mapping.classes.items() if to
        }
        shares += [share_of(f"{source}: {name}", gaps) for name, gaps in tables.items() if gaps]
    return shares


def _silent(meaning: str) -> str:
    return "" if meaning else "nobody has said what it means"


def _damage(mechanism: str, mode: str, known: set[str]) -> str:
    if mode and mode not in known:
        return f"there is no failure mode {mode!r}"
    return _silent(mechanism or mode)
