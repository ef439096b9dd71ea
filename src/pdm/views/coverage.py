"""Mapping coverage: what of ours the receiver and the maintenance system's lists know, each gap by name. Nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pdm.errors import InputError
from pdm.ports import Plant
from pdm.readings.registry import Asset, read_assets
from pdm.records.coverage import Share, asset_share, code_shares, mode_share, read_mappings, share_of
from pdm.records.structure import read_structure
from pdm.work.canonical import canonical_body
from pdm.work.request import RequestState, WorkRequest

PRIORITIES = (1, 2, 3, 4)
_LONGEST_FIELD = 80
"""What is longer is running text, in which nobody can search for a code."""


def coverage(plant: Plant) -> list[Share]:
    """Shares of assets, failure modes, priorities and codes with a counterpart.

    What the receiver takes is seen in the payload that it would be sent: an asset that it refuses, and a word that ends up in the
    running text only, are gaps.

    Raises:
        DefinitionError: a mapping file is unusable.
    """
    home = plant.workspace.home
    assets = read_assets(plant.history)
    modes = {name: definition.failure_modes for name, definition in plant.catalogue.models.items()}
    mappings = read_mappings(home)
    return [
        *_receiver_shares(plant, assets),
        asset_share(assets, read_structure(home)),
        mode_share(modes, mappings),
        *code_shares(mappings, plant.catalogue.classes, modes),
    ]


def _receiver_shares(plant: Plant, assets: Mapping[str, Asset]) -> list[Share]:
    name = plant.receiver.name
    taken = {tag: _refusal(plant, asset) for tag, asset in assets.items()}
    shares = [share_of(f"assets that the {name} can be told of", taken)]
    sound = next((assets[tag] for tag, refused in taken.items() if not refused), None)
    if sound is None:
        return shares
    modes = {
        f"{one}/{mode.name}": _has_field(plant, sound, mode=mode.name)
        for one, definition in plant.catalogue.models.items()
        for mode in definition.failure_modes
    }
    urgencies = {str(number): _has_field(plant, sound, priority=number) for number in PRIORITIES}
    return [
        *shares,
        share_of(f"failure modes with a field at the {name}", modes),
        share_of(f"priorities with a field at the {name}", urgencies),
    ]


def _refusal(plant: Plant, asset: Asset) -> str:
    try:
        plant.receiver.dry_run(_body(plant, asset))
    except InputError as error:
        return str(error)
    return ""


def _has_field(plant: Plant, asset: Asset, *, mode: str = "", priority: int = 3) -> str:
    """Empty when a field of the payload holds it, else where it ends up."""
    payload = plant.receiver.dry_run(_body(plant, asset, mode=mode, priority=priority)).body
    for name, value in _fields(payload):
        text = str(value)
        if mode and len(text) <= _LONGEST_FIELD and mode.replace("_", " ") in text.replace("_", " "):
            return ""
        if not mode and "priority" in name.casefold() and text == str(priority):
            return ""
    return "in the text only"


def _fields(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value of a payload with the name of its field."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _fields(one, str(key))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _fields(one, name)
    else:
        yield name, value


def _body(plant: Plant, asset: Asset, *, mode: str = "", priority: int = 3) -> dict[str, Any]:
    request = WorkRequest(
        id="coverage",
        external_ref="PDM-COVERAGE",
        case_id="coverage",
        asset=asset.asset,
        asset_class=asset.asset_class,
        failure_mode=mode,
        title="coverage",
        text="coverage",
        state=RequestState.SUGGESTED,
        priority=priority,
        created_at=plant.clock.now(),
        location=asset.location,
    )
    return canonical_body(request)
